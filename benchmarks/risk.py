"""The risk model on public logs, with its peers on the same accounts side by side.

    OMP_NUM_THREADS=1 .venv/bin/python -m benchmarks.risk --data DIR

DIR holds `complete_journey/`, `online_retail/`, `cdnow/` and `telco/`. Each set has its population, horizon and three
cut-offs, the same as those of the bars. Prints a table a set: means over the cut-offs, the bars, and the difference in
AUC with its interval from a paired bootstrap by account. LightGBM joins where it can be imported.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.risk_compare import differences, mean_difference, mean_measures
from benchmarks.risk_peers import LIGHTGBM, NOT_INSTALLED, OURS, has_lightgbm, run_field
from benchmarks.risk_sets import SETS, PublicSet, read_set
from benchmarks.risk_tables import Compared, mean_facts, show, show_mean
from benchmarks.risk_telco import compare, read_customers
from models.event_log import EventLog

TELCO = "telco"


def main() -> None:
    """Runs, compares and tells."""
    arguments = _arguments()
    console = Console(width=165)
    chosen = {told: read_set(told, arguments.data) for told in SETS if told.name in arguments.sets}
    customers = read_customers(arguments.data) if TELCO in arguments.sets else None
    compared = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for told, log in chosen.items():
            bar = progress.add_task(told.name, total=2 * len(told.cutoffs))
            compared.append(compare_set(told, log, partial(progress.advance, bar)))
    for one in compared:
        show(console, one)
    facts: dict[str, object] = {told.name: one.facts() for told, one in zip(chosen, compared, strict=True)}
    if len(compared) > 1:
        peers = compared[0].differences
        means = {name: mean_difference([one.differences[name] for one in compared]) for name in peers}
        show_mean(console, compared, means)
        facts["mean"] = mean_facts(means)
    if customers is not None:
        with console.status("telco, 15 folds"):
            table = compare(customers)
        show(console, table)
        facts[TELCO] = table.facts()
    if arguments.json:
        arguments.json.write_text(json.dumps(facts, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    names = [*(told.name for told in SETS), TELCO]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with the public sets")
    parser.add_argument("--sets", nargs="+", choices=names, default=names)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    return parser.parse_args()


def compare_set(told: PublicSet, log: EventLog, progress: Callable[[], None]) -> Compared:
    """All models on one set, measured on the same accounts."""
    found = run_field(log, told, progress)
    ours = found.contestants[OURS]
    peers = {name: one.chances for name, one in found.contestants.items() if name != OURS}
    n = "/".join(f"{cutoff.n:,}" for cutoff in told.cutoffs)
    left = "/".join(f"{cutoff.leavers / cutoff.n:.1%}" for cutoff in told.cutoffs)
    return Compared(
        title=f"{told.name}: {told.question.horizon_days} days, {n} accounts, {left} left",
        ours=OURS,
        measures={name: mean_measures(one.chances, found.outcomes) for name, one in found.contestants.items()},
        seconds={name: one.seconds for name, one in found.contestants.items()},
        differences=differences(ours.chances, peers, found.outcomes, found.accounts),
        bars=asdict(told.bars),
        absent={} if has_lightgbm() else {LIGHTGBM: NOT_INSTALLED},
        notes=(f"Leavers within the stated interval at {found.counts_within} of {len(told.cutoffs)} cut-offs.",),
    )


if __name__ == "__main__":
    main()
