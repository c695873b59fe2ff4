"""The people of each customer: who they are, when they came, what they agreed to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillhere.demo.accounts import COUNTRIES, Accounts, Flags, Floats, Texts
from stillhere.demo.calendar import NEVER, Days

FIRST_NAMES = [
    "Anna",
    "Ben",
    "Carla",
    "David",
    "Elena",
    "Felix",
    "Grace",
    "Henri",
    "Ida",
    "Jonas",
    "Kim",
    "Lars",
    "Maya",
    "Noah",
    "Olga",
    "Paul",
    "Rosa",
    "Sam",
    "Tara",
    "Uwe",
    "Vera",
    "Will",
    "Yara",
    "Zoe",
    "Amir",
    "Bea",
    "Chloe",
    "Dirk",
    "Emma",
    "Finn",
]
LAST_NAMES = [
    "Adler",
    "Brandt",
    "Clarke",
    "Dubois",
    "Evans",
    "Fischer",
    "Garcia",
    "Huber",
    "Ivanova",
    "Jansen",
    "Keller",
    "Lopez",
    "Martin",
    "Nowak",
    "Olsen",
    "Peters",
    "Quinn",
    "Richter",
    "Smith",
    "Tanaka",
    "Unger",
    "Vogel",
    "Weber",
    "Young",
    "Zimmer",
    "Moreau",
    "Novak",
    "Becker",
    "Roth",
    "Lang",
]
HOURS_WEST = {"DE": 0.0, "US": 6.0, "GB": 1.0, "FR": 0.0, "NL": 0.0, "AT": 0.0}
CONSENT, CONSENT_SHARES = ("yes", "no", ""), (0.68, 0.12, 0.20)
NO_EMAIL_SHARE, UNSUBSCRIBED_SHARE, NO_FIRST_NAME_SHARE, SHARED_ADDRESS_SHARE, TWICE_SHARE = (
    0.03,
    0.06,
    0.02,
    0.02,
    0.01,
)
KNOWN_GONE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class People:
    """One entry per person; `account` is the position of the customer, `number` the person's own."""

    number: Days
    account: Days
    place: Days
    is_champion: Flags
    starts: Days
    stops: Days
    zeal: Floats
    favourite_feature: Days
    hours_west: Floats
    role: Texts
    first_name: Texts
    last_name: Texts
    consent: Texts
    consent_day: Days
    unsubscribed_day: Days
    has_email: Flags
    shares_address: Flags
    gone_known: Days

    def __len__(self) -> int:
        return len(self.number)


def draw_people(rng: np.random.Generator, accounts: Accounts) -> People:
    """Draws the people of all customers: the first is the champion and uses it most."""
    account = np.repeat(np.arange(len(accounts)), accounts.people)
    first_of = np.cumsum(accounts.people) - accounts.people
    place = np.arange(len(account)) - first_of[account]
    count = len(account)
    early = place < accounts.people_by_day_14[account]
    joined = accounts.joined[account]
    starts = joined + np.where(early, rng.integers(0, 11, count), rng.integers(25, 420, count))
    starts = np.where(place == 0, joined + rng.integers(0, 3, count), starts)
    changes_job = (place > 0) & (rng.random(count) < 0.12)
    stops = np.where(changes_job, starts + rng.integers(120, 900, count), NEVER)
    asked = rng.choice(CONSENT, count, p=CONSENT_SHARES)
    unsubscribed = rng.random(count) < UNSUBSCRIBED_SHARE
    return People(
        number=np.arange(1, count + 1),
        account=account,
        place=place,
        is_champion=place == 0,
        starts=starts,
        stops=stops,
        zeal=np.clip(np.where(place == 0, 1.5, 0.75) * np.exp(rng.normal(0, 0.35, count)), 0.1, 2.2),
        favourite_feature=rng.integers(0, 7, count),
        hours_west=np.array([HOURS_WEST[COUNTRIES[c]] for c in accounts.country])[account],
        role=_roles(accounts, account, place),
        first_name=np.where(rng.random(count) < NO_FIRST_NAME_SHARE, "", rng.choice(FIRST_NAMES, count)),
        last_name=rng.choice(LAST_NAMES, count),
        consent=asked,
        consent_day=np.where(asked == "", NEVER, starts + rng.integers(0, 20, count)),
        unsubscribed_day=np.where(unsubscribed, starts + rng.integers(30, 600, count), NEVER),
        has_email=rng.random(count) >= NO_EMAIL_SHARE,
        shares_address=(place > 0) & (rng.random(count) < SHARED_ADDRESS_SHARE),
        gone_known=np.where(changes_job & (rng.random(count) < KNOWN_GONE_SHARE), stops + 30, NEVER),
    )


def _roles(accounts: Accounts, account: Days, place: Days) -> Texts:
    """The champion first; the second person pays, the third administers; alone, one person does it all."""
    size = accounts.people[account]
    return np.select(
        [place == 0, (place == 1) & (size > 1), (place == 2) & (size > 2)],
        ["Champion", "Billing contact", "Admin"],
        "User",
    )
