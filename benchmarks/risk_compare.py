"""Whether two models on the same accounts can be told apart: a paired bootstrap of the difference in AUC. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.fit import Vector
from models.measure import Measures, Outcome, measure

RESAMPLES = 1000
SEED = 7
MEASURES = ("roc_auc", "average_precision", "lift_10", "brier", "calibration_error")
AT_LEAST = ("roc_auc", "average_precision", "lift_10")


@dataclass(frozen=True, slots=True)
class Difference:
    """Ours minus a peer's mean AUC, with its 95 % interval; `drawn` are the resampled differences."""

    value: float
    drawn: Vector

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95 % of the resampled differences."""
        low, high = np.percentile(self.drawn, [2.5, 97.5])
        return float(low), float(high)

    @property
    def words(self) -> str:
        """What the interval allows to say of ours."""
        low, high = self.interval
        return "ahead" if low > 0 else "behind" if high < 0 else "can't be told apart"


@dataclass(frozen=True, slots=True)
class Sorted:
    """One model at one cut-off, ready to be weighed: who stands where, and where ties begin."""

    order: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    left: Outcome

    def auc(self, weights: Vector) -> float:
        """The chance that a leaver is ranked above a stayer, ties a half, accounts counted by their weight."""
        leavers = np.add.reduceat(np.where(self.left, weights[self.order], 0.0), self.starts)
        stayers = np.add.reduceat(np.where(self.left, 0.0, weights[self.order]), self.starts)
        below = np.cumsum(stayers) - stayers / 2
        return float((leavers * below).sum() / (leavers.sum() * stayers.sum()))


def sorted_scores(scores: Vector, left: Outcome) -> Sorted:
    """Sorts once, so that a thousand draws cost sums only."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    return Sorted(order, starts, left[order])


def mean_measures(chances: Sequence[Vector], outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Each measure's mean over the cut-offs."""
    told: list[Measures] = [measure(one, left) for one, left in zip(chances, outcomes, strict=True)]
    return {name: float(np.mean([getattr(one, name) for one in told])) for name in MEASURES}


def differences(
    ours: Sequence[Vector],
    peers: Mapping[str, Sequence[Vector]],
    outcomes: Sequence[Outcome],
    accounts: Sequence[Sequence[str]],
) -> dict[str, Difference]:
    """By peer: whole accounts are drawn anew, the same draw for all models and for every cut-off they are in."""
    rng = np.random.default_rng(SEED)
    known, places = np.unique(np.concatenate([np.asarray(ids) for ids in accounts]), return_inverse=True)
    at = np.split(places, np.cumsum([len(ids) for ids in accounts])[:-1])
    ready = {
        name: [sorted_scores(one, left) for one, left in zip(chances, outcomes, strict=True)]
        for name, chances in {"": ours, **peers}.items()
    }
    drawn: dict[str, list[float]] = {name: [] for name in ready}
    for draw in range(RESAMPLES + 1):
        picked = rng.integers(0, len(known), len(known)) if draw else np.arange(len(known))
        weights = np.bincount(picked, minlength=len(known)).astype(np.float64)
        for name, cutoffs in ready.items():
            aucs = [cutoff.auc(weights[mine]) for cutoff, mine in zip(cutoffs, at, strict=True)]
            drawn[name].append(float(np.mean(aucs)))
    gaps = {name: np.array(drawn[""]) - np.array(drawn[name]) for name in peers}
    return {name: Difference(float(gap[0]), gap[1:]) for name, gap in gaps.items()}


def mean_difference(over: Sequence[Difference]) -> Difference:
    """The mean over sets, whose accounts are drawn independently of one another."""
    return Difference(
        float(np.mean([one.value for one in over])), np.asarray(np.mean([one.drawn for one in over], axis=0))
    )


def against_bar(name: str, value: float, bar: float) -> str:
    """`met`, or short by how much."""
    short = bar - value if name in AT_LEAST else value - bar
    return "met" if short <= 0 else f"short by {short:.4f}"
