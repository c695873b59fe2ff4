"""What the base does over months: habits of the best, the hamster wheel, and retention."""

from __future__ import annotations

from datetime import date

import polars as pl
from markupsafe import Markup

from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import NOTHING, Formats
from stillhere.reports.intervals import Estimate, dots_and_intervals
from stillhere.reports.months import Series, WheelMonth, lines, wheel

HABITS_SHOWN = 12
MONTHS_SHOWN = 18


def habits_chart(facts: NightFacts, formats: Formats) -> Markup | None:
    """The milestone of each habit: how much more often best customers reached it than leavers, with its interval."""
    milestones = facts.marts["habits"].filter(pl.col("is_milestone").fill_null(value=True))
    known = milestones.drop_nulls(["difference", "interval_low", "interval_high"])
    surest = pl.max_horizontal(pl.col("interval_low"), -pl.col("interval_high"))
    shown = known.sort([surest, "milestone"], descending=[True, False]).head(HABITS_SHOWN)
    rows = [
        _habit(row, formats) for row in shown.sort(["difference", "milestone"], descending=[True, False]).to_dicts()
    ]
    if not rows:
        return None
    ends = ("more often those who left", "more often the best customers")
    return dots_and_intervals(rows, "Habits of best customers against those who left", formats.points, ends, 900)


def habit_sentences(facts: NightFacts) -> tuple[str, ...]:
    """What the sure milestones say of staying, the first habit first; nothing while none is sure."""
    sure = facts.marts["habits"].filter(pl.col("is_milestone") & (pl.col("verdict") == "difference"))
    return tuple(sure.sort("habit_rank", "milestone")["words"].drop_nulls().to_list())


def _habit(row: dict[str, object], formats: Formats) -> Estimate:
    best, worst = _share(row, "best_share", formats), _share(row, "worst_share", formats)
    return Estimate(
        label=habit_words(str(row["habit"]), row["threshold"], row["milestone_day"], formats),
        value=_double(row["difference"]),
        low=_double(row["interval_low"]),
        high=_double(row["interval_high"]),
        shown=f"{best} against {worst}, n {formats.number(int(_double(row['n'])))}",
    )


def habit_words(habit: str, threshold: object, day: object, formats: Formats) -> str:
    """A milestone in words: "3 or more people by day 14", "used boards by day 7"."""
    if habit.startswith("used "):
        return f"{habit} by day {day}"
    at_least = f"{formats.number(_double(threshold), 1)} or more " if threshold is not None else ""
    by = f" by day {day}" if day is not None else ""
    return f"{at_least}{habit.replace('_', ' ')}{by}"


def _months(facts: NightFacts) -> pl.DataFrame:
    """Whole months of the whole base, oldest first; the running month would look like a collapse."""
    first_of_this = date(facts.as_of.year, facts.as_of.month, 1)
    every = facts.marts["retention"].filter((pl.col("cohort_kind") == "all") & (pl.col("month") < first_of_this))
    return every.sort("month").tail(MONTHS_SHOWN)


def wheel_chart(facts: NightFacts, formats: Formats) -> Markup | None:
    """Revenue won and lost by month, with the share that only replaced leavers."""
    rows = _months(facts).drop_nulls(["won_minor", "lost_minor"]).to_dicts()
    months = [
        WheelMonth(
            label=formats.month(row["month"]),
            won_minor=row["won_minor"],
            lost_minor=row["lost_minor"],
            shown=formats.share(row["replaced_share"]) if row["replaced_share"] is not None else "",
            tip=f"{formats.month(row['month'])}: won {formats.money(row['won_minor'])}, "
            f"lost {formats.money(row['lost_minor'])}",
        )
        for row in rows
    ]
    return wheel(months, "Revenue won and lost by month", formats.short_money) if months else None


def wheel_words(facts: NightFacts, formats: Formats) -> str:
    """The last twelve whole months in a sentence, or nothing without them."""
    year = _months(facts).drop_nulls(["won_minor", "lost_minor"]).tail(12)
    won, lost = int(year["won_minor"].sum() or 0), int(year["lost_minor"].sum() or 0)
    if not won:
        return ""
    replaced = formats.share(min(won, lost) / won)
    kind = "monthly revenue" if facts.company.kind == "shop" else "monthly recurring revenue"
    return (
        f"In the last {year.height} whole months, {formats.money(won)} of {kind} was won and "
        f"{formats.money(lost)} lost: {replaced} of what was won only replaced leavers."
    )


def acquisition_words(facts: NightFacts, formats: Formats) -> tuple[str, ...]:
    """What churn undid of the spend on acquisition, and what one point less of it is worth; nothing without months."""
    first_of_this = date(facts.as_of.year, facts.as_of.month, 1)
    known = facts.marts["hamster_wheel"].filter(pl.col("month") < first_of_this).sort("month")
    if known.is_empty():
        return ()
    row = known.row(known.height - 1, named=True)
    sentences = []
    if row["undone_months"] is not None and facts.company.acquisition_cost_minor:
        sentences.append(
            f"Of {row['months_counted']} months of spend on acquisition, churn undid "
            f"{formats.number(row['undone_months'], 1)}."
        )
    if row["one_point_verdict"] == "estimate":
        low, high = formats.money(row["one_point_low_minor"]), formats.money(row["one_point_high_minor"])
        sentences.append(
            f"One point less churn, kept up over a year, is worth {formats.money(row['one_point_minor'])} "
            f"({low} to {high})."
        )
    elif row["one_point_verdict"]:
        leavers = formats.number(row["leavers_counted"])
        sentences.append(f"What one point less churn is worth: cannot tell yet, with {leavers} leavers.")
    return tuple(sentences)


def retention_chart(facts: NightFacts, formats: Formats) -> Markup | None:
    """Accounts and revenue kept, month by month."""
    rows = _months(facts)
    measures = (
        ("accounts kept", "logo_retention_share", "first"),
        ("revenue kept", "gross_revenue_retention_share", "second"),
        ("with growth", "net_revenue_retention_share", "third"),
    )
    series = [
        Series(name, tuple(rows[column]), css) for name, column, css in measures if rows[column].drop_nulls().len()
    ]
    if not series:
        return None
    labels = [formats.month(month) for month in rows["month"]]
    return lines(series, labels, "Share of accounts and revenue kept, by month", lambda share: formats.share(share, 1))


def _share(row: dict[str, object], name: str, formats: Formats) -> str:
    return NOTHING if row[name] is None else formats.share(_double(row[name]))


def _double(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
