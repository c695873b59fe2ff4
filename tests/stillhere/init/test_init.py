"""From odd exports to a folder that settings accept and connectors read."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import yaml

from stillhere.connectors import connected_sources, extract_source, latest_event_day, probe
from stillhere.settings import Settings, load_settings
from tests.stillhere.init.conftest import Order, german, write_csv

NIGHT = datetime(2025, 7, 1, 4, tzinfo=UTC)


def loaded(folder: Path) -> Settings:
    """The company as every other command reads it."""
    return load_settings(folder, {}, folder / "data")


def mapped(settings: Settings, source: str, relation: str) -> dict[str, tuple[str | None, str | None]]:
    """Target: (column or constant, format) of a relation's mapping."""
    resource = next(iter(settings.sources.sources[source].resources.values()))
    found = next(m for m in resource.maps if m.to == relation)
    return {target: (origin.from_column or origin.value, origin.format) for target, origin in found.columns.items()}


def test_a_german_export_is_understood_without_a_word(orders: list[Order], stillhere_init, tmp_path: Path) -> None:
    rows = [(f"R{o.number}", o.customer, f"{o.at:%d.%m.%Y}", "Öl; süß\nund rot", german(o.amount)) for o in orders]
    write_csv(tmp_path / "umsatz.csv", [("Beleg-Nr.", "Kd.-Nr", "Datum", "Größe", "Betrag in €"), *rows])

    result = stillhere_init("acme", "--events", "umsatz.csv", "--yes")

    assert result.exit_code == 0, result.output
    settings = loaded(tmp_path / "acme")
    assert (settings.company.currency, settings.company.timezone, settings.company.kind) == (
        "EUR",
        "Europe/Berlin",
        "shop",
    )
    events = settings.sources.sources["events"]
    assert (events.csv.delimiter, events.csv.encoding, events.path) == (";", "cp1252", "../umsatz.csv")
    assert events.resources["events"].key == ("beleg_nr",)
    assert mapped(settings, "events", "activity") == {
        "account_id": ("kd_nr", None),
        "occurred_at": ("datum", "%d.%m.%Y"),
        "value": ("betrag_in", None),
        "kind": ("order", None),
    }
    assert events.resources["events"].maps[0].columns["value"].decimal == ","
    assert "only to send" in " ".join(result.output.split())


