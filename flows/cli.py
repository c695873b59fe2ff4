"""The console script `stillhere`: the product's commands, and the two that run a flow."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from stillhere.cli import build_app
from stillhere.commands.options import AsOfOption, CompanyOption, JsonOption
from stillhere.settings import ConfigurationError, StillhereError

DONE, FAILED, USAGE, HELD = 0, 1, 2, 3


def main() -> None:
    """Runs the command line; errors of ours become one clear message and an exit code.

    Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 the night is done and its whole send is held.
    """
    _quiet_dependencies()
    app = build_app()
    app.command("nightly")(nightly)
    app.command("train")(train)
    try:
        app()
    except ConfigurationError as error:
        _say("The configuration has mistakes; nothing was touched.", *[f"- {mistake}" for mistake in error.mistakes])
        sys.exit(USAGE)
    except StillhereError as error:
        _say(str(error))
        sys.exit(getattr(error, "exit_code", FAILED))
    except KeyboardInterrupt:
        _say("Stopped. The next run of the same night goes on from here.")
        sys.exit(FAILED)


def nightly(
    company: CompanyOption = None,
    as_of: AsOfOption = None,
    send: Annotated[bool, typer.Option("--send", help="Hand messages over. Without it they are previews.")] = False,
    redecide: Annotated[
        bool, typer.Option("--redecide", help="Decide a sealed night anew, as a new revision.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Build every table anew instead of what new data change.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run one night: extract, check, transform, score, decide, send or preview, report.

    Example: stillhere nightly --as-of 2026-08-31
    """
    from flows.run import run_nightly

    raise typer.Exit(run_nightly(company, as_of, send=send, redecide=redecide, full=full, as_json=as_json))


def train(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Train a challenger on the newest night's panel and compare it with the risk model in use.

    It takes over only if it is better beyond noise; 'stillhere models' shows what came of each.

    Example: stillhere train --company config
    """
    from flows.run import run_training

    raise typer.Exit(run_training(company, as_json=as_json))


def _say(*lines: str) -> None:
    for line in lines:
        typer.echo(line, err=True)


def _quiet_dependencies() -> None:
    """Telemetry of every dependency is off, whatever calls us."""
    for name, value in {
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        "GX_ANALYTICS_ENABLED": "False",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        # Threads of the model's fit wait asleep: spinning, they take the machine from its neighbours and themselves.
        "OMP_WAIT_POLICY": "PASSIVE",
    }.items():
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    main()
