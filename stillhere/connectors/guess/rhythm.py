"""From the rhythm of the events to the windows of `churn.yml`: how long a silence means leaving here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from typing import Literal

STEP_DAYS = 28
SHORTEST, LONGEST = 14, 180
MOST_CUTOFFS = 16
CONTRACT_HORIZON = 60
# A day so far from the next one with events, on the outer side of which hardly any row lies, is a typing error.
STRAY_GAP_DAYS = 60
STRAY_SHARE = 0.01
# Below this share of a usual day's rows the last day is taken as cut off.
UNFINISHED = 0.5
USUAL_ROWS = 10


@dataclass(frozen=True, slots=True)
class Windows:
    """The numbers of `churn.yml`, with what they were read from."""

    horizon_days: int
    active_days: int
    cutoffs: int
    min_history_days: int
    usual_gap_days: float | None
    history_days: int


def windows(
    kind: Literal["shop", "contract"], history_days: int, gap_p50: float | None, gap_p90: float | None
) -> Windows:
    """Windows of a shop: most customers who come back do so within the horizon, and a quarter of history tests it.

    Where contracts end, two months are looked ahead, whatever the rhythm. `gap_p50` and `gap_p90` are quantiles of the
    days between two active days of one customer.
    """
    wanted = CONTRACT_HORIZON if kind == "contract" or gap_p90 is None else round(gap_p90 / 10) * 10
    horizon = max(SHORTEST, min(wanted, LONGEST, max(history_days // 4, SHORTEST)))
    active = max(horizon, min(3 * horizon, history_days // 2 or horizon))
    min_history = min(60, max(history_days // 6, 0))
    room = history_days - min_history - ceil(horizon / 7) * 7  # cut-offs lie whole weeks before the night
    cutoffs = max(1, min(MOST_CUTOFFS, room // STEP_DAYS))
    return Windows(horizon, active, cutoffs, min_history, gap_p50, history_days)


def last_complete_day(counts: dict[date, int]) -> date | None:
    """The day before the last one, when that has far fewer rows than is usual on its weekday; None when it is fine."""
    if not counts:
        return None
    last = max(counts)
    same_weekday = sorted(counts.get(last - timedelta(weeks=weeks), 0) for weeks in range(1, 9))
    usual = same_weekday[len(same_weekday) // 2]
    if usual >= USUAL_ROWS and counts[last] < UNFINISHED * usual:
        return last - timedelta(days=1)
    return None


def stray_days(counts: dict[date, int]) -> set[date]:
    """Days far outside the others that hold next to none of the rows: 2205 for 2025."""
    days = sorted(counts)
    most = STRAY_SHARE * sum(counts.values())
    strays: set[date] = set()
    for order in (days, days[::-1]):
        outside: set[date] = set()
        for day, inner in pairwise(order):
            outside.add(day)
            if sum(counts[one] for one in outside) > most:
                break
            if abs((inner - day).days) >= STRAY_GAP_DAYS:
                strays |= outside
    return strays
