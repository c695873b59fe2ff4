"""What each group of features would be if the account had kept to its usual: the other half of "what changed".

Usage, people, champion and tickets go back to the account's own past; the first two weeks, prices, payments and
plan go to what is typical of accounts that stayed (`Typical`, learned with the model).
"""

from __future__ import annotations

from math import log

import polars as pl

from models.features import GROUPS, open_days_28, open_events_28
from models.season import as_last_year

Typical = dict[str, float | None]
"""Feature name to the stayers' median. None where most have no value: no value is typical then, as with a price rise.

First days are the exception: an account older than the record has them too, unseen. The median is of those seen.
"""

TYPICAL_GROUPS = ("start", "price", "payment", "plan")
LEAST_KNOWN = 30
"""Below this many known starts a median is chance."""


def rhythm(typical: Typical) -> pl.Expr:
    """Usual gap in working days: the account's own, or that of those who stayed for one that never was active."""
    return pl.coalesce("usual_gap_working_days", pl.lit(typical.get("usual_gap_working_days"), dtype=pl.Float64))


def champion_gap() -> pl.Expr:
    """Working days between two active days of the main user, in the 91 days that ended four weeks ago."""
    return 13 * pl.col("working_days_a_week") / pl.col("champion_active_days_prev_91").clip(1)


def _usage(typical: Typical) -> dict[str, pl.Expr]:
    gap = rhythm(typical)
    usual, events = open_days_28(), open_events_28()
    silent = pl.min_horizontal(pl.col("silent_working_days"), gap / 2)
    kept = pl.max_horizontal(pl.col("active_days_28"), usual)
    replaced = {
        "silent_working_days": silent,
        "silence_ratio": silent / gap,
        "overdue_working_days": silent - gap,
        "active_days_28": kept,
        "events_28": pl.max_horizontal(pl.col("events_28"), events),
        "trend_ratio": pl.max_horizontal(pl.col("trend_ratio"), pl.lit(1.0)),
        "year_trend_ratio": pl.col("year_trend_ratio") * (kept + 1) / (pl.col("active_days_28") + 1),
        "active_days_91": pl.max_horizontal("active_days_91", "active_days_prev_91"),
        "events_91": pl.max_horizontal(pl.col("events_91"), events * 91 / 28),
        "spend_91_minor": pl.max_horizontal("spend_91_minor", "spend_prev_91_minor"),
        "kinds_28": pl.max_horizontal("kinds_28", "kinds_prev_28"),
    }
    for half_life in (7, 28, 91):  # a steady rate of r events a day decays to r * half-life / ln 2
        name = f"decayed_events_{half_life}"
        replaced[name] = pl.max_horizontal(pl.col(name), events / 28 * half_life / log(2))
    return replaced


def _people() -> dict[str, pl.Expr]:
    before = pl.max_horizontal("people_active_28", "people_active_prev_28")
    share = pl.col("seat_share") * before / pl.col("people_active_28").clip(1)
    return {"people_active_28": before, "seat_share": pl.max_horizontal(pl.col("seat_share"), share.clip(0, 1))}


def _champion() -> dict[str, pl.Expr]:
    gap = champion_gap().clip(1)
    silent = pl.min_horizontal(pl.col("champion_silent_working_days"), gap)
    return {"champion_silent_working_days": silent, "champion_is_gone": pl.lit(0.0)}


def _support() -> dict[str, pl.Expr]:
    usual = (pl.col("tickets_91") - pl.col("tickets_28")).clip(0) * 28 / 63
    return {
        "tickets_28": pl.min_horizontal(pl.col("tickets_28"), usual),
        "tickets_91": pl.min_horizontal(pl.col("tickets_91"), usual * 91 / 28),
        "open_tickets": pl.lit(0.0),
    }


def _typical(group: str, typical: Typical) -> dict[str, pl.Expr]:
    return {name: pl.lit(typical[name], dtype=pl.Float64) for name in GROUPS[group] if name in typical}


def usual_values(group: str, typical: Typical) -> dict[str, pl.Expr]:
    """Feature name to the expression of its usual value, for one group; a null stays null."""
    if group == "usage":
        return _usage(typical)
    own = {"people": _people, "champion": _champion, "support": _support}
    if group in own:
        return own[group]()
    return _typical(group, typical)


def put_back(frame: pl.DataFrame, groups: tuple[str, ...], typical: Typical) -> pl.DataFrame:
    """The frame with the features of `groups` at their usual values, each computed from the untouched row."""
    replaced: dict[str, pl.Expr] = {}
    for group in groups:
        replaced |= usual_values(group, typical)
    kept_null = {
        name: pl.when(pl.col(name).is_null() & ~_is_typical(name)).then(None).otherwise(value)
        for name, value in replaced.items()
    }
    return frame.with_columns(**kept_null)


def _is_typical(name: str) -> pl.Expr:
    """Whether a null may become the typical value; first days before the record stay unknown."""
    return pl.lit(any(name in GROUPS[group] for group in TYPICAL_GROUPS if group != "start"))


def typical_of_stayers(frame: pl.DataFrame) -> Typical:
    """The median of each typical-group feature over the rows that stayed; see `Typical` for the missing."""
    stayed = frame.filter(~pl.col("left_in_horizon"))
    names = ["usual_gap_days", "usual_gap_working_days", *(name for group in TYPICAL_GROUPS for name in GROUPS[group])]
    return {name: _median(stayed[name], seen_only=name in GROUPS["start"]) for name in names}


def _median(column: pl.Series, *, seen_only: bool) -> float | None:
    known = column.len() - column.null_count()
    enough = known >= LEAST_KNOWN if seen_only else known * 2 >= column.len() > 0
    median = column.median() if enough else None
    return float(median) if isinstance(median, (int, float)) else None


def season_adjusted(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with usage, people and champion put back where the account is as quiet as a year ago."""
    groups = ("usage", "people", "champion")
    names = sorted(name for group in groups for name in GROUPS[group])
    usual = put_back(frame, groups, {}).select(pl.col(name).alias(f"_usual_{name}") for name in names)
    both = pl.concat([frame.with_columns(_seasonal=as_last_year()), usual], how="horizontal")
    chosen = {name: pl.when("_seasonal").then(f"_usual_{name}").otherwise(pl.col(name)) for name in names}
    return both.with_columns(**chosen).select(frame.columns)
