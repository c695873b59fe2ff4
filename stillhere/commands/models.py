"""`stillhere models`: which risk models there are, which one is in use and why, and going back to another."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of

if TYPE_CHECKING:
    from stillhere.scoring.model_list import ListedModel
    from stillhere.settings import Settings

BecauseOption = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; kept with the change.")]


def register(app: typer.Typer) -> None:
    """Adds the command group; without a further word it lists."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(models)
    group.command("use")(use)
    group.command("rollback")(rollback)
    group.command("unpin")(unpin)
    app.add_typer(group, name="models")


def models(context: typer.Context, company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """List the risk models, newest first: measures out of time, what came of each contest, and which is in use.

    A challenger is trained every week. It takes over only if it is better than the model in use beyond noise.

    Example: stillhere models
    """
    if context.invoked_subcommand is not None:
        return
    from stillhere.scoring.model_list import listed_models

    listed = listed_models(settings_of(company))
    if as_json:
        typer.echo(json.dumps({"models": [one.as_dict() for one in listed]}, ensure_ascii=False, indent=2))
        return
    if not listed:
        typer.echo("No model has been trained yet; a night trains one as soon as there are enough leavers.")
        return
    for one in listed:
        _show(one)


def use(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The model's id, from 'stillhere models'.")],
    because: BecauseOption,
    company: CompanyOption = None,
) -> None:
    """Put a registered model in use and pin it: no training replaces it until 'stillhere models unpin'.

    Nights that are sealed keep their model. A model that today's features, code or settings can't use is refused.

    Example: stillhere models use risk-2026-08-31-0f3a9c1d22 --because "the newer one flags the wrong accounts"
    """
    from stillhere.scoring.model_choice import use_model

    settings = settings_of(company)
    with _nobody_else(settings):
        typer.echo(use_model(settings, model, _who(), because, datetime.now(UTC)))


def rollback(because: BecauseOption, company: CompanyOption = None) -> None:
    """Go back to the model that was in use before the present one, and pin it.

    Example: stillhere models rollback --because "twice as many flagged as last week"
    """
    from stillhere.scoring.model_choice import roll_back

    settings = settings_of(company)
    with _nobody_else(settings):
        typer.echo(roll_back(settings, _who(), because, datetime.now(UTC)))


def unpin(because: BecauseOption, company: CompanyOption = None) -> None:
    """Let contests decide again: the next challenger that is better takes over.

    Example: stillhere models unpin --because "the data are mended"
    """
    from stillhere.scoring.model_choice import unpin_model

    settings = settings_of(company)
    with _nobody_else(settings):
        typer.echo(unpin_model(settings, _who(), because, datetime.now(UTC)))


@contextmanager
def _nobody_else(settings: Settings) -> Iterator[None]:
    """Holds the night, so that none is scored by two models."""
    from stillhere.operations import night_lock, open_operations

    engine = open_operations(settings.places.operations_url)
    with night_lock(settings.places.lock, engine, "a change of the model", datetime.now(UTC)):
        yield


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "somebody"


def _show(one: ListedModel) -> None:
    auc, silent = one.measures.get("roc_auc"), one.days_silent.get("roc_auc")
    measured = f"AUC {auc:.3f}" if auc is not None else "AUC -"
    beside = f" (days silent {silent:.3f})" if silent is not None else ""
    typer.echo(f"{one.model_id}  {measured}{beside}, {one.leavers} leavers{'  <- in use' if one.is_in_use else ''}")
    if one.is_in_use and one.since:
        pinned = f", pinned: {one.because}" if one.is_pinned else ""
        typer.echo(f"    in use since {one.since}, by {one.by}{pinned}")
        typer.echo(f"    {one.outcomes}")
    if one.contest:
        typer.echo(f"    {one.contest.words}")
    if one.cannot_be_used:
        typer.echo(f"    can't be used: {one.cannot_be_used}")
