"""Registered models for tests: trained for real on simulated panels."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from stillhere.scoring.risk import train_model
from stillhere.settings import Settings
from tests.models.simulated_panel import simulated_panel, tonight

FEW = 220
"""Accounts: few enough leavers that the quick learner is used, enough that two models can be told apart."""


def marts(
    as_of: date, accounts: int = FEW, *, past: int | None = None, dealt_out: bool = False
) -> duckdb.DuckDBPyConnection:
    """An open warehouse with the three marts that scoring reads; `past` is how many accounts the panel knows.

    `dealt_out` deals the panel's outcomes out by chance, so that nothing can be learned.
    """
    panel = simulated_panel(past or accounts, as_of)
    if dealt_out:
        panel = panel.with_columns(left_in_horizon=panel["left_in_horizon"].sample(fraction=1, shuffle=True, seed=5))
    cadence, _ = tonight(accounts, as_of)
    values = cadence.select("account_id", value_minor=pl.col("mrr_minor") * 12, has_objected=pl.lit(value=False))
    connection = duckdb.connect()
    connection.execute("create schema marts")
    tables = {"account_cadence": cadence, "account_cadence_panel": panel, "accounts": values}
    for name, table in tables.items():
        connection.register("incoming", table.to_arrow())
        connection.execute(f"create table marts.{name} as select * from incoming")
    return connection


def registered_models(settings: Settings, first: date, second: date) -> tuple[str, str]:
    """A poor model of the first day, and the better one of the second, which has taken over."""
    trainings = (
        train_model(marts(first, dealt_out=True), settings, first),
        train_model(marts(second), settings, second),
    )
    poor, better = (training.card.model_id for training in trainings if training.card)
    assert trainings[1].in_use == better
    return poor, better
