"""The CRM's companies: customers, prospects, our own tests, duplicates and companies merged into another."""

from __future__ import annotations

import numpy as np
import polars as pl

from stillhere.demo.accounts import COUNTRIES, ZONES, Accounts
from stillhere.demo.calendar import NEVER, Calendar, Days
from stillhere.demo.shapes import account_id, company_names, domain_of, iso_texts

OWNERS = 14
NO_OWNER_SHARE, HANDED_ON_SHARE = 0.03, 0.3
PROSPECT_SHARE, DUPLICATE_SHARE, MERGED_SHARE, INTERNAL_SHARE = 0.03, 0.01, 0.008, 0.006


def draw_extras(rng: np.random.Generator, accounts: Accounts, names: list[str], calendar: Calendar) -> pl.DataFrame:
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
    number = np.arange(count + 1, count + 1 + len(kind))
    spelled = [_spelled(names[one], nth) for nth, one in enumerate(original)]
    tests = [f"Loopwise Test {nth}" for nth in range(1, len(kind) + 1)]
    others = company_names(number, [COUNTRIES[one] for one in accounts.country[original]])
    return pl.DataFrame(
        {
            "number": number,
            "kind": kind,
            "original": original,
            "joined": np.minimum(accounts.joined[original] + rng.integers(5, 200, len(kind)), calendar.days - 40),
            "name": np.select([kind == "internal", kind == "prospect"], [tests, others], spelled),
            "domain": np.select(
                [kind == "internal", kind == "prospect"],
                ["loopwise.example", [domain_of(name) for name in others]],
                [domain_of(names[one]) for one in original],
            ),
        }
    ).with_columns(merged_day=pl.when(pl.col("kind") == "merged").then(pl.col("joined") + 30))


def _spelled(name: str, nth: int) -> str:
    """The same name as somebody else would type it."""
    bare = " ".join(name.split()[:-1])
    return (bare, name.upper(), f"{bare} ", name.replace(" ", "  ", 1))[nth % 4]


def _owners(rng: np.random.Generator, joined: Days, calendar: Calendar) -> tuple[list[str | None], Days]:
    """Who looks after each company, and the day on which a colleague handed it on; NEVER where that has not been."""
    count = len(joined)
    first, second = rng.integers(1, OWNERS + 1, (2, count))
    handed_on = joined + rng.integers(30, 700, count)
    changes = (rng.random(count) < HANDED_ON_SHARE) & (first != second) & (handed_on <= calendar.today)
    missing = rng.random(count) < NO_OWNER_SHARE
    owner = np.where(changes, second, first)
    names = [None if none else f"OWN-{n:02d}" for n, none in zip(owner.tolist(), missing.tolist(), strict=True)]
    return names, np.where(changes & ~missing, handed_on, NEVER)


def companies_table(
    rng: np.random.Generator,
    accounts: Accounts,
    names: list[str],
    extras: pl.DataFrame,
    calendar: Calendar,
) -> pl.DataFrame:
    countries = [COUNTRIES[one] for one in accounts.country]
    original = extras["original"].to_numpy()
    numbers = np.concatenate([accounts.number, extras["number"].to_numpy()])
    source = np.concatenate([np.arange(len(accounts)), original])
    joined = np.concatenate([accounts.joined, extras["joined"].to_numpy()])
    merged_day = np.concatenate([np.full(len(accounts), NEVER), extras["merged_day"].fill_null(NEVER).to_numpy()])
    is_merged = merged_day <= calendar.today
    kinds = np.concatenate([np.full(len(accounts), "customer"), extras["kind"].to_numpy().astype(str)])
    owners, handed_on = _owners(rng, joined, calendar)
    touched = np.maximum(np.where(is_merged, merged_day, joined), np.where(handed_on < NEVER, handed_on, joined))
    hour = 8 + numbers % 9
    frame = pl.DataFrame(
        {
            "id": [account_id(n) for n in numbers.tolist()],
            "name": names + extras["name"].to_list(),
            "domain": [domain_of(name) for name in names] + extras["domain"].to_list(),
            "country": [countries[one] for one in source.tolist()],
            "time_zone": [ZONES[accounts.country[one]] for one in source.tolist()],
            "type": np.where(kinds == "internal", "internal", np.where(kinds == "prospect", "prospect", "customer")),
            "channel": accounts.channel[source],
            "owner_id": owners,
            "merged_into": [
                account_id(int(accounts.number[one])) if merged else None
                for one, merged in zip(source.tolist(), is_merged.tolist(), strict=True)
            ],
            "merged_at": [
                text if merged else None
                for text, merged in zip(
                    iso_texts(calendar, np.minimum(merged_day, calendar.today), 7.0), is_merged.tolist(), strict=True
                )
            ],
            "created_at": iso_texts(calendar, joined, hour),
            "updated_at": iso_texts(calendar, touched, np.where(touched > joined, 17.0, hour)),
        }
    )
    return frame.filter(pl.col("created_at").is_not_null())
