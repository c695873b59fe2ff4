"""A night's messages are read part by part, each once, and in one order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from stillhere.mails.outbox import OUTBOX_SCHEMA
from stillhere.sending.outgoing import READ_ROWS, Outgoing

MESSAGES = 2 * READ_ROWS + 7
AT_ONCE = 1_000


def outbox() -> pl.DataFrame:
    number = pl.int_range(MESSAGES, eager=True)
    rows = pl.DataFrame({"message_id": number.cast(pl.String).str.zfill(8), "campaign": number % 3}).with_columns(
        campaign=pl.format("c{}", "campaign"), language=pl.lit("en"), html=pl.format("<p>{}</p>", "message_id")
    )
    return pl.concat([pl.DataFrame(schema=OUTBOX_SCHEMA), rows], how="diagonal_relaxed").cast(pl.Schema(OUTBOX_SCHEMA))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    outbox().write_parquet(tmp_path / "outbox.parquet", row_group_size=READ_ROWS)
    return tmp_path / "outbox.parquet"


def all_of(outgoing: Outgoing) -> pl.DataFrame:
    rows = [row for bundle in outgoing.bundles(AT_ONCE) for row in bundle]
    return pl.DataFrame(rows, schema=OUTBOX_SCHEMA)


def noting_reads(file: Path) -> tuple[Outgoing, list[tuple[int, int]]]:
    outgoing, reads = Outgoing.from_file(file), []

    def read(start: int, count: int) -> pl.DataFrame:
        reads.append((start, count))
        return outgoing.read(start, count)

    return replace(outgoing, read=read), reads


def test_every_message_is_read_once_with_its_own_text(file: Path) -> None:
    assert all_of(Outgoing.from_file(file)).sort("message_id").equals(outbox().sort("message_id"))


def test_only_a_part_is_in_memory_at_once(file: Path) -> None:
    outgoing, reads = noting_reads(file)
    bundles = outgoing.bundles(AT_ONCE)
    next(bundles)
    assert reads == [(0, READ_ROWS)]
    for _ in bundles:
        pass
    assert reads == [(0, READ_ROWS), (READ_ROWS, READ_ROWS), (2 * READ_ROWS, 7)]
    assert "html" not in outgoing.heads.columns


def test_a_bundle_is_of_one_campaign_and_no_larger_than_its_sender_takes(file: Path) -> None:
    bundles = list(Outgoing.from_file(file).bundles(AT_ONCE))
    assert max(len(rows) for rows in bundles) == AT_ONCE
    assert all(len({row["campaign"] for row in rows}) == 1 for rows in bundles)


def test_some_of_the_messages_are_read_alone(file: Path) -> None:
    whole = Outgoing.from_file(file)
    some = whole.heads.filter(pl.col("message_id").is_in(["00000003", "00010003"]))
    read = all_of(whole.only(some)).sort("message_id")
    assert read["message_id"].to_list() == ["00000003", "00010003"]
    assert read["html"].to_list() == ["<p>00000003</p>", "<p>00010003</p>"]


def test_messages_of_one_campaign_stand_together_within_a_part(file: Path) -> None:
    part = all_of(Outgoing.from_file(file)).head(READ_ROWS)
    assert part["campaign"].to_list() == sorted(part["campaign"].to_list())


def test_none_are_none(file: Path) -> None:
    whole = Outgoing.from_file(file)
    assert list(whole.only(whole.heads.clear()).bundles(AT_ONCE)) == []


def test_what_cannot_be_read_ends_the_hand_over(file: Path) -> None:
    outgoing = Outgoing.from_file(file)
    file.unlink()
    with pytest.raises(FileNotFoundError):
        next(outgoing.bundles(AT_ONCE))


def test_an_outbox_of_an_earlier_version_lacks_columns_and_is_read(tmp_path: Path) -> None:
    outbox().drop("send_at", "reply_to").write_parquet(tmp_path / "outbox.parquet")
    row = next(Outgoing.from_file(tmp_path / "outbox.parquet").bundles(AT_ONCE))[0]
    assert set(row) >= set(OUTBOX_SCHEMA)
    assert row["send_at"] is None


def test_messages_in_memory_go_the_same_way() -> None:
    assert all_of(Outgoing.of(outbox())).sort("message_id").equals(outbox().sort("message_id"))
