"""`stillhere exits import`: takes over what another tool knows about who left, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of

if TYPE_CHECKING:
    from stillhere.offboarding.exits_import import Known, ReadExits
    from stillhere.operations.exits import ImportPlan
    from stillhere.settings import Settings


def register(app: typer.Typer) -> None:
    """Adds the command group."""
    group = typer.Typer(help="Why customers left: take over what another tool has recorded.", no_args_is_help=True)
    group.command("import")(import_exits)
    app.add_typer(group, name="exits")


def import_exits(
    file: Annotated[Path, typer.Argument(help="A CSV file with a row an exit.")],
    columns: Annotated[
        list[str] | None,
        typer.Option("--columns", metavar="OURS=THEIRS,…", help="Which heading holds what. May be given again."),
    ] = None,
    reasons: Annotated[
        list[str] | None,
        typer.Option("--reasons", metavar="OURS=THEIRS,…", help="Which of our reasons a text means; * is all others."),
    ] = None,
    day_format: Annotated[
        str | None, typer.Option("--day-format", metavar="FORMAT", help="How days are written, such as %m/%d/%Y.")
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out rows that can't be taken.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken.")] = False,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over exits that another tool has exported. They count from the next night on.

    Columns: account_id and left_at are needed; ends_at, reason, comment, may_quote, kind, outcome and offer may be
    given. If a row can't be taken, nothing is, unless --skip-bad is given. The same file again changes nothing; what a
    newer file says of the same exit takes the old one's place.

    Example: stillhere exits import exits.csv --columns account_id=Customer,left_at="Cancelled on"
    """
    from stillhere.offboarding.exits_import import read_exits
    from stillhere.offboarding.exits_table import ExitsImportError, pairs, read_table
    from stillhere.operations.exits import plan_import, store_exits, stored_exits
    from stillhere.operations.open import open_operations, reading, writing

    settings = settings_of(company)
    now = datetime.now(UTC)
    table = read_table(file, pairs("--columns", columns or []))
    read = read_exits(table, _known(settings, now, pairs("--reasons", reasons or [], many=True), day_format))
    if read.mistakes and not skip_bad and not dry_run:
        raise ExitsImportError([*read.mistakes, "Nothing was taken. --skip-bad leaves these rows out"])
    engine = open_operations(settings.places.operations_url)
    if dry_run:
        with reading(engine) as connection:
            plan = plan_import(stored_exits(connection, {one.account_id for one in read.exits}), read.exits)
    else:
        with writing(engine) as connection:
            plan = store_exits(connection, read.exits, file.name, now)
    _tell(_facts(read, plan, dry_run=dry_run), as_json=as_json)
    if dry_run and read.mistakes and not skip_bad:
        raise typer.Exit(2)


def _known(settings: Settings, now: datetime, given: dict[str, str], day_format: str | None) -> Known:
    from stillhere.campaigns.published import company_day, find_night
    from stillhere.offboarding.exits_import import Known, reasons_known
    from stillhere.settings.goodbye import SOMETHING_ELSE

    night = find_night(settings.places)
    accounts = {account: account for account in night.mart("accounts")["account_id"]}
    if night.has("account_keys"):
        accounts = dict(night.mart("account_keys").select("account_key", "account_id").iter_rows()) | accounts
    return Known(
        today=company_day(settings, now),
        zone=settings.company.zone,
        accounts=accounts,
        reasons=reasons_known(settings.goodbye, given),
        reason_ids=[*(reason.id for reason in settings.goodbye.reasons), SOMETHING_ELSE],
        day_format=day_format,
    )


def _facts(read: ReadExits, plan: ImportPlan, *, dry_run: bool) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for one in read.exits:
        counts[one.reason or "not given"] = counts.get(one.reason or "not given", 0) + 1
    return {
        "rows": read.rows,
        "taken": len(read.exits),
        "new": len(plan.new),
        "changed": len(plan.changed),
        "same": plan.same,
        "left_out": read.left_out,
        "cut_comments": read.cut_comments,
        "may_be_quoted": sum(one.may_quote for one in read.exits),
        "by_reason": dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))),
        "mistakes": list(read.mistakes),
        "dry_run": dry_run,
    }


def _tell(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    for mistake in facts["mistakes"]:
        typer.echo(mistake, err=True)
    verb = "Would be taken" if facts["dry_run"] else "Taken"
    typer.echo(
        f"{verb}: {facts['taken']} of {facts['rows']} rows; new: {facts['new']}, changed: {facts['changed']}, "
        f"as before: {facts['same']}; left out: {facts['left_out']}."
    )
    for reason, count in facts["by_reason"].items():
        typer.echo(f"{count:>8}  {reason}")
    if facts["cut_comments"]:
        typer.echo(f"{facts['cut_comments']:>8}  comments cut to 4,000 characters")
    if not facts["dry_run"] and facts["new"] + facts["changed"]:
        typer.echo("They count from the next night on.")
