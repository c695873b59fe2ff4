"""What an event log tells of each account as of a cut-off: recency, rhythm, trend, value, kinds, by the horizon asked.

The night's model reads the marts; a log of unknown origin has no marts, so its features are made here from the
account's days alone. Windows are in days of their own (7 to 365) and in shares and multiples of the horizon H: whether
40 days of silence are long depends on both.
"""

from __future__ import annotations

from math import log

import numpy as np
import polars as pl
from scipy.special import expit, logit

from models.bg_nbd import BgNbd, Histories, fit_bg_nbd
from models.event_log import EventLog, Question, population
from models.features import Matrix
from models.fit import Vector

WINDOW_DAYS = (7, 28, 91, 182, 365)
HORIZON_SHARES = (0.5, 1.0, 2.0, 4.0)
HALF_LIFE_DAYS = (7, 28, 91)
HALF_LIFE_HORIZONS = (0.5, 1.0, 2.0)
LAST_GAPS = 3
TOP_KINDS = 8
"""The commonest kinds get a share of their own; rarer ones count as breadth only."""
SECONDS_A_DAY = 86_400
VALUE_UNIT = 10_000
ALMOST_SURE = 1e-6


def features_at(
    log_so_far: EventLog, cutoff: int, question: Question, *, accounts: pl.Series, rhythm: BgNbd
) -> pl.DataFrame:
    """One row an account of `accounts` (all in the population), by id; every other column is a feature.

    `log_so_far` holds nothing after the cut-off; `rhythm` is the BG/NBD model of that day.
    """
    mine = log_so_far.days.filter(pl.col("account").is_in(accounts.implode()))
    days = mine.with_columns(age=cutoff - pl.col("day"), gap=pl.col("day").diff().over("account"))
    horizon = question.horizon_days
    rows = days.group_by("account").agg(*_recency_and_rhythm(), *_windows(horizon), *_decayed(horizon), *_context())
    rows = rows.join(_silences_like_this(days, horizon), on="account", how="left")
    if log_so_far.kinds is not None:
        rows = rows.join(_kinds(log_so_far.kinds, cutoff, horizon), on="account", how="left")
    rows = rows.sort("account")
    rows = rows.with_columns(_rhythm_columns(rows, rhythm, horizon)).with_columns(_ratios(log_so_far, cutoff, horizon))
    unseen = [] if log_so_far.has_value else [name for name in rows.columns if name.startswith("value")]
    return rows.drop(*unseen, *([] if log_so_far.has_time else ["usual_hour", "hour_spread"]))


def rhythm_of(log_so_far: EventLog, cutoff: int, start: BgNbd | None) -> BgNbd:
    """The BG/NBD model of all accounts seen up to a cut-off."""
    return fit_bg_nbd(_histories(log_so_far.days, cutoff), start)


def no_event_chance(log_so_far: EventLog, cutoff: int, question: Question, rhythm: BgNbd) -> Vector:
    """BG/NBD's own chance of no event in the horizon, for the population at a cut-off, by id."""
    asked = pl.col("account").is_in(population(log_so_far, cutoff, question).implode())
    return rhythm.no_event(_histories(log_so_far.days.filter(asked), cutoff), question.horizon_days)


def matrix_of(rows: pl.DataFrame, names: tuple[str, ...]) -> Matrix:
    """Features as doubles in the order of `names`, null and infinite as NaN."""
    values = rows.select(pl.col(name).cast(pl.Float64) for name in names).fill_null(float("nan")).to_numpy(order="c")
    return np.where(np.isfinite(values), values, np.nan)


def _histories(days: pl.DataFrame, cutoff: int) -> Histories:
    """What BG/NBD reads of each account, by id."""
    told = days.group_by("account").agg(first=pl.col("day").min(), last=pl.col("day").max(), seen=pl.len())
    told = told.sort("account")
    first, last, seen = (told[name].to_numpy().astype(np.float64) for name in ("first", "last", "seen"))
    return Histories(seen - 1, last - first, cutoff - first)


def _recency_and_rhythm() -> list[pl.Expr]:
    gap = pl.col("gap")
    return [
        pl.col("age").min().alias("days_silent"),
        pl.col("age").max().alias("tenure_days"),
        pl.len().alias("active_days"),
        pl.col("events").sum().alias("events"),
        gap.median().alias("gap_median_days"),
        gap.mean().alias("gap_mean_days"),
        gap.std().alias("gap_spread_days"),
        gap.max().alias("gap_longest_days"),
        gap.quantile(0.9).alias("gap_p90_days"),
        gap.last().alias("gap_last_days"),
        gap.tail(LAST_GAPS).mean().alias("gap_recent_days"),
    ]


def _windows(horizon: int) -> list[pl.Expr]:
    spans = {f"{days}_days": days for days in WINDOW_DAYS}
    spans |= {f"{share:g}_horizons": max(round(share * horizon), 1) for share in HORIZON_SHARES}
    told = []
    for name, span in spans.items():
        inside, before = pl.col("age") < span, pl.col("age").is_between(span, 2 * span - 1)
        told += [
            inside.sum().alias(f"active_days_in_{name}"),
            before.sum().alias(f"active_days_before_{name}"),
            pl.col("events").filter(inside).sum().alias(f"events_in_{name}"),
            (pl.col("value").filter(inside).sum() / VALUE_UNIT).alias(f"value_in_{name}"),
        ]
    return told


