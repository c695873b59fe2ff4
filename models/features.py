"""The features: every column the model may read, its group, its unit, and what is derived from it.

This is the only list. A column that is not in it can't enter the model; a column nobody listed is an error, so
that something known only after the cut-off can't slip in under a new name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.errors import LeakError, PanelError

FEATURES_VERSION = 6
"""Raised by hand when a derived feature or what is typical changes its meaning: others are trained anew."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Feature:
    """One column. `monotone`: +1 if more of it can only raise the risk, -1 if only lower it, 0 if it may do both."""

    name: str
    group: str
    unit: str
    monotone: int = 0


def _features(group: str, rows: str) -> tuple[Feature, ...]:
    """Reads `name unit [+|-]` lines."""
    signs = {"+": 1, "-": -1}
    cells = [line.split() for line in rows.strip().splitlines()]
    return tuple(Feature(row[0], group, row[1], signs[row[2]] if len(row) > 2 else 0) for row in cells)


# The groups that a sign can name: the features of a group are put back to the account's usual together.
USAGE = _features(
    "usage",
    """
    active_days_28 days -
    events_28 events
    silent_working_days days +
    silence_ratio ratio +
    overdue_working_days days
    trend_ratio ratio
    year_trend_ratio ratio
    decayed_events_7 events
    decayed_events_28 events
    decayed_events_91 events
    active_days_91 days
    events_91 events
    spend_91_minor minor
    kinds_28 kinds
    """,
)
PEOPLE = _features("people", "people_active_28 people -\nseat_share share")
CHAMPION = _features("champion", "champion_silent_working_days days +\nchampion_is_gone flag +")
START = _features("start", "first_14_active_days days\nfirst_14_people people\nfirst_14_kinds kinds")
PRICE = _features("price", "price_rise_share_180 share +\ndays_since_price_rise days")
PAYMENT = _features(
    "payment",
    """
    failed_payments_28 payments +
    failed_payments_91 payments +
    late_payments_182 payments +
    open_invoices_overdue invoices +
    """,
)
SUPPORT = _features("support", "tickets_28 tickets\ntickets_91 tickets\nopen_tickets tickets")
PLAN = _features("plan", "mrr_change_91_share share\ndowngrades_182 changes +")

# What the account is and used to do: read by the model, never given as a sign.
CONTEXT = _features(
    "context",
    """
    tenure_days days
    active_days_total days
    active_days_prev_28 days
    active_days_prev_91 days
    active_days_365 days
    events_prev_28 events
    usual_gap_working_days days
    gap_spread_working_days days
    gap_p90_working_days days
    gap_count gaps
    same_weeks_last_year_active_days days
    same_weeks_last_year_trend_ratio ratio
    rest_day_share share
    usual_weekday_share share
    weekday_shift_28_share share
    hour_shift_28_hours hours
    kinds_prev_28 kinds
    people_active_prev_28 people
    champion_active_days_prev_91 days
    champion_share_prev share
    second_person_age_days days
    third_person_age_days days
    third_kind_age_days days
    fifth_active_day_age_days days
    contacts_added_91 contacts
    contacts_removed_91 contacts
    mrr_minor minor
    discount_share share
    spend_prev_91_minor minor
    spend_365_minor minor
    refunds_91_minor minor
    answer_days_91 days
    calls_91 calls
    days_to_renewal days
    is_annual flag
    seats seats
    """,
)

# Derived here from the columns above, row by row, so tonight and the past are treated alike.
DERIVED = _features(
    "derived",
    """
    active_share_of_usual ratio -
    events_share_of_usual ratio -
    people_share_of_usual ratio -
    missed_days days +
    champion_missed_days days +
    value_per_active_day minor
    """,
)

# Derived with the company's horizon and the rhythm of its accounts (`models.horizon`), read where they are proved.
HORIZON = _features(
    "horizon",
    """
    no_active_day_log_odds log-odds
    horizon_active_days days
    horizon_trend_ratio ratio
    """,
)

COLUMNS: tuple[Feature, ...] = (*USAGE, *PEOPLE, *CHAMPION, *START, *PRICE, *PAYMENT, *SUPPORT, *PLAN, *CONTEXT)
FEATURES: tuple[Feature, ...] = (*COLUMNS, *DERIVED, *HORIZON)
HORIZON_NAMES = tuple(feature.name for feature in HORIZON)
GROUPS: dict[str, tuple[str, ...]] = {
    part[0].group: tuple(feature.name for feature in part)
    for part in (USAGE, PEOPLE, CHAMPION, START, PRICE, PAYMENT, SUPPORT, PLAN)
}

# What words are made of. Calendar days are no features: a Sunday is two days more silent than the Friday before it.
WORDS = (
    "days_silent",
    "usual_gap_days",
    "gap_spread_days",
    "gap_p90_days",
    "champion_days_silent",
    "working_days_a_week",
    "open_share_28",
)

