"""The learner's machinery on a table without events: IBM's Telco customers, where outcome and habits are one snapshot.

`models.learner.learn` proves its members at later cut-offs. A snapshot has none, so forecasts from inside the training
fold (five-fold) take their place: on them the members are chosen and the level is learned, by the product's own
functions. There is no rhythm either; a constant stands for it, which no blend can gain from.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.risk_compare import differences, mean_measures
from benchmarks.risk_peers import OURS, Contestant, boosting_as_it_comes, boosting_as_ours, logistic_as_ours
from benchmarks.risk_tables import Compared
from models.features import Matrix
from models.fit import SEED, Vector, blended, fit_members
from models.learner import BAGS, Learned, Origin, choose
from models.level import Forecasts, learn_level
from models.measure import Outcome

N, LEAVERS = 7043, 1869
SEEDS = (1, 2, 3)
FOLDS = 5
NAMES = ("boosting", "logistic")
BARS = {"roc_auc": 0.847, "average_precision": 0.660, "lift_10": 2.82, "brier": 0.1343, "calibration_error": 0.015}


@dataclass(frozen=True, slots=True)
class Customers:
    """The table: features by customer, outcome, ids."""

    features: Matrix
    outcome: Outcome
    ids: tuple[str, ...]


def logistic_plain(past: Matrix, left: Outcome, now: Matrix) -> Vector:
    """A total is absent where the tenure is 0, and counts as 0."""
    fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(np.nan_to_num(past), left)
    return np.asarray(fitted.predict_proba(np.nan_to_num(now))[:, 1])


PEERS = {
    "logistic, plain": logistic_plain,
    "logistic as ours, alone": logistic_as_ours,
    "boosting, as it comes": boosting_as_it_comes,
    "boosting as ours, alone": boosting_as_ours,
}


def read_customers(data: Path) -> Customers:
    """Texts become a column a value; ends the run where it is not the table that was published."""
    source = data / "telco" / "customers.parquet"
    if not source.is_file():
        raise SystemExit(f"{source}: no such file; --data names the folder with the public sets")
    table = pl.read_parquet(source).sort("customer_id")
    outcome = table["churn"].to_numpy().astype(bool)
    if (table.height, int(outcome.sum())) != (N, LEAVERS):
        raise SystemExit(
            f"telco: {table.height} customers, {outcome.sum()} left; the bars were measured on {N}, {LEAVERS}"
        )
    told = table.drop("customer_id", "churn")
    texts = [name for name, kind in told.schema.items() if kind == pl.String]
    numbers = told.to_dummies(texts).cast(pl.Float64).fill_null(float("nan"))
    return Customers(numbers.to_numpy(order="c"), outcome, tuple(table["customer_id"]))


def compare(customers: Customers) -> Compared:
    """Out-of-fold forecasts of every customer by ours and two peers, measured a seed and averaged over the seeds."""
    found = {name: Contestant(name) for name in (OURS, *PEERS)}
    members: Counter[tuple[str, ...]] = Counter()
    for seed in SEEDS:
        chances = {name: np.zeros(N) for name in found}
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        for past, now in folds.split(customers.features, customers.outcome):
            members[_forecast_fold(customers, past, now, chances, found)] += 1
        for name, one in found.items():
            one.chances.append(chances[name])
    outcomes = [customers.outcome] * len(SEEDS)
    peers = {name: found[name].chances for name in PEERS}
    shown = "; ".join(f"{' + '.join(names)} in {times} of {members.total()} folds" for names, times in members.items())
    return Compared(
        title=f"telco: {N:,} customers, {customers.outcome.mean():.1%} left; {FOLDS}-fold, mean of {len(SEEDS)} seeds",
        ours=OURS,
        measures={name: mean_measures(one.chances, outcomes) for name, one in found.items()},
        seconds={name: one.seconds for name, one in found.items()},
        differences=differences(found[OURS].chances, peers, outcomes, [customers.ids] * len(SEEDS)),
        bars=BARS,
        absent={},
        notes=(f"Members of the blend: {shown}.",),
    )


def _forecast_fold(
    customers: Customers,
    past: np.ndarray,
    now: np.ndarray,
    chances: dict[str, Vector],
    found: dict[str, Contestant],
) -> tuple[str, ...]:
    """Fills in the fold's forecasts and seconds; gives the members that ours blended."""
    features, outcome = customers.features[past], customers.outcome[past]
    began = time.perf_counter()
    learned = learn_table(features, outcome, np.array(customers.ids)[past])
    chances[OURS][now] = learned.forecast(customers.features[now], np.zeros(len(now)))
    found[OURS].seconds += time.perf_counter() - began
    for name, peer in PEERS.items():
        began = time.perf_counter()
        chances[name][now] = peer(features, outcome, customers.features[now])
        found[name].seconds += time.perf_counter() - began
    return learned.chosen


def learn_table(features: Matrix, outcome: Outcome, ids: np.ndarray) -> Learned:
    """The blend, chosen and levelled on forecasts from inside these rows; then fitted on all of them."""
    inside: dict[str, Vector] = {name: np.zeros(len(outcome)) for name in NAMES}
    for past, now in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(features, outcome):
        scores = fit_members(features[past], outcome[past], NAMES).scores(features[now])
        for name, told in scores.items():
            inside[name][now] = told
    chosen = choose([Origin(0, inside, outcome, ids)], NAMES)
    level = learn_level([Forecasts(0, blended(inside, chosen), outcome)], horizon_days=1)
    return Learned(fit_members(features, outcome, NAMES, bags=BAGS).only(chosen), chosen, level)
