"""Readers see the newest good night, whole or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from stillhere.warehouse.publish import publish, published_night, remove_old_nights


def night(nights: Path, name: str) -> Path:
    folder = nights / name
    folder.mkdir(parents=True)
    (folder / "risk.parquet").write_bytes(name.encode())
    return folder


def test_the_newest_night_is_what_readers_see(tmp_path: Path) -> None:
    published = tmp_path / "published"
    assert publish(published, night(tmp_path / "nights", "2026-08-30-1"))
    assert publish(published, night(tmp_path / "nights", "2026-08-31-1"))
    assert published_night(published) == (date(2026, 8, 31), 1)
    assert (published / "risk.parquet").read_bytes() == b"2026-08-31-1"


def test_an_older_night_moves_nothing(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, night(tmp_path / "nights", "2026-08-31-1"))
    assert not publish(published, night(tmp_path / "nights", "2026-07-31-1"))
    assert published_night(published) == (date(2026, 8, 31), 1)


def test_a_later_revision_of_the_same_night_takes_over(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, night(tmp_path / "nights", "2026-08-31-9"))
    assert publish(published, night(tmp_path / "nights", "2026-08-31-10"))
    assert published_night(published) == (date(2026, 8, 31), 10)


def test_the_data_folder_can_be_moved_as_a_whole(tmp_path: Path) -> None:
    publish(tmp_path / "old" / "published", night(tmp_path / "old" / "nights", "2026-08-31-1"))
    (tmp_path / "old").rename(tmp_path / "new")
    assert (tmp_path / "new" / "published" / "risk.parquet").exists()


def test_old_nights_go_but_never_the_published_one(tmp_path: Path) -> None:
    nights = tmp_path / "nights"
    old, kept = night(nights, "2025-01-01-1"), night(nights, "2025-01-02-1")
    removed = remove_old_nights(nights, date(2026, 8, 31), keep_days=400, keep=kept)
    assert removed == [old]
    assert kept.exists()
