"""The CRM's tables: companies, people, owners, calls, tickets, with the flaws that a CRM has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stillhere.demo.accounts import COUNTRIES, LANGUAGES, ZONES, Accounts
from stillhere.demo.calendar import NEVER, Calendar
from stillhere.demo.leaving import Leaving
from stillhere.demo.people import People
from stillhere.demo.shapes import account_id, company_names, domain_of, iso_texts, person_id

OWNERS = 14
NO_OWNER_SHARE = 0.03
PROSPECT_SHARE, DUPLICATE_SHARE, MERGED_SHARE, INTERNAL_SHARE = 0.03, 0.01, 0.008, 0.006
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Crm:
    """The tables, and for each account number beyond the customers what it is."""

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
    countries = [COUNTRIES[one] for one in accounts.country]
    names = company_names(accounts.number, countries)
    extras = _extras(rng, accounts, names, calendar)
    owners = pl.DataFrame(
        {
            "id": [f"OWN-{n:02d}" for n in range(1, OWNERS + 1)],
            "name": [f"Owner {n}" for n in range(1, OWNERS + 1)],
            "email": [f"owner{n}@loopwise.example" for n in range(1, OWNERS + 1)],
        }
    )
    tables = {
        "companies": _companies(rng, accounts, names, countries, extras, calendar),
        "people": _people(accounts, people, leaving, names, calendar),
        "owners": owners,
        "calls": _calls(rng, accounts, calls, calendar),
        "tickets": _tickets(accounts, people, tickets, calendar),
    }
    return Crm(tables, names, extras)


def _extras(rng: np.random.Generator, accounts: Accounts, names: list[str], calendar: Calendar) -> pl.DataFrame:
    """Companies beyond the paying customers: prospects, our own tests, duplicates, some merged into the original."""
    count = len(accounts)
    sizes = {
        "prospect": max(2, round(count * PROSPECT_SHARE)),
        "internal": max(2, round(count * INTERNAL_SHARE)),
        "duplicate": max(2, round(count * DUPLICATE_SHARE)),
        "merged": max(2, round(count * MERGED_SHARE)),
    }
    kind = np.repeat(list(sizes), list(sizes.values()))
    original = rng.integers(0, count, len(kind))
    spelled = [_spelled(names[one], nth) for nth, one in enumerate(original)]
    return pl.DataFrame(
        {
            "number": np.arange(count + 1, count + 1 + len(kind)),
            "kind": kind,
            "original": original,
            "joined": np.minimum(accounts.joined[original] + rng.integers(5, 200, len(kind)), calendar.days - 40),
            "name": [
                f"Loopwise Test {nth}"
                if what == "internal"
                else f"{name}"
                if what != "prospect"
                else f"Prospect {nth} Ltd"
                for nth, (what, name) in enumerate(zip(kind, spelled, strict=True))
            ],
        }
    ).with_columns(merged_day=pl.when(pl.col("kind") == "merged").then(pl.col("joined") + 30))


def _spelled(name: str, nth: int) -> str:
    """The same name as somebody else would type it."""
    bare = " ".join(name.split()[:-1])
    return (bare, name.upper(), f"{bare} ", name.replace(" ", "  ", 1))[nth % 4]


def _companies(
    rng: np.random.Generator,
    accounts: Accounts,
    names: list[str],
    countries: list[str],
    extras: pl.DataFrame,
    calendar: Calendar,
) -> pl.DataFrame:
    original = extras["original"].to_numpy()
    numbers = np.concatenate([accounts.number, extras["number"].to_numpy()])
    source = np.concatenate([np.arange(len(accounts)), original])
    joined = np.concatenate([accounts.joined, extras["joined"].to_numpy()])
    merged_day = np.concatenate([np.full(len(accounts), NEVER), extras["merged_day"].fill_null(NEVER).to_numpy()])
    is_merged = merged_day <= calendar.today
    kinds = np.concatenate([np.full(len(accounts), "customer"), extras["kind"].to_numpy().astype(str)])
    touched = np.minimum(joined + rng.integers(0, 400, len(joined)), calendar.today)
    touched = np.maximum(np.where(is_merged, merged_day, touched), joined)
    owner = rng.integers(1, OWNERS + 1, len(numbers))
    hour = 8 + numbers % 9
    frame = pl.DataFrame(
        {
            "id": [account_id(n) for n in numbers.tolist()],
            "name": names + extras["name"].to_list(),
            "domain": [domain_of(names[one]) for one in source.tolist()],
            "country": [countries[one] for one in source.tolist()],
            "time_zone": [ZONES[accounts.country[one]] for one in source.tolist()],
            "type": np.where(kinds == "internal", "internal", np.where(kinds == "prospect", "prospect", "customer")),
            "channel": accounts.channel[source],
            "owner_id": [
                None if missing else f"OWN-{n:02d}"
                for n, missing in zip(owner.tolist(), (rng.random(len(numbers)) < NO_OWNER_SHARE).tolist(), strict=True)
            ],
            "merged_into": [
                account_id(int(accounts.number[one])) if merged else None
                for one, merged in zip(source.tolist(), is_merged.tolist(), strict=True)
            ],
            "merged_at": [
                text if merged else None
                for text, merged in zip(
                    iso_texts(calendar, np.minimum(merged_day, calendar.today), 11.0), is_merged.tolist(), strict=True
                )
            ],
            "created_at": iso_texts(calendar, joined, hour),
            "updated_at": iso_texts(calendar, np.minimum(touched, calendar.today), np.where(is_merged, 11.0, hour)),
        }
    )
    return frame.filter(pl.col("created_at").is_not_null())


def _people(
    accounts: Accounts,
    people: People,
    leaving: Leaving,
    names: list[str],
    calendar: Calendar,
) -> pl.DataFrame:
    gone = people.gone_known.copy()
    champion_gone = people.is_champion & (leaving.cause == "champion_left")[people.account]
    told = champion_gone & (people.number % 5 < 2)  # two in five are noticed by sales
    gone = np.where(told, leaving.onset[people.account] + 30, gone)
    created = np.maximum(people.starts, accounts.joined[people.account])
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
            "company_id": [account_id(n) for n in accounts.number[people.account].tolist()],
            "first_name": [name or None for name in people.first_name.tolist()],
            "last_name": people.last_name,
            "email": _emails(people, names),
            "language": [LANGUAGES[one] for one in country],
            "time_zone": [ZONES[one] for one in country],
            "role": people.role,
            "marketing_consent": [word if yes else None for word, yes in zip(people.consent, said, strict=True)],
            "consent_at": _when(calendar, people.consent_day, said, hour),
            "unsubscribed_at": _when(calendar, people.unsubscribed_day, people.unsubscribed_day <= today, hour),
            "is_active": np.where(gone <= today, 0, 1),
            "created_at": iso_texts(calendar, created, hour),
            "updated_at": iso_texts(calendar, np.minimum(touched, today), hour),
        }
    )
    return pl.concat([frame, _people_twice(frame)]).filter(pl.col("created_at").is_not_null())


def _people_twice(frame: pl.DataFrame) -> pl.DataFrame:
    """One person in a hundred is in the CRM twice: same company, same address, another id."""
    again = frame.gather_every(100, 17).filter(pl.col("email").is_not_null())
    return again.with_columns(
        id=pl.Series([person_id(frame.height + n) for n in range(1, again.height + 1)], dtype=pl.String),
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


def _when(
    calendar: Calendar, days: np.ndarray[tuple[int], np.dtype[np.int64]], is_so: object, hour: object
) -> list[str | None]:
    told = np.asarray(is_so)
    texts = iso_texts(calendar, np.where(told, days, 0), hour)
    return [text if yes else None for text, yes in zip(texts, told.tolist(), strict=True)]


def _calls(rng: np.random.Generator, accounts: Accounts, calls: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    number = accounts.number[calls["account"].to_numpy()]
    owner = rng.integers(1, OWNERS + 1, calls.height)
    return pl.DataFrame(
        {
            "id": [f"C-{n:07d}" for n in range(1, calls.height + 1)],
            "company_id": [account_id(n) for n in number.tolist()],
            "person_id": pl.Series([None] * calls.height, dtype=pl.String),
            "owner_id": [f"OWN-{n:02d}" for n in owner.tolist()],
            "called_at": iso_texts(calendar, calls["day"].to_numpy(), calls["hour"].to_numpy()),
            "minutes": calls["minutes"],
            "outcome": calls["outcome"],
        }
    ).filter(pl.col("called_at").is_not_null())


def _tickets(accounts: Accounts, people: People, tickets: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    number = accounts.number[tickets["account"].to_numpy()]
    person = people.number[tickets["person"].to_numpy()]
    hour = tickets["hour"].to_numpy()
    opened = iso_texts(calendar, tickets["day"].to_numpy(), hour)
    closed = _when(
        calendar, tickets["closed_day"].fill_null(0).to_numpy(), tickets["closed_day"].is_not_null().to_numpy(), hour
    )
    return pl.DataFrame(
        {
            "id": [f"T-{n:07d}" for n in range(1, tickets.height + 1)],
            "company_id": [account_id(n) for n in number.tolist()],
            "person_id": [person_id(n) for n in person.tolist()],
            "subject": tickets["subject"],
            "opened_at": opened,
            "closed_at": closed,
            "status": ["open" if end is None else "closed" for end in closed],
            "updated_at": [end or start for start, end in zip(opened, closed, strict=True)],
        }
    ).filter(pl.col("opened_at").is_not_null())
