"""Event logs as strangers have them: read, or refused with the line and what is wrong."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from stillhere.backtesting.open_log import EventLogError
from stillhere.backtesting.read_log import LogColumns, ReadLog, read_event_log

EVENTS = [(f"a{n % 7}", datetime(2024, 1, 1, 9, 30, tzinfo=UTC) + timedelta(days=n % 90)) for n in range(200)]
COLUMNS = LogColumns("who", "when")


def lines(write: str | Callable[[datetime], object] = "%Y-%m-%d %H:%M:%S", between: str = ",") -> list[str]:
    """The heading and the events, their times written in a format or by a function."""
    shown = (lambda at: at.strftime(write)) if isinstance(write, str) else write
    return [f"who{between}when", *(f"{who}{between}{shown(at)}" for who, at in EVENTS)]


def as_bytes(text: Iterable[str], end: str = "\n") -> bytes:
    return "".join(line + end for line in text).encode()


def read(folder: Path, content: bytes | Iterable[str], name: str = "log.csv") -> ReadLog:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else as_bytes(content))
    return read_event_log(path, COLUMNS)


@pytest.fixture
def plain(tmp_path: Path) -> pl.DataFrame:
    return read(tmp_path, lines(), "plain.csv").log.days


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("semicolons.csv", as_bytes(lines(between=";"))),
        ("tabs.tsv", as_bytes(lines(between="\t"))),
        ("bars.txt", as_bytes(lines(between="|"))),
        ("mark.csv", b"\xef\xbb\xbf" + as_bytes(lines())),
        ("windows.csv", as_bytes(lines(), "\r\n")),
        ("packed.csv.gz", gzip.compress(as_bytes(lines()))),
        ("packed_but_not_named_so.csv", gzip.compress(as_bytes(lines()))),
        ("blank_lines.csv", as_bytes(["", "", *lines(), ""])),
        ("spreadsheet.csv", as_bytes(["sep=;", *lines(between=";")])),
        ("quoted.csv", as_bytes(f'"{line.replace(",", chr(34) + "," + chr(34))}"' for line in lines())),
        ("quoted_newlines.csv", as_bytes(f'{line},"two\nlines, ""so"""' for line in lines())),
        ("spaces.csv", as_bytes(line.replace(",", " , ") for line in lines())),
        ("seconds.csv", as_bytes(lines(lambda at: int(at.timestamp())))),
        ("milliseconds.csv", as_bytes(lines(lambda at: int(at.timestamp() * 1000)))),
        ("zulu.csv", as_bytes(lines("%Y-%m-%dT%H:%M:%S.%fZ"))),
        ("offset.csv", as_bytes(lines(lambda at: f"{at + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}+02:00"))),
        ("day_first.csv", as_bytes(lines("%d/%m/%Y %H:%M"))),
        ("american.csv", as_bytes(lines("%m/%d/%Y %I:%M %p"))),
    ],
)
def test_the_same_events_are_the_same_log_however_they_are_written(
    tmp_path: Path, plain: pl.DataFrame, name: str, content: bytes
) -> None:
    found = read(tmp_path, content, name)
    assert found.log.days.equals(plain)
    assert found.left_out == ()


@pytest.mark.parametrize("kind", [pl.Int32, pl.Int64, pl.Float64])
def test_seconds_in_a_parquet_file_are_read_whatever_their_type(
    tmp_path: Path, plain: pl.DataFrame, kind: type[pl.DataType]
) -> None:
    table = pl.DataFrame({"who": [who for who, _ in EVENTS], "when": [int(at.timestamp()) for _, at in EVENTS]})
    table.cast({"when": kind}).write_parquet(tmp_path / "log.parquet")
    assert read_event_log(tmp_path / "log.parquet", COLUMNS).log.days.equals(plain)


def test_a_few_rows_without_a_time_are_left_out_counted_and_placed(tmp_path: Path, plain: pl.DataFrame) -> None:
    bad = ["a1,never", "a2,", "a3,0000-00-00", "a4,infinity"]
    found = read(tmp_path, [*lines()[:101], *bad, *lines()[101:]])
    assert found.log.days.equals(plain)
    (left_out,) = found.left_out
    assert (
        left_out.words == "4 rows left out, no time that can be read in when: "
        "first lines 102, 103, 104 ('never', '', '0000-00-00')"
    )
    assert found.as_dict()["rows_left_out"] == 4
    assert found.rows == len(EVENTS) + 4


