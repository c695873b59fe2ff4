"""The panel: account x past cut-off, split in time so that nothing is learned across a label window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from models.errors import LeakError, PanelError
from models.features import as_doubles, check_columns

CALIBRATION_CUTOFFS = 3
"""With a step of 28 days: the last quarter of outcomes, enough to see the level of today without losing the past."""


@dataclass(frozen=True, slots=True)
class Split:
    """Cut-offs to fit on and later ones to calibrate on; each fit's label window ends before those begin."""

    fit: tuple[date, ...]
    calibrate: tuple[date, ...]


def check_panel(panel: pl.DataFrame, *, as_of: date, horizon_days: int) -> None:
    """Raises PanelError or LeakError unless the panel has the listed columns, one row a key, and only past labels."""
    check_columns(panel, what="account_cadence_panel", also=("cutoff", "left_in_horizon"))
    if panel.select(pl.struct("account_id", "cutoff").is_duplicated().any()).item():
        raise PanelError("account_cadence_panel: an account has two rows at one cut-off; its grain is broken")
    late = panel.filter(
        pl.col("left_in_horizon").is_not_null() & (pl.col("cutoff") + timedelta(days=horizon_days) > as_of)
    )
    if late.height:
        raise LeakError(
            f"account_cadence_panel: {late.height} outcomes at cut-offs whose {horizon_days} days end after {as_of}; "
            "their outcome can't be known yet"
        )
    if panel.select((pl.col("as_of") != pl.col("cutoff")).any()).item():
        raise LeakError("account_cadence_panel: rows whose as_of is not their cutoff; features must be of the cut-off")


def labelled(panel: pl.DataFrame) -> pl.DataFrame:
    """The rows whose outcome is known, in a fixed order (cut-off, account), whatever order they came in."""
    return as_doubles(panel.filter(pl.col("left_in_horizon").is_not_null())).sort("cutoff", "account_id")


def check_windows(fit: tuple[date, ...], later: date, horizon_days: int) -> None:
    """Raises LeakError if a cut-off's label window (T', T' + H] reaches past the later cut-off T."""
    crossing = [cutoff for cutoff in fit if cutoff + timedelta(days=horizon_days) > later]
    if crossing:
        latest = later - timedelta(days=horizon_days)
        raise LeakError(
            f"training cut-offs {', '.join(map(str, crossing))} have outcomes after {later}: "
            f"with a horizon of {horizon_days} days, only cut-offs up to {latest} may be used"
        )


def split_in_time(cutoffs: list[date], horizon_days: int) -> Split | None:
    """The latest cut-offs for calibration, all earlier ones that can't see into them for the fit; None if too few."""
    ordered = sorted(set(cutoffs))
    for count in range(min(CALIBRATION_CUTOFFS, len(ordered) // 3), 0, -1):
        calibrate = tuple(ordered[-count:])
        fit = tuple(c for c in ordered if c + timedelta(days=horizon_days) <= calibrate[0])
        if len(fit) >= count:
            return Split(fit, calibrate)
    if len(ordered) == 2 and ordered[0] + timedelta(days=horizon_days) <= ordered[1]:
        return Split((ordered[0],), (ordered[1],))
    return None


def rows_of(panel: pl.DataFrame, cutoffs: tuple[date, ...]) -> pl.DataFrame:
    """The rows of some cut-offs."""
    return panel.filter(pl.col("cutoff").is_in(list(cutoffs)))