def test_the_written_folder_passes_the_doctor_and_loads_every_row(
    orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    rows = [(o.customer, f"{o.at:%d.%m.%Y %H:%M}", german(o.amount)) for o in orders]
    write_csv(tmp_path / "x.csv", [("Spalte1", "Spalte2", "Spalte3"), *rows], encoding="utf-8-sig")

    assert stillhere_init("acme", "--events", "x.csv", "--yes", "--zone", "Europe/Vienna").exit_code == 0

    settings = loaded(tmp_path / "acme")
    (source,) = connected_sources(settings, {})
    assert probe(source) == []
    assert latest_event_day(settings, NIGHT) == max(o.at for o in orders).date()
    (outcome,) = extract_source(source, NIGHT)
    assert (outcome.state, outcome.rows) == ("ok", len(orders))


def test_five_rows_are_shown_as_they_were_understood(orders: list[Order], stillhere_init, tmp_path: Path) -> None:
    rows = [(o.customer, f"{o.at:%m/%d/%Y %I:%M %p}", f"${o.amount:,.2f}") for o in orders]
    write_csv(tmp_path / "sales.csv", [("user", "when", "price"), *rows], delimiter=",", encoding="utf-8")

    shown = stillhere_init("acme", "--events", "sales.csv", "--yes").output

    for order in orders[:5]:
        row = next(line for line in shown.splitlines() if f"{order.at:%Y-%m-%d %H:%M}" in line)
        assert order.customer in row
        assert f"{order.amount:,.2f} USD" in row
    assert orders[5].at.strftime("%Y-%m-%d %H:%M") not in shown


def test_accounts_and_people_are_found_by_the_ids_the_events_know(
    orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    write_csv(tmp_path / "orders.csv", [("who", "on"), *[(o.customer, f"{o.at:%Y-%m-%d}") for o in orders]])
    people = [
        (
            f"P{n}",
            f"K-{1000 + n}",
            f"Müller & Söhne {n}",
            f"m{n}@firma.example" if n % 9 else "",
            "Zoë",
            "ja",
            "Österreich",
        )
        for n in range(120)
    ]
    write_csv(tmp_path / "kunden.csv", [("A", "B", "Firma", "C", "Vorname", "Newsletter", "Land"), *people])

    result = stillhere_init("acme", "--events", "orders.csv", "--accounts", "kunden.csv", "--yes")

    settings = loaded(tmp_path / "acme")
    assert mapped(settings, "accounts", "accounts") == {
        "account_id": ("b", None),
        "account_name": ("firma", None),
        "country": ("land", None),
    }
    contacts = mapped(settings, "accounts", "contacts")
    assert {target: column for target, (column, _) in contacts.items()} == {
        "account_id": "b",
        "email": "c",
        "first_name": "vorname",
        "marketing_consent": "newsletter",
        "contact_id": "c",
    }
    assert (settings.company.timezone, settings.company.currency) == ("Europe/Vienna", "EUR")
    assert "sender" in result.output


def test_subscriptions_make_a_contract_company_with_amounts_in_its_currency(
    orders: list[Order], stillhere_init, tmp_path: Path
) -> None:
    write_csv(tmp_path / "use.csv", [("client", "date"), *[(o.customer, f"{o.at:%Y-%m-%dT%H:%M:%SZ}") for o in orders]])
    contracts = [(n, f"K-{1000 + n}", "01.02.2024", "", german(49.9), "CHF") for n in range(120)]
    heads = ("Vertragsnummer", "Kundennummer", "Vertragsbeginn", "gekündigt am", "Monatsbetrag", "Währung")
    write_csv(tmp_path / "abos.csv", [heads, *contracts])

    assert stillhere_init("acme", "--events", "use.csv", "--subscriptions", "abos.csv", "--yes").exit_code == 0

    settings = loaded(tmp_path / "acme")
    assert (settings.company.kind, settings.company.currency) == ("contract", "CHF")
    assert mapped(settings, "subscriptions", "subscriptions") == {
        "account_id": ("kundennummer", None),
        "valid_from": ("vertragsbeginn", "%d.%m.%Y"),
        "mrr_minor": ("monatsbetrag", None),
        "subscription_id": ("vertragsnummer", None),
        "currency": ("waehrung", None),
    }
    assert mapped(settings, "events", "activity")["kind"] == ("use", None)
    events = settings.sources.sources["events"].resources["events"]
    assert events.maps[0].columns["occurred_at"].zone == "UTC"


def test_cancelled_rows_of_a_parquet_file_are_left_out(orders: list[Order], stillhere_init, tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "order": [o.number for o in orders],
            "customer": [o.customer for o in orders],
            "at": [o.at for o in orders],
            "is_cancelled": [o.number % 50 == 0 for o in orders],
        }
    ).write_parquet(tmp_path / "orders.parquet")

    assert stillhere_init("acme", "--events", "orders.parquet", "--yes").exit_code == 0

    (resource,) = loaded(tmp_path / "acme").sources.sources["events"].resources.values()
    assert resource.maps[0].where == {"is_cancelled": False}


def test_day_or_month_first_is_asked_when_the_data_do_not_say(stillhere_init, tmp_path: Path) -> None:
    days = [(f"c{n % 9}", f"0{n % 9 + 1}/0{n % 7 + 1}/2025") for n in range(200)]
    write_csv(tmp_path / "e.csv", [("customer", "date"), *days], delimiter=",")

    refused = stillhere_init("acme", "--events", "e.csv", "--yes")
    told = stillhere_init("acme", "--events", "e.csv", "--yes", "--date-format", "%m/%d/%Y")

    assert refused.exit_code == 2
    assert "--date-format" in refused.output
    assert told.exit_code == 0
    assert mapped(loaded(tmp_path / "acme"), "events", "activity")["occurred_at"] == ("date", "%m/%d/%Y")


def test_one_day_above_twelve_settles_the_order(stillhere_init, tmp_path: Path) -> None:
    days = [(f"c{n % 9}", f"0{n % 9 + 1}/0{n % 7 + 1}/2025") for n in range(200)]
    write_csv(tmp_path / "e.csv", [("customer", "date"), *days, ("c1", "05/13/2025")], delimiter=",")

    assert stillhere_init("acme", "--events", "e.csv", "--yes").exit_code == 0

    assert mapped(loaded(tmp_path / "acme"), "events", "activity")["occurred_at"] == ("date", "%m/%d/%Y")


def test_two_date_formats_in_one_column_are_both_written(orders: list[Order], stillhere_init, tmp_path: Path) -> None:
    forms = ("%d.%m.%Y", "%Y-%m-%d")
    write_csv(
        tmp_path / "e.csv", [("kunde", "datum"), *[(o.customer, o.at.strftime(forms[o.number % 2])) for o in orders]]
    )

    assert stillhere_init("acme", "--events", "e.csv", "--yes").exit_code == 0

    settings = loaded(tmp_path / "acme")
    assert mapped(settings, "events", "activity")["occurred_at"] == ("datum", "%d.%m.%Y | iso")
    assert latest_event_day(settings, NIGHT) == max(o.at for o in orders).date()


def test_a_last_day_that_was_cut_off_is_not_called_complete(stillhere_init, tmp_path: Path) -> None:
    days = [date(2025, 3, 1).toordinal() + n for n in range(120)]
    rows = [(f"c{n}", date.fromordinal(day)) for day in days for n in range(30 if day < days[-1] else 3)]
    write_csv(tmp_path / "e.csv", [("customer", "date"), *rows], delimiter=",")

    assert stillhere_init("acme", "--events", "e.csv", "--yes").exit_code == 0

    assert loaded(tmp_path / "acme").company.last_complete_day == date.fromordinal(days[-2])


def test_a_folder_that_exists_is_left_alone_without_force(orders: list[Order], stillhere_init, tmp_path: Path) -> None:
    write_csv(tmp_path / "e.csv", [("customer", "date"), *[(o.customer, f"{o.at:%Y-%m-%d}") for o in orders]])
    assert stillhere_init("acme", "--events", "e.csv", "--yes").exit_code == 0
    (tmp_path / "acme" / "company.yml").write_text("mine")

    refused = stillhere_init("acme", "--events", "e.csv", "--yes")

    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert (tmp_path / "acme" / "company.yml").read_text() == "mine"
    assert stillhere_init("acme", "--events", "e.csv", "--yes", "--force").exit_code == 0
    assert yaml.safe_load((tmp_path / "acme" / "company.yml").read_text())["id"] == "acme"


def test_files_that_cannot_be_used_are_told_with_what_to_do(stillhere_init, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    (tmp_path / "b.csv").write_bytes(b"")
    (tmp_path / "c.csv").write_text("customer,date\n")
    (tmp_path / "e.parquet").write_text("no parquet at all")
    (tmp_path / "d.csv").write_text("colour,size\nred,1.5\nblue,2.5\n")

    told = {
        name: stillhere_init("x", "--events", name, "--yes").output
        for name in ("a.xlsx", "b.csv", "c.csv", "d.csv", "e.parquet", "no.csv")
    }

    assert "save it as CSV" in told["a.xlsx"]
    assert "empty" in told["b.csv"]
    assert "no rows" in told["c.csv"]
    assert "no column can be the time" in told["d.csv"]
    assert "no such file" in told["no.csv"]
    assert "export it again" in told["e.parquet"]
    assert not (tmp_path / "x").exists()


ASKING = """
import sys, typer
from stillhere.commands.init import register
app = typer.Typer()
register(app)
app.callback()(lambda: None)
app(["init", "acme", "--events", "e.csv"])
"""


def test_a_person_at_a_terminal_is_asked_and_may_say_no(orders: list[Order], tmp_path: Path) -> None:
    rows = [(f"{o.at:%Y-%m-%d}", o.customer, f"S{o.number % 40}") for o in orders]
    write_csv(tmp_path / "e.csv", [("x", "y", "z"), *rows])
    ours, theirs = pty.openpty()
    os.write(ours, b"1\n\nn\n")  # y is the customer; zone as guessed; do not write

    asked = subprocess.run(
        [sys.executable, "-c", ASKING], stdin=theirs, capture_output=True, text=True, cwd=tmp_path, timeout=60
    )

    os.close(ours)
    os.close(theirs)
    assert "which column is the customer?" in asked.stdout
    assert "In which time zone" in asked.stdout
    assert (asked.returncode, (tmp_path / "acme").exists()) == (1, False), asked.stderr