def test_a_few_bad_times_do_not_hide_how_the_others_are_written(tmp_path: Path, plain: pl.DataFrame) -> None:
    found = read(tmp_path, [*lines("%d.%m.%Y %H:%M"), *["a1,k. A."] * 9])
    assert found.log.days.equals(plain)
    assert [one.rows for one in found.left_out] == [9]


def test_more_than_one_in_twenty_without_a_time_refuse_the_file(tmp_path: Path) -> None:
    with pytest.raises(
        EventLogError, match=r"11 of 211 values of when \(--at\) are no dates: first lines 202, 203, 204"
    ):
        read(tmp_path, [*lines(), *["a1,soon"] * 11])


def test_a_line_is_named_by_where_it_begins_also_after_values_of_several_lines(tmp_path: Path) -> None:
    found = read(tmp_path, [*(f'{line},"two\nlines"' for line in lines()), "a1,never,x"])
    assert found.left_out[0].places == "line 403 ('never')"


def test_a_line_below_a_spreadsheets_own_is_named_as_an_editor_counts_it(tmp_path: Path) -> None:
    (one,) = read(tmp_path, ["sep=;", *lines(between=";"), "a1;soon"]).left_out
    assert one.places == f"line {len(EVENTS) + 3} ('soon')"


def test_rows_without_an_account_are_counted_and_are_no_reason_to_refuse(tmp_path: Path, plain: pl.DataFrame) -> None:
    found = read(tmp_path, [*lines(), *[",2024-02-01"] * 90])
    assert found.log.days.equals(plain)
    assert [one.words for one in found.left_out] == ["90 rows left out, no account in who: first lines 202, 203, 204"]


def test_one_date_typed_wrong_by_decades_does_not_move_the_end_of_the_data(tmp_path: Path, plain: pl.DataFrame) -> None:
    found = read(tmp_path, [*lines(), "a1,2099-01-01"])
    assert found.log.days.equals(plain)
    assert "more than a year after the rest, which ends on 2024-03-30: line 202" in found.left_out[0].words


def test_customers_who_come_back_after_a_year_without_any_data_are_no_slip(tmp_path: Path) -> None:
    later = [f"{who},{at + timedelta(days=600):%Y-%m-%d}" for who, at in EVENTS]
    found = read(tmp_path, [*lines(), *later])
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([*lines()[:50], "a1,2024-01-01,oops", *lines()[50:]], "line 51: has 3 values where the heading has 2 columns"),
        ([*lines()[:50], "a1", *lines()[50:]], "line 51: has 1 value where the heading has 2 columns"),
        ([*lines()[:50], '"a1,2024-01-01', *lines()[50:]], r'line 51: a value begins with a quote \("\)'),
        ([line + ("\r" if at % 2 else "") for at, line in enumerate(lines())], "do all of its lines end the same way"),
        (as_bytes(lines()) + "Müller,2024-01-01\n".encode("latin-1"), "line 202: is not UTF-8"),
        ("\n".join(lines()).encode("utf-16"), "is UTF-16 text; save it as CSV in UTF-8"),
        (gzip.compress(as_bytes(lines()))[:-30], "was it copied whole"),
        (b"PK\x03\x04....", "a spreadsheet or zip file"),
        (["who,when"], "names its columns and has no rows"),
        (["who,when,WHO", "a,2024-01-01,b"], "names WHO, who more than once"),
        (["who", "a"], "names one column only"),
        (lines("%d/%m/%Y")[:10], "can be read as %d/%m/%Y and as %m/%d/%Y"),
        (lines("%Yw%W"), "are no dates: first lines 2, 3, 4"),
    ],
)
def test_what_is_not_understood_is_said_with_where(tmp_path: Path, content: bytes | list[str], words: str) -> None:
    with pytest.raises(EventLogError, match=words):
        read(tmp_path, content)


def test_a_value_that_is_no_number_is_named_by_its_line(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("who;when;paid\na;2024-01-01;3.5\nb;2024-01-02;1.234,50\n")
    with pytest.raises(EventLogError, match=r"1 values of paid \(--value\) are no numbers: line 3 \('1.234,50'\)"):
        read_event_log(log, LogColumns("who", "when", "paid"))
