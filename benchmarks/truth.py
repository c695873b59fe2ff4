"""What a night says of the demo company, beside what was planted in it.

    .venv/bin/python -m benchmarks.truth --seeds 1 2 3 --accounts 4000

For each seed the demo is drawn, extracted, transformed and scored as a night does it (without Prefect and the gates),
as of 2026-09-30 and as of mid-August. Leavers are scored accounts that decide to leave within the company's horizon.
Prints: ranking beside days silent and chance; seasonal accounts flagged in mid-August; a table per planted cause.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.demo_company import NIGHT, draw_company
from benchmarks.planted import CauseRow, Figure, Flags, Floats, cause_table, macro_recall, rank_auc, ranking
from flows.build import build_warehouse
from stillhere.scoring.risk import score_night
from stillhere.settings import Settings
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.night_inputs import AcceptedLoad

MID_AUGUST = date(2026, 8, 15)


@dataclass(frozen=True, slots=True)
class Company:
    """One seed: scored accounts with risk, cadence and truth, as of the night and as of mid-August."""

    seed: int
    night: pl.DataFrame
    august: pl.DataFrame


def main() -> None:
    """Draws, scores and compares."""
    arguments = _arguments()
    companies = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("companies", total=len(arguments.seeds))
        for seed in arguments.seeds:
            with tempfile.TemporaryDirectory() as folder:
                companies.append(score_company(seed, arguments.accounts, Path(folder)))
            progress.advance(bar)
    console = Console(width=110)
    facts = {
        "accounts": arguments.accounts,
        "seeds": arguments.seeds,
        "ranking": show_ranking(console, companies),
        "seasonal": show_seasonal(console, companies),
        "causes": show_causes(console, companies),
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(facts, indent=2, default=str))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--accounts", type=int, default=4000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    return parser.parse_args()


def score_company(seed: int, accounts: int, data: Path) -> Company:
    """Draws one demo company and scores it as of both days."""
    settings, loads = draw_company(seed, accounts, data)
    truth = pl.read_parquet(settings.places.truth / "accounts.parquet")
    return Company(seed, scored(settings, loads, truth, NIGHT), scored(settings, loads, truth, MID_AUGUST))


def scored(settings: Settings, loads: list[AcceptedLoad], truth: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row per scored account: risk, days silent, silence ratio, truth, and whether it leaves in the horizon."""
    build_warehouse(settings, as_of, loads, {})
    with open_warehouse(settings.places.warehouse) as warehouse:
        risk = score_night(warehouse, settings, as_of).risk
        cadence = warehouse.execute(
            "select account_id, days_silent, silence_ratio, "
            "same_weeks_last_year_active_days is not null as seen_a_year_ago from marts.account_cadence"
        ).pl()
    end = as_of + timedelta(days=settings.churn.horizon_days)
    leaves = (pl.col("decided_on") > as_of) & (pl.col("decided_on") <= end)
    joined = risk.join(cadence, on="account_id").join(truth, on="account_id")
    return joined.with_columns(left=leaves.fill_null(value=False)).sort("account_id")


def show_ranking(console: Console, companies: list[Company]) -> dict[str, object]:
    """AUC and lift of the model, of days silent and of silence against the own rhythm."""
    rng = np.random.default_rng(1)
    scores = {
        "Stillhere": [one.night["churn_probability"].to_numpy() for one in companies],
        "days silent": [one.night["days_silent"].fill_null(999).cast(pl.Float64).to_numpy() for one in companies],
        "silence by own rhythm": [one.night["silence_ratio"].fill_null(99).to_numpy() for one in companies],
        "chance": [rng.random(one.night.height) for one in companies],
    }
    left = [one.night["left"].to_numpy() for one in companies]
    leavers, base = sum(int(flags.sum()) for flags in left), sum(len(flags) for flags in left)
    table = Table(title=f"Ranking {base:,} scored accounts, {leavers} of whom leave ({leavers / base:.1%})")
    for heading in ("ranked by", "AUC (95 % interval)", "lift at 10 %"):
        table.add_column(heading)
    facts: dict[str, object] = {"scored": base, "leavers": leavers}
    for name, of_company in scores.items():
        auc, lifted = ranking(list(zip(of_company, left, strict=True)))
        table.add_row(name, str(auc), str(lifted))
        facts[name] = {"auc": _plain(auc), "lift_10": _plain(lifted)}
    difference = difference_in_auc(scores["Stillhere"], scores["days silent"], left)
    facts["auc above days silent"] = _plain(difference)
    console.print(table)
    console.print(f"AUC above days silent, paired: {difference}\n")
    return facts


