"""The folder of a new company: left alone when it is there, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from stillhere.settings import StillhereError


class FolderExistsError(StillhereError):
    """The folder is there already, and may hold a person's work."""


class IdInUseError(StillhereError):
    """Another company's state lies where this one's would."""


class NotWrittenError(StillhereError):
    """The folder cannot be written."""


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Raises FolderExistsError unless the folder is new, empty, or may be replaced."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not force:
        raise FolderExistsError(f"{folder}: exists already; give another name, or --force to replace its configuration")


def check_id(folder: Path, company_id: str, data: Path, *, force: bool = False) -> None:
    """Raises IdInUseError when another company has this id, or when state without a company lies under it.

    `data` holds the states of all companies; `force` takes over state that is left, never another company's.
    """
    state = data / company_id
    for other in _companies(folder):
        if other.parent.resolve() != folder.resolve() and _id_in(other) == company_id:
            raise IdInUseError(
                f"{other}: has the id {company_id} already, and {folder} would share its state in {state}; "
                "give another name"
            )
    if state.exists() and not (folder / "company.yml").exists() and not force:
        raise IdInUseError(
            f"{state}: holds the state of an earlier company of this id; "
            "give another name, remove that folder, or --force to go on with it"
        )


def _companies(folder: Path) -> list[Path]:
    """Where companies are kept: the folders of the checkout, its examples, and those beside the new one."""
    found = [*Path().glob("*/company.yml"), *Path("examples").glob("*/company.yml")]
    return sorted({*found, *folder.parent.glob("*/company.yml")})


def _id_in(company: Path) -> str | None:
    """The id of a company; None where the file cannot be read, which is for its own commands to say."""
    try:
        content = yaml.safe_load(company.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    return str(content.get("id")) if isinstance(content, dict) else None


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
