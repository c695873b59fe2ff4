"""`stillhere backtest`: how good the risk model would have been on an event log."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stillhere.commands.options import parse_day

if TYPE_CHECKING:
    from models.event_log import EventLog, Question


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("backtest")(backtest)


def _days(text: str) -> list[date]:
    return sorted({parse_day(part.strip()) for part in text.split(",") if part.strip()})


def backtest(
    events: Annotated[
        Path, typer.Option("--events", metavar="FILE", help="The log: .parquet, .csv or .tsv, also packed (.csv.gz).")
    ],
    account: Annotated[str, typer.Option("--account", metavar="COL", help="Column with who did it.")],
    at: Annotated[str, typer.Option("--at", metavar="COL", help="Column with the day or time.")],
    horizon_days: Annotated[
        int, typer.Option("--horizon-days", metavar="H", min=1, help="Left: no event in the H days after a cut-off.")
    ],
    active_days: Annotated[
        int,
        typer.Option("--active-days", metavar="A", min=1, help="Asked of accounts with an event in the last A days."),
    ],
    cutoffs: Annotated[
        str, typer.Option("--cutoffs", metavar="D1,D2,…", help="Past days to forecast from, YYYY-MM-DD.")
    ],
    value: Annotated[str | None, typer.Option("--value", metavar="COL", help="Column with an amount.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="COL", help="Column with the kind of event.")] = None,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="OUT.parquet", help="Write every forecast and its outcome.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="OUT.json", help="Write the measures as one JSON object.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture", metavar="OUT.html", help="Draw curves to this page. Default: beside the other files."
        ),
    ] = None,
) -> None:
    """Forecast past days of an event log from what was known on them, and compare with what happened.

    The model learns from earlier days only. Beside it stands what anybody could do without one: the longest silent,
    the most overdue, BG/NBD.

    Example: stillhere backtest --events orders.csv --account customer --at ordered_at --value amount
    --horizon-days 60 --active-days 180 --cutoffs 2026-03-31,2026-04-30 --predictions out.parquet --json out.json
    """
    # Imported here, so that the other commands start without scikit-learn.
    from models.backtest import backtest as run
    from models.event_log import Question
    from stillhere.backtesting.facts import facts_of, predictions_of
    from stillhere.backtesting.read_log import LogColumns, read_event_log
    from stillhere.backtesting.screen import lines_of
    from stillhere.backtesting.whole_file import write_whole
    from stillhere.reports.backtest_page import write_backtest_page
    from stillhere.reports.bar_of_steps import bar_of_steps

    days, question = _days(cutoffs), Question(horizon_days, active_days)
    _check_targets({"--predictions": predictions, "--json": json_file, "--picture": picture})
    with bar_of_steps("Cut-offs") as progress:
        progress("reading the log", 0, len(days))
        read = read_event_log(events, LogColumns(account, at, value, kind))
        _check(read.log, days, question)
        results = run(read.log, days, question, progress)
    facts = _asked(question) | {"events": read.as_dict()} | facts_of(results)
    for left_out in read.left_out:
        typer.echo(f"{left_out.words}.", err=True)
    if predictions is not None:
        write_whole(predictions, predictions_of(results).write_parquet)
    if json_file is not None:
        text = json.dumps(facts, indent=1) + "\n"
        write_whole(json_file, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    beside = json_file or predictions
    page = picture or (beside.with_suffix(".html") if beside else None)
    typer.echo("\n".join(lines_of(facts)))
    if page is not None:
        write_backtest_page(results, facts, f"{events.name}", page)
        typer.echo(f"\nThe curves lie in {page}")


def _asked(question: Question) -> dict[str, Any]:
    return {"horizon_days": question.horizon_days, "active_days": question.active_days}


def _check_targets(targets: dict[str, Path | None]) -> None:
    """Raises typer.BadParameter unless every file can be written: before minutes are spent, not after."""
    for option, target in targets.items():
        if target is None:
            continue
        if target.is_dir():
            raise typer.BadParameter(f"{option} {target}: is a folder; name a file")
        if not os.access(target if target.exists() else target.absolute().parent, os.W_OK):
            raise typer.BadParameter(f"{option} {target}: can't be written; is there such a folder, and may you?")


def _check(log: EventLog, days: list[date], question: Question) -> None:
    """Raises typer.BadParameter unless every cut-off can be judged."""
    from models.backtest import check_cutoff

    if not days:
        raise typer.BadParameter("--cutoffs names no day; write it as YYYY-MM-DD,YYYY-MM-DD")
    for day in days:
        try:
            check_cutoff(log, day, question)
        except ValueError as error:
            raise typer.BadParameter(f"--cutoffs: {error}") from None
