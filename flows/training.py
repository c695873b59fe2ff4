"""The weekly training as a flow: a new risk model from the newest night's panel."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from sqlalchemy.exc import SQLAlchemyError

from flows.artifacts import name_run
from flows.build import build_panel, night_built_for
from stillhere.company_folder import read_company
from stillhere.operations import night_lock, open_operations, writing
from stillhere.operations.runs import close_dead_runs, finish_run, start_run
from stillhere.scoring.risk import Training, train_model
from stillhere.settings import Settings
from stillhere.warehouse.connect import open_warehouse


@flow(name="train", persist_result=False)
def train(company: str | None = None) -> State[Any]:
    """Fits a challenger on the panel that the newest night has built, and compares it with the model in use."""
    settings = read_company(Path(company) if company else None)
    name_run(settings.company.id, datetime.now(settings.company.zone).date(), "training")
    training = train_newest(settings)
    if training.card is None:
        return Completed(name="TooLittleData", message="; ".join(training.missing))
    return Completed(message=words_of(training))


def words_of(training: Training) -> str:
    """What a training came to, in one line."""
    if training.card is None or training.contest is None:
        return "; ".join(training.missing)
    return f"registered {training.card.model_id}; it {training.contest.words}"


def train_newest(settings: Settings) -> Training:
    """Trains as of the day the warehouse was built for; its panel is built where the night had no need of it.

    Raises NothingToLearnFromError before the first night.
    """
    started_at = datetime.now(UTC)
    operations = open_operations(settings.places.operations_url)
    with night_lock(settings.places.lock, operations, "a training", started_at):
        as_of = night_built_for(settings)
        with writing(operations) as connection:
            close_dead_runs(connection, started_at)
        run_id = start_run(operations, as_of, 0, "preview", "train", started_at)
        try:
            build_panel(settings, as_of)
            with open_warehouse(settings.places.warehouse) as warehouse:
                training = train_model(warehouse, settings, as_of)
        except BaseException as error:
            # On a full disk this fails as well; what ended the training is what people should read.
            with suppress(SQLAlchemyError):
                finish_run(operations, run_id, "failed", datetime.now(UTC), str(error) or type(error).__name__)
            raise
        finish_run(operations, run_id, "done", datetime.now(UTC), words_of(training))
    return training
