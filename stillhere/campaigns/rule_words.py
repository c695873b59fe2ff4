"""A segment's rule as people read it: amounts instead of minor units, signs by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.numbers import format_decimal

from stillhere.campaigns.conditions import parse_condition
from stillhere.campaigns.fields import FIELDS, Field
from stillhere.campaigns.story import amount, long_day, money
from stillhere.settings import Segment
from stillhere.signs import sign_title

_MINOR = " in minor units of the reporting currency"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TRUTHS = {"is true": "yes", "is false": "no"}
_ALLOWED = re.compile(r" \(.*\)$")


def rule_in_words(segment: Segment, currency: str) -> list[str]:
    """The rule as lines; `currency` is the reporting currency."""
    every = [condition_in_words(name, text, currency) for name, text in segment.all.items()]
    some = [condition_in_words(name, text, currency) for name, text in segment.any.items()]
    return every + ([f"and at least one of: {'; '.join(some)}"] if some else [])


def condition_in_words(name: str, comparison: str, currency: str) -> str:
    """One line of a rule: "yearly value: >= €12,000", "stage: active"."""
    field, text = FIELDS[name], " ".join(comparison.split())
    if _is_amount(field):
        text = _NUMBER.sub(lambda found: _round_money(float(found[0]), currency), text)
    elif field.kind in ("signs", "text"):
        text = _words(name, text)
    else:
        text = _TRUTHS.get(text, text)
    return f"{_called(field)}: {text}"


def value_in_words(name: str, row: Mapping[str, Any], currency: str) -> str:
    """What an account has there; from a wide account row."""
    field = FIELDS[name]
    if field.kind == "signs":
        return ", ".join(sign_title(code, "en") for code in row.get("sign_codes") or ()) or "none"
    value = row.get(name)
    if value is None:
        return "unknown"
    if _is_amount(field):
        return _round_money(float(value), currency)
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return long_day(value)
        case int() | float():
            return format_decimal(value, format="#,##0.##", locale="en")
    return str(value)


def _is_amount(field: Field) -> bool:
    return field.words.endswith(_MINOR)


def _called(field: Field) -> str:
    """The field's name without what only helps to write a rule: the unit, the words that are allowed."""
    return _ALLOWED.sub("", field.words.removesuffix(_MINOR))


def _round_money(minor: float, currency: str) -> str:
    return money(amount(round(minor), currency), currency).removesuffix(".00")


def _words(name: str, text: str) -> str:
    """A comparison of words or signs: "active or onboarding", "neither left nor internal", "is missing"."""
    condition = parse_condition(name, text)
    words = [str(one) for one in condition.operands]
    if condition.field.kind == "signs":
        words = [sign_title(code, "en") for code in words]
    match condition.test:
        case "has" | "in" | "=":
            return " or ".join(words)
        case "has no" | "not in" | "!=":
            return f"neither {' nor '.join(words)}" if len(words) > 1 else f"not {words[0]}"
    return text
