"""A bar for long work in countable steps, on the error stream; silent where nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


@contextmanager
def bar_of_steps(name: str, *, quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Gives a function (what is being done or nothing, steps done, steps in all) that moves the bar."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(name, total=None)

        def moved(what: str, done: int, total: int) -> None:
            bar.update(task, description=f"{name}: {what}" if what else name, completed=done, total=total)

        yield moved
