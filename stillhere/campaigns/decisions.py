"""One night's decisions from its marts: lists, occasions, candidates, the arbiter, and the guard on how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import floor

import polars as pl

from stillhere.campaigns.account_rows import wide_accounts
from stillhere.campaigns.arbiter import EVERYTHING, Facts, Held, Rules, decide
from stillhere.campaigns.candidates import People, build_candidates
from stillhere.campaigns.occasions import OccasionsTonight, conditions_tonight, occasions_tonight
from stillhere.campaigns.segments import members_tonight
from stillhere.settings import Settings

ALWAYS_ALLOWED = 50
"""As many contacts of one campaign a night are never too many: a share of a small base would hold everything."""


@dataclass(frozen=True)
class NightInputs:
    """What a night decides on. Frames have the columns that SPEC and the schemas beside each function name.

    `previous_members` is the newest published `segment_members` before `as_of`; `occasions`, `history`, `suppressions`
    and `assignments` are the operations rows the night has read.
    """

    accounts: pl.DataFrame
    cadence: pl.DataFrame
    risk: pl.DataFrame
    contacts: pl.DataFrame
    previous_members: pl.DataFrame
    occasions: pl.DataFrame
    history: pl.DataFrame
    suppressions: pl.DataFrame
    assignments: pl.DataFrame
    paused: frozenset[str] = frozenset()
    holds: Mapping[str, Held] = field(default_factory=dict)


@dataclass(frozen=True)
class NightDecisions:
    """The marts `segment_members` and `decisions`, the occasions to store, and campaigns held for being too many."""

    members: pl.DataFrame
    decisions: pl.DataFrame
    occasions: OccasionsTonight
    too_many: dict[str, Held]


def decide_night(settings: Settings, inputs: NightInputs, as_of: date, revision: int = 1) -> NightDecisions:
    """Everything that *decide* gives for one night. Pure: same inputs, same frames."""
    company, campaigns = settings.company, settings.campaigns
    enabled = tuple(campaign for campaign in campaigns if campaign.enabled)
    wide = wide_accounts(inputs.accounts, inputs.cadence, inputs.risk)
    held = EVERYTHING in inputs.holds
    members = members_tonight(wide, settings.segments.segments, inputs.previous_members, as_of, held=held)
    occasions = occasions_tonight(
        conditions_tonight(members, enabled, as_of),
        inputs.occasions,
        as_of,
        company.campaigns.occasion_closes_after_days,
    )
    people = People(inputs.contacts, wide)
    candidates = build_candidates(enabled, occasions.current, people)
    facts = Facts(wide, inputs.suppressions, inputs.history, inputs.assignments, inputs.paused)
    rules = Rules(
        campaigns=enabled,
        limits=company.campaigns,
        languages=tuple(dict.fromkeys((company.language, *company.languages))),
        revision=revision,
        no_contacts=people.there_are_none,
        holds=inputs.holds,
    )
    decisions = decide(candidates, facts, rules, as_of)
    base = wide.filter(pl.col("stage").is_in(["onboarding", "active"])).height
    too_many = find_too_many(decisions, base, company.campaigns.max_share_of_base)
    return NightDecisions(members, hold(decisions, too_many), occasions, too_many)


def find_too_many(decisions: pl.DataFrame, base: int, max_share: float) -> dict[str, Held]:
    """Campaigns that would reach more than `max_share` of the base tonight, with the words of their hold."""
    allowed = max(ALWAYS_ALLOWED, floor(base * max_share))
    counts = decisions.filter(pl.col("outcome").is_in(["send", "call"])).group_by("campaign").len().sort("campaign")
    return {
        campaign: Held(
            "too_many", f"{count} in one night; more than {allowed} of {base} customers needs a person's yes"
        )
        for campaign, count in counts.iter_rows()
        if count > allowed
    }


def hold(decisions: pl.DataFrame, holds: Mapping[str, Held]) -> pl.DataFrame:
    """The same decisions with the winners of held campaigns (or of all, under `*`) held."""
    held = decisions
    for campaign, why in sorted(holds.items()):
        named = pl.lit(value=True) if campaign == EVERYTHING else pl.col("campaign") == campaign
        winner = named & pl.col("outcome").is_in(["send", "call"])
        held = held.with_columns(
            outcome=pl.when(winner).then(pl.lit("held")).otherwise("outcome"),
            reason_code=pl.when(winner).then(pl.lit(why.code)).otherwise("reason_code"),
            reason_words=pl.when(winner).then(pl.lit(why.words)).otherwise("reason_words"),
        )
    return held
