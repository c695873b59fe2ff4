"""The CRM's people: what sales know of them, spelled as sales type."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stillhere.demo.accounts import LANGUAGES, ZONES, Accounts
from stillhere.demo.calendar import COMPANY_ZONE, Calendar, Days
from stillhere.demo.leaving import Leaving
from stillhere.demo.people import People
from stillhere.demo.shapes import account_id, domain_of, iso_texts, iso_texts_or_none, person_id

NOTICED_OF_FIVE = 2
"""Of five champions who left, sales notice so many."""


@dataclass(frozen=True, slots=True)
class Home:
    """One entry per person: the number of the company under which the CRM has it, and since which day."""

    company: Days
    created: Days


def people_table(
    accounts: Accounts,
    people: People,
    leaving: Leaving,
    names: list[str],
    home: Home,
    extras: pl.DataFrame,
    calendar: Calendar,
) -> pl.DataFrame:
    """Customers' people, our own at the test accounts, and those who are there twice."""
    gone = people.gone_known.copy()
    champion_gone = people.is_champion & (leaving.cause == "champion_left")[people.account]
    told = champion_gone & (people.number % 5 < NOTICED_OF_FIVE)
    gone = np.where(told, leaving.onset[people.account] + 30, gone)
    created = home.created
    today = calendar.today
    changes = np.stack([created, np.where(people.consent_day <= today, people.consent_day, created)])
    changes = np.vstack([changes, np.where(people.unsubscribed_day <= today, people.unsubscribed_day, created)])
    touched = np.vstack([changes, np.where(gone <= today, gone, created)]).max(axis=0)
    country = accounts.country[people.account]
    hour = 9 + people.number % 8
    said = (people.consent_day <= today) & (people.consent != "")
    frame = pl.DataFrame(
        {
            "id": [person_id(n) for n in people.number.tolist()],
            "company_id": [account_id(n) for n in home.company.tolist()],
            "first_name": [name or None for name in people.first_name.tolist()],
            "last_name": people.last_name,
            "email": _emails(people, names),
            "language": [LANGUAGES[one] for one in country],
            "time_zone": [ZONES[one] for one in country],
            "role": people.role,
            "marketing_consent": [word if yes else None for word, yes in zip(people.consent, said, strict=True)],
            "consent_at": iso_texts_or_none(calendar, people.consent_day, said, hour),
            "unsubscribed_at": iso_texts_or_none(
                calendar, people.unsubscribed_day, people.unsubscribed_day <= today, hour
            ),
            "is_active": np.where(gone <= today, 0, 1),
            "inactive_since": iso_texts_or_none(calendar, gone, gone <= today, hour),
            "created_at": iso_texts(calendar, created, hour),
            "updated_at": iso_texts(calendar, np.minimum(touched, today), hour),
        }
    )
    staff = _staff_rows(staff_of(people, extras), calendar)
    return pl.concat([frame, staff, _people_twice(frame, staff.height)]).filter(pl.col("created_at").is_not_null())


def home_of(accounts: Accounts, people: People, extras: pl.DataFrame) -> Home:
    """A company that merges into another has that one's last person; all others are at their customer's."""
    company, since = accounts.number[people.account], accounts.joined[people.account]
    merged = extras.filter(pl.col("kind") == "merged").unique("original", keep="first", maintain_order=True)
    original = merged["original"].to_numpy()
    last = np.cumsum(accounts.people)[original] - 1
    has_others = accounts.people[original] > 1
    company[last[has_others]] = merged["number"].to_numpy()[has_others]
    since[last[has_others]] = merged["joined"].to_numpy()[has_others]
    return Home(company, np.maximum(people.starts, since))


def staff_of(people: People, extras: pl.DataFrame) -> pl.DataFrame:
    """Our own people, one at each test account: its `number` and first day `joined`, the `person`'s number."""
    tests = extras.filter(pl.col("kind") == "internal").select("number", "joined")
    return tests.with_columns(person=len(people) + 1 + pl.int_range(pl.len()))


def _staff_rows(staff: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    created = iso_texts(calendar, staff["joined"].to_numpy(), 9.0)
    return staff.select(
        id=pl.Series([person_id(n) for n in staff["person"].to_list()], dtype=pl.String),
        company_id=pl.Series([account_id(n) for n in staff["number"].to_list()], dtype=pl.String),
        first_name=pl.lit("Test"),
        last_name=pl.lit("User"),
        email=pl.format("test+{}@loopwise.example", pl.col("number")),
        language=pl.lit("de"),
        time_zone=pl.lit(COMPANY_ZONE.key),
        role=pl.lit("User"),
        marketing_consent=pl.lit(None, pl.String),
        consent_at=pl.lit(None, pl.String),
        unsubscribed_at=pl.lit(None, pl.String),
        is_active=pl.lit(1, pl.Int64),
        inactive_since=pl.lit(None, pl.String),
        created_at=pl.Series(created, dtype=pl.String),
        updated_at=pl.Series(created, dtype=pl.String),
    )


def _people_twice(frame: pl.DataFrame, staff: int) -> pl.DataFrame:
    """One person in a hundred is in the CRM twice: same company, same address, another id."""
    again = frame.gather_every(100, 17).filter(pl.col("email").is_not_null())
    return again.with_columns(
        id=pl.Series([person_id(frame.height + staff + n) for n in range(1, again.height + 1)], dtype=pl.String),
        first_name=pl.col("first_name").str.to_uppercase(),
        marketing_consent=pl.lit(None, pl.String),
        consent_at=pl.lit(None, pl.String),
    )


def _emails(people: People, names: list[str]) -> list[str | None]:
    """Addresses at the customer's domain; some missing, shared by two, in capitals, or with stray spaces."""
    found: list[str | None] = []
    domains = [domain_of(name) for name in names]
    parts = (people.first_name.tolist(), people.last_name.tolist(), people.account.tolist(), people.number.tolist())
    for first, last, account, number in zip(*parts, strict=True):
        at = number - 1
        if not people.has_email[at]:
            found.append(None)
        elif people.shares_address[at]:
            found.append(f"office@{domains[account]}")
        else:
            address = f"{(first or 'office').lower()}.{last.lower()}{people.place[at] or ''}@{domains[account]}"
            found.append(address.title() if number % 23 == 0 else f" {address}" if number % 41 == 0 else address)
    return found
