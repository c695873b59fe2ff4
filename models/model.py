"""A trained risk model: what it needs to score, and its card."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from models.calibrate import Calibration
from models.fit import Members
from models.horizon import Horizon
from models.level import UNKNOWN_DRIFT, Level
from models.meaning import Part, PastCount
from models.usual import Typical

MODEL_VERSION = 3
"""Raised by hand when learning or scoring changes, so that models of an older code are trained anew."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What a company decides (`churn.yml`) that changes what is learned. Days are company days."""

    horizon_days: int
    min_leavers: int = 50
    min_history_days: int = 60

    def as_dict(self) -> dict[str, int]:
        """For a card."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Card:
    """What a model is made of and how good it was out of time; written beside it. Counts only, no ids."""

    model_id: str
    learned_by: tuple[str, ...]
    trained_as_of: date
    fit_cutoffs: tuple[date, ...]
    calibration_cutoffs: tuple[date, ...]
    horizon_days: int
    rows: int
    leavers: int
    base_rate: float
    features: tuple[str, ...]
    empty_features: tuple[str, ...]
    feature_set: str
    version: int
    calibration: str
    measures: dict[str, float | int | None]
    baseline: dict[str, float | int | None]
    settings: dict[str, int]
    notes: tuple[str, ...] = ()
    drift: float = UNKNOWN_DRIFT
    drift_days: int = 0
    past_counts: tuple[PastCount, ...] = ()
    parts: tuple[Part, ...] = ()

    def level(self) -> Level:
        """How wide an interval on the count of a group's leavers has to be."""
        return Level(drift=self.drift, origins=self.drift_days)


@dataclass(frozen=True, slots=True)
class RiskModel:
    """Scores accounts: members over `card.features`, a calibration, the stayers' typical values, the horizon."""

    card: Card
    members: Members
    calibration: Calibration
    typical: Typical
    horizon: Horizon | None = None
    """None where its features did not prove themselves, and none is read."""


@dataclass(frozen=True, slots=True)
class TooLittleData:
    """No model can be learned yet; `missing` says what is lacking, in words."""

    missing: tuple[str, ...]
