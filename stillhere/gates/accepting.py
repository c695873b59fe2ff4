"""A person takes a load that hand-over 1 refused as it is: the company has changed, not its source."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from stillhere.operations import writing
from stillhere.operations.load_acceptances import accept_loads, waiting_loads
from stillhere.operations.loads import JudgedLoad
from stillhere.settings import Settings, StillhereError


class AcceptError(StillhereError):
    """A load can't be accepted; nothing was changed."""

    exit_code = 2


def accept(settings: Settings, engine: Engine, place: str, by: str, because: str, now: datetime) -> list[JudgedLoad]:
    """Accepts what is refused of one `source.resource`, and gives it as it was judged. Call it while no night runs.

    Most often that is one load; several where the run that judged them had found one cut short. Raises AcceptError for
    an unknown place, where nothing is refused, and without a name or a reason.
    """
    for option, value in (("--by", by), ("--because", because)):
        if not value.strip():
            raise AcceptError(f"{option}: must not be empty; it is kept with the load")
    known = [f"{name}.{one}" for name, source in settings.sources.sources.items() for one in source.resources]
    if place not in known:
        raise AcceptError(f"no {place!r} in sources.yml; there are: {', '.join(known)}")
    waiting = waiting_loads(engine)
    taken = [load for load in waiting if place_of(load) == place]
    if not taken:
        others = sorted({place_of(load) for load in waiting})
        raise AcceptError(f"nothing of {place} is refused; refused are: {', '.join(others) or 'none'}")
    with writing(engine) as connection:
        accept_loads(connection, taken, by.strip(), because.strip(), now)
    return taken


def place_of(load: JudgedLoad) -> str:
    """`source.resource`, as people write it."""
    return f"{load.source}.{load.resource}"
