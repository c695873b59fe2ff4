"""Whether tonight's scores can be trusted: what the night compares, and the words for what it finds.

A doubt that holds keeps back the campaigns that read the model or a drifted figure; the analysis goes on. Limits are in
`models.drift`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from expectations.report import GateReport, Result
from models.drift import (
    Outcomes,
    Reference,
    Shift,
    input_jumps,
    input_shifts,
    outcome_words,
    outcomes_of,
    sampled,
    score_jump,
    score_shift,
)
from models.fit import Vector
from models.model import RiskModel
from models.predict import checked, probabilities, raw_scores
from models.usual import season_adjusted

Rule = Literal["model_inputs", "model_scores", "model_outcomes"]

LEAST_JUMPS = 3
"""Features that must jump overnight: a broken source moves many, one alone may be a constant that crossed an edge."""
MOST_DRIFTED_SHARE = 0.2
"""Of the features. Some age with any company (tenure, days since a price rise): those are told, and hold nothing."""
ODDS_MOVED = 1.5
"""Of leaving, on average: scores that change places while as many are expected to leave are told, and hold nothing.

On seven months of the retail example a model a month old had an index of 0.3 to 1.3 with odds that moved by 1.1 to 1.3.
"""
SMALL_SHARE = 1e-4
NAMED = 5


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason to mistrust tonight's scores; `features` are those whose drift is behind it."""

    rule: Rule
    words: str
    holds: bool
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class EarlierNight:
    """The cadence of the newest night before tonight that nothing was held in."""

    as_of: date
    cadence: pl.DataFrame


def doubts_about(
    model: RiskModel, reference: Reference, cadence: pl.DataFrame, known: pl.DataFrame, before: EarlierNight | None
) -> tuple[tuple[Doubt, ...], tuple[Result, ...]]:
    """Tonight's doubts and one result for everything compared; `known` are labelled panel rows after the training."""
    rows = checked(sampled(cadence))
    scores, mean = _scores(model, rows)
    shifts, shift = input_shifts(reference, rows), score_shift(reference, scores)
    learned = f"{model.card.base_rate:.1%} left at the days it was calibrated on"
    moved = odds_ratio(mean, model.card.base_rate) >= ODDS_MOVED
    doubts = [*_input_doubts(shifts), *_score_doubts(shift, learned, mean, holds=moved)]
    results = [_result("model_inputs", one.name, one) for one in shifts]
    results += [_result("model_scores", "against training", shift)] if shift else []
    if before is not None:
        found, compared = _since(before, model, reference, rows, scores, mean)
        doubts, results = [*doubts, *found], [*results, *compared]
    outcomes = outcomes_of(model, known)
    if outcomes is not None:
        doubts += _outcome_doubts(outcomes)
        results.append(_outcome_result(outcomes))
    return tuple(doubts), tuple(results)


def _scores(model: RiskModel, rows: pl.DataFrame) -> tuple[Vector, float]:
    scores = raw_scores(model, season_adjusted(rows))
    return scores, float(probabilities(model, scores).mean()) if len(scores) else 0.0


def _since(
    before: EarlierNight, model: RiskModel, reference: Reference, rows: pl.DataFrame, scores: Vector, mean: float
) -> tuple[list[Doubt], list[Result]]:
    """Tonight against an earlier night, both scored by tonight's model."""
    earlier = checked(sampled(before.cadence))
    scores_before, mean_before = _scores(model, earlier)
    jumps, jump = input_jumps(reference, rows, earlier), score_jump(reference, scores, scores_before)
    usual = f"{mean_before:.1%} were on {before.as_of}"
    results = [_result("model_inputs_overnight", one.name, one) for one in jumps]
    results += [_result("model_scores", f"against {before.as_of}", jump)] if jump else []
    return [*_jump_doubts(jumps, before.as_of), *_score_doubts(jump, usual, mean, holds=True)], results


def model_report(as_of: date, results: Sequence[Result]) -> GateReport:
    """What was compared, as a report beside those of the hand-overs; what it finds never holds the whole send."""
    return GateReport("model", as_of, tuple(results))


def _input_doubts(shifts: Sequence[Shift]) -> list[Doubt]:
    large = [shift for shift in shifts if shift.is_large]
    if not large:
        return []
    words = f"{len(large)} of {len(shifts)} inputs are not as the model learned them: {_named(large)}"
    holds = len(large) > MOST_DRIFTED_SHARE * len(shifts)
    return [Doubt("model_inputs", words, holds, tuple(shift.name for shift in large))]


def _jump_doubts(jumps: Sequence[Shift], day: date) -> list[Doubt]:
    large = [jump for jump in jumps if jump.is_large]
    if len(large) < LEAST_JUMPS:
        return []
    words = f"{len(large)} inputs have jumped since {day}, as they do when a source breaks: {_named(large)}"
    return [Doubt("model_inputs", words, holds=True, features=tuple(jump.name for jump in large))]


def odds_ratio(one: float, other: float) -> float:
    """How many times the odds of one share are those of another, the larger over the smaller; 1 for the same."""
    odds = [(share + SMALL_SHARE) / (1 - share + SMALL_SHARE) for share in (one, other)]
    return max(odds) / min(odds)


def _score_doubts(shift: Shift | None, usual: str, mean: float, *, holds: bool) -> list[Doubt]:
    if shift is None or not shift.is_large:
        return []
    words = (
        f"the scores have shifted: {mean:.1%} are expected to leave, {usual} "
        f"(stability index {shift.index:.2f}, at most {shift.limit:.2f})"
    )
    return [Doubt("model_scores", words, holds)]


def _outcome_doubts(outcomes: Outcomes) -> list[Doubt]:
    if not outcomes.is_off:
        return []
    return [Doubt("model_outcomes", f"the model's chances no longer hold: {outcome_words(outcomes)}", holds=True)]


def _named(shifts: Sequence[Shift]) -> str:
    shown = ", ".join(f"{one.name} {one.index:.2f} (at most {one.limit:.2f})" for one in shifts[:NAMED])
    return f"{shown} and {len(shifts) - NAMED} more" if len(shifts) > NAMED else shown


def _result(rule: str, name: str, shift: Shift) -> Result:
    return Result(
        rule=rule,
        scope="table",
        outcome="failed" if shift.is_large else "ok",
        expected=f"stability index of at most {shift.limit:.2f}",
        observed=f"{shift.index:.2f}",
        severity="warn",  # doubts hold campaigns, one by one
        source="account_cadence",
        resource=name,
    )


def _outcome_result(outcomes: Outcomes) -> Result:
    return Result(
        rule="model_outcomes",
        scope="table",
        outcome="failed" if outcomes.is_off else "ok",
        expected=f"{outcomes.low:.0f} to {outcomes.high:.0f} leavers",
        observed=f"{outcomes.seen} leavers",
        severity="warn",
        source="account_cadence_panel",
    )
