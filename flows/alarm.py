"""Tells on-call how a night ended: once an incident, and once more when things are good again."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from stillhere.oncall.channels import Message, tell
from stillhere.oncall.notifier import notify
from stillhere.oncall.runbooks import page_of
from stillhere.oncall.situations import kind_of_failure
from stillhere.oncall.status import read_status
from stillhere.settings import Settings


def tell_oncall(settings: Settings, operations: Engine) -> list[str]:
    """Opens, tells and closes incidents; gives what could not be told, in words. Trouble with telling is no failure."""
    now = datetime.now(UTC)
    return notify(settings, operations, read_status(settings, operations, now), now)


def tell_of_failure(settings: Settings, operations: Engine, as_of: date, words: str, *, is_recorded: bool) -> None:
    """Tells of a night that has just failed, also on a full disk, where no incident can be opened. Raises nothing.

    `is_recorded` says whether the operations database knows of the failure: if it doesn't, its status shows none.
    """
    try:
        untold = tell_oncall(settings, operations) if is_recorded else _tell_directly(settings, as_of, words)
    except (SQLAlchemyError, OSError):
        untold = _tell_directly(settings, as_of, words)
    for problem in untold:
        logging.getLogger(__name__).warning(problem)


def _tell_directly(settings: Settings, as_of: date, words: str) -> list[str]:
    return tell(settings, _unrecorded(settings, as_of, words), datetime.now(UTC))


def _unrecorded(settings: Settings, as_of: date, words: str) -> Message:
    incident, page = f"night failed {as_of}", page_of(kind_of_failure(words))
    text = f"The night of {as_of} failed: {words}\n\nNext: stillhere doctor\nRunbook: {page}"
    return Message(incident, "open", f"{settings.company.name}: {incident}", text, page)
