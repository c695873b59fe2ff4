"""Who the demo's customers are: size, country, money, rhythm, and when they joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillhere.demo.calendar import Calendar, Days

Texts = npt.NDArray[np.str_]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

COUNTRIES = ("DE", "US", "GB", "FR", "NL", "AT")
COUNTRY_SHARES = (0.36, 0.22, 0.16, 0.11, 0.09, 0.06)
ZONES = ("Europe/Berlin", "America/New_York", "Europe/London", "Europe/Paris", "Europe/Amsterdam", "Europe/Vienna")
LANGUAGES = ("de", "en-US", "en-GB", "fr", "nl", "de-AT")
CURRENCIES = ("eur", "usd", "gbp", "eur", "eur", "eur")
CHANNELS = ("search", "referral", "partner", "outbound", "event")
CHANNEL_SHARES = (0.38, 0.24, 0.16, 0.14, 0.08)
PLANS = ("starter", "team", "business")
LIST_PRICES = {  # minor units a seat a month
    "starter": {"eur": 1200, "usd": 1300, "gbp": 1050},
    "team": {"eur": 2400, "usd": 2600, "gbp": 2100},
    "business": {"eur": 3900, "usd": 4200, "gbp": 3400},
}
CADENCES = ("daily", "weekly", "monthly")
CADENCE_SHARES = (0.45, 0.38, 0.17)
SEASONAL_SHARE = 0.06
ANNUAL_SHARE = 0.30
GOOD_START_SHARE = 0.55
"""Accounts that have three people or more active in their first two weeks: the planted habit of those who stay."""
EARLIER_YEARS = 3
JOINED_EARLIER_SHARE = 0.48
GROWTH = 1.8
"""How many times as many customers join a day at the end of the data as at their beginning."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """One entry per customer. Days are numbers of the demo's calendar; below 0 is before its data begin."""

    number: Days
    joined: Days
    country: Days
    channel: Texts
    plan: Texts
    currency: Texts
    seats: Days
    unit_minor: Days
    cadence: Texts
    is_annual: Flags
    is_seasonal: Flags
    people_by_day_14: Days
    people: Days
    discount_percent: Days

    def __len__(self) -> int:
        return len(self.number)


def draw_accounts(rng: np.random.Generator, count: int, calendar: Calendar) -> Accounts:
    """Draws customers: many small ones, few large ones; a base from before, and a growing stream of new ones."""
    # A share of the time that grows with its square root is a number a day that grows in a straight line.
    since = (np.sqrt(1 + (GROWTH**2 - 1) * rng.random(count)) - 1) / (GROWTH - 1)
    joined = np.sort(
        np.where(
            rng.random(count) < JOINED_EARLIER_SHARE,
            -rng.integers(1, 365 * EARLIER_YEARS, count),
            (since * (calendar.days - 1)).astype(np.int64),
        )
    )
    seats = np.clip(np.round(np.exp(rng.normal(2.05, 0.95, count))), 2, 400).astype(np.int64)
    country = rng.choice(len(COUNTRIES), count, p=COUNTRY_SHARES)
    plan = np.array(PLANS)[np.clip((np.log(seats) + rng.normal(0, 0.6, count) > 1.6).astype(int) + (seats > 30), 0, 2)]
    currency = np.array(CURRENCIES)[country]
    discount = np.where((seats > 25) & (rng.random(count) < 0.5), rng.choice([5, 10, 15], count), 0)
    list_price = np.array([LIST_PRICES[p][c] for p, c in zip(plan, currency, strict=True)], dtype=np.int64)
    people = np.clip(np.round(np.exp(rng.normal(0.25, 0.35, count)) * np.sqrt(seats)), 1, 12).astype(np.int64)
    good_start = rng.random(count) < GOOD_START_SHARE
    people = np.where(good_start, np.maximum(people, 3), people)
    early = np.where(good_start, rng.integers(3, 6, count), rng.integers(1, 3, count))
    is_seasonal = rng.random(count) < SEASONAL_SHARE
    return Accounts(
        number=np.arange(1, count + 1),
        joined=joined,
        country=country,
        channel=rng.choice(CHANNELS, count, p=CHANNEL_SHARES),
        plan=plan,
        currency=currency,
        seats=seats,
        unit_minor=list_price * (100 - discount) // 100,
        cadence=rng.choice(CADENCES, count, p=CADENCE_SHARES),
        is_annual=rng.random(count) < ANNUAL_SHARE,
        is_seasonal=is_seasonal,
        people_by_day_14=np.minimum(early, people),
        people=people,
        discount_percent=discount,
    )
