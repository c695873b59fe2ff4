"""The folder of a new company: left alone when it is there, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from stillhere.settings import StillhereError


class FolderExistsError(StillhereError):
    """The folder is there already, and may hold a person's work."""


class NotWrittenError(StillhereError):
    """The folder cannot be written."""


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Raises FolderExistsError unless the folder is new, empty, or may be replaced."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not force:
        raise FolderExistsError(f"{folder}: exists already; give another name, or --force to replace its configuration")


def put_files(folder: Path, files: Mapping[str, str]) -> None:
    """Writes texts by their names in a folder, all or none. Raises NotWrittenError."""
    try:
        _put(folder, files)
    except OSError as error:
        raise NotWrittenError(
            f"{folder}: can't be written ({error.strerror or error}); name a folder of your own, or make room"
        ) from error


def _put(folder: Path, files: Mapping[str, str]) -> None:
    """Everything is written beside the folder first: what cannot be written whole leaves nothing behind."""
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.absolute().parent) as beside:
        for name, text in files.items():
            path = Path(beside) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "campaigns").mkdir(parents=True, exist_ok=True)
        for name in files:
            (Path(beside) / name).replace(folder / name)
