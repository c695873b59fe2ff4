"""Segment lists as files: `lists/<segment_id>.csv` for tools, `.xlsx` for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
from babel.numbers import get_currency_precision

from stillhere.campaigns.rule_words import rule_in_words
from stillhere.campaigns.segments import MEMBERS_SCHEMA, changed_versions, version_of, versions_tonight
from stillhere.campaigns.story import amount, days
from stillhere.lists.sheets import Cell, Column, Sheet, write_csv, write_xlsx
from stillhere.settings import Segment

LIST_COLUMNS = tuple(name for name in MEMBERS_SCHEMA if name != "last_true_date")
"""The columns of a list's CSV file: those of `segment_members`."""

STATUS_WORDS = {"in": "on the list", "staying": "staying a few days longer", "held": "held"}


@dataclass(frozen=True, slots=True)
class WrittenList:
    """One list that was written: where it is, how many are on it, and whether its rule changed tonight."""

    segment_id: str
    title: str
    csv: Path
    xlsx: Path
    members: int
    new_tonight: int
    version: str
    previous_version: str | None
    held: bool


@dataclass(frozen=True)
class ListsNight:
    """What the lists of one night say besides their members. `held_because` is null when the send is not held."""

    as_of: date
    currency: str
    horizon_days: int
    held_because: str | None = None
    held_lists: Mapping[str, str] = field(default_factory=dict)
    """Segment to why its campaign is held, where the send as a whole is not."""

    def why_held(self, segment_id: str) -> str | None:
        """Why nothing leaves to the accounts of a list, or None."""
        return self.held_because or self.held_lists.get(segment_id)


@dataclass(frozen=True)
class _Rules:
    """Versions of the rules by segment: tonight's, last night's where they differ, and whose last one is known."""

    tonight: Mapping[str, str]
    changed: Mapping[str, str]
    known_before: frozenset[str]

    def change_words(self, segment_id: str) -> str:
        """What the list says about its rule and last night's."""
        if segment_id in self.changed:
            return f"yes: last night it was {self.changed[segment_id]}"
        if self.known_before and segment_id not in self.known_before:
            return "not known: nobody was on it last night"
        return "no"


def write_lists(
    folder: Path, segments: Sequence[Segment], members: pl.DataFrame, previous: pl.DataFrame, night: ListsNight
) -> list[WrittenList]:
    """Writes every segment's list into `folder` (the night's `lists`), an empty one with its heading alone.

    Lists of segments that are gone from the configuration are removed from the folder.
    """
    versions = versions_tonight(segments, members)
    rules = _Rules(versions, changed_versions(versions, previous), frozenset(previous["segment_id"]))
    written = [
        _write_list(folder, segment, members.filter(pl.col("segment_id") == segment.id), rules, night)
        for segment in segments
    ]
    keep = {path for one in written for path in (one.csv, one.xlsx)}
    for path in sorted(folder.glob("*")):
        if path.suffix in (".csv", ".xlsx") and path not in keep:
            path.unlink()
    return written


def money_format(currency: str) -> str:
    """Excel's number format for amounts of a currency."""
    digits = get_currency_precision(currency)
    return "#,##0" + (f".{'0' * digits}" if digits else "")


def by_value(members: pl.DataFrame) -> pl.DataFrame:
    """Newcomers first, then the most valuable: the order in which people read a list."""
    order = ["new_tonight", "value_minor", "account_id"]
    return members.sort(order, descending=[True, True, False], nulls_last=True)


def _write_list(folder: Path, segment: Segment, members: pl.DataFrame, rules: _Rules, night: ListsNight) -> WrittenList:
    ordered = by_value(members)
    one = WrittenList(
        segment_id=segment.id,
        title=segment.title,
        csv=folder / f"{segment.id}.csv",
        xlsx=folder / f"{segment.id}.xlsx",
        members=members.height,
        new_tonight=int(members["new_tonight"].sum()),
        version=rules.tonight[segment.id],
        previous_version=rules.changed.get(segment.id),
        held=night.why_held(segment.id) is not None,
    )
    write_csv(one.csv, LIST_COLUMNS, ordered.select(LIST_COLUMNS).rows())
    name = "Accounts (HELD)" if one.held else "Accounts"
    accounts = Sheet(name, _columns(night), _rows(ordered, night), warning=one.held, stays=1)
    write_xlsx(one.xlsx, [accounts, _about(segment, one, rules, night)], night.as_of)
    return one


def _columns(night: ListsNight) -> list[Column]:
    return [
        Column("Account"),
        Column("Account id"),
        Column("What changed", wide=True),
        Column(f"Yearly value ({night.currency})", money_format(night.currency)),
        Column(f"Chance of leaving within {night.horizon_days} days", "0%"),
        Column("Owner"),
        Column("On this list since"),
        Column("Days on it", "0"),
        Column("New tonight"),
        Column("Status"),
    ]


def _rows(members: pl.DataFrame, night: ListsNight) -> list[list[Cell]]:
    return [
        [
            row["account_name"],
            row["account_id"],
            row["signs"],
            amount(row["value_minor"], night.currency),
            row["churn_probability"],
            row["owner_email"],
            row["since"],
            row["days_in"],
            row["new_tonight"],
            STATUS_WORDS[row["status"]],
        ]
        for row in members.iter_rows(named=True)
    ]


def _about(segment: Segment, one: WrittenList, rules: _Rules, night: ListsNight) -> Sheet:
    lines = rule_in_words(segment, night.currency)
    if one.version != version_of(segment):
        lines = ["(changed in segments.yml since this night was decided; the accounts came by the rule as it was)"]
    rule: list[list[Cell]] = [["Rule" if at == 0 else None, line] for at, line in enumerate(lines)]
    stays = f"{days(segment.stay_days)} after the rule last held" if segment.stay_days else "only while the rule holds"
    rows: list[list[Cell]] = [
        ["List", segment.title],
        ["What it is", segment.description],
        ["Owner", segment.owner],
        ["Night", night.as_of],
        ["Accounts on it", one.members],
        ["New tonight", one.new_tonight],
        *rule,
        ["Stays on the list", stays],
        ["Version of the rule", one.version],
        ["Rule changed since last night", rules.change_words(segment.id)],
        ["Held", night.why_held(segment.id) or "no"],
    ]
    return Sheet("About this list", [Column("About"), Column("", wide=True)], rows)
