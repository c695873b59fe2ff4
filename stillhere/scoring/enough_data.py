"""When there will be enough data for a model, at the pace at which customers leave now.

The coming weeks are played through with the same rules that a training has: which past days it would read, how it would
split them, and how many leavers it would find there if as many leave a cut-off as did so far. Growth is not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import polars as pl

from models.panel import split_in_time
from stillhere.settings import Settings
from stillhere.settings.churn import Churn
from stillhere.warehouse.night_inputs import past_cutoffs

MOST_WEEKS = 5 * 52
"""Nobody plans further; beyond it the answer is that the present pace does not lead there."""
NORMAL_90 = 1.6449


@dataclass(frozen=True, slots=True)
class Past:
    """What is known so far: the first day of the record, and rows and leavers at each cut-off with an outcome."""

    first_day: date
    rows: dict[date, int]
    leavers: dict[date, int]

    @property
    def leavers_a_cutoff(self) -> float:
        """The mean over all cut-offs with an outcome; 0 without any."""
        return sum(self.leavers.values()) / len(self.leavers) if self.leavers else 0.0

    @property
    def rows_a_cutoff(self) -> float:
        """Accounts at the newest cut-off with an outcome; 0 without any."""
        return float(self.rows[max(self.rows)]) if self.rows else 0.0


def when_enough(panel: pl.DataFrame, cadence: pl.DataFrame, settings: Settings, as_of: date) -> str:
    """In words: about which day a training will have enough, or why that can't be said. For a night without a model."""
    churn, past = settings.churn, _past(panel, cadence, as_of)
    if past is None:
        return "when that is enough cannot be said: there is no account with activity yet"
    if not past.leavers:
        first = past.first_day + (as_of - past_cutoffs(as_of, churn.horizon_days, 1, churn.cutoff_step_days)[0])
        return f"when that is enough cannot be said before the first outcome is known, about {max(first, as_of)}"
    if not any(past.leavers.values()):
        return "when that is enough cannot be said: nobody has left so far"
    pace = past.leavers_a_cutoff
    expected = _first_day_with_enough(past, churn, as_of, pace)
    told = f"{pace:.1f} leavers at a past day on average"
    if expected is None:
        return (
            f"at the present pace ({told}) that is never enough: {churn.cutoffs} past days are read; more customers "
            "would be, or more 'cutoffs' in churn.yml"
        )
    noise = NORMAL_90 / sqrt(sum(past.leavers.values()))
    soonest = _first_day_with_enough(past, churn, as_of, pace * (1 + noise)) or expected
    latest = _first_day_with_enough(past, churn, as_of, pace * (1 - noise)) if noise < 1 else None
    span = f"{soonest} to {latest}" if latest else f"{soonest} at the soonest"
    return f"enough about {expected} ({span}) if the pace stays ({told})"


def _past(panel: pl.DataFrame, cadence: pl.DataFrame, as_of: date) -> Past | None:
    oldest = cadence["tenure_days"].max()
    if not isinstance(oldest, int | float):
        return None
    known = panel.filter(pl.col("left_in_horizon").is_not_null())
    counted = known.group_by("cutoff").agg(rows=pl.len(), leavers=pl.col("left_in_horizon").cast(pl.Int64).sum())
    rows = counted.sort("cutoff").to_dicts()
    return Past(
        first_day=as_of - timedelta(days=int(oldest)),
        rows={row["cutoff"]: row["rows"] for row in rows},
        leavers={row["cutoff"]: row["leavers"] for row in rows},
    )


def _first_day_with_enough(past: Past, churn: Churn, as_of: date, pace: float) -> date | None:
    for weeks in range(1, MOST_WEEKS + 1):
        day = as_of + timedelta(weeks=weeks)
        if _is_enough(past, churn, day, pace):
            return day
    return None


def _is_enough(past: Past, churn: Churn, day: date, pace: float) -> bool:
    """Whether a training on that day could learn, if each cut-off after the known ones has `pace` leavers."""
    if (day - past.first_day).days < churn.min_history_days:
        return False
    read = past_cutoffs(day, churn.horizon_days, churn.cutoffs, churn.cutoff_step_days)
    split = split_in_time([cutoff for cutoff in read if cutoff >= past.first_day], churn.horizon_days)
    if split is None:
        return False
    leavers = sum(_at(past.leavers, cutoff, pace) for cutoff in split.fit)
    rows = sum(_at(past.rows, cutoff, past.rows_a_cutoff) for cutoff in split.fit)
    return leavers >= churn.min_leavers and rows - leavers >= churn.min_leavers


def _at(known: dict[date, int], cutoff: date, otherwise: float) -> float:
    """The figure of the known cut-off nearest to a past day; after the last one, the pace."""
    if cutoff > max(known):
        return otherwise
    return float(known[min(known, key=lambda day: (abs((day - cutoff).days), day))])
