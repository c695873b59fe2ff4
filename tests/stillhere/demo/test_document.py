"""docs/demo-company.md says what is written: every table and column, in their order, with their types."""

from __future__ import annotations

import re
import sqlite3

import polars as pl
import pytest

from tests.stillhere.demo.conftest import REPOSITORY, Company

PAGE = (REPOSITORY / "docs" / "demo-company.md").read_text()
TYPES = {"text": pl.String, "integer": pl.Int64, "date": pl.Date, "boolean": pl.Boolean}


def documented(title: str) -> dict[str, dict[str, str]]:
    """Tables of one chapter of the page: each one's columns and their types."""
    chapter = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    text = next(part for part in chapter if part.startswith(title))
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if heading := re.match(r"\*\*([\w.]+)\*\*", line):
            found[heading[1]] = {}
        elif row := re.match(r"\| (`[^|]+) \| (\w+)(?:, UTC)? \|", line):
            table = next(reversed(found))
            found[table] |= dict.fromkeys(re.findall(r"`(\w+)`", row[1]), row[2])
    return found


def written(demo: Company, database: str) -> dict[str, dict[str, str]]:
    """Tables of one database as SQLite knows them."""
    connection = sqlite3.connect(demo.sources / f"{database}.sqlite")
    tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    found = {
        table: {row[1]: row[2].lower() for row in connection.execute(f'pragma table_info("{table}")')}
        for table in tables
    }
    connection.close()
    return found


@pytest.mark.parametrize(("chapter", "database"), [("CRM", "crm"), ("Billing", "billing")])
def test_the_page_has_every_table_column_and_type_of_a_database(demo: Company, chapter: str, database: str) -> None:
    assert documented(chapter) == written(demo, database)


def test_the_page_has_every_column_of_use(demo: Company) -> None:
    assert list(documented("Usage")["events"]) == demo.usage.drop("file").columns


def test_the_page_has_every_column_of_the_truth_and_its_type(demo: Company) -> None:
    told = documented("Truth")["accounts.parquet"]
    assert {column: TYPES[kind] for column, kind in told.items()} == dict(demo.truth.schema)


def test_the_page_has_every_word_that_a_column_of_states_can_hold(demo: Company) -> None:
    states = {
        "crm.companies": ("type", "channel"),
        "crm.people": ("role", "language"),
        "crm.calls": ("outcome",),
        "crm.tickets": ("subject", "status"),
        "billing.subscription_periods": ("interval", "status", "end_reason"),
        "billing.invoices": ("status",),
        "billing.payments": ("status", "failure_code"),
    }
    words = {word for table, columns in states.items() for one in columns for word in demo.tables[table][one].unique()}
    words |= set(demo.usage["feature"].unique()) | set(demo.truth["cause"].unique())
    assert {word for word in words if word is not None and f"`{word}`" not in PAGE} == set()
