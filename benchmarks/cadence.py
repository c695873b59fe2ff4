"""How long the marts take at size, beside the bare DuckDB query for the same numbers in the same run.

    .venv/bin/python -m benchmarks.cadence --accounts 1000000 --events 100000000

Data are drawn as Parquet over 24 months (text ids, heavy-tailed, an invoice an account and month), become accepted
loads of a mapped company, and the project's own dbt models run on them. Extraction (dlt) is not measured. Each step
runs in a process of its own, the floor's before ours; on a sample of accounts every figure of the floor must be ours.
An increment is measured to fresh cadence of all accounts; `marts` is everything else a night builds with it.
A step that is over before a noisy machine settles is run in three pairs, and the pair of the median ratio is given.
`--steps` names some of: load, roll-up, cadence, panel, mrr, full, increment, marts, checks.
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
from benchmarks.cadence_same import assert_same

REPOSITORY = Path(__file__).parents[1]
STEPS = ("load", "roll-up", "cadence", "panel", "mrr", "full", "increment", "marts", "checks")
BUILD = ("load", "roll-up", "panel", "mrr")
"""What a first full build consists of; the floor's panel has the newest day among its cut-offs."""
UNITS = ("seconds", "cpu_seconds")
PAIRS = {"mrr": 3}
"""Half a minute at full size: single pairs of it were seen from 1.16 to 1.52 times within the hour."""
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
        task = bar.add_task("drawing", total=len(wanted))
        draw(folder, Sizes(arguments.accounts, arguments.events))
        for step in wanted:
            pairs: list[Seconds] = []
            for _ in range(PAIRS.get(step, 1)):
                pairs.append({})
                for who in ("floor", "ours"):
                    bar.update(task, description=f"{step}, {who}")
                    if who == "ours" or step not in ("full", "marts", "checks"):
                        pairs[-1][who] = _run(folder, who, step)
                        console.print(f"{step}, {who}: {pairs[-1][who]['seconds']:.1f} s")
            bar.advance(task)
            for who, seconds in _of_median_ratio(pairs).items():
                found[who][step] = seconds
            if arguments.json:  # a run of an hour that is stopped leaves what it found
                arguments.json.write_text(json.dumps(found, indent=1))
            if step in ("cadence", "panel", "mrr"):
                assert_same(folder, step)
        found["data"] = {"rows": _rows(folder)}
        shutil.rmtree(folder / "state", ignore_errors=True)
    _print(found, wanted)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


def _of_median_ratio(pairs: list[Seconds]) -> Seconds:
    if len(pairs) == 1:
        return pairs[0]
    by_ratio = sorted(pairs, key=lambda pair: pair["ours"]["seconds"] / pair["floor"]["seconds"])
    return by_ratio[len(by_ratio) // 2]


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


def _rows(folder: Path) -> dict[str, float]:
    with duckdb.connect(str(folder / "floor.duckdb"), read_only=True) as connection:
        tables = connection.execute("select table_name, estimated_size from duckdb_tables()").fetchall()
    return dict(tables)


def _print(found: dict[str, Seconds], wanted: list[str]) -> None:
    floor, ours = found["floor"], found["ours"]
    if {"full", "load"} <= {*ours}:
        for unit in UNITS:
            ours["full"][unit] += ours["load"][unit]
        floor["full"] = {unit: sum(floor[one][unit] for one in BUILD if one in floor) for unit in UNITS}
    for step in wanted:
        mine = ours[step]
        if step == "checks":
            share = mine["seconds"] / (mine["seconds"] + ours.get("marts", {}).get("seconds", 0))
            print(
                f"checks: {mine['seconds']:.1f} s, {share:.0%} of all marts with their checks, "
                f"{mine['cpu_seconds']:.1f} s of processors"
            )
        elif step == "marts":
            print(
                f"marts: {mine['seconds']:.1f} s for all of an increment's, {mine['cpu_seconds']:.1f} s of processors"
            )
        elif step in floor:
            bare = floor[step]
            print(
                f"{step}: floor {bare['seconds']:.1f} s, ours {mine['seconds']:.1f} s, "
                f"peak {mine['peak_bytes'] / 2**30:.1f} GiB, "
                f"processors {bare['cpu_seconds']:.1f} and {mine['cpu_seconds']:.1f} s, "
                f"{mine['cpu_seconds'] / bare['cpu_seconds']:.2f}x, ratio {mine['seconds'] / bare['seconds']:.2f}x"
            )


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