def difference_in_auc(
    ours: list[Floats],
    theirs: list[Floats],
    left: list[Flags],
    resamples: int = 400,
) -> Figure:
    """Mean difference of AUC with its interval; both rankings are judged on the same drawn accounts."""
    rng = np.random.default_rng(7)

    def difference(picks: list[npt.NDArray[np.int64]]) -> float:
        both = [
            rank_auc(a[pick], flags[pick]) - rank_auc(b[pick], flags[pick])
            for a, b, flags, pick in zip(ours, theirs, left, picks, strict=True)
        ]
        return float(np.mean(both))

    drawn = [difference([rng.integers(0, len(flags), len(flags)) for flags in left]) for _ in range(resamples)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(difference([np.arange(len(flags)) for flags in left]), float(low), float(high))


def show_seasonal(console: Console, companies: list[Company]) -> dict[str, float]:
    """How many of those who are quiet every August are flagged in mid-August, beside everybody else.

    Nobody can tell a first August from leaving, so those on record a year ago are told apart.
    """
    columns = ("is_seasonal", "seen_a_year_ago", "is_flagged", "silence_ratio")
    august = pl.concat([one.august.select(columns) for one in companies])
    seasonal = august.filter("is_seasonal")
    parts = (
        ("seasonal, on record a year ago", seasonal.filter("seen_a_year_ago")),
        ("seasonal, in their first August", seasonal.filter(~pl.col("seen_a_year_ago"))),
        ("all seasonal", seasonal),
        ("all others", august.filter(~pl.col("is_seasonal"))),
    )
    table = Table(title="As of 15 August: seasonal accounts, quiet now as every August, beside the base")
    for heading in ("", "scored", "flagged", "silent for twice their rhythm"):
        table.add_column(heading)
    facts = {}
    for name, part in parts:
        flagged = part["is_flagged"].mean() if part.height else float("nan")
        silent = float(str((part["silence_ratio"] >= 2).mean() if part.height else float("nan")))
        facts[name] = float(str(flagged))
        table.add_row(name, str(part.height), f"{facts[name]:.1%}", f"{silent:.1%}")
    console.print(table)
    console.print()
    return facts


def show_causes(console: Console, companies: list[Company]) -> dict[str, object]:
    """How often the planted cause of a leaver is among its first signs, beside always naming the commonest."""
    leavers = pl.concat([one.night.filter("left") for one in companies])
    traced, silent = leavers.filter(pl.col("trace") != "none"), leavers.filter(pl.col("trace") == "none")
    rows = cause_table(traced)
    commonest = max(rows, key=lambda row: row.n).cause
    table = Table(title=f"Planted cause among the signs of {traced.height} leavers with a trace")
    for heading in ("cause", "n", "flagged", "first sign", "first two", "first two, flagged", f"always {commonest}"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*_cells(row), "100%" if row.cause == commonest else "0%")
    recall = macro_recall(rows, traced)
    baseline = 1 / len(rows)
    table.add_section()
    table.add_row("macro recall", str(traced.height), "", "", str(recall), "", f"{baseline:.1%}")
    console.print(table)
    console.print(f"Above always naming the commonest: {100 * (recall.value - baseline):.1f} points")
    flagged = int(silent["is_flagged"].sum()) if silent.height else 0
    console.print(
        f"Without a trace: {silent.height} leavers, {flagged} of them flagged; no sign can tell their cause.\n"
    )
    return {
        "macro_recall_first_two": _plain(recall),
        "always_commonest": baseline,
        "points_above": 100 * (recall.value - baseline),
        "rows": [{"cause": r.cause, "n": r.n, "first": r.among_first, "first_two": r.among_first_two} for r in rows],
        "without_trace": silent.height,
    }


def _cells(row: CauseRow) -> tuple[str, ...]:
    shares = (row.among_first, row.among_first_two, row.among_first_two_of_flagged)
    return row.cause, str(row.n), str(row.flagged), *(f"{share:.0%}" for share in shares)


def _plain(figure: Figure) -> dict[str, float]:
    return {"value": round(figure.value, 4), "low": round(figure.low, 4), "high": round(figure.high, 4)}


if __name__ == "__main__":
    main()
