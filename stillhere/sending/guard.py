"""The guard over complaints and bounces: a campaign that annoys people or reaches nobody stops itself.

Rates of small numbers mislead, so a stop needs both: some events, and a rate whose lower bound is beyond the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma, log, log1p
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, select

from stillhere.operations.ledger import MAY_HAVE_LEFT, NOBODYS_ACCOUNT
from stillhere.operations.runs import naive_utc
from stillhere.operations.stops import pause_in, paused_among
from stillhere.operations.tables import guard_stops, ledger, mail_events

Kind = Literal["complaint", "bounce"]
CONFIDENCE = 0.90
LOOK_BACK = timedelta(days=30)
"""Mails of before tell about words that have changed since."""


@dataclass(frozen=True, slots=True)
class Limit:
    """When a campaign stops: at least `events`, and a rate surely above `rate`."""

    kind: Kind
    events: int
    rate: float


LIMITS = (Limit("complaint", 3, 0.001), Limit("bounce", 5, 0.02))
"""Mailbox providers turn away senders from about 0.1 % complaints or 2 % bounces on."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What came back on a campaign's mails since its last stop, at most 30 days: messages, each counted once."""

    campaign: str
    sent: int
    complaints: int
    bounces: int


def is_hard(subtype: str | None) -> bool:
    """Whether a bounce is for good: `blocked` is a matter of the day (a full mailbox, a grey list)."""
    return subtype in (None, "", "bounce")


def lower_bound(events: int, sent: int, confidence: float = CONFIDENCE) -> float:
    """The exact one-sided lower bound of a share (Clopper and Pearson), in 0-1."""
    if events == 0:
        return 0.0
    low, high = 0.0, events / sent
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_least(events, sent, middle) < 1 - confidence else (low, middle)
    return low


def why_stop(reaction: Reaction) -> tuple[Kind, str] | None:
    """Why a campaign must stop, in words, or None."""
    for limit in LIMITS:
        events = reaction.complaints if limit.kind == "complaint" else reaction.bounces
        if events < limit.events:
            continue
        bound = lower_bound(events, max(reaction.sent, events))
        if bound > limit.rate:
            words = f"{events} {limit.kind}s on {reaction.sent} mails: surely more than {bound:.2%}"
            return limit.kind, f"{words}, and {limit.rate:.1%} is the limit"
    return None


def stop_bad_campaigns(connection: Connection, now: datetime) -> list[str]:
    """Pauses every campaign whose limit is passed; gives what was stopped, in words.

    After a person has resumed one, only mails sent since count.
    """
    told = []
    found = reactions(connection, now)
    already = paused_among(connection, [one.campaign for one in found])
    for reaction in found:
        why = why_stop(reaction)
        if why is None or reaction.campaign in already:
            continue
        kind, words = why
        pause_in(connection, reaction.campaign, f"stopped itself: {words}", now)
        row = {"campaign": reaction.campaign, "stopped_at": naive_utc(now), "kind": kind, "words": words}
        connection.execute(guard_stops.insert().values(row))
        told.append(f"campaign {reaction.campaign} stopped itself: {words}")
    return told


def reactions(connection: Connection, now: datetime) -> list[Reaction]:
    """What came back on each campaign that anything bad came back on lately, by name."""
    stops = select(guard_stops.c.campaign, func.max(guard_stops.c.stopped_at)).group_by(guard_stops.c.campaign)
    since = {row[0]: row[1] for row in connection.execute(stops)}
    oldest = naive_utc(now) - LOOK_BACK
    bad: dict[str, dict[Kind, set[str]]] = {}
    for row in connection.execute(_bad_events(oldest)):
        counts = row.kind != "bounce" or is_hard(row.subtype)
        if counts and row.handed_over_at > max(oldest, since.get(row.campaign, oldest)):
            kinds = bad.setdefault(row.campaign, {"complaint": set(), "bounce": set()})
            kinds["bounce" if row.kind == "bounce" else "complaint"].add(row.message_id)
    return [
        Reaction(
            campaign=campaign,
            sent=_sent(connection, campaign, max(oldest, since.get(campaign, oldest))),
            complaints=len(kinds["complaint"]),
            bounces=len(kinds["bounce"]),
        )
        for campaign, kinds in sorted(bad.items())
    ]


def _bad_events(oldest: datetime) -> Select[Any]:
    """Complaints and bounces with the mail they are about. They are few, so the mails are looked up by them."""
    mails = (ledger.c.mode == "live") & (ledger.c.message_id == mail_events.c.message_id)
    columns = (ledger.c.campaign, ledger.c.handed_over_at, ledger.c.message_id)
    return (
        select(*columns, mail_events.c.kind, mail_events.c.subtype)
        .select_from(mail_events.join(ledger, mails))
        .where(
            mail_events.c.kind.in_(["spamreport", "bounce"]),
            mail_events.c.occurred_at >= oldest,
            ledger.c.handed_over_at >= oldest,
            ledger.c.account_id != NOBODYS_ACCOUNT,
        )
    )


def _sent(connection: Connection, campaign: str, since: datetime) -> int:
    mails = (ledger.c.mode == "live", ledger.c.campaign == campaign, ledger.c.handed_over_at > since)
    left = ledger.c.status.in_(sorted(MAY_HAVE_LEFT))
    return connection.scalar(select(func.count()).select_from(ledger).where(*mails, left)) or 0


def _at_least(events: int, sent: int, share: float) -> float:
    """The chance of so many events or more among `sent`, each with this chance."""
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    fewer = sum(
        exp(lgamma(sent + 1) - lgamma(n + 1) - lgamma(sent - n + 1) + n * log(share) + (sent - n) * log1p(-share))
        for n in range(events)
    )
    return 1.0 - fewer
