"""Reads exits that another tool has exported: who left, when, and why, under that tool's own headings.

Every row that can't be taken is told with its number and what to write instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from stillhere.offboarding.exits_table import ExitsImportError, Row, Table
from stillhere.operations.exits import SAME_EXIT_DAYS, ImportedExit, is_same_exit
from stillhere.settings.goodbye import SOMETHING_ELSE, Goodbye

LONGEST_COMMENT = 4000
"""Characters, as on the goodbye's own page; more is cut, and counted."""
ROWS_NAMED = 5
"""Of an unknown reason so many rows are named; a file may hold thousands of them."""
THE_REST = "*"

KINDS = {
    "voluntary": ("voluntary", "active", "requested", "cancelled by customer", "canceled by customer"),
    "involuntary": ("involuntary", "passive", "payment failed", "payment failure", "delinquent", "dunning"),
}
OUTCOMES = {
    "left": ("left", "cancelled", "canceled", "churned", "lost", "gone"),
    "saved": ("saved", "kept", "retained", "stayed", "reactivated"),
    "undecided": ("undecided", "pending", "open", "cancelling", "canceling"),
}
ANSWERS = {
    "yes": ("yes", "y", "true", "1", "ja", "j"),
    "no": ("no", "n", "false", "0", "nein"),
}
LONGEST_OFFER = 64


@dataclass(frozen=True)
class Known:
    """What a row is held against: today and the zone (the company's), its accounts, and its reasons.

    `accounts` is every spelling of an account to its id; `reasons` is what the file says, normalised, to a reason's id.
    `day_format` is strptime's, where days are not written as 2026-09-30 or 30.09.2026.
    """

    today: date
    zone: ZoneInfo
    accounts: Mapping[str, str]
    reasons: Mapping[str, str]
    reason_ids: Sequence[str]
    day_format: str | None = None


@dataclass(frozen=True)
class ReadExits:
    """The exits of a file in its order; `mistakes` one line each, `left_out` how many rows they are about."""

    exits: tuple[ImportedExit, ...]
    mistakes: tuple[str, ...]
    rows: int
    left_out: int
    cut_comments: int


@dataclass
class _Reading:
    """What has been read so far."""

    taken: list[tuple[int, ImportedExit]] = field(default_factory=list)
    mistakes: list[tuple[int, str]] = field(default_factory=list)
    unknown_reasons: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_account: dict[str, list[tuple[int, datetime]]] = field(default_factory=lambda: defaultdict(list))
    cut_comments: int = 0


def reasons_known(goodbye: Goodbye, given: Mapping[str, str]) -> dict[str, str]:
    """What a file may say for a reason: its id, its words in any language, and what `--reasons` gives. Normalised."""
    known = {_plain(SOMETHING_ELSE): SOMETHING_ELSE}
    for reason in goodbye.reasons:
        known |= {_plain(words): reason.id for words in (reason.id, *reason.words.values())}
    ids = {SOMETHING_ELSE, *(reason.id for reason in goodbye.reasons)}
    strange = sorted(set(given.values()) - ids)
    if strange:
        raise ExitsImportError(
            [f"--reasons: {', '.join(strange)} is no reason of goodbye.yml; use one of: {', '.join(sorted(ids))}"]
        )
    return known | {text if text == THE_REST else _plain(text): reason for text, reason in given.items()}


def read_exits(table: Table, known: Known) -> ReadExits:
    """Reads every row; those that can't be taken are among the mistakes and not among the exits."""
    reading = _Reading()
    for number, row in table.rows:
        _read_row(number, row, known, reading)
    reading.mistakes += [
        (numbers[0], _unknown_reason(text, numbers, known)) for text, numbers in reading.unknown_reasons.items()
    ]
    bad = {number for number, _ in reading.mistakes} | {n for rows in reading.unknown_reasons.values() for n in rows}
    return ReadExits(
        exits=tuple(one for number, one in reading.taken if number not in bad),
        mistakes=tuple(f"{table.name}, {words}" for _, words in sorted(reading.mistakes)),
        rows=len(table.rows),
        left_out=len(bad),
        cut_comments=reading.cut_comments,
    )


