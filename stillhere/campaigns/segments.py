"""Who is on which list tonight. Membership rests on last night's published list and tonight's rows, nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from stillhere.campaigns.conditions import rule_of
from stillhere.campaigns.dependence import profiling_segments
from stillhere.settings import Segment

MEMBERS_SCHEMA: dict[str, pl.DataType] = {
    "segment_id": pl.String(),
    "version": pl.String(),
    "account_id": pl.String(),
    "account_name": pl.String(),
    "since": pl.Date(),
    "days_in": pl.Int32(),
    "new_tonight": pl.Boolean(),
    "signs": pl.String(),
    "value_minor": pl.Int64(),
    "churn_probability": pl.Float64(),
    "owner_email": pl.String(),
    "status": pl.String(),
    "last_true_date": pl.Date(),
}
"""`segment_members`: one row a segment and account. `last_true_date` is the night on which the rule last held."""


def empty_members() -> pl.DataFrame:
    """What stands for last night before there was one."""
    return pl.DataFrame(schema=MEMBERS_SCHEMA)


def version_of(segment: Segment) -> str:
    """Twelve hex digits that change when the rule or its `stay_days` does; a new title is no new version."""
    rule = {"all": dict(segment.all), "any": dict(segment.any), "stay_days": segment.stay_days}
    return hashlib.sha256(json.dumps(rule, sort_keys=True).encode()).hexdigest()[:12]


def versions_tonight(segments: Sequence[Segment], members: pl.DataFrame) -> dict[str, str]:
    """Segment id to the version of its rule: what the members came by; for a list with nobody on it, today's rule."""
    return {one.id: version_of(one) for one in segments} | _versions(members)


def changed_versions(tonight: Mapping[str, str], previous: pl.DataFrame) -> dict[str, str]:
    """Segment id to the version it had last night, for segments whose rule has changed since.

    `tonight` comes from `versions_tonight`: a rule that nobody meets any more has changed all the same.
    """
    before = _versions(previous)
    return {name: before[name] for name in sorted(tonight) if name in before and before[name] != tonight[name]}


def _versions(members: pl.DataFrame) -> dict[str, str]:
    return dict(members.select("segment_id", "version").unique().sort("segment_id", "version").iter_rows())


def members_tonight(
    wide: pl.DataFrame,
    segments: Sequence[Segment],
    previous: pl.DataFrame,
    as_of: date,
    *,
    held: bool = False,
    objected: frozenset[str] = frozenset(),
) -> pl.DataFrame:
    """`segment_members` of one night, ordered by segment and account.

    `wide` comes from `wide_accounts`; `previous` is the newest published `segment_members` before `as_of`.
    A member whose rule no longer holds is `staying` until `stay_days` after it last held; a changed rule takes effect
    at once. With `held` (the night's send is held) every status is `held`. Accounts that have `objected` to profiling
    are on no list that rests on what customers do.
    """
    shown = wide.filter(~pl.col("is_internal").fill_null(value=False)) if "is_internal" in wide.columns else wide
    profiling = profiling_segments(segments)
    free = shown.filter(~pl.col("account_id").is_in(sorted(objected))) if objected else shown
    lists = [_members_of(free if one.id in profiling else shown, one, previous, as_of) for one in segments]
    members = pl.concat([empty_members(), *lists]).sort("segment_id", "account_id")
    return members.with_columns(status=pl.lit("held")) if held else members


def _members_of(wide: pl.DataFrame, segment: Segment, previous: pl.DataFrame, as_of: date) -> pl.DataFrame:
    version = version_of(segment)
    before = previous.filter(pl.col("segment_id") == segment.id).select(
        "account_id", "since", before_version="version", last_true_date="last_true_date"
    )
    joined = wide.with_columns(holds=rule_of(segment, as_of)).join(before, on="account_id", how="left")
    still_fresh = pl.col("last_true_date") >= as_of - timedelta(days=segment.stay_days)
    stays = ((pl.col("before_version") == version) & still_fresh).fill_null(value=False)
    since = pl.col("since").fill_null(as_of)
    return joined.filter(pl.col("holds") | stays).select(
        segment_id=pl.lit(segment.id),
        version=pl.lit(version),
        account_id=pl.col("account_id"),
        account_name=pl.col("account_name"),
        since=since,
        days_in=(pl.lit(as_of) - since).dt.total_days().cast(pl.Int32),
        new_tonight=pl.col("since").is_null(),
        signs=pl.col("signs_words"),
        value_minor=pl.col("value_minor").cast(pl.Int64),
        churn_probability=pl.col("churn_probability").cast(pl.Float64),
        owner_email=pl.col("owner_email"),
        status=pl.when("holds").then(pl.lit("in")).otherwise(pl.lit("staying")),
        last_true_date=pl.when("holds").then(pl.lit(as_of)).otherwise(pl.col("last_true_date")),
    )
