"""Conditions of a segment's rule: `field: comparison`, read once, checked against known fields, run by polars.

A value that is missing satisfies no comparison except `is missing`. Nothing a file says is ever executed.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from stillhere.campaigns.fields import FIELDS, SIGN_CODES, Field, Kind
from stillhere.settings import Mistake, Segment, StillhereError

Operand = float | str | date | int

ALLOWED: dict[Kind, str] = {
    "number": "'>= 0.3' (also >, <, <=, =, !=), 'between 1 and 5', 'is missing' or 'is known'",
    "text": "'= active', '!= left', 'in onboarding, active', 'not in left, internal', 'is missing' or 'is known'",
    "day": "'>= 2026-01-31' (also >, <, <=, =), 'in the last 30 days', 'in the next 30 days', "
    "'more than 30 days ago', 'is missing' or 'is known'",
    "truth": "'is true', 'is false', 'is missing' or 'is known'",
    "signs": "'has quiet, fading' (any of them), 'has no support', 'is missing' or 'is known'",
}

_ORDER = re.compile(r"(>=|<=|!=|>|<|=)\s*(.+)")
_BETWEEN = re.compile(r"between\s+(\S+)\s+and\s+(\S+)")
_LISTED = re.compile(r"(not in|in)\s+(.+)")
_HAS = re.compile(r"(has no|has)\s+(.+)")
_DAYS = re.compile(r"(in the last|in the next|more than)\s+(\d{1,5})\s+days?(\s+ago)?")


class ConditionError(StillhereError):
    """A comparison that can't be read; the text says what is allowed for the field."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison that has been read: a field, a test and its operands."""

    field: Field
    test: str
    operands: tuple[Operand, ...] = ()

    def holds(self, as_of: date) -> pl.Expr:
        """True, or false, for every row; never null."""
        return _expression(self, as_of).fill_null(value=False)


def parse_condition(field_name: str, comparison: str) -> Condition:
    """Reads one `field: comparison`. Raises ConditionError for an unknown field or a comparison it doesn't take."""
    field = FIELDS.get(field_name)
    if field is None:
        close = difflib.get_close_matches(field_name, FIELDS, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else f"known fields: {', '.join(sorted(FIELDS))}"
        raise ConditionError(f"no field {field_name!r}; {hint}")
    text = " ".join(comparison.split())
    if text in ("is missing", "is known"):
        return Condition(field, text)
    read = _READERS[field.kind](text)
    if read is None:
        raise ConditionError(f"{comparison!r} does not fit {field_name} ({field.words}); use {ALLOWED[field.kind]}")
    test, operands = read
    return Condition(field, test, operands)


def rule_of(segment: Segment, as_of: date) -> pl.Expr:
    """A segment's whole rule: every condition of `all` and, where `any` is given, at least one of it."""
    every = [parse_condition(name, text).holds(as_of) for name, text in segment.all.items()]
    some = [parse_condition(name, text).holds(as_of) for name, text in segment.any.items()]
    rule = pl.all_horizontal(every) if every else pl.lit(value=True)
    return rule & pl.any_horizontal(some) if some else rule


def condition_mistakes(segments: tuple[Segment, ...], file: str = "segments.yml") -> list[Mistake]:
    """Every condition that can't be read, with file, segment, field and what is allowed."""
    found = []
    for segment in segments:
        for group, conditions in (("all", segment.all), ("any", segment.any)):
            for name, text in conditions.items():
                try:
                    parse_condition(name, text)
                except ConditionError as error:
                    said, _, action = str(error).partition("; ")
                    found.append(Mistake(file, f"segments.{segment.id}.{group}.{name}", said, action))
    return found


Read = tuple[str, tuple[Operand, ...]] | None


def _read_number(text: str) -> Read:
    if match := _BETWEEN.fullmatch(text):
        low, high = _number(match[1]), _number(match[2])
        return None if low is None or high is None or low > high else ("between", (low, high))
    if match := _ORDER.fullmatch(text):
        number = _number(match[2])
        return None if number is None else (match[1], (number,))
    return None


def _read_text(text: str) -> Read:
    if (match := _ORDER.fullmatch(text)) and match[1] in ("=", "!="):
        return match[1], (match[2].strip(),)
    if match := _LISTED.fullmatch(text):
        words = _listed(match[2])
        return (match[1], words) if words else None
    return None


def _read_day(text: str) -> Read:
    if (match := _DAYS.fullmatch(text)) and (match[1] == "more than") == bool(match[3]):
        return match[1], (int(match[2]),)
    if (match := _ORDER.fullmatch(text)) and match[1] != "!=":
        try:
            return match[1], (date.fromisoformat(match[2]),)
        except ValueError:
            return None
    return None


def _read_truth(text: str) -> Read:
    return (text, ()) if text in ("is true", "is false") else None


def _read_signs(text: str) -> Read:
    if match := _HAS.fullmatch(text):
        codes = _listed(match[2])
        return (match[1], codes) if codes and set(codes) <= set(SIGN_CODES) else None
    return None


_READERS = {
    "number": _read_number,
    "text": _read_text,
    "day": _read_day,
    "truth": _read_truth,
    "signs": _read_signs,
}


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _expression(condition: Condition, as_of: date) -> pl.Expr:
    column, operands = pl.col(condition.field.name), condition.operands
    match condition.test:
        case "is missing":
            return column.is_null() if condition.field.kind != "signs" else _codes().list.len() == 0
        case "is known":
            return column.is_not_null() if condition.field.kind != "signs" else _codes().list.len() > 0
        case "is true":
            return column
        case "is false":
            return ~column
        case "between":
            return column.is_between(operands[0], operands[1])
        case "in" | "not in":
            listed = column.is_in([str(word) for word in operands])
            return listed if condition.test == "in" else ~listed
        case "has" | "has no":
            found = pl.any_horizontal([_codes().list.contains(code) for code in operands])
            return found if condition.test == "has" else ~found
        case "in the last" | "in the next" | "more than":
            return _relative(column, condition.test, int(str(operands[0])), as_of)
        case _:
            return _ordered(column, condition.test, operands[0])


def _relative(column: pl.Expr, test: str, days: int, as_of: date) -> pl.Expr:
    """Days are counted from the night's day, which belongs to "the last"."""
    span = timedelta(days=days)
    if test == "in the last":
        return column.is_between(as_of - span, as_of, closed="right")
    if test == "in the next":
        return column.is_between(as_of, as_of + span, closed="right")
    return column < as_of - span


def _ordered(column: pl.Expr, test: str, operand: Operand) -> pl.Expr:
    value = pl.lit(operand)
    orders = {
        ">=": column >= value,
        ">": column > value,
        "<=": column <= value,
        "<": column < value,
        "=": column == value,
        "!=": column != value,
    }
    return orders[test]


def _codes() -> pl.Expr:
    return pl.col("sign_codes").fill_null([])
