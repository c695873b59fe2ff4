"""Whether results can be believed: the results code alone, on simulated assignment tables.

For each control size, base share and effect, thousands of campaigns are drawn (arms of equal size, each account still
here by chance), handed to `stillhere.results` as one table, and what it says is counted. The effect of design size is
the one that the planner itself says is found four times in five.

    .venv/bin/python -m benchmarks.results --seed 7 --simulations 2000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from benchmarks.newcombe import newcombe_width
from stillhere.results.campaign_results import EFFECT, results_of
from stillhere.results.outcomes import HOLDOUT, OUTCOMES_SCHEMA, TREATED
from stillhere.results.planning import detectable_difference
from stillhere.results.plans import Plan

CONTROLS, BASES = (40, 400, 4000), (0.05, 0.30)
SMALL = 0.25
"""A small effect is a quarter of the one of design size: there, but hardly ever found."""
COVERED, FALSE_EFFECTS, WIDTH, FOUND = (0.935, 0.97), 0.065, 1.15, 0.75
ACCOUNTS_AT_ONCE = 1_000_000
DAY_ZERO, DAY = date(2026, 1, 5), 60


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the table."""

    control: int
    base: float
    name: str
    effect: float
    covered: float
    called: float
    width: float

    @property
    def misses(self) -> list[str]:
        """The bars it does not meet."""
        missed = [] if COVERED[0] <= self.covered <= COVERED[1] else ["coverage"]
        missed += ["width"] if self.width > WIDTH else []
        missed += ["null called an effect"] if self.name == "none" and self.called > FALSE_EFFECTS else []
        missed += ["not found"] if self.name == "design" and self.called < FOUND else []
        return missed


def main() -> int:
    """Prints the table; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--simulations", type=int, default=2000)
    options = parser.parse_args()
    began = time.monotonic()
    print("| control | base | effect | of size | covered | called an effect | width / Newcombe's | bars |")
    print("|---|---|---|---|---|---|---|---|")
    missed = 0
    for cell in cells(options.seed, options.simulations):
        missed += len(cell.misses)
        print(
            f"| {cell.control:,} | {cell.base:.0%} | {cell.name} | {cell.effect * 100:.1f} points | {cell.covered:.1%} "
            f"| {cell.called:.1%} | {cell.width:.2f} | {', '.join(cell.misses) or 'met'} |",
            flush=True,
        )
    print(f"\n{options.simulations:,} campaigns a line, seed {options.seed}, {time.monotonic() - began:.0f} s.")
    print(
        f"Bars: covered {COVERED[0]:.1%} to {COVERED[1]:.0%}; none called an effect in at most {FALSE_EFFECTS:.1%}; "
        f"design size found in at least {FOUND:.0%}; median width at most {WIDTH} of Newcombe's. Missed: {missed}."
    )
    return 1 if missed else 0


def cells(seed: int, simulations: int) -> Iterator[Cell]:
    """Every combination, each from a stream of its own."""
    combinations = [(control, base) for control in CONTROLS for base in BASES]
    streams = np.random.SeedSequence(seed).spawn(3 * len(combinations))
    for at, (control, base) in enumerate(combinations):
        design = detectable_difference(control, control, base)
        assert design is not None, f"no rise over {base} can be found with {control} an arm"
        for place, (name, effect) in enumerate((("none", 0.0), ("small", design * SMALL), ("design", design))):
            rng = np.random.Generator(np.random.PCG64(streams[3 * at + place]))
            yield simulated(rng, control, base, name, effect, simulations)


def simulated(rng: np.random.Generator, control: int, base: float, name: str, effect: float, simulations: int) -> Cell:
    """Draws campaigns and counts what the results say of them."""
    at_once = max(1, min(simulations, ACCOUNTS_AT_ONCE // (2 * control)))
    rounds = [at_once] * (simulations // at_once)
    rounds += [simulations - sum(rounds)] if sum(rounds) < simulations else []
    told = pl.concat([_told(rng, control, base, effect, count) for count in rounds])
    covers = (told["interval_low"] <= effect) & (told["interval_high"] >= effect)
    ours = (told["interval_high"] - told["interval_low"]).median()
    theirs = float(np.median(newcombe_width(told["still_here"].to_numpy(), told["held_here"].to_numpy(), control)))
    assert isinstance(ours, float)
    called = float((told["verdict"] == EFFECT).sum()) / simulations
    return Cell(control, base, name, effect, float(covers.sum()) / simulations, called, ours / theirs)


def _told(rng: np.random.Generator, control: int, base: float, effect: float, campaigns: int) -> pl.DataFrame:
    """What the results code says of so many campaigns: the treated rows, with the control's count beside."""
    plans = [Plan(f"campaign_{nth}", DAY_ZERO + timedelta(days=DAY), success_day=DAY) for nth in range(campaigns)]
    as_of = DAY_ZERO + timedelta(days=DAY)
    results = results_of(_table(rng, control, base, effect, [plan.campaign for plan in plans]), plans, as_of)
    held = results.filter(pl.col("arm") == HOLDOUT).select("campaign", held_here="still_here")
    return results.filter(pl.col("arm") == TREATED).join(held, on="campaign")


def _table(rng: np.random.Generator, control: int, base: float, effect: float, names: list[str]) -> pl.DataFrame:
    """An assignment table with its outcomes: each campaign has as many treated as held out."""
    accounts = 2 * control
    chance = np.tile(np.repeat([base + effect, base], control), len(names))
    rows = pl.DataFrame(
        {
            "campaign": np.repeat(np.arange(len(names)), accounts),
            "account_id": np.tile(np.arange(accounts), len(names)),
            "is_treated": np.tile(np.repeat([True, False], control), len(names)),
            "is_still_here": rng.random(accounts * len(names)) < chance,
        }
    )
    return rows.select(
        campaign=pl.Series(names).gather(rows["campaign"]),
        account_id=pl.col("account_id").cast(pl.String),
        arm=pl.when("is_treated").then(pl.lit(TREATED)).otherwise(pl.lit(HOLDOUT)),
        holdout_share=0.5,
        day_zero=pl.lit(DAY_ZERO),
        day=DAY,
        is_known=pl.lit(value=True),
        is_still_here="is_still_here",
        revenue_minor=0,
        contacts=pl.col("is_treated").cast(pl.Int64),
        is_contaminated=pl.lit(value=False),
    ).cast(pl.Schema(OUTCOMES_SCHEMA))


if __name__ == "__main__":
    sys.exit(main())
