"""Send: what the night decided, handed over or previewed."""

from __future__ import annotations

from datetime import UTC, datetime

from flows.night import Night
from flows.progress import current_listener
from stillhere.commands.send import last_day
from stillhere.operations.holds import holds_of
from stillhere.sending.catch_up import first_look
from stillhere.sending.send_night import SendResult, send_night


def hand_over_night(night: Night) -> SendResult:
    """Hands a sealed night over, live or as previews; the ledger keeps anything from leaving twice.

    A live send that is refused leaves the analysis whole: the reason is told with the night.
    """
    live = night.mode == "live"
    step, listener = "send" if live else "preview", current_listener()
    on_data_clock = night.settings.company.clock == "data"
    result = send_night(
        night.settings,
        night.operations,
        night.as_of,
        night.revision,
        live=live,
        wall_now=night.started_at,
        clock=lambda: datetime.now(UTC),
        progress=lambda done, total: listener.progressed(step, done, total),
        latest_day=last_day(night.settings) if live and on_data_clock else None,
    )
    if live and result.not_live is None:
        night.holds = holds_of(night.operations, night.as_of, night.revision)
    if result.unknown:
        first_look(night.settings, night.operations, datetime.now(UTC))
    night.facts["send"] = result.as_dict()
    night.notes += [f"this run sent nothing: {result.not_live}"] if result.not_live else []
    night.sender_lacks = (result.not_live or "") if result.not_ready else ""
    return result
