"""Champion and challenger: does a newly trained model know more than the one in use, beyond noise?

Both score the challenger's calibration days, at which neither's ranking has learned from an outcome: every cut-off that
either was fitted on had its window closed before. Both are calibrated anew in the same way, each half of the accounts
by the other half, so that neither profits from having seen the level of these days. What is compared is the log loss:
it asks for good order and good probabilities at once, and moves at every account, where a ranking measure moves only
when two accounts change places.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from models.calibrate import calibrated_by_halves
from models.fit import SEED, Vector
from models.measure import Outcome
from models.model import Card, RiskModel
from models.panel import rows_of
from models.predict import raw_scores
from models.usual import season_adjusted

Verdict = Literal["first", "same", "outdated", "grown", "better", "not_better", "cannot_tell"]

CONTEST_FILE = "contest.json"
MARGIN_SHARE = 0.01
"""Of the champion's log loss. Another model makes other lists: a smaller gain is not worth the change."""
DRAWS = 1000
LEAST_LEAVERS = 30
"""Below this, and as few who stayed, a draw of accounts says nothing; the same floor as Platt's calibration has."""
GROWN_TIMES = 2
"""A challenger with so many times the champion's leavers takes over unless it is clearly worse."""
SMALLEST_CHANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Contest:
    """What came of a comparison. Losses are nats an account row; `difference` is challenger less champion."""

    challenger: str
    champion: str | None
    verdict: Verdict
    takes_over: bool
    words: str
    cutoffs: tuple[date, ...] = ()
    rows: int = 0
    leavers: int = 0
    challenger_log_loss: float | None = None
    champion_log_loss: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    challenger_auc: float | None = None
    champion_auc: float | None = None
    champion_outcomes: str | None = None
    """What the champion had said of days after its own training, and what happened; null before any is known."""

    def as_json(self) -> str:
        """For `contest.json`: keys sorted, days as ISO text."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, default=str) + "\n"


def contest_from(text: str) -> Contest:
    """What `as_json` wrote."""
    told = json.loads(text)
    told["cutoffs"] = tuple(date.fromisoformat(day) for day in told["cutoffs"])
    return Contest(**{field.name: told[field.name] for field in fields(Contest) if field.name in told})


def without_contest(challenger: Card, champion: Card | None, verdict: Verdict, words: str) -> Contest:
    """A decision that needs no comparison; what is `same` changes nothing, all others take over."""
    return Contest(challenger.model_id, champion.model_id if champion else None, verdict, verdict != "same", words)


def days_unseen_by_both(challenger: Card, champion: Card) -> tuple[date, ...]:
    """The challenger's calibration days that began after every window either model was fitted on had closed."""
    fitted = (*challenger.fit_cutoffs, *champion.fit_cutoffs)
    horizon = timedelta(days=max(challenger.horizon_days, champion.horizon_days))
    return tuple(day for day in challenger.calibration_cutoffs if all(cut + horizon <= day for cut in fitted))


def compare(challenger: RiskModel, champion: RiskModel, known: pl.DataFrame) -> Contest:
    """Puts both to the days that neither has learned from; `known` are the panel's labelled rows."""
    days = days_unseen_by_both(challenger.card, champion.card)
    rows = rows_of(known, days)
    left = rows["left_in_horizon"].to_numpy().astype(bool)
    fewer = int(min(left.sum(), (~left).sum()))
    if fewer < LEAST_LEAVERS:
        return _unclear(challenger.card, champion.card, days, rows.height, fewer)
    adjusted = season_adjusted(rows)
    scores = [raw_scores(model, adjusted) for model in (challenger, champion)]
    losses = [_log_losses(calibrated_by_halves(one, left, rows["account_id"]), left) for one in scores]
    low, high = _interval(losses[0] - losses[1], rows["account_id"])
    means = [float(loss.mean()) for loss in losses]
    margin = MARGIN_SHARE * means[1]
    verdict = _verdict(means[0] - means[1], low, high, margin, challenger.card, champion.card)
    return Contest(
        challenger=challenger.card.model_id,
        champion=champion.card.model_id,
        verdict=verdict,
        takes_over=verdict in ("better", "grown"),
        words=_words(verdict, (means[0] - means[1]) / means[1], low / means[1], high / means[1], len(days)),
        cutoffs=days,
        rows=rows.height,
        leavers=int(left.sum()),
        challenger_log_loss=round(means[0], 6),
        champion_log_loss=round(means[1], 6),
        difference=round(means[0] - means[1], 6),
        low=round(low, 6),
        high=round(high, 6),
        margin=round(margin, 6),
        challenger_auc=round(float(roc_auc_score(left, scores[0])), 6),
        champion_auc=round(float(roc_auc_score(left, scores[1])), 6),
    )


