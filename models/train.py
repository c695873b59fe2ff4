"""From the panel to a calibrated model and its card, or to an honest "too little data"."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from models.calibrate import calibrated_by_halves, fit_calibration
from models.choice import choose_at_origins
from models.features import Matrix, feature_set_id, monotone_of, usable_features
from models.fit import blended, fit_members
from models.horizon import Horizon, inputs
from models.meaning import drift_of, parts_of, past_counts
from models.measure import Outcome, lift, measure
from models.model import MODEL_VERSION, Card, RiskModel, TooLittleData, TrainingSettings
from models.panel import Split, check_panel, check_windows, labelled, rows_of, split_in_time
from models.usual import season_adjusted, typical_of_stayers


def train(panel: pl.DataFrame, *, as_of: date, settings: TrainingSettings) -> RiskModel | TooLittleData:
    """Learns from the panel's labelled rows (grain: account x cut-off) as they were known on `as_of`.

    Raises PanelError for a panel with missing columns or a broken grain, LeakError if a column or an outcome is from
    the future.
    """
    check_panel(panel, as_of=as_of, horizon_days=settings.horizon_days)
    known = labelled(panel)
    split = split_in_time(known["cutoff"].to_list(), settings.horizon_days)
    missing = what_is_missing(known, split, settings)
    if missing or split is None:
        return TooLittleData(missing)
    check_windows(split.fit, split.calibrate[0], settings.horizon_days)
    return _learn(known, split, as_of, settings)


def what_is_missing(known: pl.DataFrame, split: Split | None, settings: TrainingSettings) -> tuple[str, ...]:
    """Why no model can be learned, in words; empty when one can."""
    if known.is_empty():
        return (f"no past day has an outcome yet: {settings.horizon_days} days must pass after one",)
    missing = []
    oldest = int(known.select(pl.col("tenure_days").max()).item() or 0)
    if oldest < settings.min_history_days:
        missing.append(f"the oldest account has {oldest} days of history, {settings.min_history_days} are needed")
    if split is None:
        missing.append(
            f"past cut-offs must lie at least {settings.horizon_days} days apart, so that one part can be learned "
            f"from and a later one checked; there are {known['cutoff'].n_unique()}"
        )
        return tuple(missing)
    fit = rows_of(known, split.fit)
    leavers = int(fit["left_in_horizon"].sum())
    if leavers < settings.min_leavers:
        missing.append(f"{leavers} accounts left at past cut-offs, {settings.min_leavers} are needed")
    if fit.height - leavers < settings.min_leavers:
        missing.append(f"{fit.height - leavers} accounts stayed at past cut-offs, {settings.min_leavers} are needed")
    return tuple(missing)


def _learn(known: pl.DataFrame, split: Split, as_of: date, settings: TrainingSettings) -> RiskModel:
    fit_rows, later_rows = rows_of(known, split.fit), rows_of(known, split.calibrate)
    adjusted, later_adjusted = season_adjusted(fit_rows), season_adjusted(later_rows)
    usable, empty = usable_features(fit_rows)
    chosen = choose_at_origins(adjusted, usable, settings.horizon_days)
    names = chosen.names
    fit_x, later_x = (inputs(rows, names, chosen.horizon) for rows in (adjusted, later_adjusted))
    fit_y, later_y = (rows["left_in_horizon"].to_numpy().astype(bool) for rows in (fit_rows, later_rows))
    members = fit_members(fit_x, fit_y, chosen.tried, monotone=monotone_of(names))
    scores = blended(members.scores(later_x), chosen.members)
    calibration = fit_calibration(scores, later_y)
    forecast = calibrated_by_halves(scores, later_y, later_rows["account_id"])
    level = drift_of(later_rows, forecast)
    card = Card(
        model_id=_model_id(as_of, settings, names, fit_x, later_x, fit_y, later_y),
        learned_by=chosen.members,
        trained_as_of=as_of,
        fit_cutoffs=split.fit,
        calibration_cutoffs=split.calibrate,
        horizon_days=settings.horizon_days,
        rows=fit_rows.height,
        leavers=int(fit_y.sum()),
        base_rate=round(float(later_y.mean()), 6),
        features=names,
        empty_features=empty,
        feature_set=feature_set_id(),
        version=MODEL_VERSION,
        calibration=calibration.method,
        measures=measure(forecast, later_y).as_dict(),
        baseline=_days_silent(later_rows),
        settings=settings.as_dict(),
        notes=_notes(empty, chosen.horizon),
        drift=round(level.drift, 6),
        drift_days=level.origins,
        past_counts=past_counts(later_rows, forecast),
        parts=parts_of(later_rows, forecast),
    )
    typical = typical_of_stayers(fit_rows)
    return RiskModel(card, members.only(chosen.members), calibration, typical, chosen.horizon)


def _days_silent(later: pl.DataFrame) -> dict[str, float | int | None]:
    """How well "silent longest first" ranks the same accounts: what the model has to beat."""
    left = later["left_in_horizon"].to_numpy().astype(bool)
    silent = later["days_silent"].fill_null(0).to_numpy()
    if not 0 < left.sum() < len(left):
        return {"roc_auc": None, "lift_10": None}
    return {"roc_auc": round(float(roc_auc_score(left, silent)), 6), "lift_10": round(lift(silent, left), 6)}


def _model_id(as_of: date, settings: TrainingSettings, names: tuple[str, ...], *learned: Matrix | Outcome) -> str:
    """The day and a hash of all that was learned from: the same data and settings give the same id."""
    told = {"names": names, "features": feature_set_id(), "version": MODEL_VERSION, "settings": settings.as_dict()}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for part in learned:
        digest.update(np.ascontiguousarray(part).tobytes())
    return f"risk-{as_of.isoformat()}-{digest.hexdigest()[:10]}"


def _notes(empty: tuple[str, ...], horizon: Horizon | None) -> tuple[str, ...]:
    lacking = (f"without a single value here, and so left out: {', '.join(empty)}",) if empty else ()
    verdict = "proved themselves at held-out days, and are read" if horizon else "did not prove themselves here"
    return (*lacking, f"features by the horizon (BG/NBD's chance of no active day, days and trend in it) {verdict}")
