"""Signs: which of an account's habits changed, and how much each of them drives its score.

A group of features is put back to the account's usual (or to what is typical of those who stayed) and the account
is scored again. The strength of a sign is the mean of two drops in log-odds: from the account as it is, and from the
account with every group put back but this one. Each misses what the other sees when two habits changed together;
their mean is the two-ended approximation of a Shapley value (Strumbelj and Kononenko 2014, with the two extreme
coalitions). A sign is given only where the raw values show the change too, and where it lowers the score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.evidence import CODES, SIGNS, THEMES, Value, values_of, with_evidence
from models.features import COLUMNS, GROUPS
from models.fit import Vector
from models.model import RiskModel
from models.predict import checked, prepared, raw_scores
from models.usual import put_back, season_adjusted

MOST_SIGNS = 3
LEAST_STRENGTH = 0.05
"""Below this the odds move by less than 5 %: nothing a person should be told."""


@dataclass(frozen=True, slots=True)
class GivenSign:
    """One sign of one account: its code, how much it adds to the log-odds, and the evidence."""

    code: str
    strength: float
    values: dict[str, Value]


def signs_of(model: RiskModel, cadence: pl.DataFrame) -> dict[str, tuple[GivenSign, ...]]:
    """Account id to its signs, best first, at most three; accounts without evidence have none."""
    rows = prepared(cadence)
    return signs_of_scored(model, rows, raw_scores(model, rows))


def signs_of_scored(model: RiskModel, prepared_rows: pl.DataFrame, scores: Vector) -> dict[str, tuple[GivenSign, ...]]:
    """As `signs_of`, of rows that are prepared and scored already (`scores`: their log-odds)."""
    rows = with_evidence(prepared_rows, model.typical).with_columns(_score=pl.Series(scores, dtype=pl.Float64))
    found: dict[str, list[GivenSign]] = {account: [] for account in rows["account_id"]}
    for group, (part, strength) in _strengths(model, rows).items():
        for row, drives in zip(part.iter_rows(named=True), strength, strict=True):
            for sign in SIGNS:
                if sign.group == group and row[f"_{sign.code}"] and drives >= LEAST_STRENGTH:
                    values = values_of(sign.code, row, model.typical)
                    found[row["account_id"]].append(GivenSign(sign.code, round(float(drives), 4), values))
    return {account: best_first(given) for account, given in found.items()}


def rule_signs(cadence: pl.DataFrame, flagged: pl.Series) -> dict[str, tuple[GivenSign, ...]]:
    """Signs without a model: those the raw values show, in the order of the list, their strength 0 for none weighed it.

    `flagged` holds the ids that the stated rule flags; "quiet" is theirs in any case, for that is what the rule says.
    """
    rows = with_evidence(season_adjusted(checked(cadence)), {})
    rows = rows.with_columns(_quiet=pl.col("_quiet") | pl.col("account_id").is_in(flagged.implode()))
    return {
        row["account_id"]: best_first(
            [GivenSign(sign.code, 0.0, values_of(sign.code, row, {})) for sign in SIGNS if row[f"_{sign.code}"]]
        )
        for row in rows.iter_rows(named=True)
    }


def best_first(given: list[GivenSign]) -> tuple[GivenSign, ...]:
    """The strongest signs, each theme once before any theme twice: a second one should tell something new."""
    ordered = sorted(given, key=lambda sign: (-sign.strength, CODES.index(sign.code)))
    seen: set[str] = set()
    first: list[GivenSign] = []
    again: list[GivenSign] = []
    for sign in ordered:
        (again if THEMES[sign.code] in seen else first).append(sign)
        seen.add(THEMES[sign.code])
    return tuple((first + again)[:MOST_SIGNS])


def _strengths(model: RiskModel, rows: pl.DataFrame) -> dict[str, tuple[pl.DataFrame, Vector]]:
    """Per group: the rows with evidence for it, and how much the group adds to each one's log-odds.

    0 where putting the group back alone would not lower the score: such a sign would not be true to the model.
    """
    parts = {group: rows.filter(_any_evidence(group)) for group in GROUPS}
    blocks: list[pl.DataFrame] = []
    for group, part in parts.items():
        others = tuple(name for name in GROUPS if name != group)
        blocks += [
            _inputs(put_back(part, (group,), model.typical)),
            _inputs(put_back(part, others, model.typical)),
            _inputs(put_back(part, tuple(GROUPS), model.typical)),
        ]
    scores = raw_scores(model, pl.concat(blocks))
    pieces = iter(np.split(scores, np.cumsum([block.height for block in blocks])[:-1]))
    strengths = {}
    for group, part in parts.items():
        now, without, only, none = part["_score"].to_numpy(), next(pieces), next(pieces), next(pieces)
        faithful = now - without > 0
        strengths[group] = (part, np.where(faithful, ((now - without) + (only - none)) / 2, 0.0))
    return strengths


def _any_evidence(group: str) -> pl.Expr:
    return pl.any_horizontal(f"_{sign.code}" for sign in SIGNS if sign.group == group)


def _inputs(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("working_days_a_week", "open_share_28", *(feature.name for feature in COLUMNS))
