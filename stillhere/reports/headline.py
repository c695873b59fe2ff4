"""The night in a few figures, and the notices a reader must see first."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import polars as pl

from models.model import Card
from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import NOTHING, Formats

CUSTOMER_STAGES = ("onboarding", "active", "cancelling", "suspended")
CONFIDENCE = 0.95
"""As the model card gives it, so that its record on past days is this interval's."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: what, how much, and a line of small print."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before reading on. `kind` is held, preview, missing or sent."""

    kind: str
    title: str
    text: str


def expected_leavers(risk: pl.DataFrame, card: Card | None) -> tuple[float, float, float] | None:
    """Expected leavers among scored accounts with a 95 % interval, or None without probabilities.

    The interval holds what chance does, and how far the level of leaving moved between the model's calibration days.
    """
    chances = risk["churn_probability"].drop_nulls()
    if chances.is_empty() or card is None:
        return None
    low, high = card.level().count_interval(chances.to_numpy(), CONFIDENCE)
    return float(chances.sum()), low, high


def leavers_among(risk: pl.DataFrame, card: Card | None, formats: Formats) -> str:
    """How many of some scored accounts are expected to leave: "41 to 63", whole accounts; empty without chances.

    Rounded outwards, so that the interval holds at least what it says.
    """
    found = expected_leavers(risk, card)
    if found is None:
        return ""
    return f"{formats.number(floor(found[1]))} to {formats.number(ceil(found[2]))}"


def figures(facts: NightFacts, formats: Formats) -> list[Figure]:
    """The tiles at the top."""
    accounts, risk = facts.marts["accounts"], facts.marts["risk"]
    flagged = risk.filter(pl.col("is_flagged"))
    customers = accounts.filter(pl.col("stage").is_in(CUSTOMER_STAGES)).height
    later = accounts.filter(pl.col("decides_on").is_not_null()).height
    at_stake = flagged["value_at_stake_minor"].drop_nulls()
    flagged_note = f"{formats.share(flagged.height / risk.height, 1)} of the scored" if risk.height else ""
    if leave := leavers_among(flagged, facts.model, formats):
        flagged_note += f"; {leave} of them leave (95 % interval)"
    return [
        Figure("Customers", formats.number(customers), f"{formats.number(accounts.height)} accounts known"),
        Figure(
            "Scored tonight",
            formats.number(risk.height),
            f"{formats.number(later)} more can only leave later" if later else "everyone who can leave in time",
        ),
        Figure("Slipping", formats.number(flagged.height), flagged_note),
        _leavers(facts, risk, formats),
        Figure(
            "Yearly value at stake",
            formats.money(int(at_stake.sum())) if at_stake.len() else NOTHING,
            "of those slipping: yearly value × chance" if at_stake.len() else "needs a model and values",
        ),
    ]


def _leavers(facts: NightFacts, risk: pl.DataFrame, formats: Formats) -> Figure:
    name = f"Expected to leave in {facts.churn.horizon_days} days"
    found = expected_leavers(risk, facts.model)
    if found is None:
        return Figure(name, "too little data", "a stated rule is used instead of a model")
    expected, low, high = found
    interval = f"{formats.number(low)} to {formats.number(high)} (95 % interval)"
    return Figure(name, formats.number(expected), f"{interval}{past_record(facts.model)}")


def past_record(card: Card | None) -> str:
    """What such intervals were worth on past days, in a few words; or nothing."""
    if card is None or not card.past_counts:
        return ""
    inside = sum(told.low <= told.left <= told.high for told in card.past_counts)
    return f"; held on {inside} of {len(card.past_counts)} past days"


def notices(facts: NightFacts) -> list[Notice]:
    """Held, preview or sent; and what is missing for a full report."""
    found = []
    if facts.whole_send_held:
        found.append(
            Notice("held", "Tonight's whole send is held", "Nothing leaves before somebody releases it; see below.")
        )
    elif facts.handover.mode == "preview":
        found.append(Notice("preview", "Preview: nothing left", "Messages were written as files and reached nobody."))
    else:
        found.append(Notice("sent", "Sent", f"Messages were handed to the sender '{facts.handover.sender}'."))
    return found + [Notice("missing", "Missing for a full report", words) for words in missing(facts)]


def missing(facts: NightFacts) -> list[str]:
    """What the night could not say, and what would let it."""
    accounts, risk = facts.marts["accounts"], facts.marts["risk"]
    if accounts.is_empty():
        return [
            "There is no account yet. Map at least a resource to 'activity' (account, time) in sources.yml; "
            "'stillhere doctor' tells what the sources give."
        ]
    found = []
    if risk.is_empty():
        found.append(
            "No account could be scored: none is a customer with a rhythm so far. That needs a customer with activity."
        )
    rules = risk["rule"].drop_nulls().unique().sort()
    if not risk.is_empty() and rules.len():
        found.append(f"No model yet, so a stated rule flags: {'; '.join(rules)}.")
    if facts.marts["retention"].is_empty():
        found.append("No month of revenue is known, so retention and the hamster wheel are left out.")
    return found
