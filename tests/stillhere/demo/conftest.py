"""The demo company as it comes, built once: real databases and files, and the truth beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from stillhere.commands.demo import build_demo_for
from stillhere.demo.recipe import DEFAULT_UNTIL
from stillhere.settings import load_settings

REPOSITORY = Path(__file__).parents[3]
BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Company:
    """A built company: its tables by `source.table`, its use and its truth."""

    sources: Path
    tables: dict[str, pl.DataFrame]
    usage: pl.DataFrame
    truth: pl.DataFrame
    truth_folder: Path
    until: date

    @property
    def end(self) -> datetime:
        """The instant at which its last day ends."""
        return datetime(self.until.year, self.until.month, self.until.day, 23, 59, 59, tzinfo=BERLIN)


def tables_of(sources: Path) -> dict[str, pl.DataFrame]:
    """Every table of both databases."""
    found = {}
    for source in ("crm", "billing"):
        connection = sqlite3.connect(sources / f"{source}.sqlite")
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            cursor = connection.execute(f'select * from "{name}"')
            columns = [column[0] for column in cursor.description]
            found[f"{source}.{name}"] = pl.DataFrame(
                cursor.fetchall(), schema=columns, orient="row", infer_schema_length=None
            )
        connection.close()
    return found


def read_company(sources: Path, truth: Path, until: date) -> Company:
    """What lies in the two folders."""
    usage = pl.read_parquet(sources / "usage" / "*.parquet", include_file_paths="file")
    return Company(sources, tables_of(sources), usage, pl.read_parquet(truth / "accounts.parquet"), truth, until)


def seconds(instant: datetime) -> int:
    """Seconds since 1970."""
    return int(instant.astimezone(UTC).timestamp())


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company that `stillhere demo` and the first night build: 4,000 accounts, seed 7."""
    settings = load_settings(REPOSITORY / "config", {}, tmp_path_factory.mktemp("demo"))
    build_demo_for(settings)
    yield read_company(settings.places.sources, settings.places.truth, DEFAULT_UNTIL)