def _read_row(number: int, row: Row, known: Known, reading: _Reading) -> None:
    wrong: list[str] = []
    account = _account(row["account_id"], known, wrong)
    left_on = _day("left_at", row["left_at"], known, wrong, needed=True)
    ends_on = _day("ends_at", row["ends_at"], known, wrong)
    if left_on and left_on > known.today:
        wrong.append(f"left_at {left_on} is after today, {known.today}; write the day on which it was asked for")
    if left_on and ends_on and ends_on < left_on:
        wrong.append(f"ends_at {ends_on} is before left_at {left_on}; look whether the columns are the right way round")
    kind = _choice("kind", row["kind"], KINDS, wrong)
    outcome = _choice("outcome", row["outcome"], OUTCOMES, wrong) or "left"
    quote = _choice("may_quote", row["may_quote"], ANSWERS, wrong) == "yes"
    if len(row["offer"]) > LONGEST_OFFER:
        wrong.append(f"offer is longer than {LONGEST_OFFER} characters; give its code")
    reason, comment = _reason(number, row, known, reading)
    if len(comment) > LONGEST_COMMENT:
        comment, reading.cut_comments = comment[:LONGEST_COMMENT], reading.cut_comments + 1
    if account and left_on:
        _tell_twice(number, account, _moment(left_on, known.zone), reading, wrong)
    reading.mistakes += [(number, f"row {number}: {words}") for words in wrong]
    if account is None or left_on is None:
        return
    read = ImportedExit(
        account_id=account,
        requested_at=_moment(left_on, known.zone),
        effective_at=_moment(ends_on, known.zone) if ends_on else None,
        reason=reason,
        comment=comment or None,
        offer=row["offer"] or None,
        outcome=outcome,
        kind=kind,
        may_quote=quote and bool(comment),
    )
    reading.taken.append((number, read))


def _account(text: str, known: Known, wrong: list[str]) -> str | None:
    if not text:
        wrong.append("account_id is empty; give the account's id as billing or CRM writes it")
        return None
    if text not in known.accounts:
        wrong.append(f"account {text!r} is none of ours; give its id as billing or CRM writes it")
        return None
    return known.accounts[text]


def _day(name: str, text: str, known: Known, wrong: list[str], *, needed: bool = False) -> date | None:
    """The company's day: a moment with an offset is put into its zone, one without is taken as it stands."""
    if not text:
        if needed:
            wrong.append(f"{name} is empty; write the day as YYYY-MM-DD")
        return None
    try:
        return _parsed_day(text, known)
    except (ValueError, OverflowError):
        hint = (
            f"as {known.day_format}" if known.day_format else 'as YYYY-MM-DD, or say how with --day-format "%m/%d/%Y"'
        )
        wrong.append(f"{name} {text!r} is no day; write it {hint}")
        return None


def _parsed_day(text: str, known: Known) -> date:
    if known.day_format:
        moment = datetime.strptime(text, known.day_format)  # noqa: DTZ007 - a zone where the format has one
    else:
        try:
            moment = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
        except ValueError:
            moment = datetime.strptime(text, "%d.%m.%Y")  # noqa: DTZ007 - a day has no zone
    return moment.astimezone(known.zone).date() if moment.tzinfo else moment.date()


def _moment(day: date, zone: ZoneInfo) -> datetime:
    """A company's day as the database keeps it: its first moment, UTC."""
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _choice(name: str, text: str, choices: Mapping[str, tuple[str, ...]], wrong: list[str]) -> str | None:
    if not text:
        return None
    plain = _plain(text).replace("_", " ")
    found = next((choice for choice, spellings in choices.items() if plain in spellings), None)
    if found is None:
        wrong.append(f"{name} {text!r} is not known; use one of: {', '.join(choices)}")
    return found


def _reason(number: int, row: Row, known: Known, reading: _Reading) -> tuple[str | None, str]:
    """The reason's id, and the comment; a text that only `*` knows is kept before the comment."""
    text, comment = row["reason"], row["comment"]
    if not text:
        return None, comment
    if (reason := known.reasons.get(_plain(text))) is not None:
        return reason, comment
    if (rest := known.reasons.get(THE_REST)) is not None:
        return rest, f"{text}: {comment}" if comment else text
    reading.unknown_reasons[text].append(number)
    return None, comment


def _unknown_reason(text: str, numbers: Sequence[int], known: Known) -> str:
    more = f" and {len(numbers) - ROWS_NAMED} more" if len(numbers) > ROWS_NAMED else ""
    rows = f"row{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:ROWS_NAMED]))}{more}"
    return (
        f'{rows}: reason {text!r} is none of goodbye.yml; say which it is, --reasons "price={text}", with one of: '
        f'{", ".join(known.reason_ids)}. --reasons "{SOMETHING_ELSE}={THE_REST}" takes all others'
    )


def _tell_twice(number: int, account: str, at: datetime, reading: _Reading, wrong: list[str]) -> None:
    before = next((row for row, other in reading.by_account[account] if is_same_exit(at, other)), None)
    if before is not None:
        wrong.append(
            f"account {account!r} leaves in row {before} already, and within {SAME_EXIT_DAYS} days that is one exit; "
            "keep one of the rows"
        )
    reading.by_account[account].append((number, at))


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
