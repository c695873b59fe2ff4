"""Writes a file whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def write_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a file of another name, then renames it: a killed process leaves no half of one.

    Raises OSError, and leaves nothing behind, when it can't be written.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        write(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
