"""Why a night may not be handed over for real. Previews are never refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from stillhere.operations.ledger import newest_live_day
from stillhere.operations.seals import newest_sealed
from stillhere.operations.stops import has_imported
from stillhere.sending.open_sender import missing_for_live
from stillhere.settings import Company, Settings


@dataclass(frozen=True, slots=True)
class LiveRefusal:
    """Words with the next step; `not_ready` when it is the configuration that must change."""

    words: str
    not_ready: bool


def company_today(company: Company, wall_now: datetime, latest_day: date) -> date:
    """The company's day: the wall's in its zone, or with `clock: data` the day after `latest_day`."""
    if company.clock == "wall":
        return wall_now.astimezone(company.zone).date()
    return latest_day + timedelta(days=1)


def why_not_live(
    settings: Settings, engine: Engine, as_of: date, wall_now: datetime, latest_day: date | None = None
) -> LiveRefusal | None:
    """The first thing that stands against handing a night over live, or None.

    `latest_day` is the last day of data where the caller knows it; it matters with `clock: data` only.
    """
    newest = newest_sealed(engine)
    stated = settings.company.last_complete_day or latest_day
    known = [day for day in (stated, newest and newest[0], as_of) if day]
    today = company_today(settings.company, wall_now, max(known))
    old = _too_old(settings.company, as_of, today) or _overtaken(engine, as_of)
    if old:
        return LiveRefusal(old, not_ready=False)
    words = what_sender_lacks(settings, engine)
    return LiveRefusal(words, not_ready=True) if words else None


def _too_old(company: Company, as_of: date, today: date) -> str | None:
    limit = company.campaigns.max_age_days
    age_days = (today - as_of).days - 1
    if age_days <= limit:
        return None
    return (
        f"the night of {as_of} is {age_days} days old, and company.yml, campaigns.max_age_days allows {limit}: "
        "it is analysed and never sent; run 'stillhere nightly --send' for a newer day"
    )


def _overtaken(engine: Engine, as_of: date) -> str | None:
    later = newest_live_day(engine)
    if later is None or later <= as_of:
        return None
    return f"the night of {later} was handed over already; an older one is never sent after it"


def what_sender_lacks(settings: Settings, engine: Engine) -> str | None:
    """What must be set or imported before a live sender sends anything, in words with the next step; or None."""
    kind = settings.environment.sender
    if kind == "files":
        return None
    missing = missing_for_live(settings)
    if missing:
        return f"the sender {kind!r} refuses to send until this is set: {'; '.join(missing)}"
    if not has_imported(engine):
        return (
            f"the first live night through {kind!r} needs the old provider's unsubscribes and bounces: run "
            "'stillhere suppress import FILE', or 'stillhere suppress none --because TEXT' if there are none"
        )
    return None
