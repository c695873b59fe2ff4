"""What the answers make of the plan: who stays after all and who leaves early, and from which day on that shows."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
import polars as pl

from stillhere.demo.accounts import Accounts
from stillhere.demo.calendar import NEVER, Calendar, Days
from stillhere.demo.leaving import DAYS_A_MONTH, TERM_DAYS, Leaving
from stillhere.demo.people import People

ANNOYED = "contacted"
"""The cause of those who leave because they were reminded."""


@dataclass(frozen=True, slots=True)
class Step:
    """Customers whose lives change from one day on: positions, ordered, and that day's number."""

    begin: int
    first_day: date
    changed: Days


@dataclass(frozen=True, slots=True)
class Lived:
    """The plan as it was lived. Every customer changes at most once, so each is in one step at most.

    `returned`: the day on which a customer who had left is back; NEVER for all others.
    """

    leaving: Leaving
    steps: tuple[Step, ...]
    returned: Days


def lived(planned: Leaving, accounts: Accounts, record: pl.DataFrame, calendar: Calendar) -> Lived:
    """Applies the record's effects to the plan."""
    effects = record.filter(pl.col("effect").is_in(["kept", "lost"]))
    at = positions_of(effects["account_id"])
    kept, lost = (effects["effect"] == "kept").to_numpy(), (effects["effect"] == "lost").to_numpy()
    columns = {one.name: getattr(planned, one.name).copy() for one in fields(planned)}
    for name in ("decided", "cancel_requested", "left", "onset"):
        columns[name][at[kept]] = NEVER
    columns["cause"], columns["trace"] = planned.cause.astype("<U20"), planned.trace.astype("<U8")
    columns["cause"][at[kept]], columns["trace"][at[kept]], columns["strength"][at[kept]] = "", "", 0.0
    asked = np.array(
        [calendar.day_of(day) for day in effects["effect_on"].to_list() if day is not None], dtype=np.int64
    )
    _leave(columns, accounts, at[lost], asked)
    begins = np.array([calendar.day_of(day) for day in effects["answered_from"].to_list()], dtype=np.int64)
    columns["onset"][at[lost]] = begins[lost]
    steps = tuple(
        Step(
            int(begin),
            effects["answered_from"].to_list()[int(np.argmax(begins == begin))],
            np.sort(at[begins == begin]),
        )
        for begin in np.unique(begins)
    )
    return Lived(Leaving(**columns), steps, _returned(record, len(accounts), calendar))


def _returned(record: pl.DataFrame, count: int, calendar: Calendar) -> Days:
    returns = record.filter(effect="returned")
    days = np.full(count, NEVER)
    days[positions_of(returns["account_id"])] = [calendar.day_of(day) for day in returns["effect_on"].to_list()]
    return days


def positions_of(account_ids: pl.Series) -> Days:
    """Where customers stand in `Accounts`, from the CRM's ids."""
    positions: Days = account_ids.str.slice(4).cast(pl.Int64).to_numpy() - 1
    return positions


def _leave(columns: dict[str, np.ndarray], accounts: Accounts, at: Days, asked: Days) -> None:
    """Access ends with the month or term in which it is asked for."""
    age = np.maximum(asked - accounts.joined[at], 1)
    every = np.where(accounts.is_annual[at], TERM_DAYS, DAYS_A_MONTH)
    ends = (accounts.joined[at] + np.ceil(age / every) * every).astype(np.int64)
    columns["cancel_requested"][at] = asked
    columns["decided"][at] = asked
    columns["left"][at] = np.maximum(ends, asked + 1)
    columns["cause"][at], columns["trace"][at], columns["strength"][at] = ANNOYED, "medium", 0.7


def part(accounts: Accounts, people: People, leaving: Leaving, chosen: Days) -> tuple[Accounts, People, Leaving]:
    """A company of the chosen customers alone (positions, ordered); their people count from the first of them."""
    of_chosen = np.isin(people.account, chosen)
    users = replace(people, **{one.name: getattr(people, one.name)[of_chosen] for one in fields(people)})
    users = replace(users, account=np.searchsorted(chosen, users.account))
    return (
        replace(accounts, **{one.name: getattr(accounts, one.name)[chosen] for one in fields(accounts)}),
        users,
        replace(leaving, **{one.name: getattr(leaving, one.name)[chosen] for one in fields(leaving)}),
    )
