"""The generic staging: what sources.yml says of a raw column is what the account model gets."""

from __future__ import annotations

import shutil
from datetime import date

import duckdb
import pytest

from stillhere.connectors.guess.profile import FALSE, TRUE
from stillhere.settings import load_settings
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.night_inputs import AcceptedLoad, write_night_inputs
from tests.dbt.projects import REPOSITORY, Project

SOURCES = """
sources:
  files:
    kind: csv
    path: "*.csv"
    vendor: generic
    zone: America/New_York
    resources:
      orders:
        key: [order_no]
        maps:
          - to: activity
            columns:
              account_id: {from: customer}
              occurred_at: {from: ordered, format: "%d.%m.%Y %H:%M"}
              known_at: {from: seen, zone: UTC}
              kind: {value: order}
              value: {from: amount, unit: major, decimal: ","}
            where: {state: done, is_test: false, deleted_at: null}
      people:
        key: [id]
        maps:
          - to: contacts
            columns:
              account_id: {from: customer}
              contact_id: {from: id}
              email: {from: mail}
              marketing_consent: {from: agreed}
              consent_at: {from: agreed_at, format: epoch}
      contracts:
        key: [id]
        maps:
          - to: subscriptions
            columns:
              subscription_id: {from: id}
              account_id: {from: customer}
              valid_from: {from: starts}
              valid_to: {from: ends, format: "%m/%d/%Y"}
              cancel_requested_at: {from: asked, format: "%Y-%m-%dT%H:%M:%S%z"}
              mrr_minor: {from: price, unit: major, decimal: ","}
              currency: {from: money}
              seats: {from: seats}
      ended:
        key: [id]
        maps:
          - to: subscriptions
            columns:
              subscription_id: {from: id}
              account_id: {from: customer}
              valid_from: {from: starts}
              valid_to: {from: ends}
              ends_at: {from: planned}
              mrr_minor: {from: price, unit: major, decimal: ","}
              status: {from: state}
      bills:
        key: [id]
        maps:
          - to: invoices
            columns:
              invoice_id: {from: id}
              account_id: {from: customer}
              issued_at: {from: issued, format: "%d.%m.%Y | iso"}
              due_at: {from: due, format: epoch_milliseconds}
              paid_at: {from: paid, format: excel_days}
              amount_minor: {from: amount, unit: major, decimal: ","}
              status: {from: state}
      answers:
        maps:
          - to: accounts
            columns:
              account_id: {from: word}
              is_internal: {from: word}
"""

