"""What was not sent, and why: refused or held when the night was decided, or stopped since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stillhere.campaigns.refusals import REASONS
from stillhere.operations.ledger import LedgerRow

LEFT = ("reserved", "handing_over")
STATUS_WORDS = {
    "reserved": "decided, and not handed over yet",
    "handing_over": "on their way, or left by a process that died",
    "refused": "refused by the sender",
    "unknown": "the sender did not answer: may have left",
    "dropped": "dropped",
}


@dataclass(frozen=True, slots=True)
class NotSent:
    """How many people got nothing for one reason."""

    count: int
    outcome: str
    why: str


def not_sent(night_folder: Path, ledger: Sequence[LedgerRow]) -> list[NotSent]:
    """Reasons of a night and of its ledger: what its sender left, what waits, then what was decided, most first."""
    return _settled(ledger) + _waiting(night_folder / "outbox.parquet", ledger) + _decided(night_folder)


def _settled(ledger: Sequence[LedgerRow]) -> list[NotSent]:
    counted = Counter((row.status, row.detail) for row in ledger if row.status != "accepted")
    return [
        NotSent(count, status, f"{STATUS_WORDS[status]}{f': {detail}' if detail else ''}")
        for (status, detail), count in sorted(counted.items())
    ]


def _waiting(outbox: Path, ledger: Sequence[LedgerRow]) -> list[NotSent]:
    """Messages of a live night that no sender has come to: paused, or it reached nobody."""
    live = {row.message_id for row in ledger if row.key.mode == "live"}
    decisions = outbox.with_name("decisions.parquet")
    if not live or not outbox.is_file() or not decisions.is_file():
        return []
    chosen = pl.read_parquet(decisions, columns=["message_id", "outcome"]).filter(pl.col("outcome") == "send")
    written = pl.read_parquet(outbox, columns=["message_id"]).join(chosen, on="message_id", how="semi")
    count = written.filter(~pl.col("message_id").is_in(sorted(live))).height
    return (
        [NotSent(count, "waiting", "decided, and no sender has come to them: paused, held, or cut off")]
        if count
        else []
    )


def _decided(night_folder: Path) -> list[NotSent]:
    decisions = night_folder / "decisions.parquet"
    if not decisions.is_file():
        return []
    columns = ["outcome", "reason_code"]
    refused = pl.read_parquet(decisions, columns=columns).filter(pl.col("outcome").is_in(["held", "holdout", "lost"]))
    counted = refused.group_by(columns).len().sort(["outcome", "len", "reason_code"], descending=[False, True, False])
    return [
        NotSent(count, outcome, REASONS.get(code or "", (code or "no reason given").replace("_", " ")))
        for outcome, code, count in counted.iter_rows()
    ]
