"""Tells our own people that the lists are ready: counts and the link, once a night, through the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import Engine

from stillhere.lists.delivery import Delivered, list_notice, notice_outbox
from stillhere.lists.lists import WrittenList
from stillhere.sending.hand_over import Night, hand_over
from stillhere.sending.open_sender import open_sender
from stillhere.sending.outgoing import Outgoing
from stillhere.sending.senders import SenderNotReadyError
from stillhere.settings import Settings


def tell_lists(
    settings: Settings,
    engine: Engine,
    night: tuple[date, int],
    lists: Sequence[WrittenList],
    delivered: Delivered | None,
    clock: Callable[[], datetime],
) -> str | None:
    """Mails `lists.notify` about the lists of a live night (day, revision); gives what went wrong, in words.

    With the files sender the mails lie in `out/<date>/notices/`, apart from what customers get.
    """
    as_of, revision = night
    company = settings.company
    place = delivered.place if delivered else None
    notice = list_notice(lists, company.lists, company.name, as_of, place)
    if notice is None:
        return None
    try:
        sender = open_sender(settings, settings.places.out_folder(as_of) / "notices", live=True)
    except SenderNotReadyError as error:
        return f"company.yml, lists.notify: nobody was told; {error}"
    try:
        outbox = Outgoing.of(notice_outbox(notice))
        summary = hand_over(outbox, Night(as_of, revision, clock()), engine, sender, "live", clock)
    finally:
        sender.close()
    failed = sum(summary.counts[what] for what in ("refused", "unknown", "waiting"))
    return f"company.yml, lists.notify: {failed} of {len(notice.to)} people were not told" if failed else None
