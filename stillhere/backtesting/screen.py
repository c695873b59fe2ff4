"""The table a backtest prints: the model beside what anybody could do without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stillhere.backtesting.facts import MEASURES

HEADINGS = ("ROC AUC", "avg. precision", "lift 10 %", "Brier", "calibration error")
BASELINE_NAMES = {
    "days_silent": "days silent",
    "overdue_ratio": "overdue ratio",
    "bg_nbd": "BG/NBD, no event",
}
WIDTHS = (7, 14, 9, 6, 17)
NAME_WIDTH = 22
TOO_LITTLE = "too little to learn from"
"""How the rule without a model is named by `models.backtest`."""


def lines_of(facts: dict[str, Any]) -> Iterator[str]:
    """The table, then a sentence a cut-off."""
    yield from table_of(facts)
    yield ""
    yield from sentences_of(facts)


def table_of(facts: dict[str, Any]) -> Iterator[str]:
    """The mean over the cut-offs by model, then each cut-off; columns line up in a fixed-width font."""
    yield headline_of(facts)
    yield ""
    yield _row("", HEADINGS)
    for name, cells in model_rows(facts):
        yield _row(name, cells)
    yield ""
    yield _row("Stillhere, by cut-off", HEADINGS)
    for name, cells in cutoff_rows(facts):
        yield _row(name, cells)


def headline_of(facts: dict[str, Any]) -> str:
    """How many accounts the means stand for, and the share that left."""
    mean, cutoffs = facts["mean"], facts["cutoffs"]
    many = f"{len(cutoffs)} cut-off{'s' if len(cutoffs) > 1 else ''}"
    return f"Mean over {many}: {mean['n']:,.0f} account{'' if mean['n'] == 1 else 's'}, {mean['base_rate']:.1%} left"


def model_rows(facts: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Name and measures (as in `HEADINGS`) of the model and of each baseline: means over the cut-offs."""
    baselines = [(words, _numbers(facts["mean"]["baselines"][name])) for name, words in BASELINE_NAMES.items()]
    return [("Stillhere", _numbers(facts["mean"])), *baselines]


def cutoff_rows(facts: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Day and the model's measures, by cut-off."""
    return [(told["cutoff"], _numbers(told)) for told in facts["cutoffs"]]


def sentences_of(facts: dict[str, Any]) -> Iterator[str]:
    """Of each cut-off: how many were expected to leave, how many did, what was learned from and how long it took."""
    cutoffs = facts["cutoffs"]
    inside, many = facts["mean"]["counts_within_interval"], len(cutoffs)
    yield f"The count of leavers lay within its 95 % interval at {inside} of {many} cut-off{'' if many == 1 else 's'}"
    for told in cutoffs:
        yield (
            f"{told['cutoff']}: {told['expected_low']:,.0f} to {told['expected_high']:,.0f} of {told['n']:,} "
            f"were expected to leave, {told['left']:,} did. {_learned(told)}; "
            f"{told['fit_seconds']:.1f} s to learn, {told['predict_seconds']:.1f} s to score"
        )


def _learned(told: dict[str, Any]) -> str:
    earlier = told["panel_cutoffs"]
    seen = f"{told['panel_rows']:,} rows at {earlier} earlier day{'' if earlier == 1 else 's'}"
    by = ", ".join(told["learned_by"])
    return f"From {seen}: {by}" if TOO_LITTLE in by else f"Learned from {seen} by {by}"


def _row(name: str, cells: tuple[str, ...]) -> str:
    padded = [f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)]
    return f"{name:<{NAME_WIDTH}} {'  '.join(padded)}"


def _numbers(told: dict[str, Any]) -> tuple[str, ...]:
    return tuple("-" if told[name] is None else f"{told[name]:.{2 if name == 'lift_10' else 4}f}" for name in MEASURES)
