"""Which day the data end on, by the company's calendar."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from stillhere.connectors import latest_event_day
from stillhere.settings import Settings, load_settings

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)


def company(folder: Path, zone: str = "Europe/Berlin", **sources: Any) -> Settings:
    """A company with nothing but sources."""
    (folder / "company.yml").write_text(f"{{id: x, name: X, kind: shop, timezone: {zone}, clock: data}}")
    (folder / "sources.yml").write_text(yaml.safe_dump({"sources": sources}))
    return load_settings(folder, {}, folder / "data")


def orders(kind: str, path: str, form: str | None = None, zone: str = "UTC") -> dict[str, Any]:
    when = {"from": "at", **({"format": form} if form else {})}
    mapped = {"to": "activity", "columns": {"account_id": {"from": "who"}, "occurred_at": when}}
    return {"kind": kind, "path": path, "zone": zone, "resources": {"orders": {"maps": [mapped]}}}


@pytest.mark.parametrize(
    ("texts", "form", "zone", "day"),
    [
        (["31.12.2025", "01.02.2026"], "%d.%m.%Y", "UTC", date(2026, 2, 1)),
        (["2026-02-01T23:30:00Z"], None, "UTC", date(2026, 2, 2)),
        (["2026-02-01 23:30:00"], None, "Europe/Berlin", date(2026, 2, 1)),
        (["2026-02-01"], None, "America/New_York", date(2026, 2, 1)),
        (["31.12.2025", "2026-01-05"], "%d.%m.%Y | iso", "UTC", date(2026, 1, 5)),
        (["1769900400000"], "epoch_milliseconds", "UTC", date(2026, 2, 1)),
        (["1769900400", "soon"], "epoch_seconds", "UTC", date(2026, 2, 1)),
        (["46053", "46054"], "excel_days", "UTC", date(2026, 2, 1)),
        (['"46053,99"'], "excel_days", "UTC", date(2026, 2, 1)),
        (["no date"], "%d.%m.%Y", "UTC", None),
        (["01.02.2026", "01.02.2206"], "%d.%m.%Y", "UTC", date(2026, 2, 1)),
        (["2026-02-01", "2206-02-01"], None, "UTC", date(2026, 2, 1)),
        (["2026-02-01", "unknown"], None, "UTC", date(2026, 2, 1)),
        (["2206-02-01"], None, "UTC", date(2206, 2, 1)),
    ],
)
def test_the_last_day_of_a_csv_is_read_as_the_mapping_says(
    texts: list[str], form: str | None, zone: str, day: date | None, tmp_path: Path
) -> None:
    (tmp_path / "orders.csv").write_text("who,at\n" + "".join(f"a,{text}\n" for text in texts))

    assert latest_event_day(company(tmp_path, shop=orders("csv", "orders.csv", form, zone)), NOW) == day


def test_mapped_events_come_before_cursors_and_unreachable_sources_have_no_say(tmp_path: Path) -> None:
    pl.DataFrame({"who": ["a"], "at": [datetime(2026, 1, 5, 23, 30)]}).write_parquet(tmp_path / "o.parquet")  # noqa: DTZ001 - no zone in the file
    with sqlite3.connect(tmp_path / "crm.sqlite") as db:
        db.executescript("create table t (id int, changed text); insert into t values (1, '2026-03-01T00:00:00')")
    crm = {"kind": "sql", "url": f"sqlite:///{tmp_path}/crm.sqlite", "vendor": "demo_crm"}
    tables = {**crm, "resources": {"t": {"cursor": "changed"}}}
    gone = {**tables, "url": f"sqlite:///{tmp_path}/gone.sqlite"}

    assert latest_event_day(company(tmp_path, shop=orders("parquet", "o.parquet"), crm=tables), NOW) == date(2026, 1, 6)
    assert latest_event_day(company(tmp_path, crm=tables, gone=gone), NOW) == date(2026, 3, 1)
    assert latest_event_day(company(tmp_path, gone=gone), NOW) is None


def test_a_wrong_date_far_ahead_in_a_table_or_parquet_is_no_day_of_data(tmp_path: Path) -> None:
    days = [datetime(2026, 1, 5, 12), datetime(2206, 1, 5)]  # noqa: DTZ001 - no zone in the data
    pl.DataFrame({"who": ["a", "b"], "at": days}).write_parquet(tmp_path / "o.parquet")
    with sqlite3.connect(tmp_path / "shop.sqlite") as db:
        db.executescript("create table orders (who text, at text)")
        db.executemany("insert into orders values ('a', ?)", [(f"{day:%Y-%m-%d %H:%M}",) for day in days])
    table = {**orders("sql", ""), "url": f"sqlite:///{tmp_path}/shop.sqlite"}

    assert latest_event_day(company(tmp_path, shop=orders("parquet", "o.parquet")), NOW) == date(2026, 1, 5)
    assert latest_event_day(company(tmp_path, shop=table), NOW) == date(2026, 1, 5)
