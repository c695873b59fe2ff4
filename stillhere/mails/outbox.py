"""The outbox of a night: its decisions to mail cut into parts, and these written, in memory or into a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stillhere.mails.side_by_side import written
from stillhere.mails.writer import OUTBOX_SCHEMA, Outbox, Part, Unwritten, Writer
from stillhere.settings import Settings

__all__ = ["OUTBOX_SCHEMA", "PART_ROWS", "Outbox", "OutboxFile", "Unwritten", "write_outbox", "write_outbox_file"]

PART_ROWS = 5_000
"""Mails written at a time: some 40 MB of HTML."""


@dataclass(frozen=True)
class OutboxFile:
    """A night's messages in a Parquet file (see OUTBOX_SCHEMA), how many, and what could not be written."""

    file: Path
    messages: int
    unwritten: tuple[Unwritten, ...]


def write_outbox(decisions: pl.DataFrame, wide: pl.DataFrame, contacts: pl.DataFrame, settings: Settings) -> Outbox:
    """Writes the message of every decision to mail, held ones too; pure but for reading the words' files.

    What is held is written, checked and kept, so that a release can send it. `decisions` are this night's, `wide` its
    wide account rows, `contacts` its `int_contacts`.
    """
    writer = Writer.of(settings)
    parts = [writer.write(part) for part in _parts(decisions, wide, contacts, settings)]
    messages = pl.concat([pl.DataFrame(schema=OUTBOX_SCHEMA), *(part.messages for part in parts)])
    return Outbox(messages, tuple(one for part in parts for one in part.unwritten))


def write_outbox_file(
    file: Path, decisions: pl.DataFrame, wide: pl.DataFrame, contacts: pl.DataFrame, settings: Settings
) -> OutboxFile:
    """The same into a file, part by part: however many mails a night has, only a part of them is in memory at once."""
    from pyarrow.parquet import ParquetWriter  # half a second, which sending has no use for

    file.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    unwritten: list[Unwritten] = []
    empty = pl.DataFrame(schema=OUTBOX_SCHEMA).to_arrow()
    with ParquetWriter(file, empty.schema, compression="zstd") as writer:
        for part in written(_parts(decisions, wide, contacts, settings), settings):
            writer.write_table(part.messages.to_arrow().cast(empty.schema))
            count += part.messages.height
            unwritten += part.unwritten
    return OutboxFile(file, count, tuple(unwritten))


def _parts(decisions: pl.DataFrame, wide: pl.DataFrame, contacts: pl.DataFrame, settings: Settings) -> Iterator[Part]:
    """The decisions to mail in the order of their messages' ids, some thousand at a time."""
    calls = [campaign.id for campaign in settings.campaigns if campaign.what == "call"]
    is_mail = pl.col("outcome").is_in(["send", "held"]) & ~pl.col("campaign").is_in(calls)
    for part in decisions.filter(is_mail).sort("message_id").iter_slices(PART_ROWS):
        accounts = wide.join(part.select("account_id").unique(), on="account_id", how="semi")
        people = contacts.join(part.select("contact_id").unique(), on="contact_id", how="semi")
        yield Part(part, accounts, people)
