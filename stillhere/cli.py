"""The command line without the commands that run a flow; `flows.cli` adds those and is the console script."""

from __future__ import annotations

import importlib

import typer

# In the order a newcomer meets them.
COMMANDS = (
    "demo",
    "init",
    "doctor",
    "status",
    "why",
    "lists",
    "calls",
    "exits",
    "campaigns",
    "preview",
    "test_send",
    "holds",
    "release",
    "accept",
    "send",
    "serve",
    "suppress",
    "do_not_disturb",
    "reconcile",
    "settle",
    "pause",
    "resume",
    "results",
    "nights",
    "schema",
    "models",
    "backtest",
)

HELP = """Stillhere sees every night which customers are slipping, what changed, and does the one right thing about it.

Nothing reaches a customer unless --send is given.
"""


def build_app() -> typer.Typer:
    """The app with every command that needs no flow."""
    app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    for name in COMMANDS:
        importlib.import_module(f"stillhere.commands.{name}").register(app)
    return app
