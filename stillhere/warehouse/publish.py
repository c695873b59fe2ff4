"""Write, audit, publish: a night writes its own folder, and one rename makes it what readers see."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

SQL_MARTS = (
    "accounts",
    "account_cadence",
    "account_weeks",
    "account_cadence_panel",
    "mrr_movements",
    "retention",
    "hamster_wheel",
    "habits",
    "exits",
    "exit_feedback",
    "account_keys",
)
PYTHON_MARTS = ("risk", "exit_patterns", "segment_members", "decisions", "campaign_results")


def write_mart(connection: duckdb.DuckDBPyConnection, mart: str, folder: Path) -> Path:
    """Writes one mart of the warehouse as Parquet, rows in a fixed order so that bytes repeat."""
    target = folder / f"{mart}.parquet"
    unfinished = target.with_suffix(".parquet.unfinished")
    connection.execute(
        f"copy (select * from marts.{mart} order by all) to '{_quoted(unfinished)}' (format parquet, compression zstd)"
    )
    unfinished.rename(target)
    return target


def write_marts(connection: duckdb.DuckDBPyConnection, marts: Iterable[str], folder: Path) -> list[Path]:
    """Writes several marts of the warehouse into a night's folder, which is created."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_mart(connection, mart, folder) for mart in marts]


def publish(published: Path, night_folder: Path) -> bool:
    """Points `published` at a night's folder by one rename, unless a newer night is there already.

    Returns whether it moved. The link is relative, so the data folder can be moved as a whole.
    """
    current = published_night(published)
    if current is not None and current > night_of(night_folder):
        return False
    link = published.with_name(f"{published.name}.next")
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(night_folder, published.parent), target_is_directory=True)
    link.replace(published)
    return True


def night_of(folder: Path) -> tuple[date, int]:
    """Day and revision that a night's folder name tells."""
    day, _, revision = folder.name.rpartition("-")
    return date.fromisoformat(day), int(revision)


def remove_old_outputs(out: Path, as_of: date, keep_days: int) -> list[Path]:
    """Removes reports, lists and mails of nights more than `keep_days` before `as_of`; they hold personal data."""
    folders = sorted(folder for folder in out.glob("????-??-??") if folder.is_dir())
    old = [folder for folder in folders if (as_of - date.fromisoformat(folder.name)).days > keep_days]
    for folder in old:
        shutil.rmtree(folder)
    return old


def published_night(published: Path) -> tuple[date, int] | None:
    """Day and revision of what readers see now, or None before the first night."""
    if not published.is_symlink() or not published.exists():
        return None
    return night_of(published.resolve())


def remove_old_nights(nights: Path, as_of: date, keep_days: int, keep: Path | None) -> list[Path]:
    """Removes folders of nights more than `keep_days` before `as_of`; never the published one."""
    old = [
        folder
        for folder in sorted(nights.glob("*-*-*-*"))
        if folder.is_dir() and (as_of - night_of(folder)[0]).days > keep_days and folder != keep
    ]
    for folder in old:
        shutil.rmtree(folder)
    return old


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