def _decayed(horizon: int) -> list[pl.Expr]:
    half_lives = {f"{days}_days": float(days) for days in HALF_LIFE_DAYS}
    half_lives |= {f"{share:g}_horizons": share * horizon for share in HALF_LIFE_HORIZONS}
    return [
        (-pl.col("age") * log(2) / half_life).exp().sum().alias(f"active_days_decayed_{name}")
        for name, half_life in half_lives.items()
    ]


def _context() -> list[pl.Expr]:
    events = pl.col("events").sum()
    hour = pl.col("second_of_day") / pl.col("events") / (SECONDS_A_DAY / 24)
    value = pl.col("value") / VALUE_UNIT
    weekday = (pl.col("day") + 3) % 7  # 1970-01-01 was a Thursday: 0 is a Monday
    return [
        (pl.col("value").sum() / VALUE_UNIT).alias("value"),
        (pl.col("value").sum() / events / VALUE_UNIT).alias("value_an_event"),
        value.last().alias("value_last_day"),
        value.max().alias("value_best_day"),
        hour.mean().alias("usual_hour"),
        hour.std().alias("hour_spread"),
        (weekday >= 5).mean().alias("weekend_share"),
    ]


def _silences_like_this(days: pl.DataFrame, horizon: int) -> pl.DataFrame:
    """Of the account's gaps longer than its silence now: how many were longer by the horizon, and would be leaving."""
    silent = days.group_by("account").agg(silent=pl.col("age").min())
    gaps = days.filter(pl.col("gap").is_not_null()).join(silent, on="account")
    return gaps.group_by("account").agg(
        gaps_longer_than_now=(pl.col("gap") > pl.col("silent")).sum(),
        gaps_longer_by_horizon=(pl.col("gap") > pl.col("silent") + horizon).sum(),
        gaps_longer_than_horizon=(pl.col("gap") > horizon).sum(),
    )


def _kinds(kinds: pl.DataFrame, cutoff: int, horizon: int) -> pl.DataFrame:
    """Breadth, and how the account's events are spread over the commonest kinds."""
    told = kinds.with_columns(age=cutoff - pl.col("day"))
    commonest = kinds.group_by("kind").agg(pl.col("events").sum()).sort(["events", "kind"], descending=[True, False])
    recent = pl.col("age") < 2 * horizon
    shares = [
        (pl.col("events").filter(pl.col("kind") == kind).sum() / pl.col("events").sum()).alias(f"kind_share_{rank}")
        for rank, kind in enumerate(commonest["kind"].head(TOP_KINDS))
    ]
    return told.group_by("account").agg(
        pl.col("kind").n_unique().alias("kinds"),
        pl.col("kind").filter(pl.col("age") < horizon).n_unique().alias("kinds_in_1_horizons"),
        pl.col("kind").filter(recent).n_unique().alias("kinds_in_2_horizons"),
        pl.col("kind").filter(pl.col("age") == pl.col("age").min()).n_unique().alias("kinds_last_day"),
        *shares,
    )


def _rhythm_columns(rows: pl.DataFrame, rhythm: BgNbd, horizon: int) -> list[pl.Series]:
    silent, tenure, days = (
        rows[name].to_numpy().astype(np.float64) for name in ("days_silent", "tenure_days", "active_days")
    )
    seen = Histories(days - 1, tenure - silent, tenure)
    chance = np.clip(rhythm.no_event(seen, horizon), ALMOST_SURE, 1 - ALMOST_SURE)
    alive = expit(rhythm.log_odds_alive(seen))
    return [pl.Series("no_event_log_odds", logit(chance)), pl.Series("alive_chance", alive)]


def _ratios(log_so_far: EventLog, cutoff: int, horizon: int) -> list[pl.Expr]:
    silent = pl.col("days_silent")
    seen_days = float(max(cutoff - log_so_far.begins_on, 1))
    longer, by_horizon = pl.col("gaps_longer_than_now").fill_null(0), pl.col("gaps_longer_by_horizon").fill_null(0)
    return [
        (silent / horizon).alias("silence_in_horizons"),
        (silent / pl.col("gap_median_days")).alias("silence_by_median_gap"),
        (silent / pl.col("gap_mean_days")).alias("silence_by_mean_gap"),
        (silent / pl.col("gap_p90_days")).alias("silence_by_long_gap"),
        ((silent - pl.col("gap_mean_days")) / (pl.col("gap_spread_days") + 1)).alias("silence_in_spreads"),
        (pl.col("active_days") / (pl.col("tenure_days") + 1)).alias("active_share"),
        (pl.col("active_days") / (pl.col("tenure_days") + 28) * horizon).alias("expected_active_days"),
        ((by_horizon + 1) / (longer + 2)).alias("own_chance_of_silence"),
        ((pl.col("active_days_in_1_horizons") + 1) / (pl.col("active_days_before_1_horizons") + 1)).alias("trend"),
        (pl.col("tenure_days") / seen_days).alias("tenure_share"),
    ]
