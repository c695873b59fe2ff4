"""Calls back what the provider has not sent yet: the second half of the kill switch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Engine

from stillhere.operations import reading, writing
from stillhere.operations.batches import Batch, batches_to_call_back, call_back
from stillhere.operations.stops import paused_among
from stillhere.sending.open_sender import has_sendgrid, sendgrid_client
from stillhere.sending.sendgrid_client import SendGridClient, UnansweredError
from stillhere.settings import Settings

CANCELLED, BAD_REQUEST = 201, 400


@dataclass(frozen=True, slots=True)
class CalledBack:
    """How many messages were called back, in how many batches, and what went wrong, in words."""

    messages: int = 0
    batches: int = 0
    failed: tuple[str, ...] = ()


def call_back_waiting(settings: Settings, engine: Engine, campaign: str | None, now: datetime) -> CalledBack:
    """Cancels every batch of a campaign (None: of all) that holds something not due yet.

    Whether each message stayed is settled by the provider's log later: one that was due within 10 minutes may go.
    """
    with reading(engine) as connection:
        waiting = batches_to_call_back(connection, campaign, now)
    return _call_back(settings, engine, waiting, now)


def call_back_paused(settings: Settings, engine: Engine, now: datetime) -> CalledBack:
    """The same for whatever is paused: a campaign that stopped itself, or a pause that the provider did not hear."""
    with reading(engine) as connection:
        waiting = batches_to_call_back(connection, None, now)
        paused = paused_among(connection, {batch.campaign for batch in waiting})
    return _call_back(settings, engine, [batch for batch in waiting if batch.campaign in paused], now)


def _call_back(settings: Settings, engine: Engine, waiting: Sequence[Batch], now: datetime) -> CalledBack:
    if not waiting or not has_sendgrid(settings):
        return CalledBack()
    client = sendgrid_client(settings)
    messages, done, failed = 0, 0, []
    for batch in waiting:
        if why := _cancel(client, batch.batch_id):
            failed.append(f"campaign {batch.campaign}: {why}")
            continue
        with writing(engine) as connection:
            messages += call_back(connection, batch.batch_id, now)
        done += 1
    return CalledBack(messages, done, tuple(failed))


def _cancel(client: SendGridClient, batch_id: str) -> str | None:
    """Cancels a batch; gives what went wrong, or None. One that is cancelled already is answered with a 400."""
    try:
        answer = client.call("POST", "user/scheduled_sends", {"batch_id": batch_id, "status": "cancel"})
        if answer.status == BAD_REQUEST:
            told = client.call("GET", f"user/scheduled_sends/{quote(batch_id, safe='')}").body
            listed = told if isinstance(told, list) else [told]
            if any(isinstance(one, dict) and one.get("status") == "cancel" for one in listed):
                return None
    except UnansweredError as silence:
        return silence.words
    return None if answer.status == CANCELLED else f"status {answer.status}"
