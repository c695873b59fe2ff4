"""Send: what the night decided, handed over or previewed."""

from __future__ import annotations

from datetime import UTC, datetime

from stillhere.campaigns.send_night import SendResult, send_night

from flows.night import Night
from flows.progress import current_listener


def hand_over_night(night: Night) -> SendResult:
    """Hands a sealed night over, live or as previews; the ledger keeps anything from leaving twice."""
    live = night.mode == "live"
    step, listener = "send" if live else "preview", current_listener()
    return send_night(
        night.settings,
        night.operations,
        night.as_of,
        night.revision,
        live=live,
        wall_now=night.started_at,
        clock=lambda: datetime.now(UTC),
        progress=lambda done, total: listener.progressed(step, done, total),
    )
