"""Did it keep anybody: results in words, a table and a picture, the same for the command and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from stillhere.reports.formats import NOTHING, Formats
from stillhere.reports.intervals import Estimate, dots_and_intervals
from stillhere.results.campaign_results import DIFFERENCE, EFFECT, NO_EFFECT, NOT_SHOWN, NOT_YET, TOLD
from stillhere.results.outcomes import HOLDOUT, TREATED, UNIVERSAL
from stillhere.results.plans import EVERY_CAMPAIGN

Row = Mapping[str, Any]

EVERY_TITLE = "All campaigns together"
ARM_WORDS = {
    TREATED: "contacted",
    HOLDOUT: "left alone",
    UNIVERSAL: "left alone by every campaign",
}


@dataclass(frozen=True, slots=True)
class ArmLine:
    """One arm: how many were drawn, how many count, how many are still here at each day, what an account brought."""

    arm: str
    assigned: str
    in_test: str
    still_here: tuple[str, ...]
    net_revenue: str


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """One campaign: the primary outcome in a sentence, the arms, and what else was looked at."""

    campaign: str
    title: str
    verdict: str
    words: str
    days: tuple[int, ...]
    arms: tuple[ArmLine, ...]
    explored: tuple[str, ...]


def campaign_results(results: pl.DataFrame, titles: Mapping[str, str], formats: Formats) -> list[CampaignResult]:
    """Every campaign of the mart, the whole programme first."""
    names = results["campaign"].unique().sort().to_list()
    names.sort(key=lambda name: name != EVERY_CAMPAIGN)
    return [_campaign(results.filter(campaign=name), name, titles, formats) for name in names]


def results_chart(results: pl.DataFrame, titles: Mapping[str, str], formats: Formats) -> Markup | None:
    """Differences with their intervals; where nothing can be told yet, how wide an interval is to be expected."""
    treated = results.filter(pl.col("arm") == TREATED).sort(
        pl.col("campaign") != EVERY_CAMPAIGN, "campaign", ~pl.col("is_primary"), "day"
    )
    estimates = [
        _estimate(row, titles, formats)
        for row in treated.to_dicts()
        if row["verdict"] in TOLD or (row["is_primary"] and row["plus_minus"] is not None)
    ]
    if not estimates:
        return None
    ends = ("fewer still here", "more still here than of those left alone")
    return dots_and_intervals(estimates, "Contacted against left alone, in points", formats.points, ends, 900)


def verdict_words(row: Row, formats: Formats) -> str:
    """What the row of the treated arm says, in a sentence."""
    day, low, high = row["day"], formats.points(row["interval_low"]), formats.points(row["interval_high"])
    if row["verdict"] == EFFECT:
        more = "more" if row["difference"] > 0 else "fewer"
        points = formats.number(abs(row["difference"]) * 100, 1)
        return (
            f"An effect: {points} points {more} are still here at day {day} than of those left alone ({low} to {high})."
        )
    if row["verdict"] == NO_EFFECT:
        return f"No effect seen at day {day}: {formats.points(row['difference'])} points ({low} to {high})."
    if row["verdict"] == DIFFERENCE:
        return f"Day {day}: a difference of {formats.points(row['difference'])} points ({low} to {high}), not tested."
    if row["verdict"] == NOT_SHOWN:
        return f"Not shown: {row['stopped_because']}."
    return _waiting(row, formats)


def _waiting(row: Row, formats: Formats) -> str:
    if row["plus_minus"] is None:
        return "Cannot tell yet: nobody has been left alone to compare with, or nobody contacted."
    width = f"±{formats.number(row['plus_minus'] * 100, 1)} points"
    if row["enough_by"] is None:
        return f"Cannot tell yet: {width}; at this pace there is no day by which it is enough."
    return f"Cannot tell yet: {width}, enough by {formats.day(row['enough_by'])}."


def money_words(row: Row, formats: Formats) -> str:
    """The difference in net revenue an account, which is never tested; nothing while it may not be told."""
    if row["net_difference_minor"] is None:
        return ""
    value, low, high = (
        formats.money(row[name])
        for name in ("net_difference_minor", "net_interval_low_minor", "net_interval_high_minor")
    )
    return f"Net revenue an account by day {row['day']}: a difference of {value} ({low} to {high}), not tested."


def _campaign(rows: pl.DataFrame, name: str, titles: Mapping[str, str], formats: Formats) -> CampaignResult:
    days = tuple(rows["day"].unique().sort().to_list())
    treated = {row["day"]: row for row in rows.filter(pl.col("arm") == TREATED).to_dicts()}
    primary = next((row for row in treated.values() if row["is_primary"]), None)
    explored = [verdict_words(row, formats) for row in treated.values() if row["verdict"] == DIFFERENCE]
    explored += [words for row in treated.values() if (words := money_words(row, formats))]
    return CampaignResult(
        campaign=name,
        title=_title(name, titles),
        verdict=primary["verdict"] if primary else NOT_YET,
        words=verdict_words(primary, formats) if primary else "Cannot tell yet: nobody has been contacted.",
        days=days,
        arms=tuple(
            _arm({row["day"]: row for row in rows.filter(arm=arm).to_dicts()}, arm, days, formats)
            for arm in ARM_WORDS
            if arm in rows["arm"]
        ),
        explored=tuple(explored),
    )


def _arm(by_day: Mapping[int, Row], arm: str, days: Sequence[int], formats: Formats) -> ArmLine:
    main = next((row for row in by_day.values() if row["is_primary"]), by_day[days[0]])
    each = round(main["net_revenue_minor"] / main["matured"]) if main["matured"] else None
    return ArmLine(
        arm=ARM_WORDS[arm],
        assigned=formats.number(main["assigned"]),
        in_test=formats.number(main["in_test"]),
        still_here=tuple(_still_here(by_day[day], formats) for day in days),
        net_revenue=formats.money(each),
    )


def _still_here(row: Row, formats: Formats) -> str:
    if not row["matured"]:
        return NOTHING
    return f"{formats.share(row['still_here_share'])} of {formats.number(row['matured'])}"


def _estimate(row: Row, titles: Mapping[str, str], formats: Formats) -> Estimate:
    title = f"{_title(row['campaign'], titles)}, day {row['day']}"
    if row["verdict"] in TOLD:
        kind = "" if row["is_primary"] else " (exploratory)"
        low, high = formats.points(row["interval_low"]), formats.points(row["interval_high"])
        shown = f"{formats.points(row['difference'])} ({low} to {high})"
        return Estimate(title + kind, row["difference"], row["interval_low"], row["interval_high"], shown)
    width = row["plus_minus"]
    shown = f"cannot tell yet: ±{formats.number(width * 100, 1)}"
    return Estimate(title, 0.0, -width, width, shown, is_known=False)


def _title(campaign: str, titles: Mapping[str, str]) -> str:
    return EVERY_TITLE if campaign == EVERY_CAMPAIGN else titles.get(campaign, campaign)
