"""What holds of the arbiter whatever the candidates, the past and the order of input."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillhere.campaigns.arbiter import decide
from stillhere.campaigns.decisions import places_taken
from stillhere.campaigns.facts import (
    CALLS_SCHEMA,
    ERASURES_SCHEMA,
    HISTORY_SCHEMA,
    OBJECTIONS_SCHEMA,
    QUIET_SCHEMA,
    that_took_place,
)
from stillhere.operations.peace import address_hash
from stillhere.settings import Offer, Offers
from stillhere.settings.company import Cap
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, accounts, campaign, candidates, facts, frame, limits, rules

ACCOUNTS = [str(number) for number in range(6)]
# Fewer addresses than accounts: the same person turns up in several of them.
EMAILS = [f"{name}@customer.example" for name in "abcd"]
CAMPAIGNS = ["low", "middle", "high"]
PRIORITY = {"low": 1, "middle": 2, "high": 3}

quick = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])

candidate_rows = st.lists(
    st.fixed_dictionaries(
        {
            "campaign": st.sampled_from(CAMPAIGNS),
            "account_id": st.sampled_from(ACCOUNTS),
            "email": st.sampled_from(EMAILS),
            "consent": st.sampled_from([True, True, True, False, None]),
            "contact_rank": st.integers(0, 2),
        }
    ),
    max_size=25,
    unique_by=lambda row: (row["campaign"], row["account_id"], row["email"]),
)
past_rows = st.lists(
    st.fixed_dictionaries(
        {
            "campaign": st.sampled_from(CAMPAIGNS),
            "account_id": st.sampled_from(ACCOUNTS),
            "email": st.sampled_from([*EMAILS, None]),
            "occasion": st.just("an older one"),
            "as_of": st.dates(date(2026, 1, 15), date(2026, 3, 2)),
        }
    ),
    max_size=12,
)
stops = st.lists(st.fixed_dictionaries({"email": st.sampled_from(EMAILS)}), max_size=2)
WORLD = accounts(*({"account_id": account, "value_minor": 7 * int(account) % 5} for account in ACCOUNTS))
CAPS = (Cap(days=7, contacts=1), Cap(days=30, contacts=2))


def people(rows):
    """Candidate rows with the contact id that the address implies."""
    return candidates(*({**row, "contact_id": f"{row['account_id']}-{row['email'][0]}"} for row in rows))


OFFERS = Offers(
    offers=(
        Offer.model_validate(
            {"id": "ten", "code": "TEN", "terms": {"en": "10 % off"}, "value_minor": 700}
            | {"from": date(2026, 1, 1), "until": date(2026, 12, 31)}
        ),
    )
)
budgets = st.fixed_dictionaries(
    {},
    optional={
        "mails": st.integers(0, 4),
        "calls": st.integers(0, 3),
        "offers": st.integers(0, 3),
        "offers_minor": st.integers(0, 2500),
        "call_hours": st.sampled_from([0, 0.25, 0.4, 1]),
    },
)
subjects = st.lists(st.sampled_from([*EMAILS, *ACCOUNTS]), max_size=3, unique=True)


def rule(holdout_share: float = 0.0, universal: float = 0.0, names=tuple(CAMPAIGNS), budget=None, own=None):
    """Two mails, the highest with an offer, and a call in the middle; `own` is each campaign's own budget."""
    kinds = {"middle": {"what": "call"}, "high": {"offer": "ten"}, "low": {}}
    basis = {"holdout_share": holdout_share, "budget": own or {}}
    chosen = [campaign(name, PRIORITY[name], **basis, **kinds[name]) for name in names]
    limit = limits(caps=CAPS, universal_holdout_share=universal, budget=budget or {})
    return rules(*chosen, limits=limit, offers=OFFERS)


def stops_of(objecting, erased, quiet):
    """Facts of who is to be left in peace."""
    peace = [{"subject": one, "until_date": date(2027, 1, 1), "because": "asked"} for one in quiet]
    return {
        "objections": frame([{"subject": one} for one in objecting], OBJECTIONS_SCHEMA),
        "objected": frozenset(one for one in objecting if "@" not in one),
        "erasures": frame([{"address_hash": address_hash(one)} for one in erased], ERASURES_SCHEMA),
        "quiet": frame(peace, QUIET_SCHEMA),
    }


def places(decisions: pl.DataFrame) -> pl.DataFrame:
    return decisions.filter(pl.col("outcome").is_in(["send", "call", "held", "holdout"]))


@quick
@given(candidate_rows, past_rows, stops)
def test_no_suppressed_person_is_ever_chosen_and_nobody_twice(rows, past, stopped) -> None:
    chosen = places(decide(people(rows), facts(WORLD, stopped, past), rule(), TUESDAY_NIGHT))
    assert not set(chosen["email"]) & {row["email"] for row in stopped}
    assert chosen["email"].n_unique() == chosen.height
    assert chosen["account_id"].n_unique() == chosen.height


