"""Whether the habits mart finds the planted habit, and finds nothing where nothing is.

    .venv/bin/python -m benchmarks.habits --seeds 20 --shuffles 200

For each seed a demo company is drawn, extracted and transformed as a night does it; only the models that habits needs
are built. Its truth says which habit was planted: three people active by day 14. Then the labels of the same companies
(how long an account lived and what it brings in, together) are dealt out anew among their accounts, and the mart's own
SQL runs again: whatever it calls a difference now is chance.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.demo_company import NIGHT, draw_company, tell_night
from flows.transform import run_models
from stillhere.settings import Settings
from stillhere.warehouse.connect import open_warehouse

AFTER_LABELS = (
    "intermediate.int_habit_strata",
    "intermediate.int_habit_counts",
    "intermediate.int_habit_thresholds",
    "intermediate.int_habit_tables",
    "intermediate.int_habit_differences",
    "marts.habits",
)
"""The models between the labels and the mart, in the order in which they are built."""
ROUND_NAMES = {"people_active_by_day_14": "people"}
"""What truth calls a habit, and what the mart does."""
ALLOWED_SHUFFLES = 0.08


@dataclass(frozen=True, slots=True)
class Found:
    """What the mart says of one company: its first habit, whether that is the planted one, and false alarms."""

    seed: int
    milestone: str
    is_planted: bool
    difference: float
    interval_low: float
    interval_high: float
    words: str
    shuffles: int
    shuffles_with_a_habit: int


def main() -> None:
    """Draws, finds, shuffles and tells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="how many companies, from --first-seed on")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--shuffles", type=int, default=200, help="how many in all, spread over the companies")
    parser.add_argument("--accounts", type=int, default=4000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    arguments = parser.parse_args()
    found = []
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("companies", total=arguments.seeds)
        for nth in range(arguments.seeds):
            shuffles = arguments.shuffles * (nth + 1) // arguments.seeds - arguments.shuffles * nth // arguments.seeds
            with tempfile.TemporaryDirectory() as folder:
                one = find_habit(arguments.first_seed + nth, arguments.accounts, shuffles, Path(folder))
            found.append(one)
            progress.console.print(f"seed {one.seed}: {one.milestone}, shuffles {one.shuffles_with_a_habit}/{shuffles}")
            progress.advance(bar)
    show(Console(width=110), found)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in found], indent=2))


def find_habit(seed: int, accounts: int, shuffles: int, data: Path) -> Found:
    """Draws one company, reads its first habit, and counts the shuffles after which any habit still shows."""
    settings, loads = draw_company(seed, accounts, data)
    tell_night(settings, loads, NIGHT)
    run_models(settings, ["+habits"])
    planted = json.loads((settings.places.truth / "planted_habit.json").read_text())
    with open_warehouse(settings.places.warehouse) as warehouse:
        first = warehouse.execute(
            "select milestone, habit, threshold, milestone_day, difference, interval_low, interval_high, words "
            "from marts.habits where habit_rank = 1"
        ).fetchone()
        if first is None:
            raise SystemExit(f"seed {seed}: no habit at all; is the company too small?")
        milestone, habit, threshold, day, difference, low, high, words = first
        alarms = sum(shuffled_shows_a_habit(warehouse, settings, seed * 10_000 + nth) for nth in range(shuffles))
    planted_key = (ROUND_NAMES[planted["habit"]], planted["threshold"], planted["day"])
    is_planted = (habit, threshold, day) == planted_key
    return Found(seed, milestone, is_planted, difference, low, high, words, shuffles, alarms)


def shuffled_shows_a_habit(warehouse: duckdb.DuckDBPyConnection, settings: Settings, seed: int) -> bool:
    """Deals the labels out anew, builds the mart by its own SQL, and puts nothing back: labels stay labels."""
    warehouse.execute(
        f"""
        create or replace temp table dealt as
        select accounts.account_id, labels.lived_days, labels.value_minor
        from (
            select account_id, row_number() over (order by account_id) as place from intermediate.int_early_lives
        ) as accounts
        inner join (
            select
                lived_days, value_minor,
                row_number() over (order by md5(account_id || ' {seed}'), account_id) as place
            from intermediate.int_early_lives inner join intermediate.int_early_value using (account_id)
        ) as labels using (place)
        """
    )
    for table, label in (("int_early_lives", "lived_days"), ("int_early_value", "value_minor")):
        warehouse.execute(
            f"update intermediate.{table} set {label} = dealt.{label} from dealt "
            f"where dealt.account_id = {table}.account_id"
        )
    for relation, query in _queries(settings):
        warehouse.execute(f"create or replace table {relation} as {query}")
    shown = warehouse.execute("select count(*) from marts.habits where verdict = 'difference'").fetchone()
    return shown is not None and shown[0] > 0


def _queries(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each relation with the SQL that dbt has compiled for it."""
    compiled = settings.places.dbt_target / "compiled"
    for relation in AFTER_LABELS:
        (file,) = compiled.rglob(f"{relation.partition('.')[2]}.sql")
        yield relation, file.read_text()


def show(console: Console, found: list[Found]) -> None:
    """Prints both counts, and a line a company."""
    table = Table(title="First habit of each company")
    for heading in ("seed", "milestone", "difference (interval over everything looked at)", "planted", "shuffles"):
        table.add_column(heading)
    for one in found:
        interval = f"{one.difference:+.3f} ({one.interval_low:+.3f} to {one.interval_high:+.3f})"
        alarmed = f"{one.shuffles_with_a_habit} of {one.shuffles}"
        table.add_row(str(one.seed), one.milestone, interval, "yes" if one.is_planted else "no", alarmed)
    console.print(table)
    shuffles, alarms = sum(one.shuffles for one in found), sum(one.shuffles_with_a_habit for one in found)
    console.print(f"Planted habit first: {sum(one.is_planted for one in found)} of {len(found)} companies")
    if shuffles:
        console.print(
            f"Shuffled labels that show any habit: {alarms} of {shuffles} ({alarms / shuffles:.1%}; "
            f"allowed {ALLOWED_SHUFFLES:.0%})"
        )


if __name__ == "__main__":
    main()
