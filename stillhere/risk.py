"""The night's scoring: which model, tonight's `risk` mart, and training. The model itself is in `models`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from models import registry
from models.contest import CONTEST_FILE, Contest
from models.drift import REFERENCE_FILE, reference_of
from models.model import Card, RiskModel, TooLittleData
from models.panel import labelled
from models.predict import prepared, probabilities, ranked, raw_scores
from models.reasons import GivenSign, rule_signs, signs_of_scored
from models.rule import RULE, apply_rule
from models.train import train
from stillhere.champion import hold_contest, install, model_in_use, training_is_due, training_settings
from stillhere.enough_data import when_enough
from stillhere.settings import Settings
from stillhere.settings.company import Company
from stillhere.signs import sign_words

BATCH_ROWS = 50_000
"""Signs need a few copies of a batch's features; more rows at once are no faster."""
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


@dataclass(frozen=True, slots=True)
class Training:
    """What a training came to: a registered model's card and its contest, or what is missing for one.

    `in_use` is the model that scores the night after it; None where no model can.
    """

    card: Card | None
    missing: tuple[str, ...] = ()
    contest: Contest | None = None
    in_use: str | None = None


@dataclass(frozen=True, slots=True)
class NightScores:
    """`risk` (one row a scored account, by id), the model behind it, and what is missing where there is none.

    `training` is what a training came to where one was due tonight.
    """

    risk: pl.DataFrame
    model: RiskModel | None
    training: Training | None = None
    missing: tuple[str, ...] = ()

    @property
    def card(self) -> Card | None:
        """The model's card."""
        return self.model.card if self.model else None


def train_model(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> Training:
    """Learns from `marts.account_cadence_panel` as of the night and registers the model as a challenger.

    It takes over as `stillhere.champion` says; an older night moves nothing newer. Raises models.errors.PanelError or
    LeakError if the panel can't be trusted.
    """
    panel = connection.execute("select * from marts.account_cadence_panel").pl()
    learned = train(panel, as_of=as_of, settings=training_settings(settings))
    if isinstance(learned, TooLittleData):
        cadence = connection.execute("select * from marts.account_cadence").pl()
        forecast = when_enough(panel, cadence, settings, as_of)
        return Training(None, (*learned.missing, forecast), in_use=model_in_use(settings, as_of))
    folder = settings.places.models
    contest = hold_contest(learned, settings, as_of, panel)
    reference = reference_of(learned, labelled(panel))
    papers = {CONTEST_FILE: contest.as_json(), REFERENCE_FILE: reference.as_json()}
    registry.register(folder, learned, make_current=False, papers=papers)
    install(folder, contest, as_of)
    return Training(learned.card, (), contest, contest.challenger if contest.takes_over else contest.champion)


def score_night(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, *, model_id: str | None = None
) -> NightScores:
    """Scores tonight's `marts.account_cadence`; `model_id` is given when a sealed night is run again.

    Without it: the model in use, after a training where one is due.
    """
    chosen, training = model_id, None
    if chosen is None:
        training = train_model(connection, settings, as_of) if training_is_due(settings, as_of) else None
        chosen = training.in_use if training else model_in_use(settings, as_of)
    model = registry.load(settings.places.models, chosen) if chosen else None
    missing = training.missing if training and model is None else ()
    values = connection.execute("select account_id, value_minor from marts.accounts").pl()
    risk = score(_cadence_in_batches(connection), values, settings, as_of, model, missing)
    return NightScores(risk, model, training, missing)


def _cadence_in_batches(connection: duckdb.DuckDBPyConnection) -> Iterator[pl.DataFrame]:
    """Tonight's `account_cadence` by account id, some rows at a time: the features of all need not fit at once."""
    rows = connection.cursor().execute("select * from marts.account_cadence order by account_id")
    reader = rows.fetch_record_batch(BATCH_ROWS)
    nothing = pl.from_arrow(reader.schema.empty_table())
    yield from (pl.from_arrow(batch) for batch in reader)  # type: ignore[misc]  # a batch of columns is a frame
    yield nothing  # type: ignore[misc]  # so that an empty mart is a frame with columns


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
