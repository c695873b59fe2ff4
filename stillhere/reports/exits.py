"""Why they left: reasons by month and by segment, words that may be quoted, and accounts that show the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from markupsafe import Markup

from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import NOTHING, Formats
from stillhere.reports.reason_chart import ReasonMonths, reason_months
from stillhere.signs import sign_title

MONTHS_SHOWN = 12
REASONS_SHOWN = 10
SEGMENTS_SHOWN = 6
SHARES_FROM = 20
"""Of fewer in a segment a share would say more than it knows."""
NOT_GIVEN = "not given"
ADDRESS = re.compile(r"\S+@\S+")
"""Whoever signs with an address has allowed to quote the words, not that."""
SEGMENT_FIELDS = ("plan", "channel", "country")


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """Reasons by segment: headings with how many gave a reason, and a row of cells a reason."""

    field: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class PatternRow:
    """One reason: what its leavers had shown and how many still here show it (`like_it`), or why none can be told."""

    reason: str
    answers: str
    words: str
    like_it: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """Words of a leaver, the reason given and the month; no name."""

    words: str
    about: str


@dataclass(frozen=True, slots=True)
class WhyTheyLeft:
    """The whole section."""

    words: str
    chart: Markup
    segments: SegmentTable | None
    patterns: tuple[PatternRow, ...]
    quotes: tuple[QuoteRow, ...]


def why_they_left(facts: NightFacts, formats: Formats) -> WhyTheyLeft | None:
    """The section of the last MONTHS_SHOWN months; None where nobody has said why."""
    months = _months(facts.as_of)
    every = facts.marts["exits"].filter(pl.col("month").is_in(months))
    asked = every.filter(pl.col("kind").fill_null("voluntary") != "involuntary")
    given = asked.filter(pl.col("reason") != NOT_GIVEN)
    if given.is_empty():
        return None
    return WhyTheyLeft(
        words=_words(asked.height, given.height, every.height - asked.height, formats),
        chart=_chart(asked, months, facts, formats),
        segments=_segments(given, facts, formats),
        patterns=tuple(_pattern(row, facts, formats) for row in facts.marts["exit_patterns"].to_dicts()),
        quotes=tuple(
            QuoteRow(
                ADDRESS.sub("(address)", quote.comment),
                f"{_title(quote.reason or NOT_GIVEN, facts)}, {formats.month(quote.answered_at.date())}",
            )
            for quote in facts.quotes
        ),
    )


def _months(as_of: date) -> list[date]:
    """First days of the last months, oldest first, the running one included."""
    number = as_of.year * 12 + as_of.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(number - MONTHS_SHOWN + 1, number + 1)]


def _words(asked: int, given: int, involuntary: int, formats: Formats) -> str:
    said = f"{formats.number(given)} of {formats.number(asked)} recorded exits of the last 12 months came with a reason"
    failed = f"; {formats.number(involuntary)} more left because a payment failed" if involuntary else ""
    return f"{said}{failed}. Who did not answer may have left for other reasons than those who did."


def _title(reason: str, facts: NightFacts) -> str:
    return "No reason given" if reason == NOT_GIVEN else facts.reason_words.get(reason, reason)


def _by_size(rows: pl.DataFrame, most: int, column: str) -> list[str]:
    """Values of a column, the most frequent first."""
    counts = rows.group_by(column).len().sort(["len", column], descending=[True, False])
    found: list[str] = counts[column].to_list()
    return found[:most]


def _chart(asked: pl.DataFrame, months: Sequence[date], facts: NightFacts, formats: Formats) -> Markup:
    counts = {
        (reason, month): count
        for reason, month, count in asked.group_by("reason", "month").len().select("reason", "month", "len").iter_rows()
    }
    given = asked.filter(pl.col("reason") != NOT_GIVEN)
    shown = _by_size(given, REASONS_SHOWN, "reason")
    others = set(given["reason"]) - set(shown)
    rows = [ReasonMonths(_title(one, facts), tuple(counts.get((one, month), 0) for month in months)) for one in shown]
    if others:
        together = tuple(sum(counts.get((one, month), 0) for one in others) for month in months)
        rows.append(ReasonMonths(f"{len(others)} other reasons", together))
    if given.height < asked.height:
        silent = tuple(counts.get((NOT_GIVEN, month), 0) for month in months)
        rows.append(ReasonMonths(_title(NOT_GIVEN, facts), silent, is_hatched=True))
    return reason_months(rows, [formats.month(month) for month in months], "Reasons for leaving, by month")


def _segments(given: pl.DataFrame, facts: NightFacts, formats: Formats) -> SegmentTable | None:
    """By plan, or by the first other field in which leavers differ; None where they differ in none."""
    rows = given.join(facts.marts["accounts"].select("account_id", *SEGMENT_FIELDS), on="account_id", how="left")
    field = next((name for name in SEGMENT_FIELDS if rows[name].drop_nulls().n_unique() > 1), None)
    if field is None:
        return None
    named = rows.with_columns(segment=pl.col(field).fill_null("not known"))
    largest = _by_size(named, SEGMENTS_SHOWN, "segment")
    named = named.with_columns(
        segment=pl.when(pl.col("segment").is_in(largest)).then("segment").otherwise(pl.lit("others"))
    )
    segments = [*largest, *(["others"] if "others" in set(named["segment"]) - set(largest) else [])]
    sizes = dict(named.group_by("segment").len().iter_rows())
    counts = {(r, s): n for r, s, n in named.group_by("reason", "segment").len().iter_rows()}

    def cell(reason: str, segment: str) -> str:
        count, of = counts.get((reason, segment), 0), sizes[segment]
        share = f" ({formats.share(count / of)})" if count and of >= SHARES_FROM else ""
        return f"{formats.number(count)}{share}" if count else NOTHING

    reasons = _by_size(named, REASONS_SHOWN, "reason")
    return SegmentTable(
        field,
        tuple((segment, formats.number(sizes[segment])) for segment in segments),
        tuple((_title(one, facts), tuple(cell(one, segment) for segment in segments)) for one in reasons),
    )


def _pattern(row: dict[str, object], facts: NightFacts, formats: Formats) -> PatternRow:
    answers = _count(row["answers"])
    reason, said = _title(str(row["reason"]), facts), _counted(answers, "answer", formats)
    if row["verdict"] != "pattern":
        return PatternRow(reason, said, _not_told(row, answers, formats))
    shown, stayed = formats.share(_share(row["shown_share"])), formats.share(_share(row["stayed_share"]))
    like_it = _count(row["active_accounts_like_it"])
    return PatternRow(
        reason,
        said,
        f"{shown} of the {formats.number(_count(row['pictured']))} with a picture had shown "
        f"“{sign_title(str(row['sign']), facts.company.language)}”, {stayed} of those who stayed.",
        formats.number(like_it),
        f"{'account' if like_it == 1 else 'accounts'} still here show{'s' if like_it == 1 else ''} it; "
        f"a list with signs: has {row['sign']} holds them.",
    )


def _not_told(row: dict[str, object], answers: int, formats: Formats) -> str:
    if row["verdict"] == "too few answers":
        needed = _count(row["answers_needed"])
        return f"told from {formats.number(needed)} answers on; {formats.number(needed - answers)} are missing."
    if row["verdict"] == "no model":
        return "signs need a model, and there is too little history for one."
    looked_at = formats.number(_count(row["pictured"]))
    return f"no sign sets the {looked_at} with a picture apart from accounts that stayed."


def _counted(count: int, what: str, formats: Formats) -> str:
    return f"{formats.number(count)} {what}{'' if count == 1 else 's'}"


def _count(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _share(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
