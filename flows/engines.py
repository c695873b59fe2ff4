"""The slow starters of a night, begun at once and side by side.

Seconds seen on two cores: importing Great Expectations 5–16 (its own process), parsing dbt 4–8 (a thread here, while
the main thread waits for Prefect's server, 7–13). The night asks for each only when it needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from expectations.process import Checker
from flows.transform import DbtParse, parse_dbt
from stillhere.settings import Settings


@dataclass(frozen=True)
class Engines:
    """The checking process and dbt's parse."""

    checker: Checker
    parse: Future[DbtParse]


_running: ContextVar[Engines | None] = ContextVar("engines", default=None)


@contextmanager
def engines_for(settings: Settings) -> Iterator[Engines]:
    """The engines of this run: those started already, or new ones, which end with the block."""
    running = _running.get()
    if running is not None:
        yield running
        return
    places = settings.places
    places.scratch.mkdir(parents=True, exist_ok=True)
    with (
        Checker(log=places.scratch / "checker.log") as checker,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="dbt-parse") as threads,
    ):
        engines = Engines(checker, threads.submit(parse_dbt, settings))
        token = _running.set(engines)
        try:
            yield engines
        finally:
            _running.reset(token)
