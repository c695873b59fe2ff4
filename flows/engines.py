"""The slow starters of a night, begun at once and side by side.

Seconds seen on two cores: importing Great Expectations 5–16 (its own process), parsing dbt 6–8 (a thread here, while the
main thread waits for Prefect's server, 7–13). The night asks for each only when it needs it.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

from expectations.process import Checker
from flows.transform import DbtParse, parse_dbt
from stillhere.settings import Settings


@dataclass
class Engines:
    """The checking process and dbt's parse. Use as a context manager."""

    checker: Checker
    parse: Future[DbtParse]
    threads: ThreadPoolExecutor

    def __enter__(self) -> Engines:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.checker.close()
        self.threads.shutdown(wait=True)


def start_engines(settings: Settings) -> Engines:
    """Starts the checking process and dbt's parse; returns at once."""
    checker = Checker()
    checker.start()
    threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dbt-parse")
    return Engines(checker, threads.submit(parse_dbt, settings), threads)
