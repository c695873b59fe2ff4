"""What came of sending a night, in counts and words: for screens, `--json`, and the night's own notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from stillhere.operations.runs import Mode


@dataclass(frozen=True, slots=True)
class SendResult:
    """One run of the sender over one night. Counts are messages.

    `dropped` and `held` go by their reason in words. `unknown` may have left; `refused` surely did not; `already` were
    settled by an earlier run; `in_hand` are another sender's; `waiting` were not tried, because the sender's own
    connection failed; `early` wait for their readers' hours. `not_live` says why a live run handed over nothing at all.
    """

    as_of: date
    revision: int
    mode: Mode
    sender: str
    handed_over: int = 0
    previewed: int = 0
    refused: int = 0
    unknown: int = 0
    paused: int = 0
    already: int = 0
    in_hand: int = 0
    waiting: int = 0
    early: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    whole_send_held: bool = False
    not_live: str | None = None
    not_ready: bool = False

    @property
    def words(self) -> str:
        """The result in one line."""
        if self.not_live:
            return self.not_live
        if self.whole_send_held:
            return "the whole send is held; nothing left"
        done = f"{self.previewed} previews written" if self.mode == "preview" else f"{self.handed_over} handed over"
        return "; ".join([done, *self.details()])

    def details(self) -> list[str]:
        """Everything besides what left, each as `how many: why`; what is none is not named."""
        counts = {
            "refused by the sender": self.refused,
            "unknown, may have left; never sent again": self.unknown,
            "not sent, for their campaign is paused": self.paused,
            "settled earlier": self.already,
            "in another sender's hand": self.in_hand,
            "not tried, for the sender does not answer": self.waiting,
            "wait for their readers' hours; run 'stillhere send --send' again then": self.early,
            **{f"dropped: {why}": count for why, count in self.dropped.items()},
            **{f"held: {why}": count for why, count in self.held.items()},
        }
        return [f"{count} {words}" for words, count in counts.items() if count]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        told = asdict(self)
        return {**told, "as_of": self.as_of.isoformat(), "dropped": dict(self.dropped), "held": dict(self.held)}
