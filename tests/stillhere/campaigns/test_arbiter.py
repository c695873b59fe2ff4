"""The arbiter's rules, one claim a test. Properties over many nights are in test_arbiter_properties.py."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from stillhere.campaigns.arbiter import decide
from stillhere.campaigns.facts import Held
from stillhere.campaigns.holdouts import new_assignments, unmeasured_campaigns
from tests.stillhere.campaigns.world import (
    TUESDAY_NIGHT,
    accounts,
    campaign,
    candidates,
    facts,
    limits,
    outcomes,
    rules,
)

ONE = {"account_id": "1"}
NOTE = campaign("note")


def judged(candidate=None, account=None, rule=None, **known):
    """Outcome and reason code of one candidate of the campaign `note`."""
    given = candidates({"campaign": "note", **ONE, **(candidate or {})})
    decisions = decide(given, facts(accounts({**ONE, **(account or {})}), **known), rule or rules(NOTE), TUESDAY_NIGHT)
    return outcomes(decisions)["note", "1"]


def test_a_candidate_that_nothing_refuses_is_sent() -> None:
    assert judged() == ("send", "chosen")


@pytest.mark.parametrize("consent", [None, False])
def test_a_marketing_mail_needs_consent_and_unknown_means_no(consent) -> None:
    assert judged({"consent": consent}) == ("lost", "no_consent")


def test_a_service_mail_needs_no_consent_but_honours_a_stop() -> None:
    service = rules(campaign("note", marketing=False))
    assert judged({"consent": None}, rule=service) == ("send", "chosen")
    stopped = [{"email": " 1@Customer.example"}]
    assert judged({"consent": None}, rule=service, suppressed=stopped) == ("lost", "suppressed")


def test_a_suppressed_person_is_not_called_either() -> None:
    call = rules(campaign("note", what="call"))
    assert judged(rule=call, suppressed=[{"email": "1@customer.example"}]) == ("lost", "suppressed")


def test_a_call_needs_nobody_by_name_but_a_mail_does() -> None:
    nobody = {"contact_id": None, "email": None, "consent": None}
    assert judged(nobody) == ("lost", "no_contact")
    assert judged(nobody, rule=rules(campaign("note", what="call"))) == ("call", "chosen")


def test_a_company_without_contacts_is_told_so() -> None:
    given = candidates({"campaign": "note", **ONE, "contact_id": None, "email": None, "consent": None})
    decisions = decide(given, facts(accounts(ONE)), rules(NOTE, no_contacts=True), TUESDAY_NIGHT)
    assert decisions["reason_words"].to_list() == ["no contacts in this company: lists and calls only"]


def test_internal_accounts_hear_nothing() -> None:
    assert judged(account={"is_internal": True}) == ("lost", "internal")


def test_too_fresh_a_signup_hears_nothing() -> None:
    assert judged(account={"tenure_days": 13}) == ("lost", "too_fresh")
    assert judged(account={"tenure_days": 14}) == ("send", "chosen")


def test_who_was_talked_to_in_the_last_fourteen_days_is_left_alone() -> None:
    assert judged(account={"last_talked_date": date(2026, 2, 18)}) == ("lost", "recently_talked")
    assert judged(account={"last_talked_date": date(2026, 2, 17)}) == ("send", "chosen")


def test_an_open_ticket_comes_before_any_campaign() -> None:
    assert judged(account={"open_tickets": 2}) == ("lost", "open_ticket")


def test_the_window_is_the_day_after_the_night() -> None:
    wednesdays, tuesdays = campaign("note", days=("wed",)), campaign("note", days=("tue",))
    assert judged(rule=rules(wednesdays)) == ("send", "chosen")
    assert judged(rule=rules(tuesdays)) == ("lost", "outside_window")


def contact(days_ago: int, **changes):
    """A contact of the account on an earlier live night, by another campaign."""
    when = TUESDAY_NIGHT - timedelta(days=days_ago)
    return {"campaign": "other", "email": "1@customer.example", **ONE, "as_of": when, "occasion": "old", **changes}


def test_a_person_is_contacted_at_most_once_in_seven_days() -> None:
    assert judged(history=[contact(6)]) == ("lost", "cap_person")
    assert judged(history=[contact(7)]) == ("send", "chosen")


def test_calls_and_colleagues_count_for_the_cap_of_the_account() -> None:
    assert judged(history=[contact(3, email=None)]) == ("lost", "cap_account")
    assert judged(history=[contact(3, email="colleague@customer.example")]) == ("lost", "cap_account")


def test_contacts_of_this_night_and_later_ones_do_not_count() -> None:
    assert judged(history=[contact(0), contact(-3)]) == ("send", "chosen")


def test_an_occasion_gets_one_message() -> None:
    done = contact(60, campaign="note", occasion="note:1:2026-03-03")
    assert judged(history=[done]) == ("lost", "already_done")


def test_the_order_of_refusal_is_the_one_that_binds() -> None:
    """Everything is wrong at once; as one thing after another is put right, the next reason appears."""
    wrong = {
        "account": {
            "is_internal": True,
            "tenure_days": 3,
            "last_talked_date": TUESDAY_NIGHT,
            "open_tickets": 1,
        },
        "suppressed": [{"email": "1@customer.example"}],
        "history": [contact(1)],
    }
    rule = rules(campaign("note", days=("sun",)))
    seen = [judged({"consent": False}, rule=rule, **wrong)[1]]
    seen.append(judged(rule=rule, **wrong)[1])
    wrong["suppressed"] = []
    for put_right in ("is_internal", "tenure_days", "last_talked_date", "open_tickets"):
        seen.append(judged(rule=rule, **wrong)[1])
        del wrong["account"][put_right]
    seen.append(judged(rule=rule, **wrong)[1])
    seen.append(judged(**wrong)[1])
    assert seen == [
        "no_consent",
        "suppressed",
        "internal",
        "too_fresh",
        "recently_talked",
        "open_ticket",
        "outside_window",
        "cap_person",
    ]


def test_the_higher_priority_wins_and_the_loser_says_who_won() -> None:
    given = candidates({"campaign": "low", **ONE}, {"campaign": "high", **ONE})
    rule = rules(campaign("low", 1), campaign("high", 2))
    decisions = decide(given, facts(accounts(ONE)), rule, TUESDAY_NIGHT)
    assert outcomes(decisions) == {("high", "1"): ("send", "chosen"), ("low", "1"): ("lost", "lower_priority")}
    assert "'High' goes first" in decisions.filter(campaign="low")["reason_words"].item()


def test_one_person_in_two_accounts_is_contacted_once() -> None:
    same = {"campaign": "note", "email": "same@customer.example"}
    given = candidates({**same, "account_id": "1"}, {**same, "account_id": "2"})
    both = accounts({"account_id": "1", "value_minor": 5}, {"account_id": "2", "value_minor": 9})
    decisions = decide(given, facts(both), rules(NOTE), TUESDAY_NIGHT)
    assert outcomes(decisions) == {("note", "1"): ("lost", "same_person"), ("note", "2"): ("send", "chosen")}


def test_the_second_contact_steps_in_for_a_suppressed_first() -> None:
    second = {"contact_id": "1-2", "email": "second@customer.example", "contact_rank": 1}
    given = candidates({"campaign": "note", **ONE}, {"campaign": "note", **ONE, **second})
    sent = decide(given, facts(accounts(ONE)), rules(NOTE), TUESDAY_NIGHT).filter(outcome="send")
    assert sent["contact_id"].to_list() == ["1-1"]
    stopped = facts(accounts(ONE), suppressed=[{"email": "1@customer.example"}])
    sent = decide(given, stopped, rules(NOTE), TUESDAY_NIGHT).filter(outcome="send")
    assert sent["contact_id"].to_list() == ["1-2"]


def test_a_held_out_account_gets_nothing_else_that_night() -> None:
    given = candidates({"campaign": "low", **ONE}, {"campaign": "high", **ONE})
    known = facts(accounts(ONE), assigned=[{"campaign": "high", **ONE, "arm": "holdout", "day_zero": TUESDAY_NIGHT}])
    decisions = decide(given, known, rules(campaign("low", 1), campaign("high", 2)), TUESDAY_NIGHT)
    assert outcomes(decisions) == {("high", "1"): ("holdout", "holdout"), ("low", "1"): ("lost", "lower_priority")}


def test_a_stored_arm_outlives_a_changed_share_and_salt() -> None:
    treated = [{"campaign": "note", **ONE, "arm": "treated", "day_zero": TUESDAY_NIGHT}]
    everybody = rules(campaign("note", holdout_share=0.99), limits=limits(universal_holdout_share=0.99))
    assert judged(rule=everybody)[0] == "holdout"
    assert judged(rule=everybody, assigned=treated) == ("send", "chosen")


def test_the_universal_holdout_holds_for_every_campaign_for_good() -> None:
    drawn = [{"campaign": "older", **ONE, "arm": "universal_holdout", "day_zero": TUESDAY_NIGHT}]
    assert judged(assigned=drawn) == ("holdout", "universal_holdout")


def test_an_unmeasured_campaign_leaves_nobody_alone_and_draws_no_arm() -> None:
    drawn = [{"campaign": "older", **ONE, "arm": "universal_holdout", "day_zero": TUESDAY_NIGHT}]
    goodbye = rules(campaign("note", marketing=False, measured=False), limits=limits(universal_holdout_share=0.99))
    assert judged(rule=goodbye, assigned=drawn) == ("send", "chosen")
    known = facts(accounts(ONE))
    decisions = decide(candidates({"campaign": "note", **ONE}), known, goodbye, TUESDAY_NIGHT)
    assert new_assignments(decisions, known.assignments, unmeasured=frozenset({"note"})).is_empty()
    assert new_assignments(decisions, known.assignments, unmeasured=frozenset({"another"})).height == 1


def test_an_unmeasured_campaign_leaves_the_universal_holdout_as_it_is() -> None:
    """Who gets the goodbye and would be left alone by all others still is."""
    goodbye = campaign("goodbye", 900, marketing=False, measured=False)
    rule = rules(goodbye, NOTE, limits=limits(universal_holdout_share=0.99))
    given = candidates({"campaign": "goodbye", **ONE})
    known = facts(accounts(ONE))
    first = decide(given, known, rule, TUESDAY_NIGHT)
    stored = new_assignments(first, known.assignments, unmeasured=unmeasured_campaigns([goodbye, NOTE])).to_dicts()
    assert judged(rule=rule, assigned=stored) == ("holdout", "universal_holdout")


def test_holdout_shares_come_out_as_stated() -> None:
    many = [{"account_id": str(number)} for number in range(4000)]
    given = candidates(*({"campaign": "note", **row} for row in many))
    rule = rules(campaign("note", holdout_share=0.5), limits=limits(universal_holdout_share=0.1))
    arms = decide(given, facts(accounts(*many)), rule, TUESDAY_NIGHT)["arm"].value_counts()
    counts = dict(arms.iter_rows())
    # Five standard errors of 4,000 draws on either side.
    assert abs(counts["universal_holdout"] - 400) < 95
    assert abs(counts["holdout"] - 1800) < 160


def test_a_hold_keeps_arms_and_places_and_sends_nothing() -> None:
    given = candidates({"campaign": "note", **ONE}, {"campaign": "low", **ONE})
    rule = rules(NOTE, campaign("low", 1), holds={"*": Held("late", "the load of billing is late")})
    decisions = decide(given, facts(accounts(ONE)), rule, TUESDAY_NIGHT)
    assert outcomes(decisions) == {("note", "1"): ("held", "late"), ("low", "1"): ("lost", "lower_priority")}
    assert new_assignments(decisions, facts(accounts(ONE)).assignments).is_empty()
    assert new_assignments(decisions, facts(accounts(ONE)).assignments, frozenset({"*"})).height == 1


def test_a_paused_campaign_lets_others_pass() -> None:
    given = candidates({"campaign": "low", **ONE}, {"campaign": "high", **ONE})
    known = facts(accounts(ONE), paused=frozenset({"high"}))
    decisions = decide(given, known, rules(campaign("low", 1), campaign("high", 2)), TUESDAY_NIGHT)
    assert outcomes(decisions) == {("high", "1"): ("lost", "paused"), ("low", "1"): ("send", "chosen")}


def test_the_language_is_the_contacts_where_the_company_writes_it() -> None:
    people = [{"account_id": str(number), "locale": locale} for number, locale in enumerate(["de-AT", "fr", None])]
    given = candidates(*({"campaign": "note", **row} for row in people))
    known = facts(accounts(*({"account_id": row["account_id"]} for row in people)))
    decisions = decide(given, known, rules(NOTE, languages=("en", "de")), TUESDAY_NIGHT)
    assert decisions["language"].to_list() == ["de", "en", "en"]


def test_no_candidates_are_no_decisions_with_the_same_columns() -> None:
    decisions = decide(candidates(), facts(accounts()), rules(NOTE), TUESDAY_NIGHT)
    assert decisions.is_empty()
    assert decisions.columns[0] == "as_of"
