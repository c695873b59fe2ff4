"""The ping after a published night. Its absence is the alarm, also when nothing of ours runs any more."""

from __future__ import annotations

import urllib.error
import urllib.request
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 5
"""A monitoring service that is slow must not keep the night from ending."""


def ping(url: str | None) -> str | None:
    """Pings STILLHERE_HEALTHCHECK_URL; returns why that failed, in words, or None. Never raises, never repeats.

    Call it only after a night was published.
    """
    if not url:
        return None
    if urlsplit(url).scheme not in ("http", "https"):
        return "STILLHERE_HEALTHCHECK_URL: expected an http or https address; nothing was pinged"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - scheme checked above
            answer.read(1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        # The address may hold a secret: its host is enough to find out what is wrong.
        reason = getattr(error, "reason", None) or error
        return f"health check at {urlsplit(url).hostname} not pinged: {reason}; the night itself is published"
    return None
