"""The generic staging: what sources.yml says of a raw column is what the account model gets, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stillhere.connectors.guess.profile import FALSE, TRUE
from tests.dbt.odd_exports import odd_company
from tests.dbt.odd_texts import FORMATS, TEXTS
from tests.dbt.projects import Project
from tests.dbt.same_figures import differences
from tests.dbt.second_engine import PostgresProject, copied_to_postgres, new_database
from tests.postgres import PostgresServer

Staging = Callable[[str, str], list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = odd_company(tmp_path_factory.mktemp("company"), tmp_path_factory.mktemp("data"))
    project.dbt("run", "--select", "+staging.generic")
    return project


@pytest.fixture(scope="module")
def on_postgres(on_duckdb: Project, postgres_server: PostgresServer) -> PostgresProject:
    copy = copied_to_postgres(on_duckdb, postgres_server, new_database(postgres_server))
    copy.dbt("run", "--select", "+staging.generic")
    return copy


@pytest.fixture(params=["duckdb", "postgres"])
def staging(request: pytest.FixtureRequest, on_duckdb: Project, on_postgres: PostgresProject) -> Staging:
    """Rows of one staging relation, times as text in UTC."""
    side = on_duckdb if request.param == "duckdb" else on_postgres

    def read(relation: str, columns: str) -> list[tuple[object, ...]]:
        rows = side.rows(f"select {columns} from staging.stg_generic__{relation} order by 1")
        return [tuple(f"{one:%Y-%m-%d %H:%M}" if hasattr(one, "hour") else one for one in row) for row in rows]

    return read


def test_only_accepted_good_rows_that_the_filter_names_are_read(staging: Staging) -> None:
    assert staging("activity", "count(*)") == [(3,)]


def test_text_is_read_in_its_own_zone_formats_and_decimal_mark(staging: Staging) -> None:
    # The third order's time is written another way: the mapping names two formats.
    assert staging("activity", "occurred_at, account_id, known_at, value") == [
        ("2026-04-01 03:30", "17850", "2026-04-02 06:00", 123456.0),
        ("2026-04-01 13:00", "A-7", "2026-04-01 13:30", -500.0),
        ("2026-04-03 13:00", "A-7", "2026-04-03 09:00", None),
    ]


def test_the_newest_version_of_a_person_counts_and_an_odd_word_is_no_consent(staging: Staging) -> None:
    assert staging("contacts", "contact_id, email, marketing_consent, consent_at") == [
        ("1", "ann@example.org", False, "2026-04-02 08:00"),
        ("2", "jörg@example.org", True, None),
        ("3", None, None, None),
    ]


def test_a_date_is_the_companys_day_and_a_number_keeps_its_point(staging: Staging) -> None:
    columns = "subscription_id, valid_from, valid_to, cancel_requested_at, mrr_minor, currency, seats"
    # Berlin's midnight of 5 January, 1 March and 5 March; 12.5 is a number, whatever decimal mark texts have.
    assert [row for row in staging("subscriptions", columns) if str(row[0]).startswith("s")] == [
        ("s1", "2026-01-04 23:00", "2026-02-28 23:00", "2026-02-01 08:00", 1250, "EUR", 3),
        ("s2", "2026-03-04 23:00", None, None, 123457, "GBP", None),
    ]


def test_a_column_that_is_not_mapped_is_there_and_empty(staging: Staging) -> None:
    assert staging("subscriptions", "distinct plan, is_annual") == [(None, None)]


def test_a_time_is_read_in_each_format_the_mapping_names_and_an_odd_one_is_empty(staging: Staging) -> None:
    # New York's wall clock for times, Berlin's midnight for days.
    assert staging("invoices where account_id = 'A-7'", "invoice_id, issued_at, due_at, paid_at") == [
        ("b1", "2026-03-30 22:00", "2026-04-01 08:00", "2026-03-30 22:00"),
        ("b2", "2026-03-30 22:00", None, "2026-03-31 16:00"),
        ("b3", "2026-03-31 14:00", None, None),
    ]


def test_amounts_in_brackets_or_with_the_sign_behind_are_below_zero(staging: Staging) -> None:
    assert staging("invoices where account_id = 'A-7'", "invoice_id, amount_minor, status") == [
        ("b1", -123450, "paid"),
        ("b2", -1250, "void"),
        ("b3", None, None),
    ]


def test_a_contract_that_was_cancelled_was_in_force_until_its_end(staging: Staging) -> None:
    rows = staging("subscriptions", "subscription_id, valid_to, status")
    assert [row for row in rows if str(row[0]).startswith("e")] == [
        ("e1", "2026-01-31 23:00", "active"),
        ("e2", "2026-02-28 23:00", "active"),
        ("e3", None, "canceled"),
        ("e4", None, "past_due"),
    ]


def test_every_word_that_init_takes_for_yes_or_no_is_read_as_that(staging: Staging) -> None:
    said = dict(staging("accounts", "account_id, is_internal"))
    assert said == {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}


def test_the_point_of_a_currencys_short_name_is_no_decimal_mark(staging: Staging) -> None:
    read = "invoices where invoice_id in ('Fr.1,250.00', 'kr. 12.50') and status = 'major .'"
    assert staging(read, "invoice_id, amount_minor") == [("Fr.1,250.00", 125000), ("kr. 12.50", 1250)]


def test_a_coupon_lasts_for_the_companys_days(staging: Staging) -> None:
    # Berlin's midnight of 1 October and 31 December.
    assert staging("coupons", "code, valid_from, redeem_by, is_active") == [
        ("STAY-20", "2026-09-30 22:00", "2026-12-30 23:00", True),
        ("stay-20", None, None, False),
    ]


def test_what_is_no_time_or_number_is_unknown_and_stops_nothing(staging: Staging) -> None:
    read = "count(*), count(requested_at)"
    assert staging("exits where comment in ('2026-02-30', 'infinity', 'O''Brien')", read) == [(3 * len(FORMATS), 0)]
    assert staging("invoices where invoice_id in ('--1', 'half')", "count(*), count(amount_minor)") == [(8, 0)]


def test_every_odd_text_is_read_alike_on_both_engines(
    on_duckdb: Project, on_postgres: PostgresProject, tmp_path: Path
) -> None:
    assert on_duckdb.rows("select count(*) from staging.stg_generic__exits") == [(len(TEXTS) * len(FORMATS),)]
    read = "select reason from staging.stg_generic__exits group by 1 having count(requested_at) > 0"
    assert len(on_duckdb.rows(read)) == len(FORMATS)
    relations = ("accounts", "activity", "contacts", "coupons", "exits", "invoices", "subscriptions")
    unlike = {
        relation: found
        for relation in relations
        if (found := differences(on_postgres, "staging", f"stg_generic__{relation}", tmp_path))
    }
    assert unlike == {}
