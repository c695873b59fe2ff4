"""When somebody may be turned to: the first open moment of the day that follows a night, by the contact's own clock.

A night has the 24 hours from its hand-over on. A window that opens within them belongs to this night, and to no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date

from stillhere.clock import NIGHT_HOUR
from stillhere.settings import Campaign, Company
from stillhere.settings.when import DAY_MINUTES, HourSpan

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NIGHT_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch in which somebody may be turned to (UTC), or why there is none in this night's day."""

    opens_at: datetime | None
    closes_at: datetime | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose clock and calendar count: a time zone of the tz database, and a country of ISO 3166 where it is known."""

    zone: str
    country: str | None


def hand_over_at(as_of: date, company: Company) -> datetime:
    """The moment (UTC) from which a night's decisions reach people: the morning after, by the company's clock."""
    return datetime.combine(as_of + timedelta(days=1), NIGHT_HOUR, tzinfo=company.zone).astimezone(UTC)


def send_day(as_of: date) -> date:
    """The day on which a night's decisions reach people: the morning after."""
    return as_of + timedelta(days=1)


def place_of(timezone: str | None, locale: str | None, country: str | None, company: Company) -> Place:
    """A contact's place. The country is the locale's ("de-AT"), else the account's, else the company says which."""
    zone = timezone if timezone in _zones() else company.timezone
    region = (
        (locale or "").replace("_", "-").rpartition("-")[2].upper() if "-" in (locale or "").replace("_", "-") else ""
    )
    known = region if len(region) == 2 and region.isalpha() else (country or company.campaigns.holidays_of)
    return Place(str(zone), known.upper() if known else None)


def open_window(campaign: Campaign, company: Company, place: Place, as_of: date) -> Window:
    """The first stretch in which a campaign may reach somebody there, within the day after the night `as_of`."""
    if campaign.when.zone == "company" or campaign.to == "owner":
        place = Place(company.timezone, company.campaigns.holidays_of)
    start = hand_over_at(as_of, company)
    end = start + NIGHT_LASTS
    zone = ZoneInfo(place.zone)
    rests: list[str] = []
    day = start.astimezone(zone).date()
    while _at(day, 0, zone) < end:
        why = _rests(campaign, company, place.country, day)
        if why is not None:
            rests.append(why)
        else:
            for opens, closes in _stretches(campaign.when.hours, company.campaigns.quiet_hours, day, zone):
                if closes > start and opens < end:
                    return Window(max(opens, start), closes)
        day += timedelta(days=1)
    return Window(None, None, "; ".join(rests) or _no_hours(campaign, company))


def next_window(campaign: Campaign, company: Company, place: Place, after: date, nights: int = 60) -> Window | None:
    """The next open window after a night, or None where the next `nights` have none."""
    for ahead in range(1, nights + 1):
        window = open_window(campaign, company, place, after + timedelta(days=ahead))
        if window.opens_at is not None:
            return window
    return None


def _rests(campaign: Campaign, company: Company, country: str | None, day: date) -> str | None:
    """Why nothing may arrive on a day, in words."""
    if day in company.campaigns.no_send_days:
        return f"{_named(day)} is a day of our own without mails and calls"
    if WEEKDAYS[day.weekday()] not in campaign.when.days:
        return f"{_named(day)} is no send day of the campaign"
    if not campaign.when.on_holidays and (holiday := public_holiday(country, day)) is not None:
        return f"{_named(day)} is a public holiday in {country} ({holiday})"
    return None


def public_holiday(country: str | None, day: date) -> str | None:
    """The name of a country's public holiday on a day; None on other days, and where the country is not known."""
    return _holidays(country, day.year).get(day) if country else None


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> dict[date, str]:
    # Looked for by the few who have holidays to ask for; the command line should not wait for the package.
    from holidays import country_holidays

    try:
        found = country_holidays(country, years=year, language="en_US")
    except NotImplementedError:
        return {}
    return dict(found.items())


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _stretches(hours: HourSpan, quiet: HourSpan, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The campaign's hours of a day without the quiet ones, in UTC, the earliest first."""
    free = [part for part in hours.parts() if part[0] < part[1]]
    for start, until in quiet.parts():
        free = [left for one in free for left in ((one[0], min(one[1], start)), (max(one[0], until), one[1]))]
        free = [one for one in free if one[0] < one[1]]
    for opens, closes in sorted(set(free)):
        yield _at(day, opens, zone), _at(day, closes, zone)


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """A minute of a local day. Hours that a clock change leaves out count as the hour after it."""
    over, left = divmod(minutes, DAY_MINUTES)
    local = datetime.combine(day + timedelta(days=over), time(left // 60, left % 60), tzinfo=zone)
    return local.astimezone(UTC)


def _no_hours(campaign: Campaign, company: Company) -> str:
    hours, quiet = campaign.when.hours.text, company.campaigns.quiet_hours.text
    return f"no hour of {hours} is left: nothing goes out from {quiet.replace('-', ' to ')}"


def _named(day: date) -> str:
    return format_date(day, "EEEE d MMMM y", locale="en")
