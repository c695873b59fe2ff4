"""Who a campaign turns to on a published night, by a rule as it is now or as it was when it was approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from stillhere.campaigns.account_rows import wide_accounts
from stillhere.campaigns.conditions import rule_of
from stillhere.campaigns.published import PublishedNight
from stillhere.settings import Campaign, Places, Segment

NIGHTS_LOOKED_AT_DAYS = 28
"""Four weeks: whole weeks, so that no weekday counts twice."""
MONTH_DAYS = 30


@dataclass(frozen=True)
class Audience:
    """Accounts that meet a rule on one night, of the base that could; wide account rows."""

    rows: pl.DataFrame
    base: int

    @property
    def is_nobody(self) -> bool:
        """Whether the rule holds for no account."""
        return self.rows.is_empty()

    @property
    def is_everybody(self) -> bool:
        """Whether the rule holds for every account there is, which is no choice."""
        return self.base > 0 and self.rows.height == self.base


def base_of(night: PublishedNight) -> pl.DataFrame:
    """The wide account rows of a night, internal accounts left out."""
    wide = wide_accounts(night.mart("accounts"), night.mart("account_cadence"), night.mart("risk"))
    return wide.filter(~pl.col("is_internal").fill_null(value=False))


def audience_of(base: pl.DataFrame, rule: Mapping[str, Any], as_of: date) -> Audience:
    """The accounts that meet a rule, `{all: …, any: …}`, on a night. Raises ConditionError for an unknown field."""
    every, some = dict(rule.get("all", {})), dict(rule.get("any", {}))
    segment = Segment(id="rule", title="rule", description="rule", owner="nobody", all=every, any=some)
    return Audience(base.filter(rule_of(segment, as_of)), base.height)


def reachable(rows: pl.DataFrame, campaign: Campaign) -> pl.DataFrame:
    """Those of an audience who can be turned to at all: for a marketing mail with somebody who may be written to."""
    if campaign.what == "call" or campaign.to == "owner":
        return rows
    people = "mailable_contact_count" if campaign.marketing else "contact_count"
    return rows.filter(pl.col(people).fill_null(0) > 0)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many accounts a campaign comes to turn to in a month, and what that is taken from."""

    per_month: float
    nights: int

    @property
    def words(self) -> str:
        """How sure it is."""
        if self.nights < 2:
            return "one night known: those on its list tonight, once"
        return f"from those new on its list in {self.nights} nights"


def pace_of(places: Places, newest: PublishedNight, segment_id: str, version: str, on_list_now: int) -> Pace:
    """New members of a list a month: from its nights of four weeks by the same rule, or from tonight's alone.

    The first of these nights brings whoever was there before, so it only begins the count.
    """
    since = newest.as_of - timedelta(days=NIGHTS_LOOKED_AT_DAYS)
    counts: dict[date, int] = {}
    for folder in sorted(places.nights.glob("????-??-??-*")):
        day, file = date.fromisoformat(folder.name[:10]), folder / "segment_members.parquet"
        if since < day <= newest.as_of and file.is_file():
            members = pl.read_parquet(file, columns=["segment_id", "version", "new_tonight"])
            mine = members.filter(pl.col("segment_id") == segment_id)
            if mine.filter(pl.col("version") != version).is_empty():  # else the list had another rule that night
                counts[day] = int(mine["new_tonight"].sum() or 0)
    if len(counts) < 2:
        return Pace(float(on_list_now), len(counts))
    days = sorted(counts)
    span_days = (days[-1] - days[0]).days
    return Pace(sum(counts[day] for day in days[1:]) * MONTH_DAYS / span_days, len(days))
