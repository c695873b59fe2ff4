"""The sources have the shapes that docs/demo-company.md promises and staging reads."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.stillhere.demo.conftest import BERLIN, Company, seconds

COLUMNS = {
    "crm.companies": "id name domain country time_zone type channel owner_id merged_into merged_at "
    "created_at updated_at",
    "crm.people": "id company_id first_name last_name email language time_zone role marketing_consent consent_at "
    "unsubscribed_at is_active inactive_since created_at updated_at",
    "crm.owners": "id name email",
    "crm.calls": "id company_id person_id owner_id called_at minutes outcome",
    "crm.tickets": "id company_id person_id subject opened_at answered_at closed_at status updated_at",
    "billing.customers": "id name email external_ref currency country created updated",
    "billing.subscription_periods": "id subscription customer plan quantity unit_amount amount currency interval "
    "discount_percent status starts ends term_ends cancel_requested cancel_at end_reason recorded_at",
    "billing.plans": "id name currency unit_amount",
    "billing.invoices": "id customer subscription amount currency status issued due paid updated",
    "billing.payments": "id invoice customer amount currency status failure_code attempted_at",
    "billing.refunds": "id payment invoice customer amount currency refunded_at",
}
REFERENCES = [
    ("crm.companies", "owner_id", "crm.owners"),
    ("crm.companies", "merged_into", "crm.companies"),
    ("crm.people", "company_id", "crm.companies"),
    ("crm.calls", "company_id", "crm.companies"),
    ("crm.calls", "person_id", "crm.people"),
    ("crm.tickets", "company_id", "crm.companies"),
    ("crm.tickets", "person_id", "crm.people"),
    ("billing.subscription_periods", "customer", "billing.customers"),
    ("billing.subscription_periods", "plan", "billing.plans"),
    ("billing.invoices", "customer", "billing.customers"),
    ("billing.payments", "invoice", "billing.invoices"),
    ("billing.refunds", "payment", "billing.payments"),
]
PLANNED = {"cancel_at", "term_ends", "due"}


@pytest.mark.parametrize("source", ["crm", "billing"])
def test_a_database_is_whole(demo: Company, source: str) -> None:
    connection = sqlite3.connect(demo.sources / f"{source}.sqlite")
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_the_documented_columns_and_one_row_an_id(demo: Company, table: str) -> None:
    frame = demo.tables[table]
    assert frame.columns == COLUMNS[table].split()
    assert frame.height > 0
    assert frame["id"].n_unique() == frame.height


@pytest.mark.parametrize(("table", "column", "target"), REFERENCES)
def test_an_id_that_points_elsewhere_finds_its_row(demo: Company, table: str, column: str, target: str) -> None:
    pointing = demo.tables[table][column].drop_nulls()
    assert set(pointing) <= set(demo.tables[target]["id"])


def test_each_vendor_writes_ids_its_own_way(demo: Company) -> None:
    patterns = {
        "crm.companies": r"^ACC-\d{6}$",
        "crm.people": r"^P-\d{7}$",
        "billing.customers": r"^cus_\w{14}$",
        "billing.subscription_periods": r"^sub_\w{14}\.\d{3}$",
        "billing.invoices": r"^in_\w{14}$",
        "billing.payments": r"^py_\w{14}$",
    }
    for table, pattern in patterns.items():
        assert demo.tables[table]["id"].str.contains(pattern).all(), table
    assert demo.usage["workspace"].str.contains(r"^(eu1|us1)/acc[1-9]\d*$").all()
    assert demo.usage["user"].drop_nulls().str.contains(r"^u[1-9]\d*$").all()


def test_nothing_became_known_after_the_last_day(demo: Company) -> None:
    for name, frame in demo.tables.items():
        for column in set(frame.columns) - PLANNED:
            values = frame[column].drop_nulls()
            if column.endswith("_at") and values.dtype == pl.String:
                assert max(datetime.fromisoformat(text) for text in values) <= demo.end, (name, column)
            elif values.dtype == pl.Int64 and values.len() and values.max() > 1_000_000_000:  # type: ignore[operator]  # integers
                assert values.max() <= seconds(demo.end), (name, column)  # type: ignore[operator]  # integers
    assert demo.usage["received_at"].max() <= demo.end  # type: ignore[operator]  # instants


def test_a_time_in_the_crm_has_the_offset_of_berlin(demo: Company) -> None:
    for text in demo.tables["crm.companies"]["created_at"]:
        instant = datetime.fromisoformat(text)
        assert instant.utcoffset() == instant.astimezone(BERLIN).utcoffset()


def test_a_file_of_use_holds_the_rows_received_on_its_day(demo: Company) -> None:
    days = demo.usage.select(
        file=pl.col("file").map_elements(lambda path: Path(path).stem, return_dtype=pl.String),
        day=pl.col("received_at").dt.convert_time_zone(BERLIN.key).dt.date().cast(pl.String),
    ).unique()
    assert (days["file"] == days["day"]).all()
    first = date.fromisoformat(str(days["day"].min()))
    assert first <= demo.until - timedelta(days=2 * 365)
    assert days.height == (demo.until - first).days + 1


def test_every_address_lies_in_a_domain_that_nobody_can_own(demo: Company) -> None:
    addresses = [
        demo.tables[table]["email"].drop_nulls() for table in ("crm.people", "crm.owners", "billing.customers")
    ]
    assert pl.concat(addresses).str.strip_chars().str.to_lowercase().str.contains(r"@[a-z0-9.-]+\.example$").all()


def test_periods_of_a_subscription_neither_overlap_nor_leave_gaps(demo: Company) -> None:
    periods = demo.tables["billing.subscription_periods"].sort("subscription", "starts")
    following = pl.col("starts").shift(-1).over("subscription")
    inner = periods.with_columns(following=following).filter(pl.col("following").is_not_null())
    assert (inner["ends"] == inner["following"]).all()


def test_a_term_costs_seats_times_price_and_a_pause_nothing(demo: Company) -> None:
    periods = demo.tables["billing.subscription_periods"]
    months = pl.when(pl.col("interval") == "year").then(12).otherwise(1)
    cost = pl.when(pl.col("status") == "paused").then(0).otherwise(pl.col("quantity") * pl.col("unit_amount") * months)
    assert periods.filter(pl.col("amount") != cost).is_empty()


def test_a_succeeded_payment_settles_an_invoice_that_is_paid(demo: Company) -> None:
    paid = set(demo.tables["billing.invoices"].filter(status="paid")["id"])
    assert set(demo.tables["billing.payments"].filter(status="succeeded")["invoice"]) == paid
