"""Why a candidate is refused: the tests in their binding order, each with a code and words with that night's values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from stillhere.campaigns.facts import Rules
from stillhere.campaigns.window import send_day
from stillhere.settings.company import CampaignLimits

REASONS: dict[str, str] = {
    "paused": "the campaign is paused",
    "not_running": "the campaign has not begun, or is over",
    "no_contact": "there is nobody to turn to",
    "already_done": "this occasion has had its contact",
    "no_consent": "no consent to marketing mail is known, and unknown means no",
    "suppressed": "the person is on the stop list",
    "objected": "the person, or the account, has objected to profiling",
    "erased": "the person has been erased",
    "internal": "an internal or test account",
    "too_fresh": "signed up too recently",
    "left_for_good": "left so long ago that nothing is said any more",
    "recently_talked": "a person talked with them recently",
    "open_ticket": "a ticket is open",
    "do_not_disturb": "a person has asked to leave them in peace",
    "outside_window": "no hour of the night's day is open: send days, holidays, quiet hours",
    "offer_not_valid": "the offer can't be taken up on that day",
    "offer_open": "the account has an offer of this kind still",
    "offer_recent": "the account had an offer of this kind not long ago",
    "budget_mails": "the night's budget of mails is spent",
    "budget_calls": "the night's budget of calls is spent",
    "budget_offers": "the night's budget of offers is spent",
    "budget_money": "the night's money for offers is spent",
    "budget_hours": "people's hours for calls are spent",
    "cap_person": "the person has had enough contacts",
    "cap_account": "the account has had enough contacts",
    "cap_campaign": "the account has heard this campaign not long ago",
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


def refusals(rules: Rules, as_of: date) -> list[Refusal]:
    """The tests before the budget, first one first. They read the columns that `considered.with_facts` gives."""
    return [
        Refusal("paused", pl.col("is_paused"), pl.lit("the campaign is paused")),
        *_not_running(rules, send_day(as_of)),
        *_about_the_person(rules),
        *_about_the_account(rules.limits, as_of),
        Refusal("do_not_disturb", pl.col("quiet_words").is_not_null(), pl.format("do not disturb {}", "quiet_words")),
        Refusal("outside_window", pl.col("send_at").is_null(), pl.col("window_words")),
        *_about_the_offer(send_day(as_of)),
    ]


def caps(limits: CampaignLimits, as_of: date) -> list[Refusal]:
    """The tests after the budget: contacts of earlier live nights, in the `days` days that end tonight."""
    found = []
    for who in ("person", "account"):
        for cap in limits.caps:
            count = pl.col(f"{who}_contacts_{cap.days}").fill_null(0)
            words = pl.format(
                f"the {who} has had {{}} of {cap.contacts} mails and calls allowed in {cap.days} days", count
            )
            found.append(Refusal(f"cap_{who}", count >= cap.contacts, words))
    again = (pl.lit(as_of) - pl.col("last_contact_date")).dt.total_days() < pl.col("again_after_days")
    words = pl.format("heard this campaign on {}; once in {} days", _day("last_contact_date"), "again_after_days")
    return [*found, Refusal("cap_campaign", again, words)]


def first_refusal(tests: list[Refusal], code: str, words: str) -> dict[str, pl.Expr]:
    """The first test that holds for a row, as two columns with these names; null where none does."""
    found: dict[str, pl.Expr] = {code: pl.lit(None, dtype=pl.String), words: pl.lit(None, dtype=pl.String)}
    for test in reversed(tests):
        refused = test.holds.fill_null(value=False)
        found[code] = pl.when(refused).then(pl.lit(test.code)).otherwise(found[code])
        found[words] = pl.when(refused).then(test.words).otherwise(found[words])
    return found


def _day(column: str) -> pl.Expr:
    return pl.col(column).dt.to_string("%Y-%m-%d")


def _not_running(rules: Rules, day: date) -> list[Refusal]:
    found = []
    for campaign in rules.live:
        begins, ends = campaign.from_date, campaign.until_date
        if begins and day < begins:
            words = f"the campaign begins on {begins}"
        elif ends and day > ends:
            words = f"the campaign ended on {ends}"
        else:
            continue
        found.append(Refusal("not_running", pl.col("campaign") == campaign.id, pl.lit(words)))
    return found


def _about_the_person(rules: Rules) -> list[Refusal]:
    nobody = "no contacts in this company: lists and calls only"
    return [
        Refusal(
            "no_contact",
            pl.col("is_mail") & pl.col("email").is_null(),
            pl.lit(nobody if rules.no_contacts else "no active contact with an address"),
        ),
        Refusal(
            "already_done",
            pl.col("done_date").is_not_null(),
            pl.format("done on {} for this occasion", _day("done_date")),
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
            pl.format("on the stop list: {}", "suppressed_reason"),
        ),
        Refusal(
            "objected",
            pl.col("has_objected") & pl.col("is_profiling"),
            pl.lit("has objected to profiling; only service mails that rest on contracts and invoices go on"),
        ),
        Refusal("erased", pl.col("is_erased"), pl.lit("has been erased; the source still has the address")),
    ]


def _about_the_account(limits: CampaignLimits, as_of: date) -> list[Refusal]:
    talked_since = as_of - timedelta(days=limits.recently_talked_days)
    return [
        Refusal("internal", pl.col("is_internal"), pl.lit("an internal or test account")),
        Refusal(
            "too_fresh",
            pl.col("tenure_days") < limits.too_fresh_days,
            pl.format(f"signed up {{}} days ago; nothing before day {limits.too_fresh_days}", pl.col("tenure_days")),
        ),
        Refusal(
            "left_for_good",
            pl.col("days_since_left") > limits.silent_after_left_days,
            pl.format(
                f"left {{}} days ago; nothing after day {limits.silent_after_left_days}, for good", "days_since_left"
            ),
        ),
        Refusal(
            "recently_talked",
            pl.col("last_talked_date").is_between(talked_since, as_of, closed="right"),
            pl.format("a person talked with them on {}", _day("last_talked_date")),
        ),
        Refusal("open_ticket", pl.col("open_tickets") > 0, pl.format("{} open ticket(s)", pl.col("open_tickets"))),
    ]


def _about_the_offer(day: date) -> list[Refusal]:
    again = pl.col("last_offer_date").dt.offset_by(pl.format("{}mo", pl.col("once_in_months").fill_null(0)))
    return [
        Refusal(
            "offer_not_valid",
            (pl.col("offer_from") > day) | (pl.col("offer_until") < day),
            pl.format("the offer '{}' can be taken up from {} to {}", "offer", _day("offer_from"), _day("offer_until")),
        ),
        Refusal(
            "offer_open",
            pl.col("open_offer_code").is_not_null(),
            pl.format("the account has the offer {} until {}", "open_offer_code", _day("open_offer_until")),
        ),
        Refusal(
            "offer_recent",
            again > day,
            pl.format("had an offer of this kind on {}; once in {} months", _day("last_offer_date"), "once_in_months"),
        ),
    ]
