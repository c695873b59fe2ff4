"""Conditions that read well and can hold for nobody: a chance above 1, a stage that does not exist."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from stillhere.campaigns.conditions import Condition, ConditionError, parse_condition
from stillhere.settings import Mistake, Segment

STAGES = ("onboarding", "active", "cancelling", "suspended", "left")
ONE = ("churn_probability", "discount_share")
FROM_ONE = ("risk_rank", "value_rank")
MAY_BE_NEGATIVE = (
    *("value_minor", "value_at_stake_minor", "outreach_value_minor", "spend_91_minor", "spend_365_minor"),
    *("refunds_91_minor", "overdue_working_days", "days_to_renewal", "price_rise_share_180"),
)
ACTIVE_DAYS = re.compile(r"(?:active_days_(?:prev_)?|people_active_days_)(\d+)|first_(\d+)_active_days")

Span = tuple[float, float]


def impossible_conditions(segments: tuple[Segment, ...], file: str) -> Iterator[Mistake]:
    """Every condition, or pair of them, that no account can meet. What can't be read is told elsewhere."""
    for segment in segments:
        every, some = _read(segment.all), _read(segment.any)
        place = f"segments.{segment.id}"
        for group, conditions in (("all", every), ("any", some)):
            for name, condition in conditions.items():
                if words := _never(condition):
                    yield Mistake(file, f"{place}.{group}.{name}", words, "correct the comparison")
        both = [name for name in some if name in every]
        if some and len(both) == len(some) and all(_apart(every[name], some[name]) for name in both):
            words = f"contradicts the same field under 'all' ({', '.join(sorted(both))})"
            yield Mistake(file, f"{place}.any", words, "take one of the two out")


def _read(conditions: dict[str, str]) -> dict[str, Condition]:
    found = {}
    for name, text in conditions.items():
        try:
            found[name] = parse_condition(name, text)
        except ConditionError:
            continue
    return found


def _never(condition: Condition) -> str | None:
    if condition.field.kind == "number" and (asked := _span(condition)) is not None:
        low, high = _possible(condition.field.name)
        if not _meet(asked, (low, high)):
            least = "" if low == -math.inf else f"at least {low:g}"
            most = "" if high == math.inf else f"at most {high:g}"
            return f"can hold for nobody: {condition.field.words} is {' and '.join(filter(None, (least, most)))}"
    if condition.field.name == "stage" and condition.test in ("=", "in", "!=", "not in"):
        unknown = [str(one) for one in condition.operands if one not in STAGES]
        if unknown:
            return f"no stage {', '.join(unknown)}; there are: {', '.join(STAGES)}"
    return None


def _possible(name: str) -> Span:
    """The values a field can have."""
    if name in ONE:
        return 0, 1
    if name in FROM_ONE:
        return 1, math.inf
    if match := ACTIVE_DAYS.fullmatch(name):
        return 0, float(match[1] or match[2])
    if name == "mrr_change_91_share":
        return -1, math.inf
    return (-math.inf if name in MAY_BE_NEGATIVE else 0), math.inf


def _span(condition: Condition) -> Span | None:
    """The numbers a comparison asks for; a strict one leaves its own bound out by the smallest step there is."""
    numbers = [float(str(one)) for one in condition.operands]
    match condition.test:
        case ">=":
            return numbers[0], math.inf
        case ">":
            return math.nextafter(numbers[0], math.inf), math.inf
        case "<=":
            return -math.inf, numbers[0]
        case "<":
            return -math.inf, math.nextafter(numbers[0], -math.inf)
        case "=":
            return numbers[0], numbers[0]
        case "between":
            return numbers[0], numbers[1]
    return None


def _meet(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _apart(one: Condition, other: Condition) -> bool:
    first, second = (_span(one), _span(other)) if one.field.kind == "number" else (None, None)
    return first is not None and second is not None and not _meet(first, second)
