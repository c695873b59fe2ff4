"""How each vendor writes the same thing: ids, spellings and times differ between CRM, billing and usage."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from stillhere.demo.calendar import COMPANY_ZONE, Calendar, Days

FIRST_WORDS = [
    "Blue",
    "Iron",
    "North",
    "Silver",
    "Green",
    "Bright",
    "Amber",
    "Quiet",
    "Rapid",
    "Solid",
    "Urban",
    "Coastal",
    "Alpine",
    "Nordic",
    "Royal",
    "Golden",
    "Swift",
    "Clear",
    "Grand",
    "Lunar",
    "Maple",
    "Cedar",
    "Granite",
    "Velvet",
    "Summit",
    "Harbor",
    "Delta",
    "Prime",
    "Vivid",
    "Noble",
]
SECOND_WORDS = [
    "Harbour",
    "Forge",
    "Meadow",
    "Bridge",
    "Orchard",
    "Compass",
    "Anchor",
    "Lantern",
    "Mill",
    "Quarry",
    "Valley",
    "Works",
    "Studio",
    "Foundry",
    "Garden",
    "Atlas",
    "Beacon",
    "Canvas",
    "Engine",
    "Falcon",
    "Grove",
    "Hammer",
    "Island",
    "Journal",
    "Kettle",
    "Ledger",
    "Magnet",
    "Needle",
    "Oak",
    "Pixel",
]
THIRD_WORDS = [
    "Partners",
    "Labs",
    "Systems",
    "Digital",
    "Logistics",
    "Media",
    "Consulting",
    "Retail",
    "Health",
    "Energy",
    "Foods",
    "Travel",
    "Design",
    "Robotics",
    "Textiles",
    "Learning",
    "Security",
    "Analytics",
    "Mobility",
    "Publishing",
]
FORMS = {"DE": "GmbH", "US": "Inc.", "GB": "Ltd", "FR": "SARL", "NL": "BV", "AT": "GmbH"}
LETTERS = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"))


def company_names(numbers: Days, countries: list[str]) -> list[str]:
    """A name of its own for each account number: after 900 a third word tells them apart, after 18,900 a number."""
    pairs = len(FIRST_WORDS) * len(SECOND_WORDS)
    names = []
    for number, country in zip(numbers.tolist(), countries, strict=True):
        first = FIRST_WORDS[number % len(FIRST_WORDS)]
        second = SECOND_WORDS[(number // len(FIRST_WORDS)) % len(SECOND_WORDS)]
        turn = number // pairs
        third = "" if turn == 0 else f" {THIRD_WORDS[turn - 1]}" if turn <= len(THIRD_WORDS) else f" {turn}"
        names.append(f"{first} {second}{third} {FORMS[country]}")
    return names


def domain_of(name: str) -> str:
    """`Blue Harbour GmbH` writes from blue-harbour.example, a domain that nobody can own."""
    return "-".join(name.lower().split()[:-1]) + ".example"


def account_id(number: int) -> str:
    """The CRM's id."""
    return f"ACC-{number:06d}"


def person_id(number: int) -> str:
    """The CRM's id of a person."""
    return f"P-{number:07d}"


def random_ids(rng: np.random.Generator, prefix: str, count: int) -> list[str]:
    """Ids as billing vendors draw them: a prefix and fourteen characters."""
    drawn = LETTERS[rng.integers(0, len(LETTERS), (count, 14))]
    return [prefix + "".join(row) for row in drawn]


def iso_texts(calendar: Calendar, days: Days, hours: object) -> list[str | None]:
    """ISO text with the company zone's offset, as the CRM writes times; None after the last day."""
    seconds = calendar.seconds(days, np.asarray(hours))
    cut = calendar.cut_at.timestamp()
    return [
        None if second >= cut else datetime.fromtimestamp(second, UTC).astimezone(COMPANY_ZONE).isoformat()
        for second in seconds.tolist()
    ]


def iso_texts_or_none(calendar: Calendar, days: Days, is_so: object, hour: object) -> pl.Series:
    """The same where `is_so`, null elsewhere; the days there may be anything. Texts also where all are null."""
    told = np.asarray(is_so)
    texts = iso_texts(calendar, np.where(told, days, 0), hour)
    found = [text if yes else None for text, yes in zip(texts, told.tolist(), strict=True)]
    return pl.Series(found, dtype=pl.String)


def known(calendar: Calendar, frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows whose second in `column` lies before the end of the last day."""
    return frame.filter(pl.col(column) < calendar.cut_second)


def seconds_or_null(calendar: Calendar, days: pl.Series, hour: float = 10.0) -> pl.Series:
    """Seconds since 1970 of an hour of days of which some are null."""
    missing = days.is_null()
    return pl.Series(calendar.seconds(days.fill_null(0).to_numpy(), hour)).set(missing, None)
