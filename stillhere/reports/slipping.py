"""Who is slipping: the top accounts with what changed, and how often each sign appears."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from stillhere.reports.bars import Bar, lying_bars
from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import NOTHING, Formats
from stillhere.reports.rhythm import Silence, silences, use_line
from stillhere.signs import sign_title

TOP = 25
SILENT_SHOWN = 15


@dataclass(frozen=True, slots=True)
class SlippingAccount:
    """One row of the table."""

    rank: str
    value_rank: str
    account_id: str
    name: str
    about: str
    chance: str
    signs: tuple[str, ...]
    use: Markup
    rhythm: str
    at_stake: str
    expected: str


def flagged(facts: NightFacts) -> pl.DataFrame:
    """Flagged accounts with name, plan, value and cadence beside them, riskiest first."""
    accounts, cadence = facts.marts["accounts"], facts.marts["account_cadence"]
    wide = facts.marts["risk"].filter(pl.col("is_flagged"))
    for other in (accounts, cadence):
        new = [name for name in other.columns if name not in wide.columns]
        wide = wide.join(other.select("account_id", *new), on="account_id", how="left")
    return wide.sort(["risk_rank", "account_id"], nulls_last=True)


def signs_of(row: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The signs of a risk row, best first."""
    return tuple(json.loads(row["signs"] or "[]"))


def top_accounts(facts: NightFacts, formats: Formats, count: int = TOP) -> list[SlippingAccount]:
    """The riskiest flagged accounts as table rows."""
    rows = flagged(facts).head(count).iter_rows(named=True)
    return [_slipping_account(row, formats) for row in rows]


def _slipping_account(row: Mapping[str, Any], formats: Formats) -> SlippingAccount:
    about = " · ".join(str(part) for part in (row["account_id"], row["plan"]) if part)
    return SlippingAccount(
        rank=formats.number(row["risk_rank"]),
        value_rank="" if row["value_rank"] is None else f"rank {formats.number(row['value_rank'])} by value",
        account_id=row["account_id"],
        name=row["account_name"] or row["account_id"],
        about=about,
        chance="rule" if row["churn_probability"] is None else formats.share(row["churn_probability"]),
        signs=tuple(sign["words"] for sign in signs_of(row)) or ("no single habit stands out",),
        use=_use(row, formats),
        rhythm=_rhythm(row, formats),
        at_stake=formats.money(row["value_at_stake_minor"]),
        expected=formats.day(row["expected_next_date"]),
    )


def use_levels(row: Mapping[str, Any]) -> list[tuple[int, float]]:
    """Active days per four weeks over half a year, oldest first, from a cadence row: (days, level).

    Stretches before the account came are left out.
    """
    month, before = row["active_days_28"] or 0, row["active_days_prev_28"] or 0
    quarter, quarter_before = row["active_days_91"] or 0, row["active_days_prev_91"] or 0
    stretches = [(91, quarter_before), (35, quarter - month - before), (28, before), (28, month)]
    ages, known = (182, 91, 56, 28), row["tenure_days"] if row["tenure_days"] is not None else 182
    return [
        (days, max(count, 0) * 28 / days)
        for (days, count), age in zip(stretches, ages, strict=True)
        if age == 28 or known >= age
    ]


def _use(row: Mapping[str, Any], formats: Formats) -> Markup:
    levels = use_levels(row)
    said = ", ".join(formats.number(level, 1) for _, level in levels)
    return use_line(levels, f"Active days per four weeks over half a year, oldest first: {said}")


def _rhythm(row: Mapping[str, Any], formats: Formats) -> str:
    silent, usual = row["days_silent"], row["usual_gap_days"]
    if silent is None:
        return NOTHING
    if usual is None:
        return formats.number(silent)
    return f"{formats.number(silent)} / {formats.number(usual, 1)}"


def silence_chart(facts: NightFacts, formats: Formats) -> Markup | None:
    """Silence now beside usual gaps, for the riskiest accounts silent longer than nine of ten of their own gaps."""
    longest_usual = pl.coalesce("gap_p90_days", 2 * pl.col("usual_gap_days"))
    known = flagged(facts).filter((pl.col("days_silent") > longest_usual) & pl.col("usual_gap_days").is_not_null())
    if known.is_empty():
        return None
    rows = [
        Silence(
            label=row["account_name"] or row["account_id"],
            days_silent=float(row["days_silent"]),
            usual_gap_days=float(row["usual_gap_days"]),
            gap_p90_days=row["gap_p90_days"],
            shown=f"{formats.number(row['days_silent'])} days, usually {formats.number(row['usual_gap_days'], 1)}",
        )
        for row in known.head(SILENT_SHOWN).iter_rows(named=True)
    ]
    return silences(rows, "Days silent beside the usual gap, by account", "days since last active")


@dataclass(frozen=True, slots=True)
class SignCounts:
    """How often each sign appears among the flagged, and how many show none."""

    chart: Markup | None
    without: int
    total: int


def sign_counts(facts: NightFacts, formats: Formats) -> SignCounts:
    """Signs of flagged accounts: how often first, and how often as a further one."""
    every = [signs_of(row) for row in facts.marts["risk"].filter(pl.col("is_flagged")).iter_rows(named=True)]
    first = Counter(signs[0]["code"] for signs in every if signs)
    further = Counter(sign["code"] for signs in every for sign in signs[1:])
    codes = sorted({*first, *further}, key=lambda code: (-first[code] - further[code], code))
    bars = [_sign_bar(code, first[code], further[code], facts.company.language, formats) for code in codes]
    chart = lying_bars(bars, "Slipping accounts by sign") if bars else None
    return SignCounts(chart, sum(not signs for signs in every), len(every))


def _sign_bar(code: str, first: int, further: int, language: str, formats: Formats) -> Bar:
    shown = f"{formats.number(first + further)} ({formats.number(first)} first)"
    return Bar(sign_title(code, language).capitalize(), first, further, shown)


def examples(facts: NightFacts, count: int = 5) -> Sequence[Mapping[str, Any]]:
    """The first flagged accounts that have words, for the screen."""
    return flagged(facts).filter(pl.col("signs_words").fill_null("") != "").head(count).to_dicts()
