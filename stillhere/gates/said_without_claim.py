"""What a mail may say without a claim: the numbers and addresses that stand in its approved words, and its footer's."""

from __future__ import annotations

import re

import duckdb
import polars as pl

from expectations.outbox_reading import ADDRESS_PATTERN, NUMBER_PATTERN
from stillhere.mails.content import FOOTERS
from stillhere.mails.words import WordsError, words_for
from stillhere.settings import Settings

PLACEHOLDER = re.compile(r"\{\{.*?\}\}")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
NUMBER = re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", r"\\u\1", NUMBER_PATTERN))
ADDRESS = re.compile(ADDRESS_PATTERN)
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "campaign": pl.String,
    "language": pl.String,
    "numbers": pl.List(pl.String),
    "addresses": pl.List(pl.String),
}


def write_literals(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Makes the table `literals` beside `outbox`: one row a campaign and language."""
    pairs = connection.execute("select distinct campaign, language from outbox order by all").fetchall()
    rows = [_row(settings, campaign, language) for campaign, language in pairs]
    connection.register("said", pl.DataFrame(rows, schema=SCHEMA, orient="row").to_arrow())
    connection.execute("create table literals as select * from said")
    connection.unregister("said")


def _row(settings: Settings, campaign: str, language: str) -> tuple[str, str, list[str], list[str]]:
    text = " ".join([*_words(settings, campaign, language), *_of_the_company(settings, language)])
    numbers = [found.group() for found in NUMBER.finditer(text)]
    addresses = [found.group() for found in ADDRESS.finditer(text.lower())]
    return campaign, language, sorted(set(numbers)), sorted(set(addresses))


def _words(settings: Settings, campaign: str, language: str) -> list[str]:
    """The words as written, with what stands for a missing value and without the placeholders themselves."""
    try:
        words = words_for(settings.folder, campaign, language, settings.company.language)
    except WordsError:
        return []
    written = " ".join([words.subject, words.preview, *words.paragraphs, words.button or ""])
    stand_ins = [quoted for holder in PLACEHOLDER.findall(written) for quoted in QUOTED.findall(holder)]
    return [PLACEHOLDER.sub(" ", written), *stand_ins]


def _of_the_company(settings: Settings, language: str) -> list[str]:
    """What the footer says; an account's own name there may hold numbers too, and is a claim of the message."""
    company, sender = settings.company, settings.company.sender
    told = [company.name, sender.name, sender.email, sender.reply_to, sender.unsubscribe_email, sender.postal_address]
    return [*filter(None, told), *FOOTERS.get(language, FOOTERS["en"]).values()]
