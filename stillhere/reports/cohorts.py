"""Cohorts: who came in a month, and how many of them are still here, month by month. Read by numbers, not by colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from markupsafe import Markup

from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import Formats
from stillhere.reports.svg import CHARACTER_WIDTH, drawing, element, text

COHORTS_SHOWN = 12
MONTHS_SHOWN = 12
CELL_WIDTH, CELL_HEIGHT, HEAD = 58, 24, 20
DARKEST = 0.62
"""Of the fill; with more, the numbers on it would not read in black and white."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Accounts that came in one month: how many, and the share still here at each age in months, from age 0."""

    label: str
    accounts: int
    shares: tuple[float | None, ...]


def cohort_rows(facts: NightFacts, formats: Formats) -> list[Cohort]:
    """The last cohorts that had a whole month, the oldest first."""
    first_of_this = date(facts.as_of.year, facts.as_of.month, 1)
    known = facts.marts["retention"].filter(
        (pl.col("cohort_kind") == "cohort") & (pl.col("month") < first_of_this) & pl.col("age_months").is_not_null()
    )
    rows = []
    for cohort in sorted(known["cohort"].unique())[-COHORTS_SHOWN - 1 :]:
        ages = {row["age_months"]: row for row in known.filter(cohort=cohort).iter_rows(named=True)}
        if 0 in ages and len(ages) > 1:
            shares = tuple(
                ages[age]["logo_since_start_share"] if age in ages else None
                for age in range(min(max(ages), MONTHS_SHOWN) + 1)
            )
            rows.append(Cohort(formats.month(ages[0]["month"]), int(ages[0]["accounts_at_end"] or 0), shares))
    return rows[-COHORTS_SHOWN:]


def cohort_chart(facts: NightFacts, formats: Formats) -> Markup | None:
    """A row a cohort, a column a month of age: the share still here, darker for more."""
    rows = cohort_rows(facts, formats)
    return _grid(rows, formats) if rows else None


def _grid(rows: Sequence[Cohort], formats: Formats) -> Markup:
    left = max(len(row.label) for row in rows) * CHARACTER_WIDTH + 74
    ages = max(len(row.shares) for row in rows)
    parts = [text(left - 12, HEAD - 6, "accounts", "tick", "end")]
    parts += [text(left + (age + 0.5) * CELL_WIDTH, HEAD - 6, str(age), "tick", "middle") for age in range(ages)]
    lowest = min(share for row in rows for share in row.shares if share is not None)
    for at, row in enumerate(rows):
        y = HEAD + at * CELL_HEIGHT
        parts += [text(0, y + 16, row.label), text(left - 12, y + 16, formats.number(row.accounts), "value", "end")]
        for age, share in enumerate(row.shares):
            if share is not None:
                parts += _cell(left + age * CELL_WIDTH, y, share, lowest, formats)
    bottom = HEAD + len(rows) * CELL_HEIGHT
    parts.append(text(left + ages * CELL_WIDTH / 2, bottom + 18, "months since the first revenue", "tick", "middle"))
    return drawing(
        left + ages * CELL_WIDTH, bottom + 24, "Share of each month's new accounts still here, by age", parts
    )


def _cell(x: float, y: float, share: float, lowest: float, formats: Formats) -> list[Markup]:
    strength = DARKEST * (min(share, 1.0) - lowest) / ((1.0 - lowest) or 1.0)
    shape = {"x": x + 1, "y": y + 1, "width": CELL_WIDTH - 2.0, "height": CELL_HEIGHT - 2.0}
    tint = element("rect", {**shape, "css": "cell", "fill_opacity": round(max(strength, 0.0), 3)})
    return [tint, text(x + CELL_WIDTH / 2, y + 16, formats.share(share), "value", "middle")]
