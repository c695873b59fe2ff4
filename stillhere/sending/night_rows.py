"""The nights of a company as rows: sealed when, and what became of their messages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Engine

from stillhere.operations.ledger import NOBODYS_ACCOUNT, rows_of
from stillhere.operations.runs import recent_runs
from stillhere.operations.seals import sealed_nights
from stillhere.settings import Places, Settings

MANY_RUNS = 1000


@dataclass(frozen=True, slots=True)
class NightRow:
    """One sealed night. `sent` are live messages that may have left; `held` is null when its folder is gone."""

    as_of: date
    revision: int
    sealed_at: datetime
    sent: int
    previewed: int
    held: int | None
    is_published: bool
    last_run: str | None

    @property
    def state(self) -> str:
        """How its last run ended, and whether readers see it."""
        words = [self.last_run or "no run known"] + (["published"] if self.is_published else [])
        return ", ".join(words)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "as_of": self.as_of.isoformat(),
            "revision": self.revision,
            "sealed_at": self.sealed_at.isoformat(),
            "sent": self.sent,
            "previewed": self.previewed,
            "held": self.held,
            "published": self.is_published,
            "last_run": self.last_run,
        }


def night_rows(settings: Settings, engine: Engine) -> list[NightRow]:
    """Every sealed night, newest first."""
    counted: Counter[tuple[str, date, int]] = Counter()
    for row in rows_of(engine):
        if row.status in ("accepted", "unknown") and row.account_id != NOBODYS_ACCOUNT:
            counted[row.key.mode, row.as_of, row.revision] += 1
    last: dict[tuple[date, int], str] = {}
    for run in recent_runs(engine, limit=MANY_RUNS):
        last.setdefault((run.as_of, run.revision), f"{run.state} ({run.mode})")
    places = settings.places
    return [
        NightRow(
            as_of=as_of,
            revision=revision,
            sealed_at=sealed_at.replace(tzinfo=UTC),
            sent=counted["live", as_of, revision],
            previewed=counted["preview", as_of, revision],
            held=_held(places, as_of, revision),
            is_published=places.published.exists()
            and places.published.resolve() == places.night_folder(as_of, revision).resolve(),
            last_run=last.get((as_of, revision)),
        )
        for as_of, revision, sealed_at in sealed_nights(engine)
    ]


def _held(places: Places, as_of: date, revision: int) -> int | None:
    file = places.night_folder(as_of, revision) / "decisions.parquet"
    if not file.is_file():
        return None
    return pl.scan_parquet(file).filter(pl.col("outcome") == "held").select(pl.len()).collect().item()  # type: ignore[no-any-return]  # a count
