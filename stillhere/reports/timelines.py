"""The riskiest accounts, week by week: one picture each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from stillhere.campaigns.why import Contacted
from stillhere.reports.facts import NightFacts, drawn_accounts
from stillhere.reports.formats import Formats
from stillhere.reports.slipping import flagged, signs_of
from stillhere.reports.timeline import timeline_of
from stillhere.reports.timeline_chart import timeline_chart


@dataclass(frozen=True, slots=True)
class AccountTimeline:
    """One account's picture, and what changed about it in words."""

    name: str
    words: str
    chart: Markup


def riskiest_timelines(facts: NightFacts, formats: Formats) -> list[AccountTimeline]:
    """Pictures of the accounts most at risk that have done anything in the last two years."""
    weeks = dict(facts.marts["account_weeks"].select("account_id", "active_days_by_week").iter_rows())
    rows = {row["account_id"]: row for row in flagged(facts).iter_rows(named=True)}
    return [
        _drawn(rows[account], weeks[account], facts.contacts.get(account, ()), facts.as_of, formats)
        for account in drawn_accounts(facts.marts)
    ]


def _drawn(
    row: Mapping[str, Any], weeks: str, contacts: Sequence[Contacted], as_of: date, formats: Formats
) -> AccountTimeline:
    name = row["account_name"] or row["account_id"]
    words = "; ".join(sign["words"] for sign in signs_of(row)) or "no single habit stands out"
    timeline = timeline_of(row, weeks, as_of, contacts)
    return AccountTimeline(
        name, words, timeline_chart(timeline, f"Active days of {name} by week, over a year", formats)
    )
