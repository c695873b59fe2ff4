"""What returns leave: a new subscription of the same customer, its invoices and payments, and use that begins anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

import numpy as np
import polars as pl

from stillhere.demo.accounts import LIST_PRICES, Accounts
from stillhere.demo.billing import Billing
from stillhere.demo.calendar import NEVER, Calendar, Days
from stillhere.demo.contracts import periods_of
from stillhere.demo.leaving import Leaving
from stillhere.demo.lived import Lived, part
from stillhere.demo.people import People
from stillhere.demo.shapes import random_ids
from stillhere.demo.spliced_billing import billed
from stillhere.demo.spliced_use import Drawn
from stillhere.demo.subscriptions import periods_table
from stillhere.demo.usage import draw_block

Tables = dict[str, pl.DataFrame]


def returned_by_day(life: Lived, calendar: Calendar) -> dict[int, Days]:
    """Positions of those who are back, by the day on which they are."""
    days = np.unique(life.returned[life.returned <= calendar.today])
    return {int(day): np.nonzero(life.returned == day)[0] for day in days}


def returned_billing(
    tables: Tables,
    billing: Billing,
    accounts: Accounts,
    periods: pl.DataFrame,
    back: Mapping[int, Days],
    calendar: Calendar,
    streams: Mapping[int, np.random.Generator],
) -> Tables:
    """Billing's tables with the new subscriptions; `periods` are those of the life before, `streams` one a day."""
    last = periods.sort("account", "day").group_by("account", maintain_order=True).last()
    for day, here in back.items():
        rng, some, stays = streams[day], _joined_anew(accounts, last, here, day), nobody_leaves(len(here))
        begins = pl.DataFrame({"account": np.arange(len(here)), "day": some.joined, "kind": "start", "value": 0})
        terms = periods_of(some, stays, begins)
        customer, subscription = billing.customer[here], np.array(random_ids(rng, "sub_", len(here)))
        new = billed(rng, customer, subscription, some, stays, terms, calendar)
        new["subscription_periods"] = periods_table(some, customer, subscription, terms, calendar)
        tables = tables | {
            name: pl.concat([tables[name], rows.cast(tables[name].schema)]) for name, rows in new.items()
        }
    return tables


def returned_use(
    before: Iterator[pl.DataFrame],
    company: Drawn,
    life: Lived,
    back: Mapping[int, Days],
    streams: Mapping[int, np.random.Generator],
) -> Iterator[pl.DataFrame]:
    """The blocks of use and those of returned customers, whose habits are as before; `streams` one a day."""
    yield from before
    for day, here in back.items():
        accounts, people, left = part(company.accounts, company.people, life.leaving, here)
        rows = draw_block(
            streams[day], accounts, _without_gone_champions(people, left), nobody_leaves(len(here)), company.calendar
        )
        yield rows.filter(pl.col("occurred") >= int(company.calendar.seconds([day])[0]))


def nobody_leaves(count: int) -> Leaving:
    """The plan of so many customers who stay."""
    never, empty = np.full(count, NEVER), np.full(count, "", dtype="<U20")
    return Leaving(never, never, never, never, empty, empty, np.zeros(count), empty, never)


def _joined_anew(accounts: Accounts, last: pl.DataFrame, here: Days, day: int) -> Accounts:
    """The chosen customers as new ones of that day: seats and plan they had last, today's list price, by the month."""
    some = replace(accounts, **{one.name: getattr(accounts, one.name)[here] for one in fields(accounts)})
    terms = pl.DataFrame({"account": here}).join(last, on="account", how="left", maintain_order="left")
    plan, currency = terms["plan"].to_list(), some.currency.tolist()
    listed = np.array([LIST_PRICES[one][other] for one, other in zip(plan, currency, strict=True)], dtype=np.int64)
    return replace(
        some,
        joined=np.full(len(here), day),
        plan=np.array(plan),
        seats=terms["seats"].to_numpy(),
        unit_minor=listed * (100 - some.discount_percent) // 100,
        is_annual=np.zeros(len(here), dtype=bool),
    )


def _without_gone_champions(people: People, left: Leaving) -> People:
    """A champion whose going was why they left does not come back with the others."""
    gone = people.is_champion & (left.cause == "champion_left")[people.account]
    return replace(people, stops=np.where(gone, people.starts, people.stops))
