"""What extraction tells the night about each resource, and what a probe tells the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OutcomeState = Literal["ok", "late", "partial", "failed"]


@dataclass(frozen=True, slots=True)
class ResourceOutcome:
    """What one night did with one table or set of files. Holds no value of any row but the cursor's ends."""

    source: str
    resource: str
    load_id: str | None
    """dlt's load that holds the new rows; None when nothing new was appended."""
    rows: int
    """Rows appended to raw."""
    seconds: float
    cursor_low: str | None
    """Where reading started: the cursor's value less the overlap. None: everything was read."""
    cursor_high: str | None
    """The newest cursor value in raw after this night, as the vendor writes it."""
    state: OutcomeState
    message: str = ""
    rows_seen: int = 0
    """Rows looked at in the source; above 0 with `rows` 0 means: read, and nothing had changed."""
    new_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    """Columns that raw knows and the source no longer gives."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that would make a source fail tonight."""

    source: str
    resource: str | None
    what: str
    action: str

    def __str__(self) -> str:
        place = f"sources.yml, sources.{self.source}" + (f".resources.{self.resource}" if self.resource else "")
        return f"{place}: {self.what}; {self.action}"
