"""Why: the whole story of one account on one night. Facts first; `why_words` puts them into words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from stillhere.campaigns.account_rows import wide_accounts
from stillhere.campaigns.conditions import parse_condition
from stillhere.campaigns.facts import EVERYTHING
from stillhere.campaigns.next_steps import next_step
from stillhere.campaigns.published import PublishedNight, find_account
from stillhere.campaigns.rule_words import condition_in_words, value_in_words
from stillhere.campaigns.story import amount, habit_words, money
from stillhere.settings import Segment, Settings


@dataclass(frozen=True, slots=True)
class Contacted:
    """One mail or call of an earlier live night, or an answer to a call."""

    on: date
    campaign: str
    what: str
    status: str


@dataclass(frozen=True)
class Past:
    """What the operations database holds about one account."""

    contacts: tuple[Contacted, ...] = ()
    arms: Mapping[str, str] = field(default_factory=dict)
    waits: Mapping[str, str] = field(default_factory=dict)
    """Campaign, message id, or `*` for everything, to why it does not leave for real yet, in words."""


@dataclass(frozen=True, slots=True)
class CampaignStory:
    """One campaign and this account: the decisions of the night, or why it was no candidate; and what is next."""

    campaign: str
    title: str
    what: str
    outcome: str
    reason_code: str
    reason_words: str
    contact_id: str | None
    next: str


@dataclass(frozen=True)
class Why:
    """The story of one account on one night. `facts` are the account's columns that the words rest on."""

    account_id: str
    account_name: str
    as_of: date
    revision: int
    facts: dict[str, Any]
    habit: str
    signs: tuple[dict[str, Any], ...]
    risk: str
    lists: tuple[dict[str, Any], ...]
    campaigns: tuple[CampaignStory, ...]
    past: Past
    active_days_by_week: str | None = None
    """104 digits, the oldest week first; None where nothing was done in two years, or the night is an older one's."""

    def as_json(self) -> str:
        """The same as one JSON object."""
        return json.dumps(asdict(self), default=str, ensure_ascii=False, indent=2)


FACTS = (
    "stage",
    "plan",
    "tenure_days",
    "value_minor",
    "owner_email",
    "open_tickets",
    "last_talked_date",
    "usual_gap_days",
    "days_silent",
    "last_active_date",
    "expected_next_date",
    "churn_probability",
    "risk_rank",
    "is_scored",
    "is_flagged",
    "value_at_stake_minor",
    "outreach_value_minor",
    "value_rank",
    "model_id",
    "rule",
)


def tell_why(settings: Settings, night: PublishedNight, wanted: str, past_of: Callable[[str], Past]) -> Why:
    """The story of the account that goes by an id or a name. `past_of` gives the Past of an account id.

    Raises AccountNotFoundError, NightNotFoundError.
    """
    accounts, risk = night.mart("accounts"), night.mart("risk")
    account_id = find_account(accounts, wanted)
    mine = pl.col("account_id") == account_id
    wide = wide_accounts(accounts.filter(mine), night.mart("account_cadence").filter(mine), risk.filter(mine))
    row = wide.row(0, named=True)
    decisions = night.mart("decisions").filter(mine)
    past = _of_this_night(past_of(account_id), settings, decisions)
    return Why(
        account_id=account_id,
        account_name=row["account_name"] or account_id,
        as_of=night.as_of,
        revision=night.revision,
        facts={name: row.get(name) for name in FACTS},
        habit=habit_words(row, settings.company.words("en")),
        signs=tuple(json.loads(row["signs"] or "[]")),
        risk=_risk_words(row, risk.height, settings),
        lists=_lists(night.mart("segment_members").filter(mine), settings.segments.segments),
        campaigns=_campaigns(settings, wide, decisions, past, night.as_of),
        past=past,
        active_days_by_week=_active_days_by_week(night, account_id),
    )


def _of_this_night(past: Past, settings: Settings, decisions: pl.DataFrame) -> Past:
    """Without what other accounts' messages wait for."""
    own = {
        EVERYTHING,
        *(one.id for one in settings.campaigns),
        *decisions.get_column("message_id", default=pl.Series()),
    }
    return replace(past, waits={subject: words for subject, words in past.waits.items() if subject in own})


def _active_days_by_week(night: PublishedNight, account_id: str) -> str | None:
    if not night.has("account_weeks"):
        return None
    mine = night.mart("account_weeks").filter(pl.col("account_id") == account_id)
    return None if mine.is_empty() else str(mine["active_days_by_week"][0])


