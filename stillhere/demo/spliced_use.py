"""Use of those whose lives have changed: as planned up to that day, from then on as they live now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from stillhere.demo.accounts import Accounts
from stillhere.demo.calendar import Calendar
from stillhere.demo.leaving import Leaving
from stillhere.demo.lived import Lived, part
from stillhere.demo.people import People
from stillhere.demo.usage import draw_block


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the company was drawn from."""

    accounts: Accounts
    people: People
    calendar: Calendar


def spliced_use(
    planned: Iterator[pl.DataFrame], company: Drawn, life: Lived, streams: dict[int, np.random.Generator]
) -> Iterator[pl.DataFrame]:
    """The blocks of use with changed customers' later days replaced; `streams` has one a step, by its first day."""
    if not life.steps:
        yield from planned
        return
    parts = [
        pl.DataFrame(
            {
                "account": company.accounts.number[step.changed],
                "from_second": int(company.calendar.seconds([step.begin])[0]),
            },
            schema={"account": pl.Int32, "from_second": pl.Int64},
        )
        for step in life.steps
    ]
    since = pl.concat(parts)
    for block in planned:
        joined = block.join(since, on="account", how="left", maintain_order="left")
        before = pl.col("from_second").is_null() | (pl.col("occurred") < pl.col("from_second"))
        yield joined.filter(before).drop("from_second")
    for step in life.steps:
        accounts, people, leaving = part(company.accounts, company.people, _as_users(life.leaving), step.changed)
        rows = draw_block(streams[step.begin], accounts, people, leaving, company.calendar)
        yield rows.filter(pl.col("occurred") >= int(company.calendar.seconds([step.begin])[0]))


def _as_users(leaving: Leaving) -> Leaving:
    """Whoever leaves for having been contacted fades on the way out."""
    from dataclasses import replace

    return replace(leaving, cause=np.where(leaving.cause == "contacted", "fading_use", leaving.cause))
