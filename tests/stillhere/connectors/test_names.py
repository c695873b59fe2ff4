"""Column names in raw are dlt's, and stay the same when dlt sees them."""

from __future__ import annotations

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention
from hypothesis import given
from hypothesis import strategies as st

from stillhere.connectors.names import raw_column, raw_columns


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("customerID", "customer_id"),
        ("InvoiceNo", "invoice_no"),
        ("Kunden-Nr.", "kunden_nr"),
        ("Größe (cm)", "groesse_cm"),
        ("  e-mail ", "e_mail"),
        ("2024", "_2024"),
        ("Prix €", "prix"),
    ],
)
def test_headings_become_readable_columns(heading: str, name: str) -> None:
    assert raw_column(heading) == name


@given(st.text(max_size=40))
def test_dlt_and_we_leave_a_raw_column_as_it_is(heading: str) -> None:
    name = raw_column(heading)

    assert name
    assert raw_column(name) == name
    assert NamingConvention(65536).normalize_identifier(name) == name


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+){0,3}", fullmatch=True))
def test_an_identifier_becomes_what_dlt_makes_of_it(heading: str) -> None:
    assert raw_column(heading) == NamingConvention(65536).normalize_identifier(heading)


def test_columns_of_one_table_never_share_a_name() -> None:
    assert raw_columns(["Name", "name", "NAME ", ""]) == ["name", "name_2", "name_3", raw_column("")]
