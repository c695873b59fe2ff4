"""Learning a raw score (log-odds of leaving within the horizon) from the panel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from models.features import Matrix
from models.side_by_side import side_by_side

Vector = npt.NDArray[np.float64]

SEED = 20240229
FEW_ACCOUNTS = 60
"""Accounts that left, or that stayed: with fewer, boosting learns noise. Rows of one account are nearly copies."""


@dataclass(frozen=True, slots=True)
class Members:
    """Fitted classifiers by name over the columns that had a value; boosting may be several fits."""

    columns: npt.NDArray[np.int64]
    fits: dict[str, list[Any]]

    def scores(self, features: Matrix) -> dict[str, Vector]:
        """Log-odds of leaving by member, before calibration."""
        seen = features[:, self.columns]
        if seen.shape[0] == 0:
            return {name: np.zeros(0) for name in self.fits}
        return {
            name: np.asarray(np.mean([fit.decision_function(_as_seen_by(name, seen)) for fit in fits], axis=0))
            for name, fits in self.fits.items()
        }

    def only(self, chosen: tuple[str, ...]) -> Members:
        """The members that count."""
        return Members(self.columns, {name: fits for name, fits in self.fits.items() if name in chosen})


def names_for(accounts: npt.NDArray[np.str_], left: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Which members the accounts that left, or stayed, can carry; the first is the one that others must better."""
    fewer = min(len(np.unique(accounts[left == went])) for went in (True, False))
    return ("logistic",) if fewer < FEW_ACCOUNTS else ("boosting", "logistic")


def fit_members(
    features: Matrix,
    left: npt.NDArray[np.bool_],
    names: tuple[str, ...],
    *,
    monotone: list[int] | None = None,
    bags: int = 1,
) -> Members:
    """Fitted members; boosting is `bags` fits whose features at a split are drawn differently.

    `monotone` says of each feature whether more of it only raises (1) or lowers (-1) the risk. The same rows in the
    same order give the same members.
    """
    columns = np.flatnonzero(~np.isnan(features).all(axis=0))  # a column may be too new to have a value
    seen = features[:, columns]
    kept = None if monotone is None else [monotone[at] for at in columns]
    fits: dict[str, list[Any]] = {}
    for name in names:
        if name == "logistic":
            fits[name] = [fit_logistic(seen, left)]
        else:
            unfitted = [boosting(kept, SEED + bag) for bag in range(bags)]
            fits[name] = side_by_side([partial(one.fit, seen, left) for one in unfitted])
    return Members(columns, fits)


def blended(scores: Mapping[str, Vector], chosen: Iterable[str]) -> Vector:
    """The mean of the chosen members' log-odds."""
    return np.asarray(np.mean([scores[name] for name in chosen], axis=0), dtype=np.float64)


def _as_seen_by(name: str, features: Matrix) -> Matrix:
    return logarithms(features) if name == "logistic" else features


def boosting(monotone: list[int] | None, seed: int = SEED) -> HistGradientBoostingClassifier:
    """Gradient boosting; `monotone` says of each feature whether more of it only raises (1) or lowers (-1) the risk."""
    # A slow rate, few features a split and shrinkage: rows of one account at neighbouring cut-offs are nearly copies.
    # On three public logs this ranked better out of time than faster or deeper trees, by 0.002 to 0.007 of AUC.
    return HistGradientBoostingClassifier(
        learning_rate=0.03,
        max_iter=200,
        max_leaf_nodes=12,
        min_samples_leaf=100,
        l2_regularization=5.0,
        max_features=0.4,
        max_bins=127,
        monotonic_cst=monotone,
        early_stopping=False,
        random_state=seed,
    )


def fit_logistic(features: Matrix, left: npt.NDArray[np.bool_]) -> Pipeline:
    """A shrunk logistic regression over standardised logarithms; a missing value counts as the median."""
    unfitted = Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("scale", StandardScaler()),
            ("fit", LogisticRegression(C=0.02, max_iter=500, random_state=SEED)),
        ]
    )
    with threadpool_limits(1, user_api="blas"):  # on two busy cores, two threads of OpenBLAS took seven times as long
        return unfitted.fit(logarithms(features), left)


def logarithms(features: Matrix) -> Matrix:
    """Counts and money span decades: the logistic sees signed logarithms; trees don't care."""
    return np.asarray(np.copysign(np.log1p(np.abs(features)), features))
