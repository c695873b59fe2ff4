"""The night's scoring: which model, tonight's `risk` mart, and training. The model itself is in `models`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from models import registry
from models.contest import CONTEST_FILE, Contest
from models.drift import REFERENCE_FILE, reference_of
from models.model import Card, RiskModel, TooLittleData
from models.panel import labelled
from models.train import train
from stillhere.scoring.champion import hold_contest, install, model_in_use, training_is_due, training_settings
from stillhere.scoring.enough_data import when_enough
from stillhere.scoring.risk_mart import score
from stillhere.settings import Settings

BATCH_ROWS = 50_000
"""Signs need a few copies of a batch's features; more rows at once are no faster."""


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

    It takes over as `stillhere.scoring.champion` says; an older night moves nothing newer. Raises
    models.errors.PanelError or LeakError if the panel can't be trusted.
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
    # An objection to profiling ends the scoring too.
    rows = connection.cursor().execute(
        "select * from marts.account_cadence where account_id not in "
        "(select account_id from marts.accounts where has_objected) order by account_id"
    )
    reader = rows.fetch_record_batch(BATCH_ROWS)
    nothing = pl.from_arrow(reader.schema.empty_table())
    yield from (pl.from_arrow(batch) for batch in reader)  # type: ignore[misc]  # a batch of columns is a frame
    yield nothing  # type: ignore[misc]  # so that an empty mart is a frame with columns
