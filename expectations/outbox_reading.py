"""What a reader meets of each message, worked out once and kept beside the outbox: most of a mail is layout, and the
rules are many.

Polars looks for the patterns; its engine takes a third of the time that DuckDB's takes.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from expectations.outbox_claims import CLAIMS, claims_made, claims_met
from expectations.predicates import literal

PART_MESSAGES = 2_000
"""Messages read at a time: some 16 MB of HTML."""
MOST_READERS = 4
MEMORY_LIMIT = "512MB"
"""What DuckDB may take for the hand-over; it spills beyond that, and would take most of the machine otherwise."""

# What a reader does not see of the HTML part.
UNSEEN_PATTERN = "(?is)(?:<(?:style|head|!--).*?(?:</(?:style|head)>|-->)|<[^>]*>)+"
# Where the HTML part leads to, or loads from.
LEADS_PATTERN = r"""(?i)\b(?:href|src|background|action)\s*=\s*["']([^"']*)"""
LINK_PATTERN = r"(?i)(?:https?://|mailto:)[^\s<>\"]*"
# A link as the text part writes it out; above, even the beginning of one is none of what a message says.
WRITTEN_LINK_PATTERN = r"(?i)\b(?:https?://|mailto:)[^\s<>\"]+"
ENTITY_PATTERN = r"&#?\w+;"
IMAGE_PATTERN = r"(?i)<img\b[^>]*>"
ALT_PATTERN = r"""(?i)<img\b[^>]*\salt\s*=\s*("[^"]*[^"\s][^"]*"|'[^']*[^'\s][^']*')[^>]*>"""
# What a template leaves behind when a value was missing. Words that people use ("none of you") must pass.
LEFT_OVER_PATTERN = r"\{\{|\}\}|\{%|%\}|\b(None|nan|NaN|NaT|inf|null|undefined)\b"
PEOPLES_WORDS_PATTERN = r"\bNone of\b"
# "Hello ," is a blank name.
BLANK_PATTERN = r"\S [,.](\s|$)"
# "1,234.50" is one number, and "26." at the end of a sentence is 26.
NUMBER_PATTERN = r"\d+([.,\x{2019}\x{00a0}\x{202f}]\d+)*"
ADDRESS_PATTERN = r"[^@\s<>(),;:]+@[^@\s<>(),;:]+\.[a-z]{2,}"
# Entities as a reader sees them.
ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#34;": '"', "&#39;": "'", "&#x27;": "'", "&amp;": "&"}

PartRead = tuple[pa.Table, pa.Table]
"""Readings of some messages, and their claims."""
MESSAGES = f"""
select message_id, campaign, language, email, account_id, subject, text, html, claims_json, {CLAIMS} as claims
from outbox
"""

# Beside each claim (`claims_met`) its value as the night has it: `expected`.
CLAIMS_EXPECTED = """
select made.*, expected.kind, trim(expected.value) as expected, expected.unit
from read_parquet({claims_met}) as made
left join expected using (message_id, name)
"""

# What the HTML part leads to or loads, and what is written out in the text part.
LINKS = """
select message_id, trim(unnest(list_concat(html_links, text_links))) as link from readings
"""


def read_messages(database: Path) -> None:
    """Makes `readings`, `claims` and `links` beside `outbox`: one row a message, one a claim, one a link.

    Their rows lie in `reading_files`, which the views read. Nobody else may hold the database. Raises duckdb.Error, for
    an outbox that lacks a column too.
    """
    with duckdb.connect(str(database), config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        with ExitStack() as open_files:
            writers: dict[Path, ParquetWriter] = {}
            for part in _parts_read(connection):
                for file, rows in zip(reading_files(database), part, strict=True):
                    if file not in writers:
                        writers[file] = open_files.enter_context(ParquetWriter(file, rows.schema, compression="zstd"))
                    writers[file].write_table(rows)
        readings, claims = (literal(file) for file in reading_files(database))
        connection.execute(f"create or replace view readings as select * from read_parquet({readings})")
        connection.execute(f"create or replace table claims as {CLAIMS_EXPECTED.format(claims_met=claims)}")
        connection.execute(f"create or replace view links as {LINKS}")


def reading_files(database: Path) -> tuple[Path, Path]:
    """Where the readings and the claims of an outbox lie, beside it."""
    return database.with_suffix(".readings.parquet"), database.with_suffix(".claims.parquet")


def _parts_read(connection: duckdb.DuckDBPyConnection) -> Iterator[PartRead]:
    """Part by part in the outbox's order, several at the same time; at least one, for an empty outbox too."""
    readers = min(os.cpu_count() or 1, MOST_READERS)
    asked = connection.cursor().execute(MESSAGES).to_arrow_reader(PART_MESSAGES)
    at_work: deque[Future[PartRead]] = deque()
    with ThreadPoolExecutor(readers) as pool:
        at_work.append(pool.submit(_read, pl.DataFrame(asked.schema.empty_table())))
        for batch in asked:
            at_work.append(pool.submit(_read, pl.DataFrame(batch)))
            if len(at_work) > readers:
                yield at_work.popleft().result()
        while at_work:
            yield at_work.popleft().result()


def _read(messages: pl.DataFrame) -> PartRead:
    claims = claims_made(messages["claims"])
    readings = reading_of(messages, claims)
    return readings.to_arrow(), claims_met(claims, readings).to_arrow()


def reading_of(messages: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """What a reader meets of some messages (`MESSAGES`), one row each, beside their claims (`claims_made`).

    `html_shown` is the HTML part as its reader sees it, `html_links` where it leads; `text_links` are written out.
    `numbers_said` and `addresses_said` are of both parts but for links, which have rules of their own.
    """
    text, html, shown = pl.col("text"), pl.col("html"), pl.col("html_shown")
    claimed = claims.group_by("place").agg(claimed=pl.col("shown").str.join(" "))
    placed = messages.with_row_index("place").join(claimed, on="place", how="left", maintain_order="left")
    seen = placed.with_columns(
        pl.col("claimed").fill_null(""), visible=html.str.replace_all(UNSEEN_PATTERN, " ")
    ).with_columns(
        html_shown=_unescaped(pl.col("visible")),
        # An entity is a space in what is said, or "&#8202;" would be a number.
        said=pl.concat_str(
            "subject", text, pl.col("visible").str.replace_all(ENTITY_PATTERN, " "), separator=" "
        ).str.replace_all(LINK_PATTERN, " "),
    )
    leads = html.str.extract_all(LEADS_PATTERN)
    return seen.select(
        *("message_id", "campaign", "language", "email", "account_id", "subject", "text", "claims_json", "html_shown"),
        html_links=leads.list.eval(_unescaped(pl.element().str.extract(LEADS_PATTERN, 1))),
        text_links=text.str.extract_all(WRITTEN_LINK_PATTERN),
        message_bytes=text.str.len_bytes() + html.str.len_bytes(),
        has_both_parts=text.str.contains(r"\S") & html.str.contains(r"\S"),
        subject_is_filled=_is_filled(pl.col("subject")) & ~pl.col("subject").str.contains(BLANK_PATTERN),
        text_is_filled=_is_filled(text) & ~text.str.contains(BLANK_PATTERN),
        html_is_filled=_is_filled(shown),
        numbers_said=_found(pl.col("said"), NUMBER_PATTERN),
        numbers_claimed=_found(pl.col("claimed"), NUMBER_PATTERN),
        addresses_said=_found(pl.col("said").str.to_lowercase(), ADDRESS_PATTERN),
        addresses_claimed=_found(pl.concat_str("claimed", "email", separator=" ").str.to_lowercase(), ADDRESS_PATTERN),
        image_count=html.str.count_matches(IMAGE_PATTERN),
        images_with_text=html.str.count_matches(ALT_PATTERN),
    )


def _unescaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list(ENTITIES), list(ENTITIES.values()))


def _is_filled(text: pl.Expr) -> pl.Expr:
    return ~text.str.replace_all(PEOPLES_WORDS_PATTERN, "").str.contains(LEFT_OVER_PATTERN)


def _found(text: pl.Expr, pattern: str) -> pl.Expr:
    return text.str.extract_all(pattern).list.unique()
