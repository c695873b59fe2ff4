"""What one check of the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["fine", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line: `problem` would make a night fail or a send refuse; `note` is worth knowing."""

    what: str
    state: State
    words: str
    action: str = ""
