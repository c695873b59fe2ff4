"""A company that has invoices and no subscriptions: its recurring revenue comes from the periods they cover."""

from __future__ import annotations

import shutil
from datetime import date

import duckdb
import pytest

from stillhere.settings import load_settings
from stillhere.warehouse.night_inputs import AcceptedLoad
from tests.dbt.projects import REPOSITORY, Project

SOURCES = """
sources:
  books:
    kind: csv
    path: "*.csv"
    vendor: generic
    zone: Europe/Berlin
    resources:
      invoices:
        key: [number]
        maps:
          - to: invoices
            columns:
              invoice_id: {from: number}
              account_id: {from: customer}
              issued_at: {from: issued}
              amount_minor: {from: amount, unit: major, decimal: ","}
              refunded_minor: {from: refunded, unit: major, decimal: ","}
              status: {from: state}
              covers_from: {from: first_day}
              covers_to: {from: last_day, format: "%d.%m.%Y"}
"""

# yearly pays 1,200.00 a year; monthly 50.00, then 60.00, of which 10.00 of March were refunded; short is 12 days late
# in February; returned comes back after two months; failed never paid its second invoice; setup says no period.
RAW = """
create schema books;
create table books.invoices as
select *, timestamp '2026-05-01 03:00:00' as _loaded_at, 'l1' as _dlt_load_id from (values
    ('1', 'yearly', '2026-01-01', '1.200,00', null, 'paid', '2026-01-01', '31.12.2026', 'i1'),
    ('2', 'monthly', '2026-01-01', '50,00', null, 'paid', '2026-01-01', '31.01.2026', 'i2'),
    ('3', 'monthly', '2026-02-01', '60,00', null, 'paid', '2026-02-01', '28.02.2026', 'i3'),
    ('4', 'monthly', '2026-03-01', '60,00', '10,00', 'paid', '2026-03-01', '31.03.2026', 'i4'),
    ('5', 'monthly', '2026-04-01', '60,00', null, 'paid', '2026-04-01', '30.04.2026', 'i5'),
    ('6', 'short', '2025-12-28', '30,00', null, 'paid', '2025-12-28', '27.01.2026', 'i6'),
    ('7', 'short', '2026-02-09', '30,00', null, 'paid', '2026-02-09', '08.05.2026', 'i7'),
    ('8', 'returned', '2026-01-01', '20,00', null, 'paid', '2026-01-01', '31.01.2026', 'i8'),
    ('9', 'returned', '2026-04-01', '20,00', null, 'paid', '2026-04-01', '30.04.2026', 'i9'),
    ('10', 'failed', '2026-01-15', '40,00', null, 'paid', '2026-01-15', '14.02.2026', 'i10'),
    ('11', 'failed', '2026-02-15', '40,00', null, 'uncollectible', '2026-02-15', '14.03.2026', 'i11'),
    ('12', 'setup', '2026-02-15', '500,00', null, 'paid', null, null, 'i12')
) as rows (number, customer, issued, amount, refunded, state, first_day, last_day, _dlt_id);
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The company's night of 30 April 2026."""
    folder = tmp_path_factory.mktemp("company")
    shutil.copytree(REPOSITORY / "config", folder, dirs_exist_ok=True)
    (folder / "sources.yml").write_text(SOURCES)
    settings = load_settings(folder, {}, tmp_path_factory.mktemp("data"))
    settings.places.raw_database.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.places.raw_database)) as raw:
        raw.execute(RAW)
    project = Project(settings, (AcceptedLoad("books", "invoices", "l1"),))
    project.run(date(2026, 4, 30))
    return project


def movements(project: Project, account: str, *columns: str) -> list[tuple[object, ...]]:
    told = f"select month(month), {', '.join(columns)} from marts.mrr_movements"
    return project.rows(f"{told} where account_id = '{account}' order by mrr_movements.month")


def test_a_year_is_spread_over_its_months(project: Project) -> None:
    assert movements(project, "yearly", "new_minor", "closing_mrr_minor") == [
        (1, 10000, 10000), (2, 0, 10000), (3, 0, 10000), (4, 0, 10000),
    ]  # fmt: skip


def test_a_dearer_month_is_growth_and_a_refund_takes_off_its_month(project: Project) -> None:
    assert movements(project, "monthly", "expansion_minor", "contraction_minor", "closing_mrr_minor") == [
        (1, 0, 0, 5000), (2, 1000, 0, 6000), (3, 0, -1000, 5000), (4, 1000, 0, 6000),
    ]  # fmt: skip


def test_an_invoice_that_comes_twelve_days_late_is_no_churn(project: Project) -> None:
    # December's is of a month; the one of 9 February to 8 May is three months at 10.00.
    assert movements(project, "short", "pause_minor", "contraction_minor", "churn_minor", "closing_mrr_minor") == [
        (12, 0, 0, 0, 3000), (1, -3000, 0, 0, 0), (2, 3000, -2000, 0, 1000), (3, 0, 0, 0, 1000), (4, 0, 0, 0, 1000),
    ]  # fmt: skip


def test_who_comes_back_after_more_than_the_reactivation_days_had_left(project: Project) -> None:
    assert movements(project, "returned", "churn_minor", "reactivation_minor", "closing_mrr_minor") == [
        (1, 0, 0, 2000), (2, -2000, 0, 0), (4, 0, 2000, 2000),
    ]  # fmt: skip


def test_an_invoice_that_is_never_paid_ends_in_involuntary_churn(project: Project) -> None:
    assert movements(project, "failed", "churn_minor", "involuntary_churn_minor", "closing_mrr_minor") == [
        (1, 0, 0, 4000), (2, -4000, -4000, 0),
    ]  # fmt: skip


def test_an_invoice_without_a_period_is_no_recurring_revenue(project: Project) -> None:
    assert movements(project, "setup", "closing_mrr_minor") == []
    project.dbt("test", "--select", "mrr_movements", "hamster_wheel", "retention", "test_type:data")


def test_who_is_billed_for_the_day_is_scored_and_who_was_billed_for_long_enough_is_not(project: Project) -> None:
    told = (
        "select account_id, stage, is_scored, mrr_minor, contract_ends_date, decides_on from marts.accounts order by 1"
    )
    assert project.rows(told) == [
        ("failed", "left", False, 0, date(2026, 4, 14), None),
        ("monthly", "active", True, 6000, date(2026, 5, 1), None),
        ("returned", "active", True, 2000, date(2026, 5, 1), None),
        ("short", "active", True, 1000, date(2026, 5, 9), None),
        ("yearly", "active", False, 10000, date(2027, 1, 1), date(2026, 11, 2)),
    ]
    assert project.rows("select account_id, mrr_minor from marts.account_cadence order by 1") == [
        ("monthly", 6000), ("returned", 2000), ("short", 1000),
    ]  # fmt: skip


def test_a_customer_has_left_when_no_invoice_followed_within_the_reactivation_days(project: Project) -> None:
    stays = (
        "select account_id, starts_on, ends_on from intermediate.int_spells where account_id in ('failed', 'returned')"
    )
    assert project.rows(f"{stays} order by 1, 2") == [
        ("failed", date(2026, 1, 15), date(2026, 4, 14)),
        ("returned", date(2026, 1, 1), date(2026, 3, 3)),
        ("returned", date(2026, 4, 1), date(2026, 5, 31)),
    ]
