"""A backtest as a page of its own: what the table says, and the curves of each cut-off. Needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from models.backtest import CutoffResult
from stillhere.backtesting.screen import BASELINE_NAMES, HEADINGS, cutoff_rows, headline_of, model_rows, sentences_of
from stillhere.reports.curves import Line, gain_chart, line_swatch, reliability_chart
from stillhere.reports.report import page_style, templates, write_page

LINES = {"days_silent": "gain dotted", "bg_nbd": "gain dashed"}


@dataclass(frozen=True, slots=True)
class DrawnCutoff:
    """One cut-off's two curves and what they are of."""

    words: str
    reliability: Markup
    gain: Markup


def write_backtest_page(results: Sequence[CutoffResult], facts: dict[str, Any], name: str, target: Path) -> Path:
    """Writes the page and returns its path; it appears whole or not at all. Raises OSError if it can't be written."""
    page = (
        templates()
        .get_template("backtest.html.j2")
        .render(
            name=name,
            style=page_style(),
            headline=headline_of(facts),
            headings=HEADINGS,
            tables=[("", model_rows(facts)), ("Stillhere, by cut-off", cutoff_rows(facts))],
            sentences=list(sentences_of(facts)),
            swatch=line_swatch,
            cutoffs=[_drawn(result) for result in results],
            dotted=BASELINE_NAMES["days_silent"],
            dashed=BASELINE_NAMES["bg_nbd"],
            horizon_days=facts["horizon_days"],
            active_days=facts["active_days"],
        )
    )
    return write_page(target, page)


def _drawn(result: CutoffResult) -> DrawnCutoff:
    lines = [Line(css, result.baselines[name]) for name, css in LINES.items()]
    lines.append(Line("gain", result.chances))
    return DrawnCutoff(
        words=f"{result.cutoff}: {len(result.accounts):,} accounts, {result.outcome.mean():.1%} left",
        reliability=reliability_chart(result.chances, result.outcome, f"Forecast and outcome at {result.cutoff}"),
        gain=gain_chart(lines, result.outcome, f"Leavers found at {result.cutoff}"),
    )
