"""One account as a page of its own: its weeks as a picture, and its story in words. Needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stillhere.campaigns.why import Why
from stillhere.reports.formats import Formats
from stillhere.reports.report import page_style, templates, write_page
from stillhere.reports.timeline import timeline_of
from stillhere.reports.timeline_chart import timeline_chart
from stillhere.settings import Company


def write_account_page(told: Why, story: Sequence[str], company: Company, target: Path) -> Path:
    """Writes the page and returns its path; it appears whole or not at all. Raises OSError if it can't be written."""
    formats = Formats.of(company.language, company.currency)
    timeline = timeline_of(told.facts, told.active_days_by_week, told.as_of, told.past.contacts)
    title = f"Active days of {told.account_name} by week, over a year"
    page = (
        templates()
        .get_template("account.html.j2")
        .render(
            told=told,
            story="\n".join(story),
            style=page_style(),
            day=formats.long_day(told.as_of),
            chart=timeline_chart(timeline, title, formats, width=900) if told.active_days_by_week else None,
        )
    )
    return write_page(target, page)
