"""The riskiest accounts, week by week: one picture each."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from stillhere.reports.facts import TIMELINES_SHOWN, NightFacts
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
    drawn = []
    for row in flagged(facts).head(TIMELINES_SHOWN).iter_rows(named=True):
        account = row["account_id"]
        if account in weeks:
            timeline = timeline_of(row, weeks[account], facts.as_of, facts.contacts.get(account, ()))
            name = row["account_name"] or account
            words = "; ".join(sign["words"] for sign in signs_of(row)) or "no single habit stands out"
            chart = timeline_chart(timeline, f"Active days of {name} by week, over a year", formats)
            drawn.append(AccountTimeline(name, words, chart))
    return drawn
