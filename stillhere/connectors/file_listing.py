"""Files of a source: which there are, how they were when they were read, and the lines that could not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from stillhere.connectors.source import SourceError

FILE_COLUMN = "_file"


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it was when it was read: what decides whether it must be read again."""

    file: str
    size: int
    modified_ns: int


@dataclass(slots=True)
class Rejects:
    """Lines that could not be read; the resource is then `partial`."""

    lines: int = 0
    first: str = ""
    files: list[str] = field(default_factory=list)

    def add(self, where: str, lines: int = 1) -> None:
        """Counts lines and keeps the first place, never the text."""
        self.lines += lines
        self.first = self.first or where


def list_files(pattern: Path) -> dict[Path, SeenFile]:
    """The files a path or glob names, sorted by name. Raises SourceError when there are none."""
    base = _fixed_part(pattern)
    found = sorted(base.glob(pattern.relative_to(base).as_posix()))
    files = {path: _seen(path, base) for path in found if path.is_file()}
    if not files:
        raise SourceError(f"no file matches {pattern}; correct 'path' in sources.yml or put the files there")
    return files


def _fixed_part(pattern: Path) -> Path:
    """The folder above the first wildcard: what file names are relative to."""
    parts = pattern.parts
    first = next((i for i, part in enumerate(parts) if any(sign in part for sign in "*?[")), len(parts) - 1)
    return Path(*parts[:first])


def _seen(path: Path, base: Path) -> SeenFile:
    stat = path.stat()
    return SeenFile(path.relative_to(base).as_posix(), stat.st_size, stat.st_mtime_ns)
