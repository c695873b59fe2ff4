"""When people may be turned to: hours of a day, weekdays, holidays; and what a day may cost."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from stillhere.settings.model import ConfigurationModel

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING_DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")

HOURS_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
DAY_MINUTES = 24 * 60


class HourSpan(NamedTuple):
    """A span of a day in minutes since midnight. `until` before `start` means over midnight."""

    start: int
    until: int

    @property
    def text(self) -> str:
        """As it is written: "08:00-18:00"."""
        return f"{_clock(self.start)}-{_clock(self.until)}"

    def parts(self) -> tuple[tuple[int, int], ...]:
        """The same within one day: one stretch, or two when it goes over midnight."""
        if self.start <= self.until:
            return ((self.start, self.until),)
        return ((0, self.until), (self.start, DAY_MINUTES))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _read_hours(value: Any) -> Any:
    if isinstance(value, HourSpan):
        return value
    text = str(value).replace(" ", "")
    if not re.fullmatch(HOURS_PATTERN, text):
        raise ValueError("write hours as 08:00-18:00, in quotes")
    start, until = (_minutes(part) for part in text.split("-"))
    if start == until:
        raise ValueError("a span of hours needs a beginning and another end, as in 08:00-18:00")
    return HourSpan(start, until)


def _minutes(text: str) -> int:
    if text == "24:00":
        return DAY_MINUTES
    moment = time.fromisoformat(text)
    return moment.hour * 60 + moment.minute


Hours = Annotated[
    HourSpan,
    BeforeValidator(_read_hours),
    PlainSerializer(lambda span: span.text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": HOURS_PATTERN, "examples": ["08:00-18:00"]}),
]
"""Hours of a day, written `"08:00-18:00"`."""


class When(ConfigurationModel):
    """When a campaign may reach somebody, by the contact's own clock unless said otherwise."""

    hours: Hours = Field(
        default=HourSpan(8 * 60, 18 * 60),
        description="hours of the day, such as 08:00-18:00",
        json_schema_extra={"default": "08:00-18:00"},
    )
    days: tuple[Weekday, ...] = Field(default=WORKING_DAYS, description="weekdays on which it may arrive")
    zone: Literal["contact", "company"] = Field(default="contact", description="whose clock and calendar count")
    on_holidays: bool = Field(default=False, description="also on public holidays of the contact's country")


class Budget(ConfigurationModel):
    """What one night may spend; what is left out has no limit. A held-out account spends its share too."""

    mails: int | None = Field(default=None, ge=0)
    calls: int | None = Field(default=None, ge=0)
    offers: int | None = Field(default=None, ge=0)
    offers_minor: int | None = Field(default=None, ge=0, description="worth of the offers made, reporting currency")
    call_hours: float | None = Field(default=None, ge=0, description="people's hours a day, for calls")
