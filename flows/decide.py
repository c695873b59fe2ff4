"""Decide: the one arbiter, and the seal that makes a night repeatable."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from flows.doubts import held_by_doubts
from flows.hand_overs import campaign_hold, check_messages
from flows.night import Night
from flows.results import night_results
from flows.score import NightMarts
from stillhere.campaigns.account_rows import wide_accounts
from stillhere.campaigns.content import content_hashes
from stillhere.campaigns.decisions import NightDecisions, NightInputs, decide_night, inputs_from
from stillhere.campaigns.facts import EVERYTHING, Held
from stillhere.mails.outbox import OutboxFile, write_outbox_file
from stillhere.operations import writing
from stillhere.operations.campaign_memory import keep_occasions
from stillhere.operations.closings import ClosedMonth, store_closes
from stillhere.operations.holds import LIVE_RULES, holds_of, replace_holds
from stillhere.operations.seals import Seal, digest_of, seal_before, write_seal
from stillhere.warehouse.closing import months_due
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.night_inputs import AcceptedLoad
from stillhere.warehouse.publish import SQL_MARTS, write_marts


@dataclass(frozen=True)
class Decided:
    """A night's decisions and lists, as sealed, with the wide account rows and last night's lists beside them."""

    decisions: pl.DataFrame
    members: pl.DataFrame
    previous: pl.DataFrame | None
    wide: pl.DataFrame
    contacts: pl.DataFrame


def decide_and_seal(night: Night, scored: NightMarts, loads: list[AcceptedLoad]) -> Decided:
    """Decides, writes and checks the messages, keeps the night's folder, and seals it, in that order.

    A night killed before the seal is decided again by the next run; one killed after it repeats what is sealed.
    """
    last = seal_before(night.operations, night.as_of)
    previous = last.members if last else None
    found = decide_night(night.settings, _inputs(night, scored, previous), night.as_of, night.revision)
    wide = wide_accounts(scored.marts["accounts"], scored.marts["account_cadence"], scored.marts["risk"])
    contacts = scored.marts["int_contacts"]
    if night.seal is not None:
        _compare(night, scored, found)
        stored = holds_of(night.operations, night.as_of, night.revision)
        # What only a hand-over is held for is looked at when it comes to it.
        night.holds = [hold for hold in stored if hold.rule not in LIVE_RULES]
        return Decided(night.seal.decisions, night.seal.members, previous, _sealed_wide(night, wide), contacts)
    doubted = held_by_doubts(night, scored.doubts)
    night.holds += [
        campaign_hold(night, campaign, held.code, held.words, found.decisions)
        for campaign, held in sorted([*doubted.items(), *found.too_many.items()], key=lambda item: item[0])
    ]
    written = night.settings.places.scratch / "outbox.parquet"  # one a company, so that a killed night leaves no more
    outbox = write_outbox_file(written, found.decisions, wide, contacts, night.settings)
    check_messages(night, outbox)
    _keep_folder(night, scored, found, outbox)
    _seal(night, scored, found, loads)
    return Decided(found.decisions, found.members, previous, wide, contacts)


def _sealed_wide(night: Night, computed: pl.DataFrame) -> pl.DataFrame:
    """The account rows that the night was sealed with; those of this run where its folder has been removed by age."""
    if not night.folder.exists():
        return computed
    accounts, cadence, risk = (
        pl.read_parquet(night.folder / f"{mart}.parquet") for mart in ("accounts", "account_cadence", "risk")
    )
    return wide_accounts(accounts, cadence, risk)


def _inputs(night: Night, scored: NightMarts, previous: pl.DataFrame | None) -> NightInputs:
    if night.seal is not None:
        return inputs_from(scored.marts, night.snapshot, previous, _sealed_holds(night.seal.decisions))
    standing = [hold for hold in night.holds if hold.scope == "night" and hold.released_at is None]
    holds = held_by_doubts(night, scored.doubts)
    if standing:
        holds[EVERYTHING] = Held(standing[-1].rule, standing[-1].words)
    return inputs_from(scored.marts, night.snapshot, previous, holds)


def _sealed_holds(decisions: pl.DataFrame) -> dict[str, Held]:
    """What held each campaign when the night was decided: its checks and doubts are not looked for again."""
    held = decisions.filter((pl.col("outcome") == "held") & (pl.col("reason_code") != "too_many"))
    rows = held.select("campaign", "reason_code", "reason_words").unique().sort("campaign")
    return {campaign: Held(code, words) for campaign, code, words in rows.iter_rows()}


def _compare(night: Night, scored: NightMarts, found: NightDecisions) -> None:
    """Says when a sealed night no longer comes out the same: then code or configuration has changed since."""
    if night.seal is None:
        return
    same_scores = digest_of(scored.marts["risk"]) == night.seal.scores_digest
    if same_scores and digest_of(found.decisions) == night.seal.decisions_digest:
        return
    changed = "configuration" if night.settings.config_hash != night.seal.config_hash else "code or data"
    night.notes.append(
        f"the {changed} has changed since this night was sealed; the sealed decisions stand "
        "('stillhere nightly --redecide' makes a new revision)"
    )
    night.facts["seal_differs"] = True


def _keep_folder(night: Night, scored: NightMarts, found: NightDecisions, outbox: OutboxFile) -> None:
    """Writes the night's marts and messages beside the others, then moves them into place at once."""
    shutil.rmtree(night.draft, ignore_errors=True)
    with open_warehouse(night.settings.places.warehouse, read_only=True) as warehouse:
        write_marts(warehouse, SQL_MARTS, night.draft)
    frames = {name: scored.marts[name] for name in ("risk", "exit_patterns")}
    frames |= {"decisions": found.decisions, "segment_members": found.members}
    frames["campaign_results"] = night_results(night)
    for name, frame in frames.items():
        frame.write_parquet(night.draft / f"{name}.parquet")
    outbox.file.replace(night.draft / "outbox.parquet")
    night.folder.parent.mkdir(parents=True, exist_ok=True)
    # Left by a run that was killed before it sealed: nobody has read it.
    shutil.rmtree(night.folder, ignore_errors=True)
    night.draft.rename(night.folder)


def _months_to_close(night: Night) -> list[ClosedMonth]:
    """What the newest night closes when it is live and its data were good: nobody can take it back."""
    if night.mode != "live" or not night.is_newest or night.held_because:
        return []
    closed = [close["month"] for close in night.snapshot.get("month_closes", ())]
    with open_warehouse(night.settings.places.warehouse, read_only=True) as warehouse:
        return months_due(warehouse, night.as_of, night.settings.company.days_to_close, closed)


def _seal(night: Night, scored: NightMarts, found: NightDecisions, loads: list[AcceptedLoad]) -> None:
    seal = Seal(
        as_of=night.as_of,
        revision=night.revision,
        sealed_at=datetime.now(UTC),
        model_id=scored.card.model_id if scored.card else None,
        config_hash=night.settings.config_hash,
        loads=tuple((load.source, load.resource, load.load_id) for load in loads),
        operations=night.snapshot,
        scores_digest=digest_of(scored.marts["risk"]),
        decisions_digest=digest_of(found.decisions),
        decisions=found.decisions,
        members=found.members,
        opened_occasions=found.occasions.opened,
        contents=content_hashes(night.settings),
    )
    closing = _months_to_close(night)
    with writing(night.operations) as connection:
        store_closes(connection, closing, night.as_of, night.revision, seal.sealed_at)
        replace_holds(connection, night.as_of, night.revision, night.holds)
        if night.is_newest:
            keep_occasions(connection, found.occasions.kept, found.occasions.closed, night.as_of)
        write_seal(connection, seal)
