"""The call list: whom to call tonight, what to say, and columns to fill in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from stillhere.campaigns.story import amount, habit_words
from stillhere.lists.lists import money_format
from stillhere.lists.sheets import Cell, Column, Sheet, write_csv, write_xlsx
from stillhere.settings import ActivityWords, Campaign

CALL_OUTCOMES = ("done", "no answer", "not a fit")

CALL_COLUMNS = (
    "night",
    "owner",
    "account_id",
    "account_name",
    "contact_name",
    "contact_email",
    "campaign",
    "what_to_say",
    "what_changed",
    "habit",
    "yearly_value",
    "last_talked_date",
    "status",
    "outcome",
    "called_on",
    "note",
)
"""The columns of `calls.csv`. Night, account and campaign say which call it is; people fill in the last three."""

SHEET_COLUMNS = (
    "account_name",
    "owner",
    "contact_name",
    "contact_email",
    "what_to_say",
    "what_changed",
    "habit",
    "yearly_value",
    "last_talked_date",
    "status",
    "outcome",
    "called_on",
    "note",
    "night",
    "account_id",
    "campaign",
)
"""The same in `calls.xlsx`, in the order in which people read: what only the import needs stands last."""

FILL_IN = ("outcome", "called_on", "note")

_HEADINGS = {
    "account_id": "Account id",
    "account_name": "Account",
    "contact_name": "Person",
    "contact_email": "E-mail",
    "last_talked_date": "Last talked with",
    "outcome": "Outcome",
    "called_on": "Called on (YYYY-MM-DD)",
}


@dataclass(frozen=True, slots=True)
class WrittenCalls:
    """The call list that was written, and how many calls are on it."""

    csv: Path
    xlsx: Path
    calls: int


@dataclass(frozen=True)
class CallNight:
    """What a call list needs besides decisions; `contacts` has contact_id and first_name, `wide` the account rows."""

    as_of: date
    campaigns: Mapping[str, Campaign]
    wide: pl.DataFrame
    contacts: pl.DataFrame
    activity: ActivityWords
    currency: str


def write_call_list(folder: Path, decisions: pl.DataFrame, night: CallNight) -> WrittenCalls:
    """Writes `calls.csv` and `calls.xlsx` into the night's folder; calls that are held are there and say so."""
    rows = call_rows(decisions, night)
    columns = [_column(name, night.currency) for name in SHEET_COLUMNS]
    places = [CALL_COLUMNS.index(name) for name in SHEET_COLUMNS]
    read = [[row[at] for at in places] for row in rows]
    table, book = folder / "calls.csv", folder / "calls.xlsx"
    with keeping_what_was_filled_in(table), keeping_what_was_filled_in(book):
        write_csv(table, CALL_COLUMNS, rows)
        write_xlsx(book, [Sheet("Calls", columns, read, stays=1)], night.as_of)
    return WrittenCalls(table, book, len(rows))


@contextmanager
def keeping_what_was_filled_in(path: Path) -> Iterator[None]:
    """Keeps the file that is there beside the one written in the block, unless both are the same to the byte.

    The same night writes the same bytes, so a file with others holds what somebody has filled in, or is of an earlier
    revision: it stays as `calls-before-1.xlsx`, `-2` and so on, and can be imported.
    """
    if not path.is_file():
        yield
        return
    taken = {one.name for one in path.parent.glob(f"{path.stem}-before-*{path.suffix}")}
    kept = next(name for at in count(1) if (name := f"{path.stem}-before-{at}{path.suffix}") not in taken)
    before = path.with_name(kept)
    shutil.copy2(path, before)
    yield
    if before.read_bytes() == path.read_bytes():
        before.unlink()


def call_rows(decisions: pl.DataFrame, night: CallNight) -> list[list[Cell]]:
    """One row a call, by owner, first where it is expected to bring most; without a model the most valuable first."""
    calls = [name for name, campaign in night.campaigns.items() if campaign.what == "call"]
    chosen = decisions.filter(pl.col("campaign").is_in(calls) & pl.col("outcome").is_in(["call", "held"]))
    names = night.contacts.select("contact_id", "first_name").unique("contact_id")
    joined = chosen.join(night.wide, on="account_id", how="left").join(names, on="contact_id", how="left")
    order = ["owner_email", "value_rank", "value_minor", "account_id", "campaign"]
    ordered = joined.sort(order, descending=[name == "value_minor" for name in order], nulls_last=True)
    return [_row(row, night) for row in ordered.iter_rows(named=True)]


def _row(row: Mapping[str, Any], night: CallNight) -> list[Cell]:
    campaign = night.campaigns[row["campaign"]]
    cells: dict[str, Cell] = {
        "night": row["as_of"],
        "owner": row["owner_email"],
        "account_id": row["account_id"],
        "account_name": row["account_name"],
        "contact_name": row["first_name"],
        "contact_email": row["email"],
        "campaign": row["campaign"],
        "what_to_say": campaign.say or campaign.title,
        "what_changed": row["signs_words"] or "no single sign; the risk is high all the same",
        "habit": habit_words(row, night.activity),
        "yearly_value": amount(row["value_minor"], night.currency),
        "last_talked_date": row["last_talked_date"],
        "status": f"held: {row['reason_words']}" if row["outcome"] == "held" else "to call",
    }
    return [cells.get(name) for name in CALL_COLUMNS]


def _column(name: str, currency: str) -> Column:
    if name == "yearly_value":
        return Column(f"Yearly value ({currency})", money_format(currency))
    wide = name in ("what_to_say", "what_changed", "habit", "note")
    heading = _HEADINGS.get(name, name.replace("_", " ").capitalize())
    choices = CALL_OUTCOMES if name == "outcome" else ()
    return Column(heading, choices=choices, wide=wide, fill_in=name in FILL_IN)