RAW = """
create schema files;
create schema quarantine;
create table quarantine.rows (source varchar, resource varchar, row_id varchar);
insert into quarantine.rows values ('files', 'orders', 'o7');
create table files.orders as select *, timestamp '2026-05-01 03:00:00' as _loaded_at from (values
    ('1', '17850.0', '31.03.2026 23:30', '2026-04-02T08:00:00+02:00', '1.234,56', 'done', 'False', null, 'l1', 'o1'),
    ('2', ' A-7 ', '01.04.2026 09:00', '2026-04-01 13:30:00Z', '€ -5,00', 'done', 'false', null, 'l1', 'o2'),
    ('3', 'A-7', '02.04.2026 09:00', null, '9,99', 'open', 'false', null, 'l1', 'o3'),
    ('4', 'A-7', '02.04.2026 09:00', null, '9,99', 'done', 'true', null, 'l1', 'o4'),
    ('5', 'A-7', '02.04.2026 09:00', null, '9,99', 'done', 'false', '2026-04-03', 'l1', 'o5'),
    ('6', 'A-7', '03.04.2026 09:00', '2026-04-03 09:00:00+00', 'free', 'done', 'false', null, 'l1', 'o6'),
    ('7', 'A-7', '04.04.2026 09:00', null, '9,99', 'done', 'false', null, 'l1', 'o7'),
    ('8', 'A-7', '05.04.2026 09:00', null, '9,99', 'done', 'false', null, 'refused', 'o8')
) as rows (order_no, customer, ordered, seen, amount, state, is_test, deleted_at, _dlt_load_id, _dlt_id);
create table files.people as
select *, timestamp '2026-05-01 03:00:00' + interval 1 hour * version as _loaded_at from (values
    (1, 'A-7', 'Ann@Example.org ', 'Yes', 1775030400, 0, 'l1', 'p1'),
    (1, 'A-7', 'Ann@Example.org ', 'no', 1775116800, 1, 'l2', 'p2'),
    (2, 'A-7', null, 'perhaps', null, 0, 'l1', 'p3')
) as rows (id, customer, mail, agreed, agreed_at, version, _dlt_load_id, _dlt_id);
create table files.contracts as select *, timestamp '2026-05-01 03:00:00' as _loaded_at from (values
    ('s1', 'A-7', date '2026-01-05', '03/01/2026', '2026-02-01T10:00:00+0200', 12.5::double, 'eur', 3.0, 'l1', 'c1'),
    ('s2', 'A-8', date '2026-03-05', null, null, 1234.565::double, 'gbp', null, 'l1', 'c2')
) as rows (id, customer, starts, ends, asked, price, money, seats, _dlt_load_id, _dlt_id);
create table files.ended as select *, timestamp '2026-05-01 03:00:00' as _loaded_at from (values
    ('e1', 'A-9', '2025-01-05', '2026-02-01', null, '9,00', 'Cancelled', 'l1', 'e1'),
    ('e2', 'A-9', '2025-01-05', null, '2026-03-01', '9,00', 'gekündigt', 'l1', 'e2'),
    ('e3', 'A-9', '2025-01-05', null, null, '9,00', 'opgezegd', 'l1', 'e3'),
    ('e4', 'A-9', '2025-01-05', null, null, '9,00', 'past_due', 'l1', 'e4')
) as rows (id, customer, starts, ends, planned, price, state, _dlt_load_id, _dlt_id);
create table files.bills as select *, timestamp '2026-05-01 03:00:00' as _loaded_at from (values
    ('b1', 'A-7', '31.03.2026', '1775030400000', '46112', '(1.234,50)', 'Bezahlt', 'l1', 'b1'),
    ('b2', 'A-7', '2026-03-31', null, '46112,5', '12,50-', 'storniert', 'l1', 'b2'),
    ('b3', 'A-7', '2026-03-31 10:00', 'soon', 'later', '1-2', null, 'l1', 'b3')
) as rows (id, customer, issued, due, paid, amount, state, _dlt_load_id, _dlt_id);
create table files.answers (word varchar, _loaded_at timestamp, _dlt_load_id varchar, _dlt_id varchar);
"""


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A company of Berlin whose files are written in New York's time."""
    folder = tmp_path_factory.mktemp("company")
    shutil.copytree(REPOSITORY / "examples/online_retail", folder, dirs_exist_ok=True)
    company = (folder / "company.yml").read_text().replace("timezone: Europe/London", "timezone: Europe/Berlin")
    (folder / "company.yml").write_text(company)
    (folder / "sources.yml").write_text(SOURCES)
    settings = load_settings(folder, {}, tmp_path_factory.mktemp("data"))
    settings.places.raw_database.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.places.raw_database)) as raw:
        raw.execute(RAW)
        answers = [(word, f"a{number}") for number, word in enumerate((*TRUE, *FALSE))]
        raw.executemany("insert into files.answers values (?, timestamp '2026-05-01 03:00:00', 'l1', ?)", answers)
    loads = [(resource, "l1") for resource in ("orders", "people", "contracts", "ended", "bills", "answers")]
    loads.append(("people", "l2"))
    project = Project(settings, tuple(AcceptedLoad("files", resource, load) for resource, load in loads))
    with open_warehouse(settings.places.warehouse) as warehouse:
        write_night_inputs(warehouse, settings, date(2026, 4, 30), project.loads, {})
    project.dbt("run", "--select", "staging.generic")
    return project


