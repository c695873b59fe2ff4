"""When a sign may be named: the raw values must show the change, not the score alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from models.features import open_days_28, usual_days_28
from models.usual import Typical, champion_gap, rhythm

Value = int | float | str | None


@dataclass(frozen=True, slots=True)
class Sign:
    """A code, the group of features it speaks for, and its theme: two signs of one theme say nearly the same."""

    code: str
    group: str
    theme: str


SIGNS = (
    Sign("quiet", "usage", "use"),
    Sign("fading", "usage", "use"),
    Sign("fewer_people", "people", "use"),
    Sign("champion_silent", "champion", "champion"),
    Sign("slow_start", "start", "start"),
    Sign("price_rise", "price", "price"),
    Sign("payment_failing", "payment", "payment"),
    Sign("support", "support", "support"),
    Sign("smaller_plan", "plan", "plan"),
)
CODES = tuple(sign.code for sign in SIGNS)
THEMES = {sign.code: sign.theme for sign in SIGNS}

QUIET_RATIO = 1.5
OWN_RHYTHM_GAPS = 3
QUIET_DAYS = 5
QUIET_WORKING_DAYS = 3
"""A weekend with a bank holiday is four days; a week in which the company is closed, none of work."""
FADING_SHARE = 0.67
FADING_NOISE = 1.5
"""Standard deviations of a Poisson count: three active days after five are no change."""
PEOPLE_SHARE = 0.67
CHAMPION_WEEKS = 2
CHAMPION_ACTIVE_DAYS = 6
START_TENURE_DAYS = 150
START_SHARE = 0.6
PRICE_RISE_SHARE = 0.02
SMALLER_PLAN_SHARE = 0.02


def _quiet(typical: Typical) -> pl.Expr:
    silent = pl.col("silent_working_days")
    longest = pl.max_horizontal("gap_p90_working_days", pl.lit(QUIET_WORKING_DAYS - 1))
    return (silent > QUIET_RATIO * rhythm(typical)) & (silent > longest) & (pl.col("days_silent") >= QUIET_DAYS)


def _fading() -> pl.Expr:
    usual, now = open_days_28(), pl.col("active_days_28")
    quarter_before, quarter = pl.col("active_days_prev_91"), pl.col("active_days_91")
    slowly = _fell(quarter_before, quarter) & (pl.col("tenure_days") >= 182)  # rare users change over quarters
    return _fell(usual, now) | slowly


def _fell(before: pl.Expr, now: pl.Expr) -> pl.Expr:
    return (now <= FADING_SHARE * before) & (before - now >= FADING_NOISE * before.sqrt())


def _fewer_people() -> pl.Expr:
    before = pl.col("people_active_prev_28")
    return (before >= 2) & (pl.col("people_active_28") <= PEOPLE_SHARE * before)


def _champion_silent() -> pl.Expr:
    silent, active = pl.col("champion_silent_working_days"), pl.col("champion_active_days_prev_91")
    alone = pl.col("silent_working_days") * 2 <= silent  # otherwise all of them fell silent, and "quiet" says so
    long = (silent >= CHAMPION_WEEKS * pl.col("working_days_a_week")) & (silent >= 3 * champion_gap()) & alone
    return (active >= CHAMPION_ACTIVE_DAYS) & (long | (pl.col("champion_is_gone") == 1))


def _slow_start(typical: Typical) -> pl.Expr:
    days, people = typical.get("first_14_active_days"), typical.get("first_14_people")
    slow = pl.lit(value=False)
    if days:
        slow = slow | (pl.col("first_14_active_days") <= START_SHARE * days)
    if people and people > 1:
        slow = slow | (pl.col("first_14_people") <= START_SHARE * people)
    return slow & (pl.col("tenure_days") <= START_TENURE_DAYS)


def _support() -> pl.Expr:
    usual = (pl.col("tickets_91") - pl.col("tickets_28")) * 28 / 63
    return (pl.col("tickets_28") >= 2) & (pl.col("tickets_28") >= 2 * usual)


def with_evidence(rows: pl.DataFrame, typical: Typical) -> pl.DataFrame:
    """Adds one boolean `_<code>` a sign: may it be named for this account? An unknown value is no evidence."""
    quiet = _quiet(typical).fill_null(value=False)
    shown = {
        "quiet": quiet,
        "fading": _fading() & ~quiet,
        "fewer_people": _fewer_people(),
        "champion_silent": _champion_silent(),
        "slow_start": _slow_start(typical),
        "price_rise": pl.col("price_rise_share_180") >= PRICE_RISE_SHARE,
        "payment_failing": (pl.col("failed_payments_91") >= 1) | (pl.col("open_invoices_overdue") >= 1),
        "support": _support(),
        "smaller_plan": (pl.col("downgrades_182") >= 1) | (pl.col("mrr_change_91_share") <= -SMALLER_PLAN_SHARE),
    }
    usual = usual_days_28().round(0).cast(pl.Int64)
    columns = {f"_{code}": expression.fill_null(value=False) for code, expression in shown.items()}
    return rows.with_columns(**columns, _usual_days_28=usual)


EVIDENCE: dict[str, tuple[str, ...]] = {
    "quiet": (
        *("usual_gap_days", "gap_count", "active_days_total", "days_silent", "silence_ratio", "last_active_date"),
        *("usual_gap_working_days", "silent_working_days"),
    ),
    "fading": ("active_days_28", "_usual_days_28", "active_days_91", "active_days_prev_91"),
    "fewer_people": ("people_active_28", "people_active_prev_28", "as_of"),
    "champion_silent": ("champion_days_silent", "champion_active_days_prev_91", "champion_is_gone"),
    "slow_start": ("first_14_active_days", "first_14_people"),
    "price_rise": ("price_rise_share_180", "days_since_price_rise"),
    "payment_failing": ("failed_payments_91", "open_invoices_overdue"),
    "support": ("tickets_28", "tickets_91", "open_tickets"),
    "smaller_plan": ("mrr_change_91_share", "downgrades_182"),
}


def values_of(code: str, row: dict[str, Any], typical: Typical) -> dict[str, Value]:
    """The numbers a sign's words are made of, fit for JSON."""
    values = {name.lstrip("_"): _plain(row[name]) for name in EVIDENCE[code]}
    if code == "quiet" and (row["gap_count"] or 0) < OWN_RHYTHM_GAPS:  # the mart leans on the company's rhythm then
        values |= {"usual_gap_days": None, "typical_gap_days": _plain(typical.get("usual_gap_days"))}
    if code == "slow_start":
        values |= {f"typical_{name}": _plain(typical.get(name)) for name in EVIDENCE[code]}
    return values


def _plain(value: Any) -> Value:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 4)
    return value  # type: ignore[no-any-return]
