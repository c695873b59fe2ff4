"""Published marts as frames of known columns, so that a missing or empty one is an empty section, not an error."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from stillhere.results.campaign_results import RESULTS_SCHEMA

TEXT, COUNT, SHARE, DAY, TRUTH = pl.String(), pl.Int64(), pl.Float64(), pl.Date(), pl.Boolean()

COLUMNS: dict[str, dict[str, pl.DataType]] = {
    "accounts": {
        "account_id": TEXT,
        "account_name": TEXT,
        "stage": TEXT,
        "is_internal": TRUTH,
        "plan": TEXT,
        "channel": TEXT,
        "country": TEXT,
        "tenure_days": COUNT,
        "value_minor": COUNT,
        "decides_on": DAY,
        "is_scored": TRUTH,
    },
    "account_cadence": {
        "account_id": TEXT,
        "tenure_days": COUNT,
        "active_days_28": COUNT,
        "active_days_prev_28": COUNT,
        "active_days_91": COUNT,
        "active_days_prev_91": COUNT,
        "usual_gap_days": SHARE,
        "gap_p90_days": SHARE,
        "days_silent": COUNT,
        "silence_ratio": SHARE,
        "last_active_date": DAY,
        "expected_next_date": DAY,
    },
    "account_weeks": {"account_id": TEXT, "active_days_by_week": TEXT},
    "risk": {
        "account_id": TEXT,
        "churn_probability": SHARE,
        "risk_rank": COUNT,
        "is_flagged": TRUTH,
        "signs": TEXT,
        "signs_words": TEXT,
        "expected_next_date": DAY,
        "value_at_stake_minor": COUNT,
        "outreach_value_minor": COUNT,
        "value_rank": COUNT,
        "model_id": TEXT,
        "too_little_data": TRUTH,
        "rule": TEXT,
    },
    "retention": {
        "cohort_kind": TEXT,
        "cohort": TEXT,
        "month": DAY,
        "accounts_at_start": COUNT,
        "accounts_kept": COUNT,
        "logo_retention_share": SHARE,
        "gross_revenue_retention_share": SHARE,
        "net_revenue_retention_share": SHARE,
        "won_minor": COUNT,
        "lost_minor": COUNT,
        "replaced_share": SHARE,
        "age_months": COUNT,
        "accounts_at_end": COUNT,
        "logo_since_start_share": SHARE,
    },
    "hamster_wheel": {
        "month": DAY,
        "months_counted": COUNT,
        "undone_months": SHARE,
        "leavers_counted": COUNT,
        "one_point_minor": COUNT,
        "one_point_low_minor": COUNT,
        "one_point_high_minor": COUNT,
        "one_point_verdict": TEXT,
    },
    "habits": {
        "habit": TEXT,
        "milestone": TEXT,
        "milestone_day": COUNT,
        "threshold": SHARE,
        "is_milestone": TRUTH,
        "habit_rank": COUNT,
        "verdict": TEXT,
        "words": TEXT,
        "best_n": COUNT,
        "worst_n": COUNT,
        "best_share": SHARE,
        "worst_share": SHARE,
        "difference": SHARE,
        "interval_low": SHARE,
        "interval_high": SHARE,
        "n": COUNT,
    },
    "exits": {
        "account_id": TEXT,
        "requested_date": DAY,
        "month": DAY,
        "reason": TEXT,
        "outcome": TEXT,
        "kind": TEXT,
    },
    "exit_patterns": {
        "reason": TEXT,
        "answers": COUNT,
        "answers_needed": COUNT,
        "pictured": COUNT,
        "sign": TEXT,
        "shown_share": SHARE,
        "stayed_share": SHARE,
        "active_accounts_like_it": COUNT,
        "verdict": TEXT,
    },
    "campaign_results": dict(RESULTS_SCHEMA),
    "segment_members": {
        "segment_id": TEXT,
        "account_id": TEXT,
        "new_tonight": TRUTH,
        "status": TEXT,
        "value_minor": COUNT,
    },
    "decisions": {
        "account_id": TEXT,
        "contact_id": TEXT,
        "campaign": TEXT,
        "arm": TEXT,
        "outcome": TEXT,
        "reason_code": TEXT,
        "reason_words": TEXT,
        "message_id": TEXT,
        "language": TEXT,
    },
}
"""What the report reads of each mart. `email` is not among it: the report holds no address."""


def read_marts(folder: Path) -> dict[str, pl.DataFrame]:
    """Every mart of COLUMNS from `<folder>/<mart>.parquet`, with exactly those columns in those types."""
    return {mart: _read(folder / f"{mart}.parquet", columns) for mart, columns in COLUMNS.items()}


def empty_marts() -> dict[str, pl.DataFrame]:
    """The marts of a company without data."""
    return {mart: pl.DataFrame(schema=columns) for mart, columns in COLUMNS.items()}


def _read(path: Path, columns: dict[str, pl.DataType]) -> pl.DataFrame:
    if not path.is_file():
        return pl.DataFrame(schema=columns)
    there = set(pl.read_parquet_schema(path))
    frame = pl.read_parquet(path, columns=[name for name in columns if name in there])
    return frame.select(
        pl.col(name).cast(kind) if name in there else pl.lit(None, dtype=kind).alias(name)
        for name, kind in columns.items()
    )
