"""The outbox of a night: one written message for every decision to send, and those that could not be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from stillhere.mails.content import ContentError, Layout, goodbye_link, unsubscribe_link, write_content
from stillhere.mails.values import message_values
from stillhere.mails.words import Words, WordsError, words_for
from stillhere.settings import Settings

OUTBOX_SCHEMA: dict[str, pl.DataType] = {
    "message_id": pl.String(),
    "campaign": pl.String(),
    "email": pl.String(),
    "account_id": pl.String(),
    "contact_id": pl.String(),
    "occasion": pl.String(),
    "language": pl.String(),
    "subject": pl.String(),
    "text": pl.String(),
    "html": pl.String(),
    "claims_json": pl.String(),
    "stop_url": pl.String(),
    "reply_to": pl.String(),
    "send_at": pl.Datetime("us", "UTC"),
    "send_until": pl.Datetime("us", "UTC"),
}
"""`outbox`: one row a message, ordered by message id. `stop_url` is how its reader stops; our own have none.

`reply_to` is the address for answers where it is not the company's; `send_at` to `send_until` the stretch (UTC) in
which the message may arrive.
"""


PART_ROWS = 5_000
"""Mails written at a time: some 40 MB of HTML."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A message that could not be written, and why."""

    message_id: str
    campaign: str
    why: str


@dataclass(frozen=True)
class Outbox:
    """A night's messages (see OUTBOX_SCHEMA) and what could not be written."""

    messages: pl.DataFrame
    unwritten: tuple[Unwritten, ...]


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
    parts = list(outbox_parts(decisions, wide, contacts, settings))
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
        for part in outbox_parts(decisions, wide, contacts, settings):
            writer.write_table(part.messages.to_arrow().cast(empty.schema))
            count += part.messages.height
            unwritten += part.unwritten
    return OutboxFile(file, count, tuple(unwritten))


def outbox_parts(
    decisions: pl.DataFrame, wide: pl.DataFrame, contacts: pl.DataFrame, settings: Settings
) -> Iterator[Outbox]:
    """The messages in the order of their ids, some thousand at a time."""
    calls = [campaign.id for campaign in settings.campaigns if campaign.what == "call"]
    is_mail = pl.col("outcome").is_in(["send", "held"]) & ~pl.col("campaign").is_in(calls)
    chosen = decisions.filter(is_mail).sort("message_id")
    layout = Layout.of(settings.folder)
    words: dict[tuple[str, str], Words | WordsError] = {}
    for part in chosen.iter_slices(PART_ROWS):
        accounts = _by_key(wide.join(part.select("account_id").unique(), on="account_id", how="semi"), "account_id")
        people = _by_key(contacts.join(part.select("contact_id").unique(), on="contact_id", how="semi"), "contact_id")
        rows: list[dict[str, Any]] = []
        unwritten: list[Unwritten] = []
        for decision in part.rows(named=True):
            kind = (decision["campaign"], decision["language"])
            if kind not in words:
                words[kind] = _words(settings, *kind)
            account = accounts.get(decision["account_id"], {})
            person = people.get(decision["contact_id"], {})
            try:
                rows.append(_message(decision, words[kind], account, person, settings, layout))
            except (ContentError, WordsError) as error:
                unwritten.append(Unwritten(decision["message_id"], decision["campaign"], str(error)))
        columns = {name: [row[name] for row in rows] for name in OUTBOX_SCHEMA}
        yield Outbox(pl.DataFrame(columns, schema=OUTBOX_SCHEMA), tuple(unwritten))


def _words(settings: Settings, campaign: str, language: str) -> Words | WordsError:
    try:
        return words_for(settings.folder, campaign, language, settings.company.language)
    except WordsError as error:
        return error


def _message(
    decision: Mapping[str, Any],
    words: Words | WordsError,
    account: Mapping[str, Any],
    person: Mapping[str, Any],
    settings: Settings,
    layout: Layout,
) -> dict[str, Any]:
    if isinstance(words, WordsError):
        raise words
    company, keys, message_id = settings.company, settings.environment.web_keys, decision["message_id"]
    # The footer names the account, whatever the words name.
    needed = words.names | words.optional_names | {"account_name"}
    values = message_values(account, person, company, words.language, needed, settings.goodbye)
    until = decision["as_of"] + timedelta(days=settings.goodbye.answer_days)
    goodbye_url = goodbye_link(company, message_id, words.language, keys, until)
    stop_url = unsubscribe_link(company, message_id, words.language, keys)
    links = {"goodbye_url": goodbye_url} if goodbye_url else {}
    content = write_content(words, values, company, layout, stop_url, links)
    reply_to_owner = any(one.id == words.campaign and one.reply_to == "owner" for one in settings.campaigns)
    return {
        **{
            name: decision[name] for name in ("message_id", "campaign", "email", "account_id", "contact_id", "occasion")
        },
        "language": words.language,
        "subject": content.subject,
        "text": content.text,
        "html": content.html,
        "claims_json": content.claims_json,
        "stop_url": stop_url,
        "reply_to": account.get("owner_email") if reply_to_owner else None,
        "send_at": decision.get("send_at"),
        "send_until": decision.get("send_until"),
    }


def _by_key(frame: pl.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in frame.iter_rows(named=True) if row[key] is not None}
