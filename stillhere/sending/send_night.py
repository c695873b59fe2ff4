"""Sends one sealed night: live, or as previews. Safe to call again after any crash, and from two processes at once.

Live, in this order: look whether it may leave at all; store occasions, arms and places in one transaction; hand over
message by message through the ledger; give back the places of mails that did not leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine

from stillhere.campaigns.decisions import places_taken
from stillhere.campaigns.dependence import profiling_campaigns
from stillhere.campaigns.holdouts import ASSIGNMENTS_SCHEMA, holdout_shares, new_assignments, unmeasured_campaigns
from stillhere.campaigns.published import NightNotFoundError
from stillhere.clock import NIGHT_HOUR, end_of_day
from stillhere.operations import writing
from stillhere.operations.campaign_memory import (
    open_occasions,
    store_assignments,
    store_contacts_made,
    take_back_places,
)
from stillhere.operations.ledger import live_message_ids
from stillhere.operations.runs import Mode, naive_utc
from stillhere.operations.seals import Seal, find_seal
from stillhere.sending.event_work import work_events
from stillhere.sending.hand_over import HandOverSummary, Night, hand_over
from stillhere.sending.leaving import Leaving, what_leaves
from stillhere.sending.live_holds import live_holds, preview_holds
from stillhere.sending.live_refusals import why_not_live
from stillhere.sending.open_sender import open_sender
from stillhere.sending.outgoing import Outgoing
from stillhere.sending.send_result import SendResult
from stillhere.sending.senders import Sender
from stillhere.settings import Company, Settings

__all__ = ["SendResult", "send_night"]

EVERYTHING = frozenset({"*"})
Progress = Callable[[int, int], None]


def send_night(
    settings: Settings,
    engine: Engine,
    as_of: date,
    revision: int,
    *,
    live: bool,
    wall_now: datetime,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
    latest_day: date | None = None,
) -> SendResult:
    """Hands over what a sealed night decided and is not settled yet, or writes it as previews.

    `wall_now` is the moment at which it was asked for, `clock` tells the time of each message, `latest_day` is the last
    day of data where the caller knows it (for companies on the data clock). A refusal is a result with words, not an
    error. Raises NightNotFoundError when there is no such sealed night or its messages are gone.
    """
    mode: Mode = "live" if live else "preview"
    sender_name = settings.environment.sender if live else "files"
    seal = _seal_of(engine, as_of, revision)
    refusal = why_not_live(settings, engine, as_of, wall_now, latest_day) if live else None
    if refusal is not None:
        return SendResult(as_of, revision, mode, sender_name, not_live=refusal.words, not_ready=refusal.not_ready)
    holds = live_holds(settings, engine, seal, wall_now) if live else preview_holds(engine, seal)
    if live:
        # Stops that the provider has told and nobody has worked yet, say because the web server died.
        work_events(engine, settings.company.zone, wall_now)
    outbox = Outgoing.from_file(_outbox_file(settings, as_of, revision))
    leaving = what_leaves(seal.decisions, outbox.heads, holds)
    if leaving.whole_send_held:
        return SendResult(as_of, revision, mode, sender_name, held=leaving.held, whole_send_held=True)
    mails = settings.places.out_folder(as_of) / "mail"
    sender = open_sender(settings, mails, live=live)
    when = _morning_after(settings.company, as_of) if sender.may_repeat else wall_now
    # On the data clock there is no hour of the day; files are no mail that wakes anybody.
    keeps_hours = live and not sender.may_repeat and settings.company.clock == "wall"
    profiling = profiling_campaigns(settings)
    ends_at = naive_utc(end_of_day(as_of, settings.company))
    night = Night(as_of, revision, when, _exits_known(seal), profiling, keeps_hours, sender.is_scheduled, ends_at)
    if not live:
        _remove_old_previews(mails, leaving.messages, live_message_ids(engine, as_of))
    with _closing(sender), _places(engine, settings, seal, leaving) if live else nullcontext():
        going = outbox.only(leaving.messages)
        summary = hand_over(going, night, engine, sender, mode, clock, progress=progress or _silent)
    return _result(night, mode, sender.name, summary, leaving)


def _seal_of(engine: Engine, as_of: date, revision: int) -> Seal:
    seal = find_seal(engine, as_of, revision)
    if seal is None:
        raise NightNotFoundError(
            f"the night of {as_of}, revision {revision}, is not sealed, so nothing of it was decided; "
            f"run 'stillhere nightly --as-of {as_of}'"
        )
    return seal


def _outbox_file(settings: Settings, as_of: date, revision: int) -> Path:
    file = settings.places.night_folder(as_of, revision) / "outbox.parquet"
    if not file.is_file():
        raise NightNotFoundError(
            f"the messages of {as_of}, revision {revision}, are gone ({file.parent.name}/outbox.parquet); "
            f"run 'stillhere nightly --as-of {as_of} --redecide' to write them anew"
        )
    return file


@contextmanager
def _places(engine: Engine, settings: Settings, seal: Seal, leaving: Leaving) -> Iterator[None]:
    """Stores what later nights lean on, in one transaction, before any message leaves; afterwards gives places back.

    However the block ends, the places of mails that did not leave are free again; a run that is killed is finished by
    the next one.
    """
    stored = pl.DataFrame(
        [{key: row.get(key) for key in ASSIGNMENTS_SCHEMA} for row in seal.operations.get("assignments", ())],
        schema=ASSIGNMENTS_SCHEMA,
    )
    # What still waits is not among these rows, so here everything held counts as released.
    shares = holdout_shares(settings.campaigns, stored)
    universal = settings.company.campaigns.universal_holdout_share
    unmeasured = unmeasured_campaigns(settings.campaigns)
    arms = new_assignments(
        leaving.decisions, stored, EVERYTHING, unmeasured=unmeasured, shares=shares, universal_share=universal
    ).to_dicts()
    places = places_taken(leaving.decisions, settings.campaigns, EVERYTHING, settings.offers).to_dicts()
    with writing(engine) as connection:
        open_occasions(connection, seal.opened_occasions.to_dicts())
        store_assignments(connection, arms)
        store_contacts_made(connection, places)
    try:
        yield
    finally:
        with writing(engine) as connection:
            # Stored once more: another sender, done earlier, may have given back what this one has sent since.
            store_contacts_made(connection, places)
            take_back_places(connection, seal.as_of)


@contextmanager
def _closing(sender: Sender) -> Iterator[None]:
    try:
        yield
    finally:
        sender.close()


def _remove_old_previews(mails: Path, messages: pl.DataFrame, delivered: set[str]) -> None:
    """Previews of an earlier revision are gone; what the files sender has delivered stays."""
    wanted = set(messages["message_id"]) | delivered
    for file in mails.glob("*.eml"):
        if file.stem not in wanted:
            file.unlink(missing_ok=True)


def _morning_after(company: Company, as_of: date) -> datetime:
    """When a night's mails are dated, so that the same message written twice has the same bytes."""
    return datetime.combine(as_of + timedelta(days=1), NIGHT_HOUR, tzinfo=company.zone)


def _exits_known(seal: Seal) -> frozenset[tuple[str, datetime]]:
    rows: Sequence[Mapping[str, Any]] = seal.operations.get("exits", ())
    return frozenset((str(row["account_id"]), row["requested_at"]) for row in rows)


def _result(night: Night, mode: Mode, sender: str, summary: HandOverSummary, leaving: Leaving) -> SendResult:
    counts = summary.counts
    return SendResult(
        as_of=night.as_of,
        revision=night.revision,
        mode=mode,
        sender=sender,
        handed_over=counts["accepted"] if mode == "live" else 0,
        previewed=counts["accepted"] if mode == "preview" else 0,
        refused=counts["refused"],
        unknown=counts["unknown"],
        paused=counts["paused"],
        already=counts["earlier"],
        in_hand=counts["in hand"],
        waiting=counts["waiting"],
        early=counts["early"],
        dropped=dict(sorted(summary.dropped.items())),
        held=leaving.held,
    )


def _silent(_done: int, _total: int) -> None:
    """Shows no progress."""
