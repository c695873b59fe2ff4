"""Figures with the result that each becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from expectations.engine import Engine, Figure, Measured
from expectations.report import Result


@dataclass(frozen=True, slots=True)
class PlacedFigure:
    """A figure with its result, but for outcome and observed."""

    figure: Figure
    result: Result
    unit: str

    def measured(self, measured: Measured) -> Result:
        """The result, filled in."""
        value = measured.observed
        shown = "no value" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".") + f" {self.unit}"
        return replace(
            self.result,
            outcome=measured.outcome,
            observed=measured.problem or shown,
            seconds=measured.seconds,
            words=self.result.words if measured.outcome == "failed" else "",
        )


def figure_results(engine: Engine, placed: Sequence[PlacedFigure]) -> list[Result]:
    """All figures in one validation."""
    measured = engine.check_figures([one.figure for one in placed])
    return [one.measured(measured[one.figure.name]) for one in placed]
