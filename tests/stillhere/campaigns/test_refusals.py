"""The refusals beyond consent and caps: objection, erasure, peace, running dates, offers, budgets."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from stillhere.campaigns.arbiter import decide
from stillhere.campaigns.facts import (
    CALLS_SCHEMA,
    ERASURES_SCHEMA,
    OBJECTIONS_SCHEMA,
    QUIET_SCHEMA,
    REDEMPTIONS_SCHEMA,
    objecting_accounts,
)
from stillhere.campaigns.next_steps import next_step
from stillhere.campaigns.refusals import REASONS
from stillhere.operations.peace import address_hash
from stillhere.settings import Offer, Offers
from stillhere.settings.company import Cap
from tests.stillhere.campaigns.world import (
    TUESDAY_NIGHT,
    accounts,
    campaign,
    candidates,
    company,
    contacts,
    facts,
    frame,
    limits,
    outcomes,
    rules,
)

ONE = {"account_id": "1"}
ADDRESS = "1@customer.example"


def judged(rule, account=None, name="note", **known):
    """Outcome and reason code of one candidate of one campaign."""
    given = candidates({"campaign": name, **ONE})
    decisions = decide(given, facts(accounts({**ONE, **(account or {})}), **known), rule, TUESDAY_NIGHT)
    return outcomes(decisions)[name, "1"]


def objections(*subjects):
    return frame([{"subject": one, "since": date(2026, 1, 1)} for one in subjects], OBJECTIONS_SCHEMA)


def test_an_objection_ends_marketing_and_what_rests_on_profiling_and_nothing_else() -> None:
    said = objections(ADDRESS)
    service = campaign("note", marketing=False)
    assert judged(rules(campaign("note")), objections=said) == ("lost", "objected")
    assert judged(rules(service, profiling=frozenset({"note"})), objections=said) == ("lost", "objected")
    assert judged(rules(service), objections=said) == ("send", "chosen")


def test_a_colleagues_objection_is_his_own_but_one_of_all_is_the_accounts() -> None:
    people = contacts(
        {"contact_id": "a", "account_id": "1", "email": "A@x.example"},
        {"contact_id": "b", "account_id": "1", "email": "b@x.example"},
        {"contact_id": "c", "account_id": "2", "email": "c@x.example"},
    )
    assert objecting_accounts(people, objections("a@x.example")) == frozenset()
    assert objecting_accounts(people, objections("a@x.example", "b@x.example")) == {"1"}
    assert objecting_accounts(people, objections("2")) == {"2"}


def test_who_was_erased_is_not_turned_to_though_only_a_hash_is_kept() -> None:
    gone = frame([{"address_hash": address_hash(f" {ADDRESS.upper()}")}], ERASURES_SCHEMA)
    assert judged(rules(campaign("note", marketing=False)), erasures=gone) == ("lost", "erased")


@pytest.mark.parametrize(("until", "outcome"), [("2026-03-03", "send"), ("2026-03-04", "lost")])
@pytest.mark.parametrize("subject", ["1", ADDRESS])
def test_peace_holds_up_to_and_with_its_last_day(subject, until, outcome) -> None:
    row = {"subject": subject, "until_date": date.fromisoformat(until), "because": "moving", "set_by": "kim"}
    assert judged(rules(campaign("note")), quiet=frame([row], QUIET_SCHEMA))[0] == outcome


def test_a_campaign_runs_from_its_first_to_its_last_day_and_the_send_day_counts() -> None:
    wednesday = date(2026, 3, 4)
    day = timedelta(days=1)
    assert judged(rules(campaign("note", from_date=wednesday, until_date=wednesday))) == ("send", "chosen")
    assert judged(rules(campaign("note", from_date=wednesday + day))) == ("lost", "not_running")
    assert judged(rules(campaign("note", until_date=wednesday - day))) == ("lost", "not_running")


def test_who_left_long_ago_hears_nothing_for_good() -> None:
    left = accounts(ONE).with_columns(days_since_left=211)
    given = candidates({"campaign": "note", **ONE})
    assert outcomes(decide(given, facts(left), rules(campaign("note")), TUESDAY_NIGHT))["note", "1"] == (
        "lost",
        "left_for_good",
    )
    still = left.with_columns(days_since_left=210)
    assert outcomes(decide(given, facts(still), rules(campaign("note")), TUESDAY_NIGHT))["note", "1"][0] == "send"


def offer(name: str = "twenty", **changes) -> Offer:
    basis = {"id": name, "code": name.upper(), "terms": {"en": "20 % off"}, "value_minor": 900}
    dates = {"from": date(2026, 1, 1), "until": date(2026, 12, 31), "stacking_group": "retention"}
    return Offer.model_validate({**basis, **dates, **changes})


def offered(*offers: Offer, **changes):
    return rules(campaign("note", offer="twenty"), offers=Offers(offers=offers or (offer(),)), **changes)


def made(days_ago: int, **changes):
    """An offer that somebody else of the account got on an earlier night."""
    basis = {"campaign": "other", "email": "colleague@customer.example", "occasion": "old", **ONE}
    terms = {"offer_code": "TEN", "offer_group": "retention", "offer_until": date(2026, 12, 31)}
    return {**basis, **terms, "as_of": TUESDAY_NIGHT - timedelta(days=days_ago), **changes}


def test_two_people_of_an_account_get_no_contradicting_offers() -> None:
    assert judged(offered()) == ("send", "chosen")
    assert judged(offered(), history=[made(40)]) == ("lost", "offer_open")
    assert judged(offered(), history=[made(40, offer_group="another")]) == ("send", "chosen")


def test_an_offer_that_was_taken_up_is_not_open_but_counts_for_its_months() -> None:
    taken = [{**ONE, "offer_code": "TEN", "redeemed_date": TUESDAY_NIGHT - timedelta(days=30)}]
    redemptions = frame(taken, REDEMPTIONS_SCHEMA)
    assert judged(offered(), history=[made(40)], redemptions=redemptions) == ("lost", "offer_recent")
    once_a_month = offered(offer(once_in_months=1))
    month_ago = frame([{**taken[0], "redeemed_date": date(2026, 2, 4)}], REDEMPTIONS_SCHEMA)
    assert judged(once_a_month, history=[made(40)], redemptions=month_ago) == ("send", "chosen")


def test_an_offer_that_has_ended_counts_for_its_months_only() -> None:
    ended = made(60, offer_until=date(2026, 2, 1))
    assert judged(offered(), history=[ended]) == ("lost", "offer_recent")
    assert judged(offered(offer(once_in_months=1)), history=[ended]) == ("send", "chosen")


def test_an_offer_that_can_not_be_taken_up_on_the_day_is_not_made() -> None:
    assert judged(offered(offer(until=date(2026, 3, 3)))) == ("lost", "offer_not_valid")
    assert judged(offered(offer(**{"from": date(2026, 3, 5)}))) == ("lost", "offer_not_valid")
    assert judged(offered(offer(**{"from": date(2026, 3, 4), "until": date(2026, 3, 4)}))) == ("send", "chosen")


def three(rule, **known):
    """Outcome and code of three accounts, the most valuable first."""
    rows = [{"account_id": str(number), "value_minor": 100 - number} for number in range(3)]
    given = candidates(*({"campaign": "note", "account_id": row["account_id"]} for row in rows))
    decided = outcomes(decide(given, facts(accounts(*rows), **known), rule, TUESDAY_NIGHT))
    return [decided["note", row["account_id"]] for row in rows]


@pytest.mark.parametrize(
    ("what", "budget", "code"),
    [
        ("mail", {"mails": 2}, "budget_mails"),
        ("mail", {"offers": 2}, "budget_offers"),
        ("mail", {"offers_minor": 1900}, "budget_money"),
        ("call", {"calls": 2}, "budget_calls"),
        ("call", {"call_hours": 0.5}, "budget_hours"),
    ],
)
@pytest.mark.parametrize("whose", ["company", "campaign"])
def test_a_budget_is_spent_on_what_is_worth_most_and_then_refuses(what, budget, code, whose) -> None:
    of_campaign = {"budget": budget} if whose == "campaign" else {}
    of_company = {"limits": limits(budget=budget)} if whose == "company" else {}
    note = campaign("note", what=what, offer="twenty", call_minutes=15, **of_campaign)
    rule = rules(note, offers=Offers(offers=(offer(),)), **of_company)
    chosen = ("send" if what == "mail" else "call", "chosen")
    assert three(rule) == [chosen, chosen, ("lost", code)]


def test_a_held_out_account_spends_its_share_of_the_budget() -> None:
    out = [{"campaign": "note", "account_id": "0", "arm": "holdout", "day_zero": TUESDAY_NIGHT}]
    rule = rules(campaign("note", budget={"mails": 1}))
    assert three(rule, assigned=out) == [("holdout", "holdout"), ("lost", "budget_mails"), ("lost", "budget_mails")]


def test_what_is_refused_for_another_reason_spends_nothing() -> None:
    stopped = [{"email": "0@customer.example"}]
    rule = rules(campaign("note", budget={"mails": 1}))
    assert three(rule, suppressed=stopped)[1:] == [("send", "chosen"), ("lost", "budget_mails")]


def test_an_account_hears_a_campaign_once_in_so_many_days() -> None:
    again = rules(campaign("note", again_after_days=90))
    heard = {"campaign": "note", "email": ADDRESS, "occasion": "old", **ONE}
    assert judged(again, history=[{**heard, "as_of": TUESDAY_NIGHT - timedelta(days=89)}]) == ("lost", "cap_campaign")
    assert judged(again, history=[{**heard, "as_of": TUESDAY_NIGHT - timedelta(days=90)}]) == ("send", "chosen")


def test_everything_wrong_at_once_is_told_in_the_order_that_binds() -> None:
    """As one thing after another is put right, the next reason appears; every step says what is next."""
    wrong = {
        "suppressed": [{"email": ADDRESS}],
        "objections": objections(ADDRESS),
        "erasures": frame([{"address_hash": address_hash(ADDRESS)}], ERASURES_SCHEMA),
        "quiet": frame([{"subject": "1", "until_date": date(2027, 1, 1), "because": "moving"}], QUIET_SCHEMA),
        "history": [made(1)],
    }
    account = {"is_internal": True, "tenure_days": 3, "last_talked_date": TUESDAY_NIGHT, "open_tickets": 1}
    budget = {"mails": 0}
    seen = []

    def look(days=("sun",), consent=True) -> None:
        given = candidates({"campaign": "note", **ONE, "consent": consent})
        note = campaign("note", offer="twenty", budget=budget, days=days)
        known = facts(accounts({**ONE, **account}), **wrong)
        decided = decide(given, known, rules(note, offers=Offers(offers=(offer(),))), TUESDAY_NIGHT)
        row = decided.row(0, named=True)
        seen.append(row["reason_code"])
        assert next_step(row, note, {**account, **ONE}, company(), [], TUESDAY_NIGHT)

    look(consent=False)
    look()
    for name in ("suppressed", "objections", "erasures"):
        del wrong[name]
        look()
    for name in ("is_internal", "tenure_days", "last_talked_date", "open_tickets"):
        del account[name]
        look()
    del wrong["quiet"]
    look()
    look(days=("wed",))
    wrong["history"] = [made(1, offer_group=None, offer_code=None)]
    look(days=("wed",))
    budget = {}
    look(days=("wed",))
    expected = [
        "no_consent",
        "suppressed",
        "objected",
        "erased",
        "internal",
        "too_fresh",
        "recently_talked",
        "open_ticket",
    ]
    expected += ["do_not_disturb", "outside_window", "offer_open", "budget_mails", "cap_account"]
    assert seen == expected
    order = list(REASONS)
    assert [order.index(code) for code in seen] == sorted(order.index(code) for code in seen)


@pytest.mark.parametrize(
    ("nights_ago", "called_after", "outcome"),
    [
        (7, None, "cap_account"),  # the week is not over: somebody may be about to call
        (8, None, "chosen"),
        (8, 7, "cap_account"),
        (8, 8, "chosen"),
        (8, 0, "chosen"),  # called on the night's own day: that was another call
    ],
)
def test_a_call_counts_when_one_is_known_within_seven_days(nights_ago, called_after, outcome) -> None:
    night = TUESDAY_NIGHT - timedelta(days=nights_ago)
    history = [{"campaign": "call", **ONE, "as_of": night, "occasion": "x", "outcome": "call"}]
    days = () if called_after is None else ({**ONE, "called_date": night + timedelta(days=called_after)},)
    once_a_month = rules(campaign("note"), limits=limits(caps=(Cap(days=30, contacts=1),)))
    assert judged(once_a_month, history=history, calls=frame(days, CALLS_SCHEMA))[1] == outcome


def test_the_place_that_a_held_out_account_kept_counts_whether_or_not_anybody_called() -> None:
    kept = {
        "campaign": "call",
        **ONE,
        "as_of": TUESDAY_NIGHT - timedelta(days=20),
        "occasion": "x",
        "outcome": "holdout",
    }
    once_a_month = rules(campaign("note"), limits=limits(caps=(Cap(days=30, contacts=1),)))
    assert judged(once_a_month, history=[kept]) == ("lost", "cap_account")
