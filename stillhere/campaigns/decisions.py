"""One night's decisions from its marts: lists, occasions, candidates, the arbiter, and the guard on how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from stillhere.campaigns.account_rows import wide_accounts
from stillhere.campaigns.arbiter import decide
from stillhere.campaigns.blast_radius import find_too_many, live_nights_before, usual_counts
from stillhere.campaigns.candidates import People, build_candidates
from stillhere.campaigns.dependence import profiling_campaigns
from stillhere.campaigns.facts import (
    CALLS_SCHEMA,
    ERASURES_SCHEMA,
    EVERYTHING,
    HISTORY_SCHEMA,
    OBJECTIONS_SCHEMA,
    QUIET_SCHEMA,
    REDEMPTIONS_SCHEMA,
    SUPPRESSIONS_SCHEMA,
    Facts,
    Held,
    Rules,
    objecting_accounts,
)
from stillhere.campaigns.holdouts import ASSIGNMENTS_SCHEMA, handed_over
from stillhere.campaigns.occasions import OCCASIONS_SCHEMA, OccasionsTonight, conditions_tonight, occasions_tonight
from stillhere.campaigns.ramp import mails_allowed, ramped
from stillhere.campaigns.segments import empty_members, members_tonight
from stillhere.settings import Campaign, Offers, Settings

NO_OFFERS = Offers()


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
    objections: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=OBJECTIONS_SCHEMA))
    erasures: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ERASURES_SCHEMA))
    quiet: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUIET_SCHEMA))
    redemptions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REDEMPTIONS_SCHEMA))
    calls: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CALLS_SCHEMA))


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
    objected = objecting_accounts(inputs.contacts, inputs.objections)
    members = members_tonight(
        wide, settings.segments.segments, inputs.previous_members, as_of, held=held, objected=objected
    )
    in_doubt = pl.col("segment_id").is_in([one.segment for one in enabled if one.id in inputs.holds])
    members = members.with_columns(status=pl.when(in_doubt).then(pl.lit("held")).otherwise("status"))
    occasions = occasions_tonight(
        conditions_tonight(members, enabled, as_of),
        inputs.occasions,
        as_of,
        company.campaigns.occasion_closes_after_days,
    )
    people = People(inputs.contacts, wide)
    candidates = build_candidates(enabled, occasions.current, people)
    facts = Facts(
        accounts=wide,
        suppressions=inputs.suppressions,
        history=inputs.history,
        assignments=inputs.assignments,
        paused=inputs.paused,
        objections=inputs.objections,
        objected=objected,
        erasures=inputs.erasures,
        quiet=inputs.quiet,
        redemptions=inputs.redemptions,
        calls=inputs.calls,
    )
    rules = Rules(
        company=company,
        campaigns=enabled,
        offers=settings.offers,
        revision=revision,
        no_contacts=people.there_are_none,
        holds=inputs.holds,
        profiling=profiling_campaigns(settings),
    )
    decisions = decide(candidates, facts, rules, as_of)
    allowed = mails_allowed(company.campaigns, live_nights_before(inputs.history, as_of))
    decisions = ramped(decisions, wide, enabled, allowed)
    base = wide.filter(pl.col("stage").is_in(["onboarding", "active"])).height
    usual = usual_counts(inputs.history, as_of)
    too_many = find_too_many(decisions, base, company.campaigns.max_share_of_base, usual)
    return NightDecisions(members, hold(decisions, too_many), occasions, too_many)


def inputs_from(
    marts: Mapping[str, pl.DataFrame],
    snapshot: Mapping[str, Sequence[Mapping[str, Any]]],
    previous_members: pl.DataFrame | None = None,
    holds: Mapping[str, Held] | None = None,
) -> NightInputs:
    """A night's inputs from its marts (accounts, account_cadence, risk, and int_contacts) and operations snapshot.

    `snapshot` is what `operations.snapshot.read_snapshot` gives, or what a seal holds.
    """

    def rows(name: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        return pl.DataFrame([{key: row.get(key) for key in schema} for row in snapshot.get(name, ())], schema=schema)

    return NightInputs(
        accounts=marts["accounts"],
        cadence=marts["account_cadence"],
        risk=marts["risk"],
        contacts=marts["int_contacts"],
        previous_members=empty_members() if previous_members is None else previous_members,
        occasions=rows("occasions", OCCASIONS_SCHEMA),
        history=rows("contacts_made", HISTORY_SCHEMA),
        suppressions=rows("suppressions", SUPPRESSIONS_SCHEMA),
        assignments=rows("assignments", ASSIGNMENTS_SCHEMA),
        paused=frozenset(str(row["subject"]) for row in snapshot.get("pauses", ())),
        holds=holds or {},
        objections=rows("objections", OBJECTIONS_SCHEMA),
        erasures=rows("erasures", ERASURES_SCHEMA),
        quiet=rows("quiet", QUIET_SCHEMA),
        redemptions=marts.get("redemptions", pl.DataFrame(schema=REDEMPTIONS_SCHEMA)),
        calls=pl.concat([marts.get("calls", pl.DataFrame(schema=CALLS_SCHEMA)), _reported_calls(snapshot)]),
    )


def _reported_calls(snapshot: Mapping[str, Sequence[Mapping[str, Any]]]) -> pl.DataFrame:
    """Calls that people brought back as done, or found to be no fit: both are looked after."""
    told = [row for row in snapshot.get("calls", ()) if row.get("outcome") in ("done", "not a fit")]
    rows = [{"account_id": row["account_id"], "called_date": row["called_on"]} for row in told]
    return pl.DataFrame(rows, schema=CALLS_SCHEMA)


def places_taken(
    decisions: pl.DataFrame,
    campaigns: Sequence[Campaign],
    released: frozenset[str] = frozenset(),
    offers: Offers = NO_OFFERS,
) -> pl.DataFrame:
    """Rows for `contacts_made` when a night is handed over live: mails, calls, and the places of held-out accounts.

    A held-out account keeps the place of its offer too, so that both arms are asked again on the same day.

    What is held takes no place, nor do held-out accounts of a held campaign, until the campaign (or `*`) is `released`.
    A mail that was dropped or refused at hand-over takes none either: leave its row out of `decisions`.
    """
    calls = [campaign.id for campaign in campaigns if campaign.what == "call"]
    made = pl.when(pl.col("campaign").is_in(calls)).then(pl.lit("call")).otherwise(pl.lit("send"))
    outcome = pl.when(pl.col("outcome") == "holdout").then(pl.lit("holdout")).otherwise(made)
    terms = pl.DataFrame(
        [(one.id, one.code, one.stacking_group, one.until_date) for one in offers.offers],
        schema={"offer": pl.String, "offer_code": pl.String, "offer_group": pl.String, "offer_until": pl.Date},
        orient="row",
    )
    rows = handed_over(decisions, released).with_columns(outcome=outcome).join(terms, on="offer", how="left")
    columns = ("campaign", "account_id", "occasion", "email", "as_of", "outcome")
    offered = ("offer_code", "offer_group", "offer_until")
    return rows.select(*columns, *offered).sort("campaign", "account_id", "occasion")


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