def _log_losses(forecast: Vector, left: Outcome) -> Vector:
    chance = np.clip(forecast, SMALLEST_CHANCE, 1 - SMALLEST_CHANCE)
    return np.asarray(-np.where(left, np.log(chance), np.log1p(-chance)))


def _interval(differences: Vector, accounts: pl.Series) -> tuple[float, float]:
    """95 % bootstrap interval of the mean; whole accounts are drawn, for rows of one account are no news to another."""
    frame = pl.DataFrame({"account_id": accounts, "difference": differences})
    sums = frame.group_by("account_id", maintain_order=True).agg(pl.col("difference").sum(), count=pl.len())
    totals, counts = sums["difference"].to_numpy(), sums["count"].to_numpy()
    random = np.random.default_rng(SEED)
    means = np.empty(DRAWS)
    for draw in range(DRAWS):
        drawn = random.integers(0, len(totals), len(totals))
        means[draw] = totals[drawn].sum() / counts[drawn].sum()
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def _verdict(difference: float, low: float, high: float, margin: float, challenger: Card, champion: Card) -> Verdict:
    if high < 0 and difference <= -margin:
        return "better"
    if challenger.leavers >= GROWN_TIMES * champion.leavers and low <= 0:
        return "grown"
    return "not_better"


def _unclear(challenger: Card, champion: Card, days: tuple[date, ...], rows: int, fewer: int) -> Contest:
    """Too little to compare on: the champion stays, unless the challenger has learned from far more."""
    why = (
        f"only {fewer} accounts of one outcome at days that neither model has learned from, {LEAST_LEAVERS} are needed"
        if days
        else "no day yet at which neither model has learned from an outcome"
    )
    if challenger.leavers >= GROWN_TIMES * champion.leavers:
        words = f"takes over: it learned from {challenger.leavers} leavers, the model in use from {champion.leavers}"
        return Contest(challenger.model_id, champion.model_id, "grown", True, f"{words} ({why})", days, rows)
    return Contest(
        challenger.model_id,
        champion.model_id,
        "cannot_tell",
        False,
        f"stays out, for it cannot be told yet: {why}",
        days,
        rows,
    )


def _words(verdict: Verdict, difference: float, low: float, high: float, days: int) -> str:
    """Shares of the champion's log loss, as people read them: more is better."""
    days_said = "1 later day" if days == 1 else f"{days} later days"
    measured = f"log loss {_less(-difference)} at {days_said}, 95 % interval {-high:+.1%} to {-low:+.1%} less"
    if verdict == "better":
        return f"takes over: better than the model in use beyond noise ({measured})"
    if verdict == "grown":
        return f"takes over: it learned from at least {GROWN_TIMES} times the leavers and is not worse ({measured})"
    if low > 0:
        return f"stays out: worse than the model in use ({measured})"
    if high < 0:
        return f"stays out: better, but by less than the {MARGIN_SHARE:.0%} worth a change ({measured})"
    return f"stays out: no difference from the model in use beyond noise ({measured})"


def _less(share: float) -> str:
    return f"{abs(share):.1%} {'less' if share >= 0 else 'more'}"
