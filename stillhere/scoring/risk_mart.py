"""Tonight's `risk` mart: chance, ranks, signs in words, and what an outreach is expected to bring, an account a row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

import polars as pl

from models.model import RiskModel
from models.predict import prepared, probabilities, ranked, raw_scores
from models.reasons import GivenSign, rule_signs, signs_of_scored
from models.rule import RULE, apply_rule
from stillhere.settings import Settings
from stillhere.settings.company import Company
from stillhere.signs import sign_words

RISK_SCHEMA: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "as_of": pl.Date(),
    "churn_probability": pl.Float64(),
    "risk_rank": pl.Int32(),
    "is_flagged": pl.Boolean(),
    "signs": pl.String(),
    "signs_words": pl.String(),
    "expected_next_date": pl.Date(),
    "value_at_stake_minor": pl.Int64(),
    "outreach_value_minor": pl.Int64(),
    "value_rank": pl.Int32(),
    "model_id": pl.String(),
    "too_little_data": pl.Boolean(),
    "rule": pl.String(),
}


def score(
    cadence: Iterable[pl.DataFrame],
    values: pl.DataFrame,
    settings: Settings,
    as_of: date,
    model: RiskModel | None,
    missing: tuple[str, ...] = (),
) -> pl.DataFrame:
    """The `risk` mart (grain: account in `cadence`, by id); `values` gives `value_minor` an account.

    `cadence` comes in parts, each account in one of them.
    """
    scored = _scored_by_rule(cadence, settings) if model is None else _scored_by_model(cadence, model, settings)
    chance = (pl.col("churn_probability") * 1_000_000).round(0).cast(pl.Int64)  # integers, so that halves round up
    rows = scored.join(values.select("account_id", "value_minor"), on="account_id", how="left").with_columns(
        as_of=pl.lit(as_of),
        value_at_stake_minor=(chance * pl.col("value_minor") + 500_000) // 1_000_000,
        outreach_value_minor=outreach_value(chance, settings),
        model_id=pl.lit(model.card.model_id if model else None),
        too_little_data=pl.lit(model is None),
        rule=pl.lit(None if model else "; ".join((RULE, *missing))),
    )
    rows = rows.with_columns(value_rank=_rank_by("outreach_value_minor"))
    return rows.select(pl.col(name).cast(kind) for name, kind in RISK_SCHEMA.items()).sort("account_id")


def _scored_by_rule(cadence: Iterable[pl.DataFrame], settings: Settings) -> pl.DataFrame:
    """Account, rank, flag, signs and expected next day by the stated rule, which measures accounts by one another."""
    whole = pl.concat(list(cadence))
    scored = apply_rule(whole).with_columns(churn_probability=pl.lit(None, dtype=pl.Float64))
    told = rule_signs(whole, scored.filter("is_flagged")["account_id"])
    return _with_words(scored, told, whole, settings.company)


def _scored_by_model(cadence: Iterable[pl.DataFrame], model: RiskModel, settings: Settings) -> pl.DataFrame:
    """Account, chance, rank, flag, signs and expected next day, part by part.

    Signs are given of all accounts: a failed payment is news on a small risk too.
    """
    parts = []
    for part in cadence:
        rows = prepared(part)
        scores = raw_scores(model, rows)
        chances = pl.Series(probabilities(model, scores), dtype=pl.Float64)
        scored = rows.select("account_id").with_columns(churn_probability=chances)
        parts.append(_with_words(scored, signs_of_scored(model, rows, scores), part, settings.company))
    whole = ranked(pl.concat(parts))
    flagged = int(settings.churn.flag_share * whole.height + 0.5)
    return whole.with_columns(is_flagged=pl.col("risk_rank") <= flagged)


def _with_words(
    scored: pl.DataFrame, told: dict[str, tuple[GivenSign, ...]], cadence: pl.DataFrame, company: Company
) -> pl.DataFrame:
    return (
        scored.join(_in_words(told, company), on="account_id", how="left")
        .join(cadence.select("account_id", "expected_next_date"), on="account_id", how="left")
        .with_columns(pl.col("signs").fill_null("[]"), pl.col("signs_words").fill_null(""))
    )


def outreach_value(chance_millionths: pl.Expr, settings: Settings) -> pl.Expr:
    """What one outreach is expected to bring, in minor units: chance x assumed effect x yearly value, less its cost.

    Whole numbers throughout, so that halves round up and bytes repeat. Below 0 it costs more than it may bring.
    """
    outreach = settings.churn.outreach
    effect_millionths = round(outreach.assumed_effect_share * 1_000_000)
    kept = chance_millionths.cast(pl.Int128) * effect_millionths * pl.col("value_minor").cast(pl.Int128)
    return ((kept + 500_000_000_000) // 1_000_000_000_000).cast(pl.Int64) - outreach.cost_minor


def _rank_by(name: str) -> pl.Expr:
    """1 is the largest; ties by account id; no rank where the figure is unknown."""
    order = pl.struct(unknown=pl.col(name).is_null(), falling=-pl.col(name), account=pl.col("account_id"))
    return pl.when(pl.col(name).is_not_null()).then(order.rank("ordinal")).otherwise(None)


def _in_words(told: dict[str, tuple[GivenSign, ...]], company: Company) -> pl.DataFrame:
    """account_id, signs (JSON) and signs_words of the accounts that have signs."""
    activity = company.words(company.language)
    rows = []
    for account_id, signs in told.items():
        if not signs:
            continue
        words = [sign_words(sign.code, sign.values, language=company.language, activity=activity) for sign in signs]
        listed = [
            {"code": sign.code, "words": text, "strength": sign.strength, "values": sign.values}
            for sign, text in zip(signs, words, strict=True)
        ]
        rows.append((account_id, json.dumps(listed, ensure_ascii=False), "; ".join(words)))
    schema = {"account_id": pl.String(), "signs": pl.String(), "signs_words": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")
