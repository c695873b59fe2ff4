"""A night's messages on their way out. Who gets one is in memory; what they say is read part by part, as it is handed
over: however many mails a night has, only some thousand texts are in memory at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from stillhere.mails.outbox import OUTBOX_SCHEMA

READ_ROWS = 12_000
"""Mails read at a time, some 100 MB."""
BUNDLES_AHEAD = 2
"""Bundles that are ready before they are needed: one is taken up at once, and the next is being read meanwhile."""
TEXTS = ("subject", "text", "html", "claims_json")
Read = Callable[[int, int], pl.DataFrame]
Rows: TypeAlias = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Outgoing:
    """Messages that are to leave: `heads` has one row each, of OUTBOX_SCHEMA all but TEXTS, and its `place`.

    `place` is the row's number in the outbox that `read` gives rows of (from, how many).
    """

    heads: pl.DataFrame
    read: Read

    @classmethod
    def of(cls, outbox: pl.DataFrame) -> Outgoing:
        """Messages that are in memory anyway: a notice, say."""
        return cls(_heads(outbox.lazy()), outbox.slice)

    @classmethod
    def from_file(cls, file: Path) -> Outgoing:
        """All messages of an outbox file; one of an earlier version lacks what was added since."""

        def read(start: int, count: int) -> pl.DataFrame:
            return _as_now(pl.scan_parquet(file).slice(start, count).collect())

        return cls(_as_now(_heads(pl.scan_parquet(file))), read)

    @property
    def messages(self) -> int:
        """How many there are."""
        return self.heads.height

    def only(self, heads: pl.DataFrame) -> Outgoing:
        """Some of them, by rows of `heads`."""
        return replace(self, heads=heads)

    def bundles(self, at_once: int) -> Iterator[Rows]:
        """Whole messages (OUTBOX_SCHEMA) of one campaign and language at a time, at most so many.

        Each part is in order of campaign, language and id: senders in two processes meet in it. The next ones are read
        while these are handed over.
        """
        bundles = self._bundles(at_once)
        with ThreadPoolExecutor(1) as reader:
            coming = deque(reader.submit(next, bundles, None) for _ in range(BUNDLES_AHEAD))
            while (rows := coming.popleft().result()) is not None:
                coming.append(reader.submit(next, bundles, None))
                yield rows

    def _bundles(self, at_once: int) -> Iterator[Rows]:
        numbered = self.heads.select("message_id", "place", part=pl.col("place") // READ_ROWS).sort("place")
        for part in numbered.partition_by("part", maintain_order=True):
            for alike in self._read(part).partition_by("campaign", "language", maintain_order=True):
                for rows in alike.iter_slices(at_once):
                    yield rows.to_dicts()

    def _read(self, part: pl.DataFrame) -> pl.DataFrame:
        first, last = part["place"][0], part["place"][-1]
        rows = self.read(first, last - first + 1).join(part.select("message_id"), on="message_id", how="semi")
        return rows.sort("campaign", "language", "message_id")


def _heads(outbox: pl.LazyFrame) -> pl.DataFrame:
    return outbox.drop(TEXTS, strict=False).with_row_index("place").collect()


def _as_now(rows: pl.DataFrame) -> pl.DataFrame:
    known: dict[str, pl.DataType] = {name: kind for name, kind in OUTBOX_SCHEMA.items() if name not in TEXTS}
    known |= {name: OUTBOX_SCHEMA[name] for name in TEXTS if name in rows.columns}
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in known.items() if name not in rows.columns]
    return rows.with_columns(missing).with_columns(pl.col(name).cast(kind) for name, kind in known.items())
