"""The public event logs on which the risk model is measured: who is asked, what leaving is, and the bars.

A copy of the data that gives other counts ends the run: its figures could not be compared.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from models.event_log import EventLog, Question, day_number, left, population
from stillhere.backtesting.read_log import LogColumns, read_event_log


@dataclass(frozen=True, slots=True)
class Bars:
    """What the mean over the cut-offs must reach: at least, at least, at least, at most, at most."""

    roc_auc: float
    average_precision: float
    lift_10: float
    brier: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A past day, with how many accounts are asked of and how many of them left.

    Counted by plain SQL; the shares published with the bars are these, rounded to four decimals and then to three.
    """

    day: date
    n: int
    leavers: int


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set: `rows` is SQL over `{file}` that gives the events as a person would hand them to the command line."""

    name: str
    file: str
    rows: str
    columns: LogColumns
    question: Question
    cutoffs: tuple[Cutoff, ...]
    bars: Bars


SETS = (
    PublicSet(
        name="complete_journey",
        file="complete_journey/baskets.parquet",
        rows='select household_id, "at", sales_value from {file}',
        columns=LogColumns("household_id", "at", "sales_value"),
        question=Question(horizon_days=28, active_days=84),
        cutoffs=(
            Cutoff(date(2017, 10, 8), 2307, 312),
            Cutoff(date(2017, 11, 5), 2296, 328),
            Cutoff(date(2017, 12, 3), 2310, 344),
        ),
        bars=Bars(0.8609, 0.4747, 3.66, 0.0934, 0.0164),
    ),
    PublicSet(
        name="online_retail",
        file="online_retail/invoices.parquet",
        rows='select customer_id, "at", amount from {file} where amount > 0 and not is_cancellation',
        columns=LogColumns("customer_id", "at", "amount"),
        question=Question(horizon_days=60, active_days=180),
        cutoffs=(
            Cutoff(date(2011, 8, 10), 2791, 1516),
            Cutoff(date(2011, 9, 9), 2787, 1395),
            Cutoff(date(2011, 10, 9), 2984, 1383),
        ),
        bars=Bars(0.7369, 0.6987, 1.49, 0.2097, 0.0672),
    ),
    PublicSet(
        name="cdnow",
        file="cdnow/transactions.parquet",
        rows='select customer_id, "at", amount from {file}',
        columns=LogColumns("customer_id", "at", "amount"),
        question=Question(horizon_days=90, active_days=180),
        cutoffs=(
            Cutoff(date(1997, 12, 31), 6343, 3782),
            Cutoff(date(1998, 2, 14), 5946, 3454),
            Cutoff(date(1998, 3, 31), 6055, 3724),
        ),
        bars=Bars(0.7146, 0.7543, 1.33, 0.2059, 0.0268),
    ),
)


def read_set(told: PublicSet, data: Path) -> EventLog:
    """The set's log, read as `stillhere backtest` reads it; ends the run where it is not the set that was published."""
    source = data / told.file
    if not source.is_file():
        raise SystemExit(f"{source}: no such file; --data names the folder with the public sets")
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.parquet"
        rows = told.rows.format(file=f"read_parquet('{source}')")
        duckdb.sql(f"copy ({rows}) to '{events}' (format parquet)")
        log = read_event_log(events, told.columns).log
    for cutoff in told.cutoffs:
        check_cutoff(log, told, cutoff)
    return log


def check_cutoff(log: EventLog, told: PublicSet, cutoff: Cutoff) -> None:
    """Ends the run unless accounts and leavers of a cut-off are those the bars were measured on."""
    day = day_number(cutoff.day)
    accounts = population(log, day, told.question)
    leavers = int(left(log, accounts, day, told.question).sum())
    if (len(accounts), leavers) != (cutoff.n, cutoff.leavers):
        raise SystemExit(
            f"{told.name}, {cutoff.day}: {len(accounts):,} accounts, {leavers:,} left; "
            f"the bars were measured on {cutoff.n:,} and {cutoff.leavers:,}"
        )
