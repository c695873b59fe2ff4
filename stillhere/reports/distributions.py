"""How risk and silence spread over the scored accounts."""

from __future__ import annotations

from itertools import pairwise
from math import inf

import polars as pl
from markupsafe import Markup

from stillhere.reports.bars import Bar, standing_bars
from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import Formats

RISK_EDGES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
SILENCE_EDGES = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, inf)


def risk_chart(facts: NightFacts, formats: Formats) -> Markup | None:
    """Scored accounts by chance of leaving, the flagged hatched on top."""
    risk = facts.marts["risk"].filter(pl.col("churn_probability").is_not_null())
    if risk.is_empty():
        return None
    names = [f"{formats.number(low * 100)}–{formats.number(high * 100)}" for low, high in _pairs(RISK_EDGES)]
    bars = _bars(risk, "churn_probability", RISK_EDGES, names, formats)
    axis = f"chance of leaving within {facts.churn.horizon_days} days, per cent"
    return standing_bars(bars, "Accounts by chance of leaving", axis, formats.number)


def silence_chart(facts: NightFacts, formats: Formats) -> Markup | None:
    """Scored accounts by silence as a multiple of the usual gap, the flagged hatched on top."""
    cadence = facts.marts["account_cadence"].filter(pl.col("silence_ratio").is_not_null())
    if cadence.is_empty():
        return None
    known = cadence.join(facts.marts["risk"].select("account_id", "is_flagged"), on="account_id", how="left")
    names = [
        f"{formats.number(low, 1)}–{formats.number(high, 1)}" if high < inf else f"{formats.number(low)}+"
        for low, high in _pairs(SILENCE_EDGES)
    ]
    bars = _bars(known, "silence_ratio", SILENCE_EDGES, names, formats)
    return standing_bars(bars, "Accounts by silence", "days silent ÷ usual gap", formats.number)


def _bars(rows: pl.DataFrame, column: str, edges: tuple[float, ...], names: list[str], formats: Formats) -> list[Bar]:
    bars = []
    for at, ((low, high), name) in enumerate(zip(_pairs(edges), names, strict=True)):
        last = at == len(names) - 1
        inside = rows.filter(pl.col(column).is_between(low, high, closed="both" if last else "left"))
        marked = int(inside["is_flagged"].sum() or 0)
        tip = f"{name}: {formats.number(inside.height)} accounts, {formats.number(marked)} of them slipping"
        bars.append(Bar(name, inside.height - marked, marked, tip=tip))
    return bars


def _pairs(edges: tuple[float, ...]) -> list[tuple[float, float]]:
    return list(pairwise(edges))
