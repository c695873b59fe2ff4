"""The learner: which models are blended, and how far their level may be trusted, both proved out of time.

From rows (account x past cut-off) a few later cut-offs, the *origins*, are held out one by one: models that know only
outcomes of before an origin forecast it. On these forecasts a member joins the blend only where it makes it better
beyond noise, and the calibration is learned. Then the members are fitted on all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from models.features import Matrix
from models.fit import Members, Vector, blended, fit_members, names_for
from models.level import Forecasts, Level, learn_level
from models.measure import Outcome
from models.side_by_side import side_by_side

MOST_ORIGINS = 4
ORIGIN_ROWS = 30_000
"""Origins only weigh and calibrate; on more rows their fits say the same more slowly."""
LEAST_LEAVERS = 30
"""Of each outcome, at an origin and before it: the floor of a slope, as in `models.calibrate`."""
LEAST_ACCOUNTS = 20
BAGS = 3
"""Two fits that differ in their seed alone order the riskiest tenth differently; the mean of three is calmer."""
PROOF = 2.0
"""Standard errors by which a member must better the blend."""
RHYTHM = "rhythm"


@dataclass(frozen=True, slots=True)
class Rows:
    """What is learned from; equal lengths, in a fixed order. `rhythm` is a log-odds that is known without learning."""

    features: Matrix
    rhythm: Vector
    outcome: Outcome
    cutoffs: npt.NDArray[np.int32]
    accounts: npt.NDArray[np.str_]

    def part(self, chosen: npt.NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Learned:
    """A blend that forecasts: fitted members, the names of those that count, and the calibrated level."""

    members: Members
    chosen: tuple[str, ...]
    level: Level

    def forecast(self, features: Matrix, rhythm: Vector) -> Vector:
        """Chances of leaving."""
        scores = {RHYTHM: rhythm, **self.members.scores(features)}
        return self.level.chances(blended(scores, self.chosen))


def learn(rows: Rows, horizon_days: int) -> Learned | None:
    """The blend that the rows can carry; None where fewer than 20 accounts ever left, or stayed."""
    accounts = min(len(np.unique(rows.accounts[rows.outcome == went])) for went in (True, False))
    if accounts < LEAST_ACCOUNTS:
        return None
    names = names_for(rows.accounts, rows.outcome)
    tried = forecast_origins(rows, horizon_days, names)
    chosen = choose(tried, names, (RHYTHM,))
    later = [Forecasts(origin.cutoff, blended(origin.scores, chosen), origin.outcome) for origin in tried]
    level = learn_level(later, horizon_days)
    members = fit_members(rows.features, rows.outcome, names, bags=BAGS)
    return Learned(members.only(chosen), chosen, level)


@dataclass(frozen=True, slots=True)
class Origin:
    """Forecasts of one cut-off by members that knew nothing of its outcomes: log-odds by member."""

    cutoff: int
    scores: dict[str, Vector]
    outcome: Outcome
    accounts: npt.NDArray[np.str_]


def origins_of(rows: Rows, horizon_days: int) -> list[int]:
    """At most four later cut-offs with enough outcomes at them and before them, spread over the later record."""
    fit = []
    for cutoff in np.unique(rows.cutoffs):
        before = rows.outcome[rows.cutoffs <= cutoff - horizon_days]
        if min(_fewer(before), _fewer(rows.outcome[rows.cutoffs == cutoff])) >= LEAST_LEAVERS:
            fit.append(int(cutoff))
    at = np.linspace(len(fit) - 1, 0, MOST_ORIGINS).round().astype(int)
    return sorted({fit[place] for place in at}) if fit else []


def choose(tried: list[Origin], names: tuple[str, ...], also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The first member, and each further one that makes the blend's log loss less beyond noise.

    Those of `also`, which need no fit, come last. Noise is two standard errors of the mean difference, by account.
    Losses are taken after each origin's own slope and level, for those are learned apart. Nothing was tried: all fitted
    members count.
    """
    if not tried:
        return names
    chosen: tuple[str, ...] = names[:1]
    accounts = np.concatenate([origin.accounts for origin in tried])
    losses = _losses(tried, chosen)
    for name in (*names[1:], *also):
        with_it = _losses(tried, (*chosen, name))
        mean, error = _mean_by_account(with_it - losses, accounts)
        if mean + PROOF * error < 0:
            chosen, losses = (*chosen, name), with_it
    return chosen


def is_proved(tried: list[Origin], chosen: tuple[str, ...], other: list[Origin], other_chosen: tuple[str, ...]) -> bool:
    """Whether the other forecasts of the same origins have a smaller log loss, beyond the same noise as in `choose`."""
    if not tried:
        return False
    accounts = np.concatenate([origin.accounts for origin in tried])
    mean, error = _mean_by_account(_losses(other, other_chosen) - _losses(tried, chosen), accounts)
    return mean + PROOF * error < 0


def forecast_origins(
    rows: Rows, horizon_days: int, names: tuple[str, ...], monotone: list[int] | None = None
) -> list[Origin]:
    """What the members say of each origin when they know only outcomes of before it."""
    return side_by_side(
        [partial(_forecast, rows, origin, horizon_days, names, monotone) for origin in origins_of(rows, horizon_days)]
    )


def _forecast(rows: Rows, origin: int, horizon_days: int, names: tuple[str, ...], monotone: list[int] | None) -> Origin:
    before = np.flatnonzero(rows.cutoffs <= origin - horizon_days)
    thinned = np.zeros(len(rows.cutoffs), dtype=bool)
    thinned[before[:: -(-len(before) // ORIGIN_ROWS)]] = True
    at = rows.part(rows.cutoffs == origin)
    before_it = rows.part(thinned)
    members = fit_members(before_it.features, before_it.outcome, names, monotone=monotone)
    return Origin(origin, {RHYTHM: at.rhythm, **members.scores(at.features)}, at.outcome, at.accounts)


def _losses(tried: list[Origin], chosen: tuple[str, ...]) -> Vector:
    """Log loss of each forecast row, after the slope and level that suit its origin best."""
    parts = []
    for origin in tried:
        score = blended(origin.scores, chosen).reshape(-1, 1)
        suited = LogisticRegression(C=1e4).fit(score, origin.outcome).predict_proba(score)[:, 1]
        parts.append(-np.log(np.where(origin.outcome, suited, 1 - suited).clip(1e-9)))
    return np.concatenate(parts)


def _mean_by_account(differences: Vector, accounts: npt.NDArray[np.str_]) -> tuple[float, float]:
    """The mean over rows, and its standard error with whole accounts as the unit."""
    _, place = np.unique(accounts, return_inverse=True)
    sums = np.bincount(place, differences)
    mean = float(differences.mean())
    spread = sums - mean * np.bincount(place)
    return mean, float(np.sqrt((spread**2).sum())) / len(differences)


def _fewer(outcome: Outcome) -> int:
    return int(min(outcome.sum(), (~outcome).sum()))
