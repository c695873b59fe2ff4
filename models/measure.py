"""How good a ranking and its probabilities are; the same definitions in model cards, backtests and benchmarks."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score

from models.fit import Vector

Outcome = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Measures:
    """One cut-off's (or set's) figures; None where only one kind of outcome was seen."""

    n: int
    leavers: int
    base_rate: float
    roc_auc: float | None
    average_precision: float | None
    lift_10: float | None
    brier: float
    calibration_error: float

    def as_dict(self) -> dict[str, float | int | None]:
        """For a card or JSON, rounded to 6 decimals."""
        return {key: round(v, 6) if isinstance(v, float) else v for key, v in asdict(self).items()}


def measure(forecast: Vector, left: Outcome) -> Measures:
    """All figures for forecasts in [0, 1] and outcomes of the same accounts."""
    both = 0 < left.sum() < len(left)
    return Measures(
        n=len(left),
        leavers=int(left.sum()),
        base_rate=float(left.mean()) if len(left) else 0.0,
        roc_auc=float(roc_auc_score(left, forecast)) if both else None,
        average_precision=float(average_precision_score(left, forecast)) if both else None,
        lift_10=lift(forecast, left) if both else None,
        brier=float(np.mean((forecast - left) ** 2)) if len(left) else 0.0,
        calibration_error=calibration_error(forecast, left),
    )


def lift(forecast: Vector, left: Outcome, share: float = 0.10) -> float:
    """Leavers among the riskiest `share` over the base rate; ties at the edge count with their mean."""
    wanted = share * len(left)
    edge = np.sort(forecast)[::-1][max(int(np.ceil(wanted)) - 1, 0)]
    above, tied = forecast > edge, forecast == edge
    caught = left[above].sum() + (wanted - above.sum()) * left[tied].mean()
    return float(caught / wanted / left.mean())


def calibration_error(forecast: Vector, left: Outcome, bins: int = 10) -> float:
    """Mean |forecast - outcome| over bins of equal mass, sorted by forecast."""
    if not len(left):
        return 0.0
    order = np.argsort(forecast, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(forecast[part].mean() - left[part].mean())) * len(part) for part in parts]
    return float(sum(gaps) / len(left))
