"""Seconds of whole nights of the demo company, step by step, beside what its engines take alone in the same run.

    .venv/bin/python -m benchmarks.night --accounts 4000 --nights 3

The first night reads two years of data; each next one a day more. The floor is what nobody can skip: a Prefect server
until it answers, the import of Great Expectations, dbt's parse; one after the other, and side by side as a night has
them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

REPOSITORY = Path(__file__).parents[1]
STILLHERE = str(Path(sys.executable).with_name("stillhere"))
FIRST_DAY = date(2026, 9, 30)
ENGINES = {
    "Prefect's server, until it answers": (
        "import os, tempfile; from pathlib import Path; from flows.prefect_server import PrefectServer\n"
        "server = PrefectServer(Path(tempfile.mkdtemp())); server.start(); server.wait_until_ready(); server.stop()"
    ),
    "import of Great Expectations": "import great_expectations",
    "dbt's parse, cached": (
        "import os; from pathlib import Path; from flows.transform import parse_dbt\n"
        "from stillhere.settings import load_settings; parse_dbt(load_settings(Path('config')))"
    ),
}


def main() -> None:
    """Runs the nights and prints the table."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder, Progress(console=Console(stderr=True), transient=True) as progress:
        environment = {**os.environ, "STILLHERE_DATA": folder}
        bar = progress.add_task("nights", total=arguments.nights + 2)
        seconds, steps = [], []
        for nth in range(arguments.nights + 1):
            until = FIRST_DAY + timedelta(days=nth)
            _run(environment, "demo", "--accounts", str(arguments.accounts), "--until", until.isoformat())
            began = time.monotonic()
            facts = json.loads(_run(environment, "nightly", "--json"))
            seconds.append(time.monotonic() - began)
            steps.append({step["step"]: float(step["seconds"]) for step in facts["steps"]})
            progress.advance(bar)
        floor = {name: _time_alone(code, environment) for name, code in ENGINES.items()}
        together = _time_together(environment)
        progress.advance(bar)
    _show(arguments.accounts, seconds, steps, floor, together)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=4000)
    parser.add_argument("--nights", type=int, default=3, help="nights after the first one; medians are shown")
    return parser.parse_args()


def _run(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [STILLHERE, *words], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"stillhere {' '.join(words)} ended with {done.returncode}\n{done.stderr}")
    return done.stdout


def _time_alone(code: str, environment: dict[str, str]) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=environment, check=True, capture_output=True)
    return time.monotonic() - began


def _time_together(environment: dict[str, str]) -> float:
    began = time.monotonic()
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, env=environment, stderr=subprocess.DEVNULL)
        for code in ENGINES.values()
    ]
    for one in started:
        one.wait()
    return time.monotonic() - began


def _show(
    accounts: int, seconds: list[float], steps: list[dict[str, float]], floor: dict[str, float], together: float
) -> None:
    table = Table(title=f"Nights of {accounts:,} accounts, in seconds")
    table.add_column("step")
    table.add_column("first night", justify="right")
    table.add_column(f"next nights, median of {len(steps) - 1}", justify="right")
    for name in steps[0]:
        later = statistics.median(one[name] for one in steps[1:])
        table.add_row(name, f"{steps[0][name]:.1f}", f"{later:.1f}")
    in_steps = [sum(one.values()) for one in steps]
    starts = [whole - part for whole, part in zip(seconds, in_steps, strict=True)]
    table.add_row("start, end, screen", f"{starts[0]:.1f}", f"{statistics.median(starts[1:]):.1f}", end_section=True)
    table.add_row("whole night", f"{seconds[0]:.1f}", f"{statistics.median(seconds[1:]):.1f}", end_section=True)
    for name, alone in floor.items():
        table.add_row(f"floor: {name}", "", f"{alone:.1f}")
    table.add_row("floor: the three side by side", "", f"{together:.1f}")
    console = Console(width=100)
    console.print(table)
    console.print(f"ratio {statistics.median(seconds[1:]) / together:.2f}x of the engines alone, side by side")


if __name__ == "__main__":
    main()
