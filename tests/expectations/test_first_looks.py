"""A cheap first look may say yes only where the dear question counts nothing, and says yes of ordinary marts."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.first_looks import keys_come_once, months_come_once_and_follow

TWICE = "select count(*) from (select 1 from movements group by account_id, month, currency having count(*) > 1)"
OTHERWISE = """
select count(*)
from (
    select opening, lag(closing) over months as before, lag(month) over months + interval 1 month = month as follows
    from movements
    window months as (partition by account_id, currency order by month)
)
where follows and before is distinct from opening
"""
KEY = "account_id, currency"
Movement = tuple[str | None, str | None, date | None, int | None, int | None]

DAYS = ((2025, 12, 1), (2026, 1, 1), (2026, 1, 31), (2026, 2, 1), (2026, 2, 28))
days = st.sampled_from([None, *(date(*day) for day in DAYS)])
amounts = st.sampled_from([None, 0, 5, 5, 5])
movements = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["EUR", None]), days, amounts, amounts), max_size=6
)


def ask(rows: list[Movement], query: str) -> Any:
    with duckdb.connect() as connection:
        connection.execute(
            "create table movements (account_id varchar, currency varchar, month date, opening bigint, closing bigint)"
        )
        if rows:
            connection.executemany("insert into movements values (?, ?, ?, ?, ?)", rows)
        return connection.execute(query).fetchall()[0][0]


def look(rows: list[Movement], key: str = KEY) -> bool:
    return ask(rows, months_come_once_and_follow("movements", key, "month", "opening", "closing")) is True


@given(movements)
def test_a_look_at_months_says_yes_only_where_none_comes_twice_or_opens_otherwise(rows: list[Movement]) -> None:
    if look(rows):
        assert (ask(rows, TWICE), ask(rows, OTHERWISE)) == (0, 0)


@given(movements)
def test_keys_that_share_a_hash_hide_nothing(rows: list[Movement]) -> None:
    if look(rows, key="1"):  # one hash for all
        assert (ask(rows, TWICE), ask(rows, OTHERWISE)) == (0, 0)


@given(movements)
def test_a_look_at_keys_says_yes_exactly_where_none_comes_twice(rows: list[Movement]) -> None:
    assert ask(rows, keys_come_once("movements", "account_id, month, currency")) is (ask(rows, TWICE) == 0)


@pytest.mark.parametrize("skipped", [None, 3])
def test_years_of_months_that_follow_each_other_need_one_look(skipped: int | None) -> None:
    rows: list[Movement] = [
        (account, "EUR", date(2024 + n // 12, 1 + n % 12, 1), n, n + 1)
        for account in ("a", "b")
        for n in range(30)
        if n != skipped
    ]
    assert look(rows)
    assert look([])
    assert not look([*rows, rows[7]])
    assert not look([*rows[:7], (*rows[7][:3], 99, 100), *rows[8:]])
