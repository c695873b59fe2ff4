"""The CRM's tables: companies, people, owners, calls, tickets, with the flaws that a CRM has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stillhere.demo.accounts import COUNTRIES, Accounts, Flags
from stillhere.demo.calendar import Calendar, Days
from stillhere.demo.companies import OWNERS, companies_table, draw_extras
from stillhere.demo.contacts import Home, home_of, people_table
from stillhere.demo.leaving import Leaving
from stillhere.demo.people import FIRST_NAMES, LAST_NAMES, People
from stillhere.demo.shapes import account_id, company_names, iso_texts, iso_texts_or_none, person_id

CALLER_NOTED_SHARE = 0.7
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Crm:
    """The tables, the customers' names, and the companies beyond the customers, each with what it is."""

    tables: Tables
    names: list[str]
    extras: pl.DataFrame


def build_crm(
    rng: np.random.Generator,
    accounts: Accounts,
    people: People,
    leaving: Leaving,
    calls: pl.DataFrame,
    tickets: pl.DataFrame,
    calendar: Calendar,
) -> Crm:
    """All tables as of the last day. Nothing that became known later is in them."""
    names = company_names(accounts.number, [COUNTRIES[one] for one in accounts.country])
    extras = draw_extras(rng, accounts, names, calendar)
    home = home_of(accounts, people, extras)
    tables = {
        "companies": companies_table(rng, accounts, names, extras, calendar),
        "people": people_table(accounts, people, leaving, names, home, extras, calendar),
        "owners": _owners(),
        "calls": _calls(rng, accounts, people, home, calls, calendar),
        "tickets": _tickets(accounts, people, leaving, home, tickets, calendar),
    }
    return Crm(tables, names, extras)


def _owners() -> pl.DataFrame:
    people = list(zip(FIRST_NAMES, reversed(LAST_NAMES), strict=True))[:OWNERS]
    return pl.DataFrame(
        {
            "id": [f"OWN-{n:02d}" for n in range(1, OWNERS + 1)],
            "name": [f"{first} {last}" for first, last in people],
            "email": [f"{first}.{last}@loopwise.example".lower() for first, last in people],
        }
    )


def _calls(
    rng: np.random.Generator, accounts: Accounts, people: People, home: Home, calls: pl.DataFrame, calendar: Calendar
) -> pl.DataFrame:
    """Mostly with the champion; often nobody noted with whom."""
    at, day = calls["account"].to_numpy(), calls["day"].to_numpy()
    champion = (np.cumsum(accounts.people) - accounts.people)[at]
    noted = (rng.random(calls.height) < CALLER_NOTED_SHARE) & (home.created[champion] < day)
    owner = rng.integers(1, OWNERS + 1, calls.height)
    return pl.DataFrame(
        {
            "id": [f"C-{n:07d}" for n in range(1, calls.height + 1)],
            "company_id": [account_id(n) for n in accounts.number[at].tolist()],
            "person_id": _person_ids(people, champion, noted),
            "owner_id": [f"OWN-{n:02d}" for n in owner.tolist()],
            "called_at": iso_texts(calendar, day, calls["hour"].to_numpy()),
            "minutes": calls["minutes"],
            "outcome": calls["outcome"],
        }
    ).filter(pl.col("called_at").is_not_null())


def _tickets(
    accounts: Accounts, people: People, leaving: Leaving, home: Home, tickets: pl.DataFrame, calendar: Calendar
) -> pl.DataFrame:
    person, day = tickets["person"].to_numpy(), tickets["day"].to_numpy()
    last_day = np.where(
        people.is_champion & (leaving.cause == "champion_left")[people.account],
        leaving.onset[people.account],
        people.stops,
    )
    could_write = (home.created[person] < day) & (day < last_day[person])
    hour = tickets["hour"].to_numpy()
    opened = iso_texts(calendar, day, hour)
    answered = _moments(calendar, tickets["answered_day"], tickets["answered_hour"].to_numpy())
    closed = _moments(calendar, tickets["closed_day"], hour)
    return pl.DataFrame(
        {
            "id": [f"T-{n:07d}" for n in range(1, tickets.height + 1)],
            "company_id": [account_id(n) for n in accounts.number[tickets["account"].to_numpy()].tolist()],
            "person_id": _person_ids(people, person, could_write),
            "subject": tickets["subject"],
            "opened_at": opened,
            "answered_at": answered,
            "closed_at": closed,
            "status": ["open" if end is None else "closed" for end in closed],
            "updated_at": [end or word or start for start, word, end in zip(opened, answered, closed, strict=True)],
        }
    ).filter(pl.col("opened_at").is_not_null())


def _moments(calendar: Calendar, day: pl.Series, hour: object) -> pl.Series:
    """Texts of a day, some of them null, and an hour."""
    return iso_texts_or_none(calendar, day.fill_null(0).to_numpy(), day.is_not_null().to_numpy(), hour)


def _person_ids(people: People, position: Days, is_told: Flags) -> list[str | None]:
    pairs = zip(people.number[position].tolist(), is_told.tolist(), strict=True)
    return [person_id(number) if told else None for number, told in pairs]