def staging(project: Project, relation: str, columns: str) -> list[tuple[object, ...]]:
    """Rows of one staging relation, times as text in UTC."""
    with duckdb.connect(str(project.settings.places.warehouse), read_only=True) as connection:
        connection.execute(f"attach '{project.settings.places.raw_database}' as raw (read_only)")
        connection.execute("set timezone = 'UTC'")
        rows = connection.execute(f"select {columns} from staging.stg_generic__{relation} order by all").fetchall()
    return [tuple(f"{one:%Y-%m-%d %H:%M}" if hasattr(one, "hour") else one for one in row) for row in rows]


def test_only_accepted_good_rows_that_the_filter_names_are_read(staged: Project) -> None:
    assert staging(staged, "activity", "count(*)") == [(3,)]


def test_text_is_read_in_its_own_zone_format_and_decimal_mark(staged: Project) -> None:
    assert staging(staged, "activity", "account_id, occurred_at, known_at, value") == [
        ("17850", "2026-04-01 03:30", "2026-04-02 06:00", 123456.0),
        ("A-7", "2026-04-01 13:00", "2026-04-01 13:30", -500.0),
        ("A-7", "2026-04-03 13:00", "2026-04-03 09:00", None),
    ]


def test_the_newest_version_of_a_person_counts_and_an_odd_word_is_no_consent(staged: Project) -> None:
    assert staging(staged, "contacts", "contact_id, email, marketing_consent, consent_at") == [
        ("1", "ann@example.org", False, "2026-04-02 08:00"),
        ("2", None, None, None),
    ]


def test_a_date_is_the_companys_day_and_a_number_keeps_its_point(staged: Project) -> None:
    columns = "subscription_id, valid_from, valid_to, cancel_requested_at, mrr_minor, currency, seats"
    # Berlin's midnight of 5 January, 1 March and 5 March; 12.5 is a number, whatever decimal mark texts have.
    assert [row for row in staging(staged, "subscriptions", columns) if str(row[0]).startswith("s")] == [
        ("s1", "2026-01-04 23:00", "2026-02-28 23:00", "2026-02-01 08:00", 1250, "EUR", 3),
        ("s2", "2026-03-04 23:00", None, None, 123457, "GBP", None),
    ]


def test_a_column_that_is_not_mapped_is_there_and_empty(staged: Project) -> None:
    assert staging(staged, "subscriptions", "distinct plan, is_annual") == [(None, None)]


def test_a_time_is_read_in_each_format_the_mapping_names_and_an_odd_one_is_empty(staged: Project) -> None:
    # New York's wall clock for times, Berlin's midnight for days.
    assert staging(staged, "invoices", "invoice_id, issued_at, due_at, paid_at") == [
        ("b1", "2026-03-30 22:00", "2026-04-01 08:00", "2026-03-30 22:00"),
        ("b2", "2026-03-30 22:00", None, "2026-03-31 16:00"),
        ("b3", "2026-03-31 14:00", None, None),
    ]


def test_amounts_in_brackets_or_with_the_sign_behind_are_below_zero(staged: Project) -> None:
    assert staging(staged, "invoices", "invoice_id, amount_minor, status") == [
        ("b1", -123450, "paid"),
        ("b2", -1250, "void"),
        ("b3", None, None),
    ]


def test_a_contract_that_was_cancelled_was_in_force_until_its_end(staged: Project) -> None:
    rows = staging(staged, "subscriptions", "subscription_id, valid_to, status")
    assert [row for row in rows if str(row[0]).startswith("e")] == [
        ("e1", "2026-01-31 23:00", "active"),
        ("e2", "2026-02-28 23:00", "active"),
        ("e3", None, "canceled"),
        ("e4", None, "past_due"),
    ]


def test_every_word_that_init_takes_for_yes_or_no_is_read_as_that(staged: Project) -> None:
    said = dict(staging(staged, "accounts", "account_id, is_internal"))
    assert said == {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}
