"""The tables of `benchmarks/risk.py`: a set's models with bars and differences, and the mean over the sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.risk_compare import MEASURES, Difference, against_bar

HEADINGS = ("AUC", "avg. prec.", "lift 10 %", "Brier", "cal. error")


@dataclass(frozen=True, slots=True)
class Compared:
    """A set's outcome: measures, seconds and differences (ours minus the peer) by model, and the bars by measure."""

    title: str
    ours: str
    measures: Mapping[str, dict[str, float]]
    seconds: Mapping[str, float]
    differences: Mapping[str, Difference]
    bars: dict[str, float]
    absent: dict[str, str]
    notes: tuple[str, ...] = ()

    def shortfalls(self) -> dict[str, str]:
        """By measure: `met`, or short by how much."""
        return {name: against_bar(name, self.measures[self.ours][name], bar) for name, bar in self.bars.items()}

    def facts(self) -> dict[str, object]:
        """For JSON."""
        return {
            "models": {
                name: {key: round(value, 4) for key, value in told.items()}
                | {"seconds": round(self.seconds[name], 1)}
                | ({"auc_ahead": _plain(self.differences[name])} if name in self.differences else {})
                for name, told in self.measures.items()
            },
            "bars": self.bars,
            "against_bars": self.shortfalls(),
            "absent": self.absent,
            "notes": list(self.notes),
        }


def show(console: Console, told: Compared) -> None:
    """One table: a row a model, then the bars."""
    table = Table(title=told.title, title_justify="left")
    table.add_column("")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for heading in ("AUC ours - peer (95 %)", "ours is", "seconds"):
        table.add_column(heading, no_wrap=True)
    for name, measures in told.measures.items():
        gap = told.differences.get(name)
        seconds = f"{told.seconds[name]:.1f}" if told.seconds[name] else ""
        table.add_row(name, *_numbers(measures), _gap(gap), gap.words if gap else "", seconds)
    for name, why in told.absent.items():
        table.add_row(name, "", "", "", "", "", why, "", "")
    table.add_section()
    table.add_row("bar", *_numbers(told.bars), "", "", "")
    table.add_row(f"{told.ours} against it", *told.shortfalls().values(), "", "", "")
    console.print(table)
    for note in told.notes:
        console.print(note)
    console.print()


def show_mean(console: Console, sets: list[Compared], means: Mapping[str, Difference]) -> None:
    """Mean AUC over the sets by model, and the mean difference."""
    table = Table(title=f"Mean over {len(sets)} sets", title_justify="left")
    for heading in ("", "AUC", "AUC ours - peer (95 %)", "ours is", "behind on"):
        table.add_column(heading)
    for name in sets[0].measures:
        auc = float(np.mean([told.measures[name]["roc_auc"] for told in sets]))
        gap = means.get(name)
        behind = [
            told.title.split(":")[0]
            for told in sets
            if name in told.differences and told.differences[name].words == "behind"
        ]
        told_behind = (", ".join(behind) or "none") if gap else ""
        table.add_row(name, f"{auc:.4f}", _gap(gap), gap.words if gap else "", told_behind)
    console.print(table)
    console.print()


def mean_facts(means: Mapping[str, Difference]) -> dict[str, object]:
    """The mean differences for JSON."""
    return {name: _plain(gap) for name, gap in means.items()}


def _numbers(measures: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{measures[name]:.{2 if name == 'lift_10' else 4}f}" for name in MEASURES)


def _gap(gap: Difference | None) -> str:
    if gap is None:
        return ""
    low, high = gap.interval
    return f"{gap.value:+.4f} ({low:+.4f} to {high:+.4f})"


def _plain(gap: Difference) -> dict[str, object]:
    low, high = gap.interval
    return {"value": round(gap.value, 4), "low": round(low, 4), "high": round(high, 4), "words": gap.words}
