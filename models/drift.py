"""Has the world left what a model was learned from? Inputs, scores and outcomes, each with a stated limit.

Inputs and scores are compared as shares of accounts in bins (ten of equal size at training, one for missing values) by
the population stability index, the sum of (p - q) ln(p / q). Above 0.25 a shift is called large (Siddiqi, Credit Risk
Scorecards, 2006). Two things keep ordinary nights quiet: a limit is never below what chance gives for so few accounts
(the index times n m / (n + m) is about chi-square, Yurdakul 2018), and never below twice the largest index among the
days that the model itself learned from: what moved that far in the past is no news.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import chi2

from models.features import HORIZON_NAMES, matrix
from models.fit import Vector
from models.model import RiskModel
from models.panel import rows_of
from models.predict import probabilities, raw_scores
from models.usual import season_adjusted

Counts = npt.NDArray[np.int64]

REFERENCE_FILE = "reference.json"
BINS = 10
LARGE_SHIFT = 0.25
TIMES_USUAL = 2.0
CHANCE = 0.999
"""Of sixty features checked a night, one in about sixteen nights would pass this by chance, were all independent."""
LEAST_ACCOUNTS = 50
"""Under that a distribution says little; the same floor as hand-over 2 has."""
MOST_ACCOUNTS = 100_000
"""Enough to see any shift; more rows would only cost time and memory."""
SMALL_COUNT = 0.5
OUTCOME_TIMES = 1.5
"""A sum of chances is off only outside the interval that the card gives on a count, and by half again or by a third."""


@dataclass(frozen=True, slots=True)
class Bins:
    """A distribution: edges, counts per bin (the last is missing values), and the largest index of a past day."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    usual_shift: float

    def counted(self, values: Vector) -> Counts:
        """Counts of other values in the same bins."""
        known = values[np.isfinite(values)]
        inside = np.bincount(np.searchsorted(self.edges, known, side="left"), minlength=len(self.edges) + 1)
        return np.append(inside, len(values) - len(known)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a model learned from: each feature over its days, and its scores (log-odds) at the calibration days."""

    features: dict[str, Bins]
    scores: Bins

    def as_json(self) -> str:
        """For `reference.json`."""
        return json.dumps(asdict(self), sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True)
class Shift:
    """How far one distribution lies from another, and how far it may."""

    name: str
    index: float
    limit: float

    @property
    def is_large(self) -> bool:
        """Beyond the limit."""
        return self.index > self.limit


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Leavers that a model expected at days after its training, and those there were."""

    days: int
    accounts: int
    expected: float
    low: float
    high: float
    seen: int

    @property
    def is_off(self) -> bool:
        """Beyond chance and drift, and by enough to matter."""
        outside = not self.low <= self.seen <= self.high
        return outside and not self.expected / OUTCOME_TIMES <= self.seen <= self.expected * OUTCOME_TIMES


def reference_from(text: str) -> Reference:
    """What `as_json` wrote."""
    told = json.loads(text)
    features = {name: _bins_from(bins) for name, bins in told["features"].items()}
    return Reference(features, _bins_from(told["scores"]))


def reference_of(model: RiskModel, known: pl.DataFrame) -> Reference:
    """The distributions behind a model; `known` are the labelled rows of the panel that it learned from."""
    card = model.card
    learned = sampled(rows_of(known, (*card.fit_cutoffs, *card.calibration_cutoffs)))
    later = sampled(rows_of(known, card.calibration_cutoffs))
    names = tuple(name for name in card.features if name not in HORIZON_NAMES)  # what those are made of is there
    values, days = matrix(learned, names), learned["cutoff"].to_numpy()
    features = {name: _described(values[:, at], days) for at, name in enumerate(names)}
    scores = raw_scores(model, season_adjusted(later))
    return Reference(features, _described(scores, later["cutoff"].to_numpy()))


def input_shifts(reference: Reference, cadence: pl.DataFrame) -> list[Shift]:
    """Tonight's features against those the model learned from, the worst first; nothing for too few accounts."""
    values = matrix(sampled(cadence), tuple(reference.features))
    if len(values) < LEAST_ACCOUNTS:
        return []
    shifts = [
        _shift(name, np.array(bins.counts), bins.counted(values[:, at]), TIMES_USUAL * bins.usual_shift)
        for at, (name, bins) in enumerate(reference.features.items())
    ]
    return _worst_first(shifts)


def input_jumps(reference: Reference, cadence: pl.DataFrame, before: pl.DataFrame) -> list[Shift]:
    """Tonight's features against an earlier night's, in the model's bins, the worst first."""
    names = tuple(reference.features)
    tonight, earlier = matrix(sampled(cadence), names), matrix(sampled(before), names)
    if min(len(tonight), len(earlier)) < LEAST_ACCOUNTS:
        return []
    shifts = [
        _shift(name, bins.counted(earlier[:, at]), bins.counted(tonight[:, at]))
        for at, (name, bins) in enumerate(reference.features.items())
    ]
    return _worst_first(shifts)


def score_shift(reference: Reference, scores: Vector) -> Shift | None:
    """Tonight's scores (log-odds) against those at the calibration days; None for too few accounts."""
    if len(scores) < LEAST_ACCOUNTS:
        return None
    bins = reference.scores
    return _shift("scores", np.array(bins.counts), bins.counted(scores), TIMES_USUAL * bins.usual_shift)


def score_jump(reference: Reference, scores: Vector, before: Vector) -> Shift | None:
    """Tonight's scores against an earlier night's under the same model; None for too few accounts."""
    if min(len(scores), len(before)) < LEAST_ACCOUNTS:
        return None
    return _shift("scores", reference.scores.counted(before), reference.scores.counted(scores))


def outcomes_of(model: RiskModel, known: pl.DataFrame) -> Outcomes | None:
    """What the model, as it is used, says of labelled days after its training, and what happened; None without any."""
    rows = known.filter(pl.col("cutoff") >= model.card.trained_as_of)
    if rows.height < LEAST_ACCOUNTS:
        return None
    chances = probabilities(model, raw_scores(model, season_adjusted(rows)))
    expected = float(chances.sum())
    low, high = model.card.level().count_interval(chances)
    return Outcomes(
        days=rows["cutoff"].n_unique(),
        accounts=rows.height,
        expected=expected,
        low=low,
        high=high,
        seen=int(rows["left_in_horizon"].sum()),
    )


def outcome_words(outcomes: Outcomes) -> str:
    """Expected with its interval, and what happened."""
    return (
        f"of {outcomes.accounts:,} accounts at {outcomes.days} days after its training it expected "
        f"{outcomes.low:.0f} to {outcomes.high:.0f} to leave, and {outcomes.seen} did"
    )


def sampled(frame: pl.DataFrame) -> pl.DataFrame:
    """At most about `MOST_ACCOUNTS` rows: all those of every k-th account by id, so that no past day is favoured."""
    step = max(frame.height // MOST_ACCOUNTS, 1)
    return frame if step == 1 else frame.filter(pl.col("account_id").rank("dense") % step == 0)


def stability_index(one: Counts, other: Counts) -> float:
    """The population stability index of two rows of counts; each bin gets half an account more, as some are empty."""
    p = (one + SMALL_COUNT) / (one.sum() + SMALL_COUNT * len(one))
    q = (other + SMALL_COUNT) / (other.sum() + SMALL_COUNT * len(other))
    return float(np.sum((p - q) * np.log(p / q)))


def _shift(name: str, one: Counts, other: Counts, usual: float = 0.0) -> Shift:
    chance = float(chi2.ppf(CHANCE, len(one) - 1)) * (1 / one.sum() + 1 / other.sum())
    return Shift(name, round(stability_index(one, other), 4), round(max(LARGE_SHIFT, usual, chance), 4))


def _worst_first(shifts: list[Shift]) -> list[Shift]:
    return sorted(shifts, key=lambda shift: (shift.limit - shift.index, shift.name))


def _described(values: Vector, days: npt.NDArray[np.datetime64]) -> Bins:
    known = values[np.isfinite(values)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.zeros(0)
    empty = Bins(tuple(float(edge) for edge in edges), (), 0.0)
    counts = empty.counted(values)
    usual = max((stability_index(empty.counted(values[days == day]), counts) for day in np.unique(days)), default=0.0)
    return Bins(empty.edges, tuple(int(count) for count in counts), round(usual, 6))


def _bins_from(told: dict[str, list[float]]) -> Bins:
    counts = tuple(int(count) for count in told["counts"])
    return Bins(tuple(told["edges"]), counts, float(told["usual_shift"]))  # type: ignore[arg-type]  # a number in JSON
