"""A shop's credit notes are refunds: amounts, on the day they were given, that its customers' worth is less by."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt.projects import REPOSITORY, Project, loaded_project

NIGHT = date(2011, 11, 30)
INVOICES = f"read_parquet('{REPOSITORY / 'examples/online_retail/invoices.parquet'}')"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = loaded_project(tmp_path_factory.mktemp("shop"), "examples/online_retail")
    project.run(NIGHT)
    return project


def test_each_customers_refunds_are_its_cancellations_of_91_days(shop: Project) -> None:
    given_back = f"""
        select customer_id::varchar as account_id, sum(round(-amount * 100))::bigint as minor from {INVOICES}
        where is_cancellation and "at"::date > date '{NIGHT}' - 91 and "at"::date <= date '{NIGHT}' group by all
    """
    compared = shop.rows(f"""
        select count(*), count(*) filter (where refunds_91_minor = coalesce(minor, 0)), count(minor)
        from marts.account_cadence left join ({given_back}) using (account_id)
    """)
    assert compared[0][0] == compared[0][1]
    assert compared[0][2] > 100


def test_a_customer_is_worth_what_it_ordered_less_what_it_gave_back(shop: Project) -> None:
    net = f"""
        select customer_id::varchar as account_id, greatest(sum(round(amount * 100))::bigint, 0) as minor
        from {INVOICES} where "at"::date > date '{NIGHT}' - 365 and "at"::date <= date '{NIGHT}' group by all
    """
    unlike = shop.rows(f"select * from marts.accounts join ({net}) using (account_id) where value_minor <> minor")
    assert unlike == []


def test_the_wheel_shows_what_was_given_back_in_a_month(shop: Project) -> None:
    (raw,) = shop.rows(f"""
        select -sum(round(amount * 100))::bigint from {INVOICES}
        where is_cancellation and "at" >= '2011-11-01' and "at" < '2011-12-01'
    """)
    assert shop.rows("select refunded_minor from marts.hamster_wheel where month = date '2011-11-01'") == [raw]
    assert raw[0] > 100_000


def test_a_refund_is_no_order_and_no_sign_of_life(shop: Project) -> None:
    days = f"""
        select count(distinct (customer_id, "at"::date)) from {INVOICES}
        where not is_cancellation and "at"::date <= date '{NIGHT}'
    """
    assert shop.rows("select count(*) from intermediate.int_activity_days where is_first_news") == shop.rows(days)
