"""What accounts had shown before they left for a reason, and how many that are still here show the same.

The pattern of a reason is one sign: the one that its leavers had shown, in the last picture kept of them before they
asked, more often than accounts that stayed had shown it on the same days. It is an association, not a cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from models.evidence import CODES
from models.model import RiskModel
from models.reasons import signs_of
from stillhere.campaigns.account_rows import sign_codes
from stillhere.results.confidence import CONFIDENCE
from stillhere.results.intervals import Shares, share_differences

ANSWERS_NEEDED = 30
PICTURE_DAYS = 91
"""The newest cut-off lies up to nine weeks back, and they are four weeks apart; signs look back as far themselves."""
MOST_LEAVERS = 2000
"""Of a reason, the newest: enough for an interval of two points, and what moved people years ago is history."""
STAYED_A_CUTOFF = 400
"""Accounts that stayed, a cut-off; drawn by their id, so that the same night gives the same."""

PATTERNS_SCHEMA: dict[str, pl.DataType] = {
    "reason": pl.String(),
    "answers": pl.Int64(),
    "answers_needed": pl.Int64(),
    "pictured": pl.Int64(),
    "sign": pl.String(),
    "shown_share": pl.Float64(),
    "stayed_share": pl.Float64(),
    "difference_low": pl.Float64(),
    "active_accounts_like_it": pl.Int64(),
    "verdict": pl.String(),
}

ANSWERS = """
select reason, count(*) as answers from marts.exits
where reason <> 'not given' and coalesce(kind, 'voluntary') <> 'involuntary'
group by reason order by reason
"""
LEAVERS = """
with asked as (
    select account_id, requested_date from marts.exits
    where reason = ? and coalesce(kind, 'voluntary') <> 'involuntary'
    order by requested_date desc, account_id limit ?
),
pictures as (
    select asked.account_id, asked.requested_date, max(panel.cutoff) as cutoff
    from asked inner join marts.account_cadence_panel as panel
        on panel.account_id = asked.account_id
        and panel.cutoff < asked.requested_date and panel.cutoff >= asked.requested_date - ?
    group by asked.account_id, asked.requested_date
)
select panel.* replace (panel.account_id || ' ' || pictures.requested_date as account_id)
from pictures inner join marts.account_cadence_panel as panel using (account_id, cutoff)
order by account_id
"""
STAYED = """
with drawn as (
    select cutoff, unnest(min_by(account_id, md5(account_id), ?)) as account_id
    from marts.account_cadence_panel where not left_in_horizon group by cutoff
)
select panel.* replace (panel.account_id || ' ' || cutoff as account_id)
from drawn inner join marts.account_cadence_panel as panel using (account_id, cutoff)
order by account_id
"""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sign, how many of the leavers and of those who stayed had shown it, and the least the difference may be."""

    sign: str
    shown_share: float
    stayed_share: float
    difference_low: float


@dataclass(frozen=True, slots=True)
class Shown:
    """Accounts by cut-off, and how many of them showed each sign, in the order of CODES."""

    accounts: Mapping[date, int]
    by_sign: Mapping[date, Floats]


def exit_patterns(warehouse: duckdb.DuckDBPyConnection, model: RiskModel | None, risk: pl.DataFrame) -> pl.DataFrame:
    """The mart `exit_patterns`: one row a reason that somebody gave, most answers first.

    Reads the marts `exits` and `account_cadence_panel`; `risk` is tonight's. A picture is a row of the panel at most
    PICTURE_DAYS before the exit. Signs need a model: without one nothing can be told.
    """
    answers: list[tuple[str, int]] = warehouse.execute(ANSWERS).fetchall()
    is_needed = model is not None and any(count >= ANSWERS_NEEDED for _, count in answers)
    stayed = shown_by(model, warehouse.execute(STAYED, [STAYED_A_CUTOFF]).pl()) if model and is_needed else None
    rows = []
    for reason, count in answers:
        if count < ANSWERS_NEEDED:
            rows.append(_nothing(reason, count, "too few answers"))
        elif model is None or stayed is None:
            rows.append(_nothing(reason, count, "no model"))
        else:
            leavers = warehouse.execute(LEAVERS, [reason, MOST_LEAVERS, PICTURE_DAYS]).pl()
            rows.append(_told(reason, count, shown_by(model, leavers), stayed, risk))
    found = pl.DataFrame(rows, schema=PATTERNS_SCHEMA)
    return found.sort(["answers", "reason"], descending=[True, False])


