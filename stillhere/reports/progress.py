"""What a watcher sees while the night works: a spinner a step, or plain lines where there is no terminal."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class NightProgress:
    """Shows a night's steps while they run; use as a context manager. Steps may overlap."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._running: dict[str, TaskID] = {}

    def __enter__(self) -> NightProgress:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.console.is_terminal:
            self._live.stop()

    def step_started(self, step: str) -> None:
        """A step begins."""
        if self.console.is_terminal:
            self._running[step] = self._live.add_task(step, total=None)
        else:
            self.console.print(f"{step} …")

    def step_ended(self, step: str, seconds: float, note: str) -> None:
        """A step is done; `note` says in a few words what came out of it."""
        task = self._running.pop(step, None)
        if task is not None:
            self._live.remove_task(task)
        name = f"{step:<14}" if self.console.is_terminal else f"{step} done"
        self.console.print(f"{name} {seconds:6.1f} s  {note}".rstrip(), markup=False, highlight=False)

    def progressed(self, step: str, done: int, total: int) -> None:
        """A long step is so far; without a terminal nothing is said until it ends."""
        task = self._running.get(step)
        if task is not None:
            self._live.update(task, completed=done, total=total)
