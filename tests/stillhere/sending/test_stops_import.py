"""Stop lists as providers export them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhere.sending.stops_import import StopsFileError, read_stops

TODAY = date(2026, 3, 4)
SENDGRID_BOUNCES = (
    "status,reason,email,created\n"
    '5.1.1,"550 5.1.1 The email account that you tried to reach\ndoes not exist",gone@x.example,1767225600\n'
    ",invalid address,odd@x.example,1767225600\n"
)
MAILCHIMP = "Email Address;First Name;UNSUB_TIME\nAda@X.example;Ada;2026-01-02 10:11:12\n"
SENDER_TOO = "sender,recipient,event\nus@tiny.example,a@x.example,spamreport\nus@tiny.example,b@x.example,unsubscribe\n"


def stops(tmp_path: Path, content: str | bytes, name: str = "export.csv") -> dict[str, tuple[str, date]]:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return {stop.email: (stop.reason, stop.since) for stop in read_stops(file, TODAY).stops}


def test_bounces_of_sendgrid_with_a_reason_over_two_lines(tmp_path: Path) -> None:
    day = date(2026, 1, 1)
    expected = {"gone@x.example": ("bounce", day), "odd@x.example": ("bounce", day)}
    assert stops(tmp_path, SENDGRID_BOUNCES, "bounces.csv") == expected


def test_semicolons_capitals_and_days_as_text(tmp_path: Path) -> None:
    assert stops(tmp_path, MAILCHIMP) == {"ada@x.example": ("unsubscribed", date(2026, 1, 2))}


def test_the_recipients_are_taken_and_not_ourselves(tmp_path: Path) -> None:
    expected = {"a@x.example": ("complaint", TODAY), "b@x.example": ("unsubscribed", TODAY)}
    assert stops(tmp_path, SENDER_TOO) == expected


def test_a_bare_list_of_addresses_needs_no_head(tmp_path: Path) -> None:
    assert stops(tmp_path, "a@x.example\nA@x.example \nb@x.example\n") == {
        "a@x.example": ("unsubscribed", TODAY),
        "b@x.example": ("unsubscribed", TODAY),
    }


def test_the_files_name_says_the_reason_where_no_column_does(tmp_path: Path) -> None:
    assert stops(tmp_path, "a@x.example\n", "spam_reports.csv") == {"a@x.example": ("complaint", TODAY)}
    assert read_stops(tmp_path / "spam_reports.csv", TODAY, "bounce").by_reason == {"bounce": 1}


def test_files_of_other_days_encodings_and_marks(tmp_path: Path) -> None:
    assert set(stops(tmp_path, "\ufeffE-Mail\na@x.example\n".encode("utf-8"))) == {"a@x.example"}
    assert set(stops(tmp_path, "Straße;Mail\nMüller;a@x.example\n".encode("cp1252"))) == {"a@x.example"}
    assert set(stops(tmp_path, '"Ada" <a@x.example>\n')) == {"a@x.example"}


def test_a_day_in_the_future_is_today(tmp_path: Path) -> None:
    assert stops(tmp_path, "email,date\na@x.example,2031-01-01\n") == {"a@x.example": ("unsubscribed", TODAY)}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"name,plan\nAda,pro\nBob,free\n", "no column holds mail addresses"),
        (b"PK\x03\x04", "save the sheet as CSV"),
    ],
)
def test_a_file_that_is_no_stop_list_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(StopsFileError, match=words):
        stops(tmp_path, content)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StopsFileError, match="No such file"):
        read_stops(tmp_path / "none.csv", TODAY)


@given(content=st.binary(max_size=200))
def test_no_file_at_all_ends_in_a_stack_trace(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("stops") / "export.csv"
    file.write_bytes(content)
    with suppress(StopsFileError):
        read_stops(file, TODAY)
