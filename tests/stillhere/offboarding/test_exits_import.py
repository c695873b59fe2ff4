"""Exits that another tool has exported come in under its own headings, and every mistake is told with its row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from stillhere.offboarding.exits_import import Known, read_exits, reasons_known
from stillhere.offboarding.exits_table import ExitsImportError, pairs, read_table
from stillhere.operations.runs import naive_utc
from stillhere.settings.goodbye import Goodbye

TODAY = date(2026, 9, 30)
OURS = "account_id,left_at,reason,comment,may_quote\n"


def at(*parts):
    """A moment as the tables keep it."""
    return naive_utc(datetime(*parts, tzinfo=UTC))


def known(day_format=None, **reasons):
    texts = {text: reason for reason, text in reasons.items()}
    return Known(
        today=TODAY,
        zone=ZoneInfo("Europe/Berlin"),
        accounts={"1": "1", "2": "2", "cus_9": "2"},
        reasons=reasons_known(Goodbye(), texts),
        reason_ids=["price", "something_else"],
        day_format=day_format,
    )


def read(tmp_path, content, *columns, encoding="utf-8", **how):
    path = tmp_path / "exits.csv"
    path.write_bytes(content.encode(encoding))
    return read_exits(read_table(path, pairs("--columns", columns)), known(**how))


def mistakes(tmp_path, rows, **how):
    return list(read(tmp_path, OURS + rows, **how).mistakes)


def test_another_tools_headings_days_and_words_are_taken(tmp_path) -> None:
    row = "cus_9;03.09.2026;Es kostet mehr, als es uns wert ist;Payment failed;zu teuer für uns"
    content = f"Customer;Cancelled on;Why;Kind;Free text\n{row}\n"
    columns = 'account_id=Customer,left_at="Cancelled on", reason=why', "kind=Kind,comment=free text"
    (one,) = read(tmp_path, content, *columns, encoding="cp1252").exits
    assert (one.account_id, one.requested_at) == ("2", at(2026, 9, 2, 22))
    assert (one.reason, one.kind, one.comment) == ("price", "involuntary", "zu teuer für uns")
    assert (one.outcome, one.effective_at, one.may_quote) == ("left", None, False)


def test_a_moment_belongs_to_the_companys_day(tmp_path) -> None:
    rows = "1,2026-09-01T22:30:00Z,,,\n2,2026-09-01 22:30,,,\n"
    late, as_it_stands = read(tmp_path, OURS + rows).exits
    assert (late.requested_at, as_it_stands.requested_at) == (at(2026, 9, 1, 22), at(2026, 8, 31, 22))


def test_a_reason_of_theirs_is_put_under_ours_and_the_rest_under_something_else(tmp_path) -> None:
    rows = "1,2026-09-01,Too  Expensive,,\n2,2026-09-01,Moved to Mars,dust,\n"
    both = read(tmp_path, OURS + rows, price="too expensive", something_else="*").exits
    assert [(one.reason, one.comment) for one in both] == [("price", None), ("something_else", "Moved to Mars: dust")]


def test_an_unknown_reason_is_told_once_with_its_rows_and_none_of_them_is_taken(tmp_path) -> None:
    rows = "1,2026-09-01,Budget,,\n2,2026-09-01,Budget,,\n1,2026-01-01,price,,\n"
    got = read(tmp_path, OURS + rows)
    (words,) = got.mistakes
    assert words.startswith("exits.csv, rows 2, 3: reason 'Budget' is none of goodbye.yml")
    assert '--reasons "price=Budget"' in words
    assert ([one.reason for one in got.exits], got.left_out, got.rows) == (["price"], 2, 3)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",2026-09-01,,,", "row 2: account_id is empty"),
        ("77,2026-09-01,,,", "row 2: account '77' is none of ours"),
        ("1,,,,", "row 2: left_at is empty"),
        ("1,2026-10-01,,,", "row 2: left_at 2026-10-01 is after today, 2026-09-30"),
        ("1,9/31/2026,,,", "left_at '9/31/2026' is no day; write it as YYYY-MM-DD, or say how with --day-format"),
        ("1,2026-09-01,,hm,maybe", "may_quote 'maybe' is not known; use one of: yes, no"),
        ("1,2026-08-01,,,\n1,2026-09-01,,,", "row 3: account '1' leaves in row 2 already"),
        ("2,2026-08-01,,,\ncus_9,2026-09-01,,,", "row 3: account '2' leaves in row 2 already"),
    ],
)
def test_a_row_that_can_not_be_taken_is_told(tmp_path, row, words) -> None:
    (told,) = mistakes(tmp_path, row + "\n")
    assert words in told


def test_an_account_may_leave_again_after_more_than_31_days(tmp_path) -> None:
    assert mistakes(tmp_path, "1,2026-07-31,,,\n1,2026-09-01,,,\n") == []


def test_an_end_before_its_request_is_a_mistake(tmp_path) -> None:
    (told,) = read(tmp_path, "account_id,left_at,ends_at\n1,2026-09-01,2026-08-01\n").mistakes
    assert "ends_at 2026-08-01 is before left_at 2026-09-01" in told


def test_days_are_read_as_they_are_said_to_be_written(tmp_path) -> None:
    (one,) = read(tmp_path, OURS + "1,02/09/2026,,,\n", day_format="%d/%m/%Y").exits
    assert one.requested_at == at(2026, 9, 1, 22)


def test_words_are_quoted_only_with_a_yes_and_cut_where_they_are_too_long(tmp_path) -> None:
    rows = f"1,2026-09-01,,{'x' * 4001},Ja\n2,2026-09-01,,,yes\n"
    got = read(tmp_path, OURS + rows)
    assert [(len(one.comment or ""), one.may_quote) for one in got.exits] == [(4000, True), (0, False)]
    assert got.cut_comments == 1


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path) -> None:
    (told,) = mistakes(tmp_path, '1,2026-09-01,,"two\nlines",\n\n9,2026-09-01,,,\n')
    assert "row 4" in told


@pytest.mark.parametrize(
    ("content", "columns", "words"),
    [
        (b"Customer,Day\n1,2026-09-01\n", ["left_at=Day"], "which column is account_id?"),
        (
            b"Customer,Day\n1,2026-09-01\n",
            ["account_id=Client,left_at=Day"],
            "there is no column 'Client' for account_id",
        ),
        (b"account_id,left_at\n1,2026-09-01\n", ["when=left_at"], "--columns: when is no column"),
        (b"account_id,left_at\n1,2026-09-01\n", ["account_id"], "are no pairs"),
        (b"account_id,left_at\n1,2026-09-01\n", ["reason=a,reason=b"], "given twice"),
        (b"", [], "no rows below a heading"),
        (b"PK\x03\x04", [], "save the sheet as CSV"),
    ],
)
def test_a_file_that_says_too_little_is_told_what_is_missing(tmp_path, content, columns, words) -> None:
    path = tmp_path / "exits.csv"
    path.write_bytes(content)
    with pytest.raises(ExitsImportError, match=words.replace("?", r"\?")):
        read_table(path, pairs("--columns", columns))


def test_a_reason_that_is_none_of_ours_can_not_be_mapped_to() -> None:
    with pytest.raises(ExitsImportError, match="costly is no reason of goodbye"):
        reasons_known(Goodbye(), {"Too expensive": "costly"})


def test_a_missing_file_is_told(tmp_path) -> None:
    with pytest.raises(ExitsImportError, match="check the name"):
        read_table(tmp_path / "none.csv", {})
