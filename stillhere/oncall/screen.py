"""The screen of `stillhere status`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stillhere.oncall.status import Status

STYLES = {"fine": "bold green", "not fine": "bold red", "held": "bold yellow"}
WORDS = {"fine": "FINE", "not fine": "NOT FINE", "held": "FINE, BUT THE WHOLE SEND IS HELD"}
REASONS_SHOWN = 8


def show_status(console: Console, status: Status, zone: ZoneInfo) -> None:
    """Prints the status; times on the company's clock."""
    console.print(Text.assemble((f"{status.company}: ", "bold"), (WORDS[status.verdict], STYLES[status.verdict])))
    console.print(Text(_published(status)))
    for heading, body in _sections(status, zone):
        console.print()
        console.print(Text(heading, style="bold"))
        console.print(Padding(body, (0, 0, 0, 2)))
    console.print()
    console.print(Text.assemble(("Next: ", "bold"), status.next_command))
    if status.problems:
        console.print(Text.assemble(("Runbook: ", "bold"), status.problems[0].runbook))


def _published(status: Status) -> str:
    if status.published is None:
        return "No night is published."
    day, revision = status.published
    late = f"; expected by now: {status.expected}" if status.expected and status.expected > day else ""
    return f"Published: the night of {day}, revision {revision}{late}."


def _sections(status: Status, zone: ZoneInfo) -> Iterator[tuple[str, RenderableType]]:
    if status.problems:
        yield "What is the matter", _problems(status)
    if status.run is not None:
        yield _run_heading(status, zone), _steps(status)
    yield "Sources", _sources(status)
    if status.run is not None:
        yield "Not sent, and why", _not_sent(status)
    if status.incidents:
        told = [f"{one.incident}, since {_clock(one.opened_at, zone)}" for one in status.incidents]
        yield "Open incidents", Text("\n".join(told))


def _problems(status: Status) -> RenderableType:
    table = _grid()
    for problem in status.problems:
        style = {"bad": "red", "held": "yellow", "note": ""}[problem.severity]
        advice = Text(f"{problem.next_command}   {problem.runbook}", style="dim")
        table.add_row(Text("!" if problem.severity != "note" else "-", style=style), Group(Text(problem.words), advice))
    return table


def _run_heading(status: Status, zone: ZoneInfo) -> str:
    run = status.run
    if run is None:
        return ""
    ended = f" to {_clock(run.finished_at, zone)}" if run.finished_at else ""
    usual = f", usually {status.usual_seconds:.0f} s" if status.usual_seconds is not None else ""
    what = {"preview": "preview", "live": "sending"}[run.mode]
    return f"Last run: {run.as_of}, {what}, {run.state}, {_clock(run.started_at, zone)}{ended}{usual}"


def _steps(status: Status) -> RenderableType:
    if not status.steps:
        return Text("No step was finished.")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("step", "seconds", "usual"):
        table.add_column(name, justify="left" if name == "step" else "right")
    table.add_column("")
    for step in status.steps:
        usual = "" if step.usual_seconds is None else f"{step.usual_seconds:.1f}"
        note = Text.assemble(("slow  ", "yellow") if step.is_slow else "", step.note)
        table.add_row(Text(step.step), f"{step.seconds:.1f}", usual, note)
    return table


def _sources(status: Status) -> RenderableType:
    table = _grid()
    for source in status.sources:
        style = "yellow" if source.is_bad else ""
        age = f"{source.age}, {source.limit_hours} allowed" if source.age else ""
        table.add_row(Text(source.source), Text(source.state, style=style), Text(f"{source.rows} rows"), Text(age))
    return table


def _not_sent(status: Status) -> RenderableType:
    if not status.not_sent:
        return Text("Nothing was kept back.")
    table = _grid()
    for one in status.not_sent[:REASONS_SHOWN]:
        table.add_row(Text(str(one.count), justify="right"), Text(one.outcome), Text(one.why))
    more = len(status.not_sent) - REASONS_SHOWN
    return Group(table, Text(f"… and {more} more reasons; see --json")) if more > 0 else table


def _clock(at: datetime, zone: ZoneInfo) -> str:
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M}"


def _grid() -> Table:
    return Table.grid(padding=(0, 2, 0, 0))
