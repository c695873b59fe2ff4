"""What was decided and done, what was held and why, and the lists people get."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from stillhere.campaigns.refusals import REASONS
from stillhere.operations.holds import Hold, way_out
from stillhere.reports.bars import Bar, lying_bars
from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import Formats
from stillhere.reports.headline import leavers_among

REASONS_SHOWN = 12
OUTCOMES = ("send", "call", "holdout", "held", "lost")
STATUS_WORDS = {
    "reserved": "not handed over yet",
    "handing_over": "on their way",
    "accepted": "accepted by the sender",
    "refused": "refused by the sender",
    "unknown": "unknown: the sender did not answer in time",
    "dropped": "dropped, for a stop came in after the decision",
}


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign tonight: how many people it was considered for, and what came of it."""

    title: str
    campaign: str
    considered: str
    mails: str
    calls: str
    holdout: str
    held: str
    lost: str
    settled: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """One segment list: where it is, beside the report."""

    title: str
    description: str
    members: str
    new_tonight: str
    leave: str
    path: str


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold, and the command that lets it go."""

    what: str
    rule: str
    words: str
    count: str
    examples: str
    owner: str
    release: str
    released: str


def outcome_counts(facts: NightFacts) -> dict[str, dict[str, int]]:
    """Campaign to outcome to number of people, campaigns of the configuration first, in its order."""
    counted = facts.marts["decisions"].group_by("campaign", "outcome").len()
    ids = [one.id for one in facts.campaigns]
    found = {campaign: dict.fromkeys(OUTCOMES, 0) for campaign in ids}
    for campaign, outcome, count in counted.sort("campaign", "outcome").iter_rows():
        found.setdefault(campaign, dict.fromkeys(OUTCOMES, 0))[outcome] = count
    return found


def campaign_rows(facts: NightFacts, formats: Formats) -> list[CampaignRow]:
    """The table of campaigns."""
    return [
        CampaignRow(
            title=facts.campaign_title(campaign),
            campaign=campaign,
            considered=formats.number(sum(counts.values())),
            mails=formats.number(counts["send"]),
            calls=formats.number(counts["call"]),
            holdout=formats.number(counts["holdout"]),
            held=formats.number(counts["held"]),
            lost=formats.number(counts["lost"]),
            settled=_settled(facts, campaign, counts["send"], formats),
        )
        for campaign, counts in outcome_counts(facts).items()
    ]


def _settled(facts: NightFacts, campaign: str, mails: int, formats: Formats) -> str:
    if facts.handover.mode == "preview":
        return "preview: nothing left" if mails else ""
    settled = facts.handover.settled.get(campaign, {})
    named = [(STATUS_WORDS.get(name, name), count) for name, count in sorted(settled.items())]
    return ", ".join(f"{formats.number(count)} {words}" for words, count in named)


def refusal_chart(facts: NightFacts, formats: Formats) -> Markup | None:
    """Why candidates got nothing tonight: people by reason, those held out for measuring hatched."""
    refused = facts.marts["decisions"].filter(pl.col("outcome").is_in(["lost", "held", "holdout"]))
    counted = refused.group_by("reason_code").len().sort(["len", "reason_code"], descending=[True, False])
    bars = [
        Bar(
            _reason(code),
            0 if "holdout" in (code or "") else count,
            count if "holdout" in (code or "") else 0,
            formats.number(count),
        )
        for code, count in counted.head(REASONS_SHOWN).iter_rows()
    ]
    return lying_bars(bars, "People who got nothing tonight, by reason", 1000) if bars else None


def _reason(code: str | None) -> str:
    words = REASONS.get(code or "") or (code or "no reason given").replace("_", " ")
    return words[0].upper() + words[1:]


def list_rows(facts: NightFacts, formats: Formats) -> list[ListRow]:
    """Every segment with its members, in the configuration's order."""
    members = facts.marts["segment_members"]
    rows = []
    for segment in facts.segments:
        mine = members.filter(pl.col("segment_id") == segment.id)
        scored = facts.marts["risk"].join(mine, on="account_id", how="semi")
        rows.append(
            ListRow(
                title=segment.title,
                description=segment.description,
                members=formats.number(mine.height),
                new_tonight=formats.number(int(mine["new_tonight"].sum() or 0)),
                leave=leavers_among(scored, facts.model, formats),
                path=f"lists/{segment.id}.xlsx",
            )
        )
    return rows


def hold_rows(facts: NightFacts, formats: Formats) -> list[HoldRow]:
    """The holds of the night, the widest first."""
    widest = {"night": 0, "campaign": 1, "message": 2}
    ordered = sorted(facts.holds, key=lambda hold: (widest[hold.scope], hold.subject, hold.rule))
    return [_hold_row(hold, facts, formats) for hold in ordered]


def _hold_row(hold: Hold, facts: NightFacts, formats: Formats) -> HoldRow:
    what = {"night": "The whole send", "campaign": facts.campaign_title(hold.subject), "message": hold.subject[:12]}
    return HoldRow(
        what=what[hold.scope],
        rule=hold.rule,
        words=hold.words,
        count=formats.number(hold.item_count),
        examples=", ".join(hold.examples),
        owner=hold.owner,
        release="" if hold.released_at else f"stillhere {way_out(hold.rule, hold.subject, hold.hold_id)}",
        released=hold.released_because or "",
    )