def _risk_words(row: Mapping[str, Any], scored: int, settings: Settings) -> str:
    horizon = settings.churn.horizon_days
    if row.get("is_internal"):
        return "not scored: an internal or test account"
    if row.get("is_flagged") is None:
        return f"not scored tonight (stage: {row['stage']})"
    rank = f"rank {row['risk_rank']} of {scored}" if row.get("risk_rank") else "no rank"
    flagged = "among the riskiest" if row["is_flagged"] else "not among the riskiest"
    if row.get("churn_probability") is None:
        return f"{flagged}, by a rule instead of a probability: {row.get('rule')}"
    currency = settings.company.currency
    stake = money(amount(row["value_at_stake_minor"], currency), currency)
    chance = f"{row['churn_probability']:.0%} chance of leaving within {horizon} days"
    return f"{chance}, {rank}, {flagged}; {stake} a year at stake{_outreach_words(row, settings)}"


def _outreach_words(row: Mapping[str, Any], settings: Settings) -> str:
    """What turning to the account is worth, with the assumption behind it; nothing where its value is unknown."""
    if row.get("outreach_value_minor") is None or row.get("value_rank") is None:
        return ""
    currency, outreach = settings.company.currency, settings.churn.outreach
    worth = money(amount(row["outreach_value_minor"], currency), currency)
    return (
        f", rank {row['value_rank']} by value; an outreach is worth {worth} "
        f"if it keeps {outreach.assumed_effect_share:.0%} of leavers (assumed, not measured)"
    )


def _lists(members: pl.DataFrame, segments: Sequence[Segment]) -> tuple[dict[str, Any], ...]:
    titles = {segment.id: segment.title for segment in segments}
    rows = members.sort("segment_id").iter_rows(named=True)
    columns = ("segment_id", "since", "days_in", "new_tonight", "status")
    return tuple(
        {"title": titles.get(row["segment_id"], row["segment_id"]), **{name: row[name] for name in columns}}
        for row in rows
    )


def _campaigns(
    settings: Settings, wide: pl.DataFrame, decisions: pl.DataFrame, past: Past, as_of: date
) -> tuple[CampaignStory, ...]:
    segments = {segment.id: segment for segment in settings.segments.segments}
    row = wide.row(0, named=True)
    contacted = [one.on for one in past.contacts if one.on < as_of and one.what in ("mail", "call")]
    became = {one.campaign: one.status for one in past.contacts if one.on == as_of and one.what == "mail"}
    stories = []
    for campaign in sorted(settings.campaigns, key=lambda one: (-one.priority, one.id)):
        for decision in decisions.filter(pl.col("campaign") == campaign.id).iter_rows(named=True):
            step = next_step(decision, campaign, row, settings.company, contacted, as_of, became.get(campaign.id))
            waits = None if campaign.id in became else _what_it_waits_for(decision, past)
            step = f"waits: {waits}" if waits else step
            told = (
                decision["outcome"],
                decision["reason_code"],
                decision["reason_words"],
                decision["contact_id"],
                step,
            )
            stories.append(CampaignStory(campaign.id, campaign.title, campaign.what, *told))
        if decisions.filter(pl.col("campaign") == campaign.id).is_empty():
            currency = settings.company.currency
            unmet = _not_met(segments[campaign.segment], wide, as_of, currency)
            words = unmet if campaign.enabled else "switched off"
            told = ("none", "no_candidate", words, None, "nothing until that changes")
            stories.append(CampaignStory(campaign.id, campaign.title, campaign.what, *told))
    return tuple(stories)


def _what_it_waits_for(decision: Mapping[str, Any], past: Past) -> str | None:
    """Why what the night chose does not leave yet: for the message itself, for its campaign, or for the whole night."""
    if decision["outcome"] not in ("send", "call"):
        return None
    subjects: tuple[str, ...] = (decision.get("message_id") or "", decision["campaign"], EVERYTHING)
    return next((past.waits[one] for one in subjects if one in past.waits), None)


def _not_met(segment: Segment, wide: pl.DataFrame, as_of: date, currency: str) -> str:
    """Which conditions of a campaign's list do not hold for the account, and what it has instead."""
    row = wide.row(0, named=True)

    def fails(name: str, text: str) -> bool:
        return not wide.select(parse_condition(name, text).holds(as_of)).item()

    def wish(name: str, text: str) -> str:
        return f"{condition_in_words(name, text, currency)} (here {value_in_words(name, row, currency)})"

    missing = [wish(name, text) for name, text in segment.all.items() if fails(name, text)]
    if segment.any and all(fails(name, text) for name, text in segment.any.items()):
        missing.append(f"one of {'; '.join(wish(name, text) for name, text in segment.any.items())}")
    if not missing:
        return f"not on the list '{segment.title}' that night; its rule or the campaign may be newer than the night"
    return f"not on the list '{segment.title}', which wants {' and '.join(missing)}"
