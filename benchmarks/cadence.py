"""How long the marts take at size, beside the bare DuckDB query for the same numbers in the same run.

    .venv/bin/python -m benchmarks.cadence --accounts 1000000 --events 100000000

Data are drawn as Parquet over 24 months (text ids, heavy-tailed, an invoice an account and month), become accepted
loads of a mapped company, and the project's own dbt models run on them. Extraction (dlt) is not measured. Each step
runs in a process of its own, the floor's before ours; ten figures are compared on a sample of accounts, and must be
equal.
`--steps` names some of: load, roll-up, cadence, panel, mrr, full, increment, checks.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from rich.console import Console
from rich.progress import Progress

from benchmarks.cadence_data import Sizes, draw

REPOSITORY = Path(__file__).parents[1]
STEPS = ("load", "roll-up", "cadence", "panel", "mrr", "full", "increment", "checks")
BUILD = ("load", "roll-up", "panel", "mrr")
"""What a first full build consists of; the floor's panel has the newest day among its cut-offs."""
SAMPLE = 1000
SAME = {
    "active_days_total": "active_days_total",
    "active_days_28": "active_days_28",
    "active_days_91": "active_days_91",
    "active_days_365": "active_days_365",
    "last_active_date": "last_active_date",
    "kinds_28": "kinds_28",
    "people_active_28": "people_active_28",
    "mrr_minor": "mrr_minor",
    "spend_365_minor": "spend_365_minor",
    "events_28": "events_28",
}
Seconds = dict[str, dict[str, float]]


def main() -> None:
    """Draws, measures, compares and prints."""
    arguments = _arguments()
    wanted = arguments.steps or list(STEPS)
    found: dict[str, Seconds] = {"floor": {}, "ours": {}}
    console = Console(stderr=True)
    with (
        tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch,
        Progress(console=console, transient=True) as bar,
    ):
        folder = Path(scratch)
        task = bar.add_task("drawing", total=2 * len(wanted) + 1)
        draw(folder, Sizes(arguments.accounts, arguments.events))
        for step in wanted:
            for who in ("floor", "ours"):
                bar.update(task, advance=1, description=f"{step}, {who}")
                if who == "ours" or step not in ("full", "checks"):
                    found[who][step] = _run(folder, who, step)
            if step == "cadence":
                _assert_same(folder)
        found["data"] = {"rows": _rows(folder)}
        shutil.rmtree(folder / "state", ignore_errors=True)
    _print(found, wanted)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


def _run(folder: Path, who: str, step: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cadence_steps", str(folder), who, step],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{who} {step}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _assert_same(folder: Path) -> None:
    """The floor's figures are ours, on a sample of accounts by hash of the id. Ends the run where they are not."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder / 'floor.duckdb'}' as floor (read_only)")
        connection.execute(f"attach '{folder / 'state' / 'bench' / 'warehouse.duckdb'}' as ours (read_only)")
        unlike = " or ".join(f"floor.{a} is distinct from ours.{b}" for a, b in SAME.items())
        compared, different = connection.execute(
            f"""
            with floor as (select * replace (coalesce(events_28, 0) as events_28) from floor.cadence),
            ours as (select * from ours.marts.account_cadence order by hash(account_id) limit {SAMPLE})
            select count(*), count(*) filter (where {unlike})
            from ours left join floor on floor.account = ours.account_id
            """
        ).fetchone() or (0, 0)
    if different or not compared:
        raise SystemExit(f"the floor and the marts differ for {different} of {compared} accounts")


def _rows(folder: Path) -> dict[str, float]:
    with duckdb.connect(str(folder / "floor.duckdb"), read_only=True) as connection:
        tables = connection.execute("select table_name, estimated_size from duckdb_tables()").fetchall()
    return dict(tables)


def _print(found: dict[str, Seconds], wanted: list[str]) -> None:
    floor, ours = found["floor"], found["ours"]
    if {"full", "load"} <= {*ours}:
        ours["full"]["seconds"] += ours["load"]["seconds"]
        floor["full"] = {"seconds": sum(floor[one]["seconds"] for one in BUILD if one in floor)}
    for step in wanted:
        mine = ours[step]["seconds"]
        if step == "checks":
            share = mine / (mine + ours.get("increment", {}).get("seconds", 0))
            print(f"checks: {mine:.1f} s, {share:.0%} of an increment with its checks")
        elif step in floor:
            peak, bare = ours[step]["peak_bytes"] / 2**30, floor[step]["seconds"]
            print(f"{step}: floor {bare:.1f} s, ours {mine:.1f} s, peak {peak:.1f} GiB, ratio {mine / bare:.2f}x")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--steps", nargs="*", choices=STEPS)
    parser.add_argument("--scratch", type=Path, help="where to draw; full size needs 40 GB")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
