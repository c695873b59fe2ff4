"""What the web app stands on, and what of it works with the settings there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from stillhere.offboarding.signature import NoKeyError, read_keys
from stillhere.settings import Settings


@dataclass(frozen=True)
class Serving:
    """A company, its operations database, and the clock; the keys are in the settings."""

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that is served, where, and what it lacks (empty: it works). What is not needed may lack everything."""

    what: str
    path: str
    lacks: tuple[str, ...] = ()
    is_needed: bool = True


def what_is_served(settings: Settings) -> list[Offer]:
    """Everything that `stillhere serve` offers, each with the settings it still needs."""
    return [
        Offer("unsubscribe", "/u/…", _for_links(settings)),
        Offer("goodbye", "/g/…", _for_links(settings)),
        Offer(
            "events", "/webhooks/sendgrid", _for_events(settings), is_needed=settings.environment.sender == "sendgrid"
        ),
    ]


def _for_links(settings: Settings) -> tuple[str, ...]:
    lacks = []
    if not settings.environment.web_keys:
        lacks.append("STILLHERE_WEB_KEY: no link can be signed or read; set it to the output of 'openssl rand -hex 32'")
    if not settings.company.sender.web_url:
        lacks.append(
            "company.yml, sender.web_url: mails do not link here; set it to this server's public https address"
        )
    return tuple(lacks)


def _for_events(settings: Settings) -> tuple[str, ...]:
    key = settings.environment.sendgrid_webhook_key
    if not key:
        return (
            "STILLHERE_SENDGRID_WEBHOOK_KEY: without it every request is refused; SendGrid shows it under "
            "Mail Settings, Event Webhook, Signature Verification",
        )
    try:
        read_keys(key)
    except NoKeyError as error:
        return (f"STILLHERE_SENDGRID_WEBHOOK_KEY: {error}",)
    return ()
