"""Odd exports, as offices write them, made from one small world of orders."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from typer.testing import CliRunner, Result

from stillhere.commands.init import register


class Order(NamedTuple):
    """One order of the world the exports are written from."""

    number: int
    customer: str
    at: datetime
    amount: float


def german(amount: float) -> str:
    """1234.5 as 1.234,50."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def write_csv(path: Path, rows: Iterable[Iterable[object]], delimiter: str = ";", encoding: str = "cp1252") -> Path:
    """A CSV file with Windows line ends."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.fixture(scope="session")
def orders() -> list[Order]:
    """Two thousand orders of 120 customers over sixteen months; half of the customers stop on the way."""
    chance = random.Random(7)  # noqa: S311 - test data
    found = []
    for customer in range(120):
        at = datetime(2024, 3, 1, 9) + timedelta(days=chance.random() * 100)  # noqa: DTZ001 - a wall clock
        gap = chance.choice([5, 9, 14, 30])
        stop = datetime(2025, 6, 30) - timedelta(days=chance.choice([0, 0, 100, 200]))  # noqa: DTZ001
        while at < stop:
            found.append((at, f"K-{1000 + customer}", round(chance.lognormvariate(5, 1), 2)))
            at += timedelta(days=0.2 + chance.expovariate(1 / gap))
    return [Order(n, who, at, amount) for n, (at, who, amount) in enumerate(sorted(found))]


@pytest.fixture
def stillhere_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `stillhere init` in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ["init", *map(str, arguments)])
