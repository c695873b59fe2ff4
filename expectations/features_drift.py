"""Hand-over 2, plausibility: does the base as a whole look as it did at the panel's cut-offs?

A usage source that came half empty halves the means of what the model reads. The band is wide on purpose: season and
growth must pass, half a source must not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from expectations.engine import Engine, Figure
from expectations.figures import PlacedFigure
from expectations.report import Result
from expectations.requests import FeaturesRequest

KEY_FEATURES = ("active_days_28", "active_days_91", "events_28", "people_active_28", "silent_working_days")
LEAST_ACCOUNTS = 50  # under that, a mean says little
LOWEST_SHARE = 0.75  # of the lowest mean of any cut-off
HIGHEST_SHARE = 1.0 / LOWEST_SHARE
STANDARD_ERRORS = 4.0  # of tonight's mean, so that a small base is not judged by its chance


@dataclass(frozen=True, slots=True)
class Band:
    """The bounds of one feature's mean."""

    lowest: float
    highest: float


def drift_figures(engine: Engine, request: FeaturesRequest) -> list[PlacedFigure]:
    """One figure a key feature; none where tonight or the panel has too few accounts to tell."""
    tonight = _tonight(engine)
    if not tonight or not request.model_learns:
        return []
    cutoffs = _cutoffs(engine)
    if not cutoffs:
        return []
    placed = []
    for number, feature in enumerate(KEY_FEATURES):
        means = [mean for row in cutoffs if (mean := row[number]) is not None]
        if means:
            placed.append(_placed(feature, _band(means, tonight[number])))
    return placed


def _tonight(engine: Engine) -> list[float]:
    """The standard error of each feature's mean; nothing for a base too small."""
    spreads = ", ".join(f"coalesce(stddev_samp({feature}), 0)" for feature in KEY_FEATURES)
    count, *deviations = engine.ask(f"select count(*), {spreads} from marts.account_cadence")[0]
    return [float(one) / sqrt(count) for one in deviations] if count >= LEAST_ACCOUNTS else []


def _cutoffs(engine: Engine) -> list[tuple[float | None, ...]]:
    means = ", ".join(f"avg({feature})" for feature in KEY_FEATURES)
    return engine.ask(
        f"select {means} from marts.account_cadence_panel group by as_of having count(*) >= {LEAST_ACCOUNTS}"
    )


def _band(means: list[float], standard_error: float) -> Band:
    slack = STANDARD_ERRORS * standard_error
    return Band(max(0.0, min(means) * LOWEST_SHARE - slack), max(means) * HIGHEST_SHARE + slack)


def _placed(feature: str, band: Band) -> PlacedFigure:
    result = Result(
        rule=f"usual_{feature}",
        scope="table",
        outcome="ok",
        expected=f"a mean from {band.lowest:,.2f} to {band.highest:,.2f}, as at past cut-offs",
        observed="",
        source="warehouse",
        resource="account_cadence",
    )
    scalar = f"select avg({feature}) from marts.account_cadence"
    return PlacedFigure(Figure(f"drift|{feature}", scalar, band.lowest, band.highest), result, "on average")
