"""Releasing a hold: a person says that what was kept back is right, and why. Stops are looked at again."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Engine

from stillhere.operations import writing
from stillhere.operations.holds import NOT_APPROVED, Hold, find_hold, release_hold
from stillhere.operations.seals import newest_revision, newest_sealed
from stillhere.settings import StillhereError

HoldState = Literal["open", "released", "expired"]


class ReleaseError(StillhereError):
    """A hold can't be released; nothing was changed."""

    exit_code = 2


def state_of(engine: Engine, hold: Hold) -> HoldState:
    """Open, released, or expired: a later night, or a new revision of its own, has been decided since."""
    if hold.released_at is not None:
        return "released"
    newest, own = newest_sealed(engine), newest_revision(engine, hold.as_of)
    overtaken = (newest is not None and newest[0] > hold.as_of) or (own is not None and own[1] > hold.revision)
    return "expired" if overtaken else "open"


def release(engine: Engine, hold_id: str, because: str, now: datetime) -> Hold:
    """Releases an open hold; releasing a released one changes nothing. Raises ReleaseError."""
    if not because.strip():
        raise ReleaseError("--because: say in a few words why this may leave; it is kept with the hold")
    hold = find_hold(engine, hold_id.strip().lower())
    if hold is None:
        raise ReleaseError(f"no hold {hold_id!r}; 'stillhere holds' lists those of the newest night")
    if state_of(engine, hold) == "expired":
        raise ReleaseError(
            f"hold {hold.hold_id} of {hold.as_of} has expired: a newer night has been decided since; "
            "what it held back is never sent, and the newer night has decided anew"
        )
    if hold.rule == NOT_APPROVED and hold.released_at is None:
        raise ReleaseError(
            f"hold {hold.hold_id} waits for an approval, which also says until when the result is waited for: run "
            f"'stillhere campaigns approve {hold.subject} --by NAME', then 'stillhere send --as-of {hold.as_of} --send'"
        )
    if hold.released_at is None:
        with writing(engine) as connection:
            release_hold(connection, hold.hold_id, because.strip(), now)
    return hold
