"""A small shop with semicolons, decimal commas and German dates, extracted for real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from expectations.process import Checker
from stillhere.connectors import ResourceOutcome, connected_sources, extract_source
from stillhere.settings import Settings, load_settings

AS_OF = date(2026, 8, 26)
NOW = datetime(2026, 8, 27, 2, tzinfo=UTC)

COMPANY = {
    "id": "kiosk",
    "name": "Kiosk",
    "kind": "shop",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "rates": {"USD": 0.92},
    "clock": "data",
    "sender": {
        "name": "Kiosk",
        "email": "mail@kiosk.example",
        "postal_address": "Kiosk, Weg 1, Berlin",
        "unsubscribe_url": "https://kiosk.example/stop",
    },
}
SOURCES = {
    "sources": {
        "shop": {
            "kind": "csv",
            "zone": "Europe/Berlin",
            "csv": {"delimiter": ";", "decimal": ","},
            "resources": {
                "orders": {
                    "path": "orders-*.csv",
                    "key": ["Bestell-Nr"],
                    "maps": [
                        {
                            "to": "activity",
                            "columns": {
                                "account_id": {"from": "Kunde"},
                                "occurred_at": {"from": "Datum", "format": "%d.%m.%Y %H:%M"},
                                "value": {"from": "Betrag", "unit": "major", "decimal": ","},
                            },
                            "where": {"Art": "Kauf"},
                        }
                    ],
                },
                "people": {
                    "path": "people.csv",
                    "key": ["id"],
                    "maps": [{"to": "contacts", "columns": {"account_id": {"from": "id"}, "email": {"from": "mail"}}}],
                },
            },
        }
    }
}


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    with Checker() as checker:
        yield checker


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The shop with 30 days of 40 orders, the last of them the night's, and ten people."""
    folder = tmp_path / "kiosk"
    folder.mkdir()
    (folder / "company.yml").write_text(yaml.safe_dump(COMPANY))
    (folder / "sources.yml").write_text(yaml.safe_dump(SOURCES))
    write_orders(folder, [AS_OF - timedelta(days=back) for back in range(29, 0, -1)], "first")
    (folder / "people.csv").write_text("id;mail\n" + "".join(f"k{n};p{n}@example.org\n" for n in range(10)))
    return load_settings(folder, {}, data_dir=tmp_path / "data")


def write_orders(folder: Path, days: list[date], name: str, each: int = 40) -> Path:
    """A file of good orders."""
    path = folder / f"orders-{name}.csv"
    lines = ["Bestell-Nr;Kunde;Datum;Betrag;Art"]
    lines += [f"{day}/{n};k{n % 10};{day:%d.%m.%Y} {n % 24:02d}:30;1.234,50;Kauf" for day in days for n in range(each)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def extract(settings: Settings) -> Callable[..., list[ResourceOutcome]]:
    """Extracts the shop for real."""

    def run(now: datetime = NOW) -> list[ResourceOutcome]:
        return [one for source in connected_sources(settings, {}) for one in extract_source(source, now, clock=now)]

    return run