def note_in_feedback(warehouse: duckdb.DuckDBPyConnection, patterns: pl.DataFrame) -> None:
    """Writes each reason's count into the mart `exit_feedback`, which is built before anybody is scored."""
    warehouse.execute("update marts.exit_feedback set active_accounts_like_it = null")
    for reason, count in patterns.select("reason", "active_accounts_like_it").drop_nulls().iter_rows():
        warehouse.execute(
            "update marts.exit_feedback set active_accounts_like_it = ? where reason = ?", [count, reason]
        )


def pattern_of(leavers: Shown, stayed: Shown) -> Pattern | None:
    """The sign that sets leavers apart from accounts that stayed at the same cut-offs; None when none surely does.

    All signs are looked at, so each interval is as much wider (Bonferroni).
    """
    cutoffs = [cutoff for cutoff in sorted(leavers.accounts) if cutoff in stayed.accounts]
    if not cutoffs:
        return None
    left_all, stayed_all = (np.array([one.accounts[at] for at in cutoffs], dtype=float) for one in (leavers, stayed))
    left_did, stayed_did = (np.array([one.by_sign[at] for at in cutoffs]).T for one in (leavers, stayed))
    signs = len(CODES)
    shares = Shares(
        row=np.repeat(np.arange(signs), len(cutoffs)),
        rows=signs,
        treated=np.tile(left_all, signs),
        treated_did=left_did.ravel(),
        control=np.tile(stayed_all, signs),
        control_did=stayed_did.ravel(),
    )
    low = share_differences(shares, NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / signs)).low
    best = int(np.argmax(low))
    if not low[best] > 0:
        return None
    # Of those who stayed: as if their days were spread like the leavers'.
    expected = float((left_all * stayed_did[best] / stayed_all).sum())
    count = float(left_all.sum())
    return Pattern(CODES[best], float(left_did[best].sum()) / count, expected / count, float(low[best]))


def shown_by(model: RiskModel, rows: pl.DataFrame) -> Shown:
    """What rows of the panel show, with an id each, as the model gives signs."""
    cutoffs = dict(rows.select("account_id", "cutoff").iter_rows())
    accounts: Counter[date] = Counter()
    by_sign: dict[date, Floats] = {}
    for account, given in (signs_of(model, rows) if rows.height else {}).items():
        cutoff = cutoffs[account]
        accounts[cutoff] += 1
        shown = by_sign.setdefault(cutoff, np.zeros(len(CODES)))
        for sign in given:
            shown[CODES.index(sign.code)] += 1
    return Shown(accounts, by_sign)


def _told(reason: str, answers: int, leavers: Shown, stayed: Shown, risk: pl.DataFrame) -> dict[str, object]:
    pictured = sum(leavers.accounts.values())
    pattern = pattern_of(leavers, stayed)
    if pattern is None:
        return {**_nothing(reason, answers, "no pattern"), "pictured": pictured}
    return {
        "reason": reason,
        "answers": answers,
        "answers_needed": ANSWERS_NEEDED,
        "pictured": pictured,
        "sign": pattern.sign,
        "shown_share": round(pattern.shown_share, 9),
        "stayed_share": round(pattern.stayed_share, 9),
        "difference_low": round(pattern.difference_low, 9),
        "active_accounts_like_it": risk.filter(sign_codes().list.contains(pattern.sign)).height,
        "verdict": "pattern",
    }


def _nothing(reason: str, answers: int, verdict: str) -> dict[str, object]:
    blank = dict.fromkeys(PATTERNS_SCHEMA)
    return {**blank, "reason": reason, "answers": answers, "answers_needed": ANSWERS_NEEDED, "verdict": verdict}
