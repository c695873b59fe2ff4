"""Why a candidate is refused: the tests in their binding order, each with a code and words with that night's values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from stillhere.settings import Campaign
from stillhere.settings.company import CampaignLimits

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

REASONS: dict[str, str] = {
    "paused": "the campaign is paused",
    "no_contact": "there is nobody to turn to",
    "already_done": "this occasion has had its contact",
    "no_consent": "no consent to marketing mail is known, and unknown means no",
    "suppressed": "the person is on the stop list",
    "internal": "an internal or test account",
    "too_fresh": "signed up too recently",
    "recently_talked": "a person talked with them recently",
    "open_ticket": "a ticket is open",
    "outside_window": "not a send day of the campaign",
    "cap_person": "the person has had enough contacts",
    "cap_account": "the account has had enough contacts",
    "one_person": "somebody else of the account gets it",
    "same_person": "the same person gets it for another account",
    "lower_priority": "something more important goes first",
    "ramp": "beyond the mails of one of the first live nights",
    "holdout": "left alone, so that the campaign's effect can be seen",
    "universal_holdout": "left alone by every campaign, so that the whole effect can be seen",
    "chosen": "first in line",
}
"""Every reason code, in the order in which it is looked at, with its plain meaning."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One test: rows where `holds` is true are refused, with `words` (an expression giving text) as the reason."""

    code: str
    holds: pl.Expr
    words: pl.Expr


def refusals(campaigns: Sequence[Campaign], limits: CampaignLimits, as_of: date, no_contacts: bool) -> list[Refusal]:
    """The tests, first one first. They read the columns that `arbiter.with_facts` puts beside the candidates."""
    talked_since = as_of - timedelta(days=limits.recently_talked_days)
    nobody = "no contacts in this company: lists and calls only" if no_contacts else "no active contact with an address"
    fixed = [
        Refusal("paused", pl.col("is_paused"), pl.lit("the campaign is paused")),
        Refusal("no_contact", pl.col("is_mail") & pl.col("email").is_null(), pl.lit(nobody)),
        Refusal(
            "already_done",
            pl.col("done_date").is_not_null(),
            pl.format("done on {} for this occasion", pl.col("done_date").dt.to_string("%Y-%m-%d")),
        ),
        Refusal(
            "no_consent",
            pl.col("is_mail") & pl.col("is_marketing") & ~pl.col("consent").fill_null(value=False),
            pl.when(pl.col("consent").is_null())
            .then(pl.lit("consent to marketing mail is unknown, and unknown means no"))
            .otherwise(pl.lit("no consent to marketing mail")),
        ),
        Refusal(
            "suppressed",
            pl.col("suppressed_reason").is_not_null(),
            pl.format("on the stop list: {}", pl.col("suppressed_reason")),
        ),
        Refusal("internal", pl.col("is_internal"), pl.lit("an internal or test account")),
        Refusal(
            "too_fresh",
            pl.col("tenure_days") < limits.too_fresh_days,
            pl.format(f"signed up {{}} days ago; nothing before day {limits.too_fresh_days}", pl.col("tenure_days")),
        ),
        Refusal(
            "recently_talked",
            pl.col("last_talked_date").is_between(talked_since, as_of, closed="right"),
            pl.format("a person talked with them on {}", pl.col("last_talked_date").dt.to_string("%Y-%m-%d")),
        ),
        Refusal("open_ticket", pl.col("open_tickets") > 0, pl.format("{} open ticket(s)", pl.col("open_tickets"))),
        _outside_window(campaigns, as_of),
    ]
    return fixed + _caps(limits)


def send_day(as_of: date) -> date:
    """The day on which a night's decisions reach people: the morning after."""
    return as_of + timedelta(days=1)


def _outside_window(campaigns: Sequence[Campaign], as_of: date) -> Refusal:
    at = send_day(as_of).weekday()
    closed = [campaign.id for campaign in campaigns if WEEKDAYS[at] not in campaign.days]
    words = f"{send_day(as_of).isoformat()} is no send day of this campaign: it rests on {WEEKDAY_NAMES[at]}"
    return Refusal("outside_window", pl.col("campaign").is_in(closed), pl.lit(words))


def _caps(limits: CampaignLimits) -> list[Refusal]:
    """Contacts of earlier live nights, in the `days` days that end tonight, tonight's own place included."""
    found = []
    for who in ("person", "account"):
        for cap in limits.caps:
            count = pl.col(f"{who}_contacts_{cap.days}").fill_null(0)
            words = pl.format(
                f"the {who} has had {{}} of {cap.contacts} mails and calls allowed in {cap.days} days", count
            )
            found.append(Refusal(f"cap_{who}", count >= cap.contacts, words))
    return found
