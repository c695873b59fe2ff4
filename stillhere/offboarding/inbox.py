"""Events wait here for one transaction: whatever has arrived while the last one was written goes into the next.

On a database that is busy, with a night running beside, few large transactions bear more than many small ones, and
nobody is answered before their events are on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from stillhere.operations.mail_events import MailEvent

Store = Callable[[Sequence[MailEvent]], None]


class Inbox:
    """Lives in one event loop."""

    def __init__(self, store: Store) -> None:
        """`store` writes events durably, or raises; it is called in a thread, once at a time."""
        self._store = store
        self._waiting: list[tuple[Sequence[MailEvent], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def put(self, events: Sequence[MailEvent]) -> None:
        """Returns when the events are stored. Raises what the store raised."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await stored

    async def _write(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            events = [event for some, _ in together for event in some]
            failure: Exception | None = None
            try:
                await asyncio.to_thread(self._store, events)
            except Exception as error:  # told to everybody who waits for it
                failure = error
            for _, stored in together:
                if stored.cancelled():  # its sender has hung up, and will come again
                    continue
                if failure:
                    stored.set_exception(failure)
                else:
                    stored.set_result(None)
