"""Writes the parts of a large night in several processes: filling mails is Python, which one process does on one core.

    python -m stillhere.mails.side_by_side

is such a process: it reads settings and then parts from its input, and ends with it, so that none is left when the
night is killed. Not multiprocessing: its children run the caller's main module again.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from stillhere.mails.writer import Outbox, Part, Unwritten, Writer
from stillhere.settings import Settings, StillhereError

WORTH_PARTS = 4
"""From so many parts on: a process takes a second or two to start, and writes a part in less."""
MOST_PROCESSES = 4


Packed = tuple[bytes, tuple[Unwritten, ...]]
"""The outbox of a part on its way: messages as a packed Arrow stream."""


class WriterGoneError(StillhereError):
    """A process that wrote mails has ended; nothing of the night's outbox was kept."""


def written(parts: Iterable[Part], settings: Settings) -> Iterator[Outbox]:
    """The outbox of every part, in their order; a part is asked for when a process is free. Raises WriterGoneError."""
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    coming = iter(parts)
    first = list(islice(coming, WORTH_PARTS))
    every = chain(first, coming)
    if len(first) < WORTH_PARTS or processes == 1:
        writer = Writer.of(settings)
        yield from (writer.write(part) for part in every)
        return
    children = [_Child.start() for _ in range(processes)]
    try:
        for child in children:
            child.give(settings)
        yield from _in_turns(every, children)
    except (EOFError, OSError, pickle.UnpicklingError) as error:
        raise WriterGoneError(
            "a process that was writing mails has ended (often: memory ran out); nothing was sent, run the night again"
        ) from error
    finally:
        for child in children:
            child.end()


@dataclass(frozen=True)
class _Child:
    """A process that writes parts, and its pipes."""

    process: subprocess.Popen[bytes]
    given: IO[bytes]
    told: IO[bytes]

    @classmethod
    def start(cls) -> _Child:
        ours = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(part for part in (ours, os.environ.get("PYTHONPATH", "")) if part)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "stillhere.mails.side_by_side"],  # -P: never from the folder we run in
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        return cls(process, cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))

    def give(self, what: Settings | Part) -> None:
        pickle.dump(what, self.given)
        self.given.flush()

    def take(self) -> Outbox:
        """What it made of its part. Raises what was raised there."""
        made = _read(self.told)
        if isinstance(made, Exception):
            raise made
        messages, unwritten = made
        return Outbox(pl.read_ipc_stream(io.BytesIO(messages)), unwritten)

    def end(self) -> None:
        """What is half written is not waited for."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.given, self.told):
            with contextlib.suppress(BrokenPipeError):  # what it has not read yet goes nowhere
                pipe.close()


def _in_turns(parts: Iterator[Part], children: Sequence[_Child]) -> Iterator[Outbox]:
    """Each child has one part at a time, so no more than one part a child is in memory."""
    at_work: deque[_Child] = deque()
    for child, part in zip(children, parts, strict=False):
        child.give(part)
        at_work.append(child)
    while at_work:
        child = at_work.popleft()
        made = child.take()
        if (following := next(parts, None)) is not None:
            child.give(following)
            at_work.append(child)
        yield made


def _read(pipe: IO[bytes]) -> Any:
    return pickle.load(pipe)  # noqa: S301  # a pipe between ourselves, which nobody else can write into


def _packed(outbox: Outbox) -> Packed:
    # Mails are alike: packed, they are a hundredth, and that takes an eighth of what pickling them as they are does.
    packed = io.BytesIO()
    outbox.messages.write_ipc_stream(packed, compression="zstd")
    return packed.getvalue(), outbox.unwritten


def _write_all(given: IO[bytes], told: IO[bytes]) -> None:
    writer = Writer.of(_read(given))
    while True:
        try:
            part = _read(given)
        except EOFError:
            return
        try:
            made: Packed | Exception = _packed(writer.write(part))
        except Exception as error:  # raised where the night sees it
            made = error
        pickle.dump(made, told)
        told.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the night itself hears it, and ends us
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the answers
    _write_all(sys.stdin.buffer, told)
