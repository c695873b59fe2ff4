"""A company of Berlin whose files are written in New York's time."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb

from stillhere.connectors.guess.profile import FALSE, TRUE
from stillhere.settings import load_settings
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.night_inputs import AcceptedLoad, write_night_inputs
from tests.dbt.odd_texts import TEXTS, readings_of_every_text
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
              occurred_at: {from: ordered, format: "%d.%m.%Y %H:%M | iso"}
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
      codes:
        key: [id]
        maps:
          - to: coupons
            columns:
              code: {from: code}
              valid_from: {from: begins, format: "%d.%m.%Y"}
              redeem_by: {from: ends, format: "%d.%m.%Y"}
              is_active: {from: works}
      answers:
        maps:
          - to: accounts
            columns:
              account_id: {from: word}
              is_internal: {from: word}
      texts:
        key: [id]
        maps:"""
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
    ('6', 'A-7', '2026-04-03 09:00:00', '2026-04-03 09:00:00+00', 'free', 'done', 'false', null, 'l1', 'o6'),
    ('7', 'A-7', '04.04.2026 09:00', null, '9,99', 'done', 'false', null, 'l1', 'o7'),
    ('8', 'A-7', '05.04.2026 09:00', null, '9,99', 'done', 'false', null, 'refused', 'o8')
) as rows (order_no, customer, ordered, seen, amount, state, is_test, deleted_at, _dlt_load_id, _dlt_id);
create table files.people as
select *, timestamp '2026-05-01 03:00:00' + interval 1 hour * version as _loaded_at from (values
    (1, 'A-7', 'Ann@Example.org ', 'Yes', 1775030400, 0, 'l1', 'p1'),
    (1, 'A-7', 'Ann@Example.org ', 'no', 1775116800, 1, 'l2', 'p2'),
    (2, 'A-7', 'JÖRG@Example.org', 'SÍ', null, 0, 'l1', 'p4'),
    (3, 'A-7', null, 'perhaps', null, 0, 'l1', 'p3')
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
create table files.codes as select *, timestamp '2026-05-01 03:00:00' as _loaded_at from (values
    ('k1', 'STAY-20 ', '01.10.2026', '31.12.2026', 'yes', 'l1', 'k1'),
    ('k2', 'stay-20', null, null, 'Nein', 'l1', 'k2'),
    ('k3', 'REFUSED', null, null, 'yes', 'refused', 'k3')
) as rows (id, code, begins, ends, works, _dlt_load_id, _dlt_id);
create table files.answers (word varchar, _loaded_at timestamp, _dlt_load_id varchar, _dlt_id varchar);
create table files.texts (
    id varchar, text varchar, _dlt_id varchar,
    _dlt_load_id varchar default 'l1', _loaded_at timestamp default '2026-05-01'
);
"""


def odd_company(company: Path, data: Path) -> Project:
    """The company with its raw loaded and its night's inputs written; nothing is built yet."""
    shutil.copytree(REPOSITORY / "examples/online_retail", company, dirs_exist_ok=True)
    settings_file = company / "company.yml"
    settings_file.write_text(settings_file.read_text().replace("timezone: Europe/London", "timezone: Europe/Berlin"))
    (company / "sources.yml").write_text(SOURCES + "".join(readings_of_every_text()))
    settings = load_settings(company, {}, data)
    settings.places.raw_database.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.places.raw_database)) as raw:
        raw.execute(RAW)
        rows = [(str(number), text, f"t{number}") for number, text in enumerate(TEXTS)]
        answers = [(word, f"a{number}") for number, word in enumerate((*TRUE, *FALSE))]
        raw.executemany("insert into files.answers values (?, timestamp '2026-05-01 03:00:00', 'l1', ?)", answers)
        raw.executemany("insert into files.texts (id, text, _dlt_id) values (?, ?, ?)", rows)
    resources = ("orders", "people", "contracts", "ended", "bills", "codes", "answers", "texts")
    loads = [AcceptedLoad("files", resource, "l1") for resource in resources]
    project = Project(settings, (*loads, AcceptedLoad("files", "people", "l2")))
    with open_warehouse(settings.places.warehouse) as warehouse:
        write_night_inputs(warehouse, settings, date(2026, 4, 30), project.loads, {})
    return project
