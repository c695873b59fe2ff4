"""What the night's model is made of, proved at held-out days within the fit: its members, and the horizon's features.

Not at the calibration days: the contest with the model in use is held there, and must be new to both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.features import HORIZON_NAMES, Matrix, monotone_of
from models.fit import names_for
from models.horizon import Horizon, inputs, learn_horizon
from models.learner import Origin, Rows, choose, forecast_origins, is_proved, origins_of


@dataclass(frozen=True, slots=True)
class Choice:
    """Members tried, those that count, the features to read, and the horizon where its features are among them."""

    tried: tuple[str, ...]
    members: tuple[str, ...]
    names: tuple[str, ...]
    horizon: Horizon | None


def choose_at_origins(fit_rows: pl.DataFrame, names: tuple[str, ...], horizon_days: int) -> Choice:
    """Whatever makes the log loss of held-out days less beyond noise; `fit_rows` are season-adjusted.

    The rhythm that the proof reads is of before the first held-out day less the horizon; the one that is kept is of the
    newest cut-off of the fit.
    """
    plain = _rows(fit_rows, inputs(fit_rows, names, None))
    tried = names_for(plain.accounts, plain.outcome)
    forecasts, members = _proved(plain, names, tried, horizon_days)
    without = Choice(tried, members, names, None)
    held_out = origins_of(plain, horizon_days)
    if not held_out:
        return without
    earlier, wide = horizon_before(fit_rows, held_out[0], horizon_days), (*names, *HORIZON_NAMES)
    if earlier is None:
        return without
    rows = _rows(fit_rows, inputs(fit_rows, wide, earlier))
    wide_forecasts, wide_members = _proved(rows, wide, tried, horizon_days)
    if not is_proved(forecasts, members, wide_forecasts, wide_members):
        return without
    return Choice(tried, wide_members, wide, learn_horizon(fit_rows, horizon_days))


def horizon_before(fit_rows: pl.DataFrame, day: int, horizon_days: int) -> Horizon | None:
    """The rhythm as it could be known at a held-out day (days since 1970), of rows whose outcome was known by then."""
    return learn_horizon(fit_rows.filter(pl.col("cutoff").to_physical() <= day - horizon_days), horizon_days)


def _proved(
    rows: Rows, names: tuple[str, ...], tried: tuple[str, ...], horizon_days: int
) -> tuple[list[Origin], tuple[str, ...]]:
    forecasts = forecast_origins(rows, horizon_days, tried, monotone_of(names))
    return forecasts, choose(forecasts, tried)


def _rows(fit_rows: pl.DataFrame, features: Matrix) -> Rows:
    left = fit_rows["left_in_horizon"].to_numpy().astype(bool)
    days, accounts = fit_rows["cutoff"].to_physical().to_numpy(), fit_rows["account_id"].to_numpy().astype(str)
    return Rows(features, np.zeros(len(left)), left, days, accounts)
