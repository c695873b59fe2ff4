"""What offices and spreadsheets do to dates, amounts and headings, and what `init` makes of it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from stillhere.connectors.guess.money import zone_of
from tests.stillhere.init.conftest import Order, german, write_csv
from tests.stillhere.init.test_init import loaded, mapped


def test_a_dutch_company_is_understood_with_its_letter_contracts_and_bills(
    orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    events = [(o.number, o.customer, f"{o.at:%d.%m.%Y}", german(o.amount)) for o in orders]
    write_csv(tmp_path / "e.csv", [("Bonnr", "Klantnr", "Besteldatum", "Bedrag"), *events])
    people = [(f"K-{1000 + n}", f"p{n}@klant.example", "Zoë", "nee" if n % 2 else "ja") for n in range(120)]
    write_csv(tmp_path / "c.csv", [("Klantnr", "E-mailadres", "Voornaam", "Nieuwsbrief"), *people])
    contracts = [(f"A{n}", f"K-{1000 + n}", "01.02.2024", "49,00", "SML"[n % 3]) for n in range(120)]
    write_csv(tmp_path / "s.csv", [("Abonnement", "Klantnr", "Startdatum", "Maandbedrag", "Pakket"), *contracts])
    bills = [(f"F{n}", f"K-{1000 + n}", "01.02.2025", "15.02.2025", "17.02.2025", "49,00") for n in range(120)]
    heads = ("Factuurnr", "Klantnr", "Factuurdatum", "Vervaldatum", "Betaald op", "Bedrag")
    write_csv(tmp_path / "i.csv", [heads, *bills])
    files = ("--events", "e.csv", "--contacts", "c.csv", "--subscriptions", "s.csv", "--invoices", "i.csv")

    assert stillhere_init("acme", *files, "--yes").exit_code == 0

    settings = loaded(tmp_path / "acme")
    assert mapped(settings, "contacts", "contacts")["marketing_consent"] == ("nieuwsbrief", None)
    contract = mapped(settings, "subscriptions", "subscriptions")
    assert (contract["subscription_id"][0], contract["plan"][0]) == ("abonnement", "pakket")
    bill = mapped(settings, "invoices", "invoices")
    assert (bill["invoice_id"][0], bill["due_at"][0], bill["paid_at"][0]) == ("factuurnr", "vervaldatum", "betaald_op")
    assert settings.churn.horizon_days == 60  # a contract's end has nothing to do with the rhythm of orders


def test_days_as_spreadsheets_count_them_are_shown_as_days(orders: list[Order], stillhere_init, tmp_path: Path) -> None:
    zero = date(1899, 12, 30)
    rows = [(30_000 + o.number, o.customer, (o.at.date() - zero).days, german(o.amount)) for o in orders]
    write_csv(tmp_path / "e.csv", [("Bestellnummer", "Kunde", "Datum", "Betrag"), *rows])

    result = stillhere_init("acme", "--events", "e.csv", "--yes")

    assert f"{orders[0].at:%Y-%m-%d}" in result.output
    settings = loaded(tmp_path / "acme")
    assert mapped(settings, "events", "activity")["occurred_at"] == ("datum", "excel_days")
    assert settings.sources.sources["events"].resources["events"].key == ("bestellnummer",)


def test_amounts_in_cents_are_shown_and_measured_in_whole_units(
    orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    columns = {"customer": [o.customer for o in orders], "at": [o.at for o in orders]}
    pl.DataFrame({**columns, "amount_cents": [round(o.amount * 100) for o in orders]}).write_parquet(
        tmp_path / "o.parquet"
    )
    pl.DataFrame({**columns, "amount": [o.amount for o in orders]}).write_parquet(tmp_path / "p.parquet")

    shown = stillhere_init("cents", "--events", "o.parquet", "--yes").output
    stillhere_init("whole", "--events", "p.parquet", "--yes")

    assert f"{orders[0].amount:,.2f} EUR" in shown
    lists = [(tmp_path / name / "segments.yml").read_text() for name in ("cents", "whole")]
    assert lists[0] == lists[1]


def test_an_amount_with_its_sign_behind_is_shown_below_zero(
    orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    rows = [(o.customer, f"{o.at:%d.%m.%Y}", german(o.amount) + "-" * (n < 3)) for n, o in enumerate(orders)]
    write_csv(tmp_path / "e.csv", [("Kunde", "Datum", "Betrag"), *rows])

    assert f"-{orders[0].amount:,.2f} EUR" in stillhere_init("acme", "--events", "e.csv", "--yes").output


@pytest.mark.parametrize(
    "above", ["sep=;\r\n", "Bestellungen;;\r\nStand 01.07.2025;;\r\n\r\n", "sep=;\r\nBestellungen\r\n", '"sep=;"\r\n']
)
def test_lines_above_the_headings_are_no_headings(
    above: str, orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    rows = [(o.customer, f"{o.at:%d.%m.%Y}", german(o.amount)) for o in orders]
    file = write_csv(tmp_path / "e.csv", [("Kunde", "Datum", "Betrag"), *rows])
    file.write_bytes(above.encode() + file.read_bytes())

    result = stillhere_init("acme", "--events", "e.csv", "--yes")

    assert f"{len(orders):,} events" in result.output
    settings = loaded(tmp_path / "acme")
    assert settings.sources.sources["events"].csv.skip_lines == above.count("\n")
    assert mapped(settings, "events", "activity")["occurred_at"] == ("datum", "%d.%m.%Y")


def test_headings_of_another_width_than_the_rows_are_refused_by_their_line(stillhere_init, tmp_path: Path) -> None:
    write_csv(tmp_path / "e.csv", [("Export", "vom", "1.7.2025"), ("K", "D", "B", "X"), *[("1", "2", "3", "4")] * 9])

    refused = stillhere_init("acme", "--events", "e.csv", "--yes")

    assert refused.exit_code == 2
    assert "line 1: names 3 columns" in refused.output
    assert not (tmp_path / "acme").exists()


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("15. März 2024", "German"),
        ("3 février 2024", "French"),
        ("3 de enero de 2024", "Spanish"),
        ("9 mrt. 2024", "Dutch"),
    ],
)
def test_months_in_words_are_refused_by_row_and_language(
    written: str, language: str, stillhere_init, tmp_path: Path
) -> None:
    rows = [(f"K{n % 9}", written, n) for n in range(40)]
    write_csv(tmp_path / "e.csv", [("Kunde", "Datum", "Nr"), *rows])

    refused = stillhere_init("acme", "--events", "e.csv", "--yes")

    assert refused.exit_code == 2
    assert language in refused.output
    assert written in refused.output


@pytest.mark.parametrize(("sign", "currency"), [("kr. ", "SEK"), ("Fr.", "CHF")])
def test_the_point_of_a_currencys_short_name_is_no_decimal_mark(
    sign: str, currency: str, orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    rows = [(o.customer, f"{o.at:%Y-%m-%d}", f"{sign}{o.amount:,.2f}") for o in orders]
    write_csv(tmp_path / "e.csv", [("customer", "date", "amount"), *rows])

    assert f"{orders[0].amount:,.2f} {currency}" in stillhere_init("acme", "--events", "e.csv", "--yes").output
    assert 'decimal: "."' in (tmp_path / "acme" / "sources.yml").read_text()


@pytest.mark.parametrize(("year", "pinned"), [(2205, None), (2026, date(2025, 6, 29))])
def test_a_day_far_from_all_others_is_named_and_no_night_is_about_it(
    year: int, pinned: date | None, stillhere_init, tmp_path: Path
) -> None:
    days = [date(2025, 1, 1) + timedelta(days=n // 5) for n in range(900)]
    rows = [(f"K{n % 60}", f"{day:%d.%m.%Y}") for n, day in enumerate(days)]
    write_csv(tmp_path / "e.csv", [("Kunde", "Datum"), *rows, ("K1", f"01.02.{year}"), ("K2", "01.01.1995")])

    shown = " ".join(stillhere_init("acme", "--events", "e.csv", "--yes").output.split())

    assert f"2025-01-01 to {days[-1]}" in shown
    assert f"{year}-02-01" in shown
    assert loaded(tmp_path / "acme").company.last_complete_day == pinned


@pytest.mark.parametrize(
    ("country", "zone"),
    [("ES", "Europe/Madrid"), ("PT", "Europe/Lisbon"), ("FR", "Europe/Paris"), ("CD", None), (None, None)],
)
def test_a_country_has_the_zone_most_people_live_in_or_none_is_guessed(country: str | None, zone: str | None) -> None:
    assert zone_of(country) == zone


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_left(
    orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    write_csv(tmp_path / "e.csv", [("customer", "date"), *[(o.customer, f"{o.at:%Y-%m-%d}") for o in orders]])
    (tmp_path / "file").write_text("in the way")
    before = set(tmp_path.rglob("*"))

    refused = stillhere_init("file/acme", "--events", "e.csv", "--yes")

    assert refused.exit_code == 2
    assert "can't be written" in refused.output
    assert set(tmp_path.rglob("*")) == before


ASKING = """
import typer
from stillhere.commands.init import register
app = typer.Typer()
register(app)
app.callback()(lambda: None)
app(["init", "acme", "--events", "e.csv"])
"""


def test_an_answer_that_will_not_do_is_asked_again(orders: list[Order], tmp_path: Path) -> None:
    rows = [(o.customer, f"{o.at:%Y-%m-%d}", o.amount) for o in orders]
    write_csv(tmp_path / "e.csv", [("customer", "date", "amount"), *rows])
    ours, theirs = pty.openpty()
    os.write(ours, b"money\nCHF\nMars\nEurope/Zurich\ny\n")

    asked = subprocess.run(
        [sys.executable, "-c", ASKING], stdin=theirs, capture_output=True, text=True, cwd=tmp_path, timeout=120
    )

    os.close(ours)
    os.close(theirs)
    assert "'money' is no currency" in asked.stdout
    assert "'Mars' is no time zone" in asked.stdout
    company = loaded(tmp_path / "acme").company
    assert (company.currency, company.timezone) == ("CHF", "Europe/Zurich")