# Keys, days and labels: needed beside the features, never among them. `contact_count` counts contacts also on days
# before they were added where no source tells when, so it could tell the past of its future. A weekday and an hour are
# names, not amounts.
KEYS = ("account_id", "as_of")
LABELS = ("left_in_horizon", "left_kind")
DAYS = ("cutoff", "last_active_date", "expected_next_date", "expected_next_earliest_date", "expected_next_latest_date")
BESIDE = frozenset({*KEYS, *LABELS, *WORDS, *DAYS, "contact_count", "usual_weekday", "usual_hour"})


def check_columns(frame: pl.DataFrame, *, what: str, also: tuple[str, ...] = ()) -> None:
    """Raises PanelError if a listed column is missing, LeakError if a column is listed nowhere."""
    needed = [*KEYS, *WORDS, *also, *(feature.name for feature in COLUMNS)]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise PanelError(f"{what}: columns missing: {', '.join(missing)}; build the marts again with dbt")
    known = BESIDE | {feature.name for feature in COLUMNS}
    unknown = [name for name in frame.columns if name not in known]
    if unknown:
        raise LeakError(
            f"{what}: columns the model does not know: {', '.join(unknown)}; if they use nothing after the "
            "cut-off, list them in models/features.py, otherwise take them out of the mart"
        )


def as_doubles(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every listed column as a double: engines give integers, decimals and booleans as they like."""
    return frame.with_columns(pl.col(feature.name).cast(pl.Float64) for feature in COLUMNS)


def usual_days_28() -> pl.Expr:
    """Active days an account usually has in 28 days: the better of the nine weeks before, and the 91 days before.

    A history shorter than four weeks counts as four: one active day in the first week is no habit of 28 days.
    """
    weeks_before = (pl.col("tenure_days") - 28).clip(28, 63)
    before = (pl.col("active_days_91") - pl.col("active_days_28")).clip(0) * 28 / weeks_before
    quarter = (pl.col("tenure_days") - 91).clip(1, 91)
    earlier = pl.when(pl.col("tenure_days") > 119).then(pl.col("active_days_prev_91") * 28 / quarter)
    return pl.max_horizontal(before, earlier).clip(0, 28)


def open_days_28() -> pl.Expr:
    """Active days that the usual habit leaves for the last 28 days, where the company was open for a part of them."""
    return usual_days_28() * _open_share_28()


def open_events_28() -> pl.Expr:
    """Events that the nine weeks before the last four lead to expect of them, closures taken off."""
    usual = (pl.col("events_91") - pl.col("events_28")).clip(0) * 28 / (pl.col("tenure_days") - 28).clip(28, 63)
    return usual * _open_share_28()


def _open_share_28() -> pl.Expr:
    return pl.col("open_share_28").cast(pl.Float64).fill_null(1.0)


def with_derived(frame: pl.DataFrame) -> pl.DataFrame:
    """Adds the derived features; every input is a column of the same row."""
    usual, events = open_days_28(), open_events_28()
    champion_rate = pl.col("champion_active_days_prev_91") / 91
    return frame.with_columns(
        active_share_of_usual=(pl.col("active_days_28") + 1) / (usual + 1),
        events_share_of_usual=(pl.col("events_28") + 2) / (events + 2),
        people_share_of_usual=(pl.col("people_active_28") + 1) / (pl.col("people_active_prev_28") + 1),
        missed_days=pl.col("silent_working_days") * usual_days_28() / 28,
        champion_missed_days=pl.col("champion_silent_working_days") * champion_rate,
        value_per_active_day=pl.col("mrr_minor").fill_null(pl.col("spend_91_minor")) / (pl.col("active_days_91") + 1),
    )


def usable_features(panel: pl.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the features with a value in some row of the panel, and of those with none (a shop has no plan).

    Those of the horizon are in neither: training adds them where they prove themselves.
    """
    derived, names = with_derived(panel), [feature.name for feature in (*COLUMNS, *DERIVED)]
    empty = tuple(name for name in names if derived[name].null_count() == derived.height)
    return tuple(name for name in names if name not in empty), empty


def matrix(frame: pl.DataFrame, names: tuple[str, ...]) -> Matrix:
    """The features as doubles, one row an account, null as NaN, in the order of `names`."""
    derived = with_derived(frame)
    columns = derived.select(pl.col(name).cast(pl.Float64) for name in names).fill_null(float("nan"))
    values = columns.to_numpy(order="c")
    return np.where(np.isfinite(values), values, np.nan)  # a ratio to a rhythm of 0 days says nothing


def monotone_of(names: tuple[str, ...]) -> list[int]:
    """The monotone constraint of each feature, in the order of `names`."""
    by_name = {feature.name: feature.monotone for feature in FEATURES}
    return [by_name[name] for name in names]


def feature_set_id() -> str:
    """Changes whenever the list of features or the meaning of a derived one does."""
    text = repr((FEATURES_VERSION, FEATURES))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
