"""What the last night built is kept only while nothing but new loads has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from stillhere.warehouse.increments import KEPT_TABLES, forget_build, plan_build, remember_build
from stillhere.warehouse.night_inputs import AcceptedLoad, Build

ONE, TWO = AcceptedLoad("shop", "orders", "one"), AcceptedLoad("shop", "orders", "two")
RAW = """
create schema shop;
create table shop.orders as
    select * from (values ('r1', 'one'), ('r2', 'one'), ('r3', 'two')) as rows (_dlt_id, _dlt_load_id);
create schema quarantine;
create table quarantine.rows (source varchar, resource varchar, row_id varchar, load_id varchar);
"""


class House:
    """A warehouse that has built its first load, and its raw history."""

    def __init__(self, folder: Path) -> None:
        self.raw = folder / "raw.duckdb"
        self.change(RAW)
        self.warehouse = duckdb.connect()
        self.warehouse.execute("create schema intermediate")
        for table in (*KEPT_TABLES, "int_account_keys"):
            self.warehouse.execute(f"create table intermediate.{table} (account_id varchar)")
        remember_build(self.warehouse, self.plan(ONE), date(2026, 9, 1))

    def plan(self, *loads: AcceptedLoad, digest: str = "code", full: bool = False) -> Build:
        return plan_build(self.warehouse, self.raw, loads, digest, full=full)

    def change(self, statements: str) -> None:
        with duckdb.connect(str(self.raw)) as raw:
            raw.execute(statements)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.warehouse.close()


def test_new_loads_alone_are_an_increment_and_the_panel_is_kept(house: House) -> None:
    build = house.plan(ONE, TWO)
    assert (build.is_full, build.new_loads, build.panel_as_of) == (False, (TWO,), date(2026, 9, 1))


def test_the_same_loads_again_change_nothing(house: House) -> None:
    assert house.plan(ONE).new_loads == ()


def test_a_build_that_died_is_followed_by_a_full_one(house: House) -> None:
    house.plan(ONE, TWO)
    assert house.plan(ONE, TWO).is_full


def test_a_load_that_is_no_longer_read_needs_a_full_build(house: House) -> None:
    build = house.plan(TWO)
    assert build.is_full
    assert build.panel_as_of is None


@pytest.mark.parametrize(
    "change",
    [
        "delete from shop.orders where _dlt_id = 'r1'",
        "insert into quarantine.rows values ('shop', 'orders', 'r2', 'one')",
        "alter table shop.orders add column amount integer",
    ],
)
def test_changed_history_needs_a_full_build(house: House, change: str) -> None:
    house.change(change)
    assert house.plan(ONE, TWO).is_full


def test_bad_rows_of_a_new_load_are_no_change_of_history(house: House) -> None:
    house.change("insert into quarantine.rows values ('shop', 'orders', 'r3', 'two')")
    assert not house.plan(ONE, TWO).is_full


def test_other_code_or_a_wish_needs_a_full_build(house: House) -> None:
    assert house.plan(ONE, digest="other code").is_full
    remember_build(house.warehouse, house.plan(ONE), None)
    assert house.plan(ONE, full=True).why == "asked for"


def test_a_missing_table_or_a_forgotten_build_needs_a_full_one(house: House) -> None:
    house.warehouse.execute("drop table intermediate.int_dealings_kept")
    assert house.plan(ONE).is_full
    remember_build(house.warehouse, house.plan(ONE), None)
    forget_build(house.warehouse)
    assert house.plan(ONE).is_full