@quick
@given(st.lists(candidate_rows, min_size=4, max_size=12), past_rows, st.sampled_from([1, 2, 5]))
def test_no_cap_is_ever_exceeded_however_many_nights_pass(nights, past, step) -> None:
    already = facts(WORLD, history=past).history
    # A past that is over a cap already is no fault of the arbiter's: start from what the arbiter itself did.
    history = already.clear()
    for number, rows in enumerate(nights):
        as_of = TUESDAY_NIGHT + timedelta(days=number * step)
        fresh = people(rows).with_columns(occasion=pl.format("{}:{}:{}", "campaign", "account_id", pl.lit(str(as_of))))
        known = facts(WORLD, history=history.to_dicts())
        done = places_taken(decide(fresh, known, rule(), as_of), rule().campaigns, offers=OFFERS).select(
            list(HISTORY_SCHEMA)
        )
        history = pl.concat([history, done])
        # A call that nobody made within a week took no place.
        counted = that_took_place(history, pl.DataFrame(schema=CALLS_SCHEMA), as_of)
        for key in ("email", "account_id"):
            for cap in CAPS:
                recent = counted.filter(pl.col("as_of") > as_of - timedelta(days=cap.days))
                most = recent.group_by(key).len()["len"].max()
                assert most is None or most <= cap.contacts


@quick
@given(candidate_rows, past_rows, subjects, st.lists(st.sampled_from(EMAILS), max_size=1), subjects)
def test_who_objected_was_erased_or_asked_for_peace_is_never_chosen(rows, past, objecting, erased, quiet) -> None:
    known = facts(WORLD, history=past, **stops_of(objecting, erased, quiet))
    chosen = places(decide(people(rows), known, rule(0.3, 0.1), TUESDAY_NIGHT))
    left_alone = {*objecting, *erased, *quiet}
    assert not left_alone & (set(chosen["email"]) | set(chosen["account_id"]))


@quick
@given(candidate_rows, past_rows, budgets, budgets)
def test_no_budget_of_company_or_campaign_is_ever_exceeded(rows, past, budget, own) -> None:
    chosen = places(
        decide(people(rows), facts(WORLD, history=past), rule(0.3, 0.1, budget=budget, own=own), TUESDAY_NIGHT)
    )
    spent = {name: chosen.filter(campaign=name).height for name in CAMPAIGNS}
    assert within(budget, spent["low"] + spent["high"], spent["middle"], spent["high"])
    assert within(own, spent["low"], 0, 0)
    assert within(own, 0, spent["middle"], 0)
    assert within(own, spent["high"], 0, spent["high"])


def within(budget, mails: int, calls: int, offers: int) -> bool:
    spent = {"mails": mails, "calls": calls, "offers": offers, "offers_minor": 700 * offers, "call_hours": calls / 4}
    return all(spent[name] <= limit for name, limit in budget.items())


@quick
@given(candidate_rows, past_rows, budgets)
def test_a_budget_leaves_nobody_out_who_could_have_had_a_place(rows, past, budget) -> None:
    """What is refused for the budget would have exceeded it at the end of the night still."""
    decided = decide(people(rows), facts(WORLD, history=past), rule(budget=budget), TUESDAY_NIGHT)
    chosen = places(decided)
    spent = {name: chosen.filter(campaign=name).height for name in CAMPAIGNS}
    for name in decided.filter(pl.col("reason_code").str.starts_with("budget_"))["campaign"].unique():
        one_more = {**spent, name: spent[name] + 1}
        assert not within(budget, one_more["low"] + one_more["high"], one_more["middle"], one_more["high"])


@quick
@given(candidate_rows, past_rows, stops, budgets)
def test_adding_a_lower_priority_campaign_changes_no_higher_outcome(rows, past, stopped, budget) -> None:
    known = facts(WORLD, stopped, past)
    both = rule(0.3, 0.1, budget=budget)
    without = rule(0.3, 0.1, names=("middle", "high"), budget=budget)
    higher = pl.col("campaign") != "low"
    with_low = decide(people(rows), known, both, TUESDAY_NIGHT).filter(higher)
    assert with_low.equals(decide(people(rows), known, without, TUESDAY_NIGHT))


@quick
@given(candidate_rows, past_rows, stops, budgets, subjects, st.randoms(use_true_random=False))
def test_the_order_of_input_changes_nothing(rows, past, stopped, budget, quiet, shuffled) -> None:
    mixed = [shuffled.sample(listed, len(listed)) for listed in (rows, past, stopped, quiet)]
    limited = rule(0.3, 0.1, budget=budget)
    first = decide(people(rows), facts(WORLD, stopped, past, **stops_of([], [], quiet)), limited, TUESDAY_NIGHT)
    again = facts(WORLD.reverse(), mixed[2], mixed[1], **stops_of([], [], mixed[3]))
    turned = rules(*reversed(limited.campaigns), limits=limited.limits, offers=OFFERS)
    second = decide(people(mixed[0]), again, turned, TUESDAY_NIGHT)
    assert first.write_csv() == second.write_csv()


@quick
@given(candidate_rows, past_rows, stops, budgets, st.floats(0, 0.99), st.floats(0, 0.99))
def test_holding_out_lets_nobody_in(rows, past, stopped, budget, share, universal) -> None:
    known = facts(WORLD, stopped, past)
    nobody_out = places(decide(people(rows), known, rule(budget=budget), TUESDAY_NIGHT))
    some_out = places(decide(people(rows), known, rule(share, universal, budget=budget), TUESDAY_NIGHT))
    assert nobody_out["message_id"].to_list() == some_out["message_id"].to_list()


@quick
@given(candidate_rows, past_rows, stops)
def test_every_candidate_has_one_decision_with_a_reason(rows, past, stopped) -> None:
    decisions = decide(people(rows), facts(WORLD, stopped, past), rule(0.3, 0.1), TUESDAY_NIGHT)
    assert decisions.height == len(rows)
    assert decisions.select(pl.all_horizontal(pl.col("reason_code", "reason_words", "outcome").is_not_null()).all())[
        0, 0
    ]
