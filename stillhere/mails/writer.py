"""Writes a part of a night's mails: one message for every decision to send, and those that could not be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
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
class Part:
    """Some decisions to mail, with the wide account rows and the people (`int_contacts`) that they are about."""

    decisions: pl.DataFrame
    accounts: pl.DataFrame
    people: pl.DataFrame


@dataclass(frozen=True)
class Writer:
    """Reads layout and words once, and writes part after part."""

    settings: Settings
    layout: Layout
    words: dict[tuple[str, str], Words | WordsError] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Writer:
        """A writer with the company's own layout."""
        return cls(settings, Layout.of(settings.folder))

    def write(self, part: Part) -> Outbox:
        """The messages of a part, in the order of its decisions."""
        accounts, people = _by_key(part.accounts, "account_id"), _by_key(part.people, "contact_id")
        rows: list[dict[str, Any]] = []
        unwritten: list[Unwritten] = []
        for decision in part.decisions.iter_rows(named=True):
            words = self._words(decision["campaign"], decision["language"])
            account, person = accounts.get(decision["account_id"], {}), people.get(decision["contact_id"], {})
            try:
                rows.append(_message(decision, words, account, person, self.settings, self.layout))
            except (ContentError, WordsError) as error:
                unwritten.append(Unwritten(decision["message_id"], decision["campaign"], str(error)))
        columns = {name: [row[name] for row in rows] for name in OUTBOX_SCHEMA}
        return Outbox(pl.DataFrame(columns, schema=OUTBOX_SCHEMA), tuple(unwritten))

    def _words(self, campaign: str, language: str) -> Words | WordsError:
        if (campaign, language) not in self.words:
            self.words[campaign, language] = _words(self.settings, campaign, language)
        return self.words[campaign, language]


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
