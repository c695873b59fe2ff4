"""One step of the benchmark, in a process of its own: the floor's or ours; prints seconds and peak memory as JSON.

.venv/bin/python -m benchmarks.cadence_steps FOLDER floor|ours STEP
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks import cadence_floor
from benchmarks.cadence_data import NIGHT
from expectations.process import Checker
from flows.build import build_warehouse, project_digest
from flows.transform import parse_dbt, run_models
from stillhere.connectors import ResourceOutcome
from stillhere.gates.hand_overs import check_features, check_raw
from stillhere.settings import Settings, load_settings
from stillhere.warehouse.connect import FILE_FORMAT, open_warehouse
from stillhere.warehouse.increments import plan_build, remember_build
from stillhere.warehouse.night_inputs import AcceptedLoad, past_cutoffs, write_night_inputs

DAY_BEFORE = NIGHT - timedelta(days=1)
CUTOFFS = [*past_cutoffs(DAY_BEFORE, 60, 16, 28), DAY_BEFORE]
MEMORY = "5300MB"  # of 8 GiB: the rest is Python, dbt and what an engine takes beside its buffers, up to 2.5 GiB
FIRST = [AcceptedLoad("shop", table, "first") for table in ("accounts", "events", "invoices")]
LAST = AcceptedLoad("shop", "events", "last")
ROLL_UP = "+int_person_days_kept +int_activity_days_kept +int_dealings_kept"
ADDED = "now()::timestamp as _loaded_at, '{load}' as _dlt_load_id"
Seconds = dict[str, float]
Step = Callable[[Path], Seconds]


def main() -> None:
    """Runs the step named by the arguments."""
    folder, who, step = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    found = {"floor": FLOOR, "ours": OURS}[who][step](folder)
    print(json.dumps({**found, "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def settings_of(folder: Path) -> Settings:
    """The drawn company, its state in the folder."""
    return load_settings(folder / "company", {"STILLHERE_DUCKDB_MEMORY": MEMORY}, folder / "state")


def timed(work: Callable[[], object]) -> Seconds:
    """Seconds that a piece of work takes, and how many of the processors': what does not depend on who else works."""
    began, cpu_began = time.monotonic(), time.process_time()
    work()
    return {"seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu_began}


def floor(work: Callable[[duckdb.DuckDBPyConnection, Path], object]) -> Step:
    """A step of the floor: SQL on its own file."""

    def step(folder: Path) -> Seconds:
        config: dict[str, str | bool | int | float | list[str]] = {  # as duckdb types it; a dict is invariant
            "memory_limit": MEMORY,
            "threads": "2",
            "storage_compatibility_version": FILE_FORMAT,
            "temp_directory": str(folder / "spill"),
        }
        with duckdb.connect(str(folder / "floor.duckdb"), config=config) as connection:
            connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false")
            return timed(lambda: work(connection, folder))

    return step


def load(folder: Path) -> Seconds:
    """Raw as accepted loads: the rows with the columns that a load adds. dlt is not what is measured."""
    settings = settings_of(folder)
    settings.places.raw_database.parent.mkdir(parents=True, exist_ok=True)

    def work() -> None:
        for table in ("accounts", "invoices", "events"):
            append(settings, table, folder / ("events-*.parquet" if table == "events" else f"{table}.parquet"), "first")

    return timed(work)


def append(settings: Settings, table: str, files: Path, load: str) -> None:
    """Appends Parquet files to a raw table as one load."""
    with open_warehouse(settings.places.raw_database) as raw:
        raw.execute(f"set memory_limit = '{MEMORY}'; set threads = 2; set preserve_insertion_order = false")
        raw.execute("create schema if not exists shop")
        numbered = "file_row_number + hash(filename) % 1000 * 100000000"
        rows = (
            f"select * exclude (filename, file_row_number), "
            f"'{load}-' || lpad(({numbered})::varchar, 12, '0') as _dlt_id, {ADDED.format(load=load)} "
            f"from read_parquet('{files}', file_row_number = true, filename = true)"
        )
        exists = raw.execute("select count(*) from duckdb_tables() where table_name = ?", [table]).fetchone()
        raw.execute(
            f"insert into shop.{table} {rows}" if exists and exists[0] else f"create table shop.{table} as {rows}"
        )


def models(select: str, exclude: str, *, with_panel: bool, read: str = "") -> Step:
    """Some models of the project on the first load; counted from the first model's start, without dbt's own.

    A model that is a view, `read`, is worked out where it is read: every column of every row once.
    """

    def step(folder: Path) -> Seconds:
        settings = settings_of(folder)
        with open_warehouse(settings.places.warehouse) as warehouse:
            write_night_inputs(warehouse, settings, DAY_BEFORE, FIRST, {}, with_panel=with_panel)
        parsed = parse_dbt(settings)
        first_to_last = [0.0]

        def work() -> None:
            first_to_last[0] = run_models(settings, select.split(), exclude.split(), parsed)
            if read:
                first_to_last[0] += timed(lambda: read_all(settings, read))["seconds"]

        whole = timed(work)
        return {**whole, "seconds": first_to_last[0], "with_dbt": whole["seconds"]}

    return step


def read_all(settings: Settings, view: str) -> None:
    """The largest of each column: every value is worked out."""
    with open_warehouse(settings.places.warehouse, read_only=True) as warehouse:
        warehouse.execute(f"set threads = 2; set memory_limit = '{MEMORY}'")
        warehouse.execute(f"select max(columns(*)) from {view}").fetchall()


def full(folder: Path) -> Seconds:
    """The first night: every model, the panel's cut-offs with it, in a new warehouse."""
    settings = settings_of(folder)
    settings.places.warehouse.unlink(missing_ok=True)
    return timed(lambda: build_warehouse(settings, DAY_BEFORE, FIRST, {}))


def increment(folder: Path) -> Seconds:
    """The night after it: one more day of events, from dbt's start to fresh cadence of all accounts."""
    settings = settings_of(folder)
    append(settings, "events", folder / "late-*.parquet", "last")
    loads = [*FIRST, LAST]

    def work() -> None:
        with open_warehouse(settings.places.warehouse) as warehouse:
            build = plan_build(warehouse, settings.places.raw_database, loads, project_digest(settings))
            write_night_inputs(warehouse, settings, NIGHT, loads, {}, build=build, with_panel=False)
        if build.is_full:
            raise SystemExit(f"this is no increment: {build.why}")
        run_models(settings, ["+account_cadence"], full_refresh=False)
        with open_warehouse(settings.places.warehouse) as warehouse:
            remember_build(warehouse, build, build.panel_as_of)

    return timed(work)


def other_marts(folder: Path) -> Seconds:
    """Every mart of that night, from dbt's start; the day's events have been counted by then."""
    return timed(lambda: build_warehouse(settings_of(folder), NIGHT, [*FIRST, LAST], {}, needs_panel=False))


def checks(folder: Path) -> Seconds:
    """Hand-overs 1 and 2 of that night: the last day's load against all before it, and the marts."""
    settings = settings_of(folder)
    now = datetime(NIGHT.year, NIGHT.month, NIGHT.day, 23, tzinfo=UTC)
    outcome = ResourceOutcome("shop", "events", "last", 1, 1.0, None, None, "ok", rows_seen=1)
    with Checker() as checker:
        check_features(checker, settings, NIGHT)  # waits for the import, which a night does while it reads sources
        before = _cpu_seconds_of(checker.pid)
        found = timed(
            lambda: (
                check_raw(checker, settings, NIGHT, now, [outcome], FIRST),
                check_features(checker, settings, NIGHT),
            )
        )
        return {**found, "cpu_seconds": found["cpu_seconds"] + _cpu_seconds_of(checker.pid) - before}


def _cpu_seconds_of(process: int | None) -> float:
    """Seconds of the processors that another process has taken so far, as Linux counts them."""
    after_its_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    user_ticks, system_ticks = int(after_its_name[11]), int(after_its_name[12])
    return (user_ticks + system_ticks) / os.sysconf("SC_CLK_TCK")


FLOOR: dict[str, Step] = {
    "load": floor(lambda connection, folder: cadence_floor.load(connection, folder)),
    "roll-up": floor(lambda connection, _: cadence_floor.roll_up(connection)),
    "cadence": floor(lambda connection, _: cadence_floor.cadence(connection, [DAY_BEFORE], "cadence")),
    "panel": floor(lambda connection, _: cadence_floor.cadence(connection, CUTOFFS, "panel")),
    "mrr": floor(lambda connection, _: cadence_floor.mrr(connection)),
    "increment": floor(lambda connection, folder: cadence_floor.increment(connection, folder, NIGHT)),
}
OURS: dict[str, Step] = {
    "load": load,
    "roll-up": models(ROLL_UP, "", with_panel=False),
    "cadence": models("+account_cadence", ROLL_UP, with_panel=False),
    "panel": models("+account_cadence +account_cadence_panel", ROLL_UP, with_panel=True),
    "mrr": models("+mrr_movements", ROLL_UP, with_panel=True, read="marts.mrr_movements"),
    "full": full,
    "increment": increment,
    "marts": other_marts,
    "checks": checks,
}

if __name__ == "__main__":
    main()
