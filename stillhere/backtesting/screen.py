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


def lines_of(facts: dict[str, Any]) -> Iterator[str]:
    """The mean over the cut-offs by model, then each cut-off."""
    mean, cutoffs = facts["mean"], facts["cutoffs"]
    many = f"{len(cutoffs)} cut-off{'s' if len(cutoffs) > 1 else ''}"
    yield f"Mean over {many}: {mean['n']:,.0f} accounts, {mean['base_rate']:.1%} left"
    yield ""
    yield _row("", HEADINGS)
    yield _row("Stillhere", _numbers(mean))
    for name, words in BASELINE_NAMES.items():
        yield _row(words, _numbers(mean["baselines"][name]))
    yield ""
    yield _row("Stillhere, by cut-off", HEADINGS)
    for told in cutoffs:
        yield _row(told["cutoff"], _numbers(told))
    yield ""
    for told in cutoffs:
        yield (
            f"{told['cutoff']}: {told['expected_low']:,.0f} to {told['expected_high']:,.0f} of {told['n']:,} "
            f"were expected to leave, {told['left']:,} did. Learned from {told['panel_rows']:,} rows at "
            f"{told['panel_cutoffs']} earlier days by {', '.join(told['learned_by'])}; "
            f"{told['fit_seconds']:.1f} s to learn, {told['predict_seconds']:.1f} s to score"
        )


def _row(name: str, cells: tuple[str, ...]) -> str:
    padded = [f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)]
    return f"{name:<{NAME_WIDTH}} {'  '.join(padded)}"


def _numbers(told: dict[str, Any]) -> tuple[str, ...]:
    return tuple("-" if told[name] is None else f"{told[name]:.{2 if name == 'lift_10' else 4}f}" for name in MEASURES)
