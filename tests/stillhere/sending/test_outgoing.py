"""A night's messages are read part by part, each once, and in one order."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from stillhere.mails.outbox import OUTBOX_SCHEMA
from stillhere.sending.outgoing import READ_ROWS, Outgoing

MESSAGES = 2 * READ_ROWS + 7


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


def test_every_message_is_read_once_with_its_own_text(file: Path) -> None:
    read = pl.concat(Outgoing.from_file(file).parts())
    assert read.sort("message_id").equals(outbox().sort("message_id"))


def test_only_a_part_is_in_memory_at_once(file: Path) -> None:
    heights = [part.height for part in Outgoing.from_file(file).parts()]
    assert heights == [READ_ROWS, READ_ROWS, 7]
    assert "html" not in Outgoing.from_file(file).heads.columns


def test_some_of_the_messages_are_read_alone(file: Path) -> None:
    whole = Outgoing.from_file(file)
    some = whole.heads.filter(pl.col("message_id").is_in(["00000003", "00010003"]))
    read = pl.concat(whole.only(some).parts())
    assert read["message_id"].to_list() == ["00000003", "00010003"]
    assert read["html"].to_list() == ["<p>00000003</p>", "<p>00010003</p>"]


def test_messages_of_one_campaign_stand_together_within_a_part(file: Path) -> None:
    part = next(Outgoing.from_file(file).parts())
    assert part["campaign"].to_list() == sorted(part["campaign"].to_list())


def test_an_outbox_of_an_earlier_version_lacks_columns_and_is_read(tmp_path: Path) -> None:
    outbox().drop("send_at", "reply_to").write_parquet(tmp_path / "outbox.parquet")
    part = next(Outgoing.from_file(tmp_path / "outbox.parquet").parts())
    assert set(part.columns) >= set(OUTBOX_SCHEMA)
    assert part["send_at"].null_count() == part.height


def test_messages_in_memory_go_the_same_way() -> None:
    assert pl.concat(Outgoing.of(outbox()).parts()).sort("message_id").equals(outbox().sort("message_id"))
