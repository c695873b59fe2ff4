"""The same nights on a real PostgreSQL, with the types that databases really hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from pydantic import ValidationError

from stillhere.connectors import extract_source, probe
from tests.postgres import URL_PASSWORD
from tests.stillhere.connectors.conftest import NIGHT

SCHEMA = """
create schema shop;
create table shop.orders (
    id bigint primary key, "orderTotal" numeric(12, 2), rate numeric, is_gift boolean, note text,
    ordered_at timestamptz, local_time timestamp, valid_to date, tags text[], extra jsonb
);
insert into shop.orders values
    (1, 0.10, 1.5, true, E'two\nlines, and "quotes"', '2026-06-01 10:00+02', '2026-06-01 10:00', 'infinity', '{a,b}', '{"k": 1}'),
    (2, 99999999.99, null, false, '', '2026-06-28 10:00+02', null, '2026-07-01', null, null),
    (3, null, null, null, null, '2026-06-29 10:00:00.123456+02', null, null, null, null);
"""  # noqa: E501 - rows read better in one line
ORDERS = {"orders": {"table": "shop.orders", "key": ["id"], "cursor": "ordered_at", "overlap_days": 2}}


@pytest.fixture
def database(postgres_url: str) -> Iterator[psycopg.Connection]:
    """The shop's own connection."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(SCHEMA)
        yield connection


def hidden(url: str) -> str:
    """The URL with its password left to the environment."""
    return url.replace(URL_PASSWORD, "${SHOP_PASSWORD}")


def test_values_arrive_as_they_are_in_the_database(database, postgres_url: str, connect, raw) -> None:
    source = connect("shop", {"SHOP_PASSWORD": URL_PASSWORD}, kind="sql", url=hidden(postgres_url), resources=ORDERS)

    (orders,) = extract_source(source, NIGHT)

    assert (orders.state, orders.rows, orders.message) == ("ok", 3, "")
    assert raw(
        "select order_total, rate, is_gift, note, ordered_at::varchar, local_time::varchar, valid_to, tags, extra "
        "from shop.orders where id = 1"
    ) == [
        (
            Decimal("0.10"),
            1.5,
            True,
            'two\nlines, and "quotes"',
            "2026-06-01 08:00:00+00",
            "2026-06-01 10:00:00",
            None,
            "{a,b}",
            '{"k": 1}',
        )
    ]
    assert raw("select order_total, note, valid_to from shop.orders where id = 2") == [
        (Decimal("99999999.99"), "", date(2026, 7, 1))
    ]


def test_the_next_night_reads_from_the_cursor_less_the_overlap(database, postgres_url: str, connect, raw) -> None:
    source = connect("shop", {"SHOP_PASSWORD": URL_PASSWORD}, kind="sql", url=hidden(postgres_url), resources=ORDERS)
    extract_source(source, NIGHT)
    database.execute("insert into shop.orders (id, ordered_at) values (4, '2026-06-30 12:00+02'), (5, null)")
    database.execute("update shop.orders set note = 'late' where id = 2")
    database.execute("update shop.orders set note = 'too late for the overlap' where id = 1")

    (orders,) = extract_source(source, NIGHT + timedelta(days=1))

    assert orders.cursor_low == "2026-06-27T08:00:00.123456+00:00"
    assert raw(f"select id from shop.orders where _dlt_load_id = '{orders.load_id}' order by id") == [(2,), (4,), (5,)]


def test_a_new_column_is_taken_and_a_vanished_one_is_told(database, postgres_url: str, connect, raw) -> None:
    source = connect("shop", {"SHOP_PASSWORD": URL_PASSWORD}, kind="sql", url=hidden(postgres_url), resources=ORDERS)
    extract_source(source, NIGHT)
    database.execute("alter table shop.orders drop column extra; alter table shop.orders add column channel text")
    database.execute("insert into shop.orders (id, ordered_at, channel) values (4, '2026-06-30 12:00+02', 'web')")

    (orders,) = extract_source(source, NIGHT + timedelta(days=1))

    assert (orders.state, orders.new_columns, orders.missing_columns) == ("ok", ("channel",), ("extra",))
    assert raw("select channel, extra from shop.orders where id = 4") == [("web", None)]
    assert raw("select extra from shop.orders where id = 1") == [('{"k": 1}',)]


def test_a_table_that_is_gone_fails_alone(database, postgres_url: str, connect) -> None:
    database.execute("create table public.plain (id int); insert into public.plain values (1)")
    resources = {"gone": {"table": "shop.gone"}, **ORDERS, "plain": {}}
    source = connect("shop", {"SHOP_PASSWORD": URL_PASSWORD}, kind="sql", url=hidden(postgres_url), resources=resources)

    gone, orders, plain = extract_source(source, NIGHT)

    assert (gone.state, orders.rows, plain.rows) == ("failed", 3, 1)
    assert "shop.gone" in gone.message
    assert [str(problem) for problem in probe(source)] == [
        "sources.yml, sources.shop.resources.gone: no table 'shop.gone' that this user can see; "
        "correct 'table' in sources.yml"
    ]


def test_a_password_in_the_file_is_refused_and_a_wrong_one_is_not_shown(postgres_url: str, connect) -> None:
    wrong = connect("shop", {"SHOP_PASSWORD": "tr0ub4dor"}, kind="sql", url=hidden(postgres_url), resources=ORDERS)
    unset = connect("shop", kind="sql", url=hidden(postgres_url), resources=ORDERS)

    with pytest.raises(ValidationError, match="holds a password") as refused:
        connect("shop", kind="sql", url=postgres_url, resources=ORDERS)
    assert URL_PASSWORD not in str(refused.value)
    assert "password authentication failed" in extract_source(wrong, NIGHT)[0].message
    assert "tr0ub4dor" not in str(extract_source(wrong, NIGHT)) + str(probe(wrong))
    assert str(probe(unset)[0]) == "sources.yml, sources.shop: SHOP_PASSWORD not set; export SHOP_PASSWORD"
