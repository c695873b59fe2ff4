"""Trying again when a source is down for a moment, and saying plainly what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote

from stillhere.connectors.source import SourceError

Result = TypeVar("Result")

ATTEMPTS = 3  # with waits of 0.5 and 1 s: a source that is down costs a night a few seconds
FIRST_WAIT_SECONDS = 0.5


def retrying(call: Callable[[], Result]) -> Result:
    """The call's result; it is tried again when the error may pass by itself. Raises the last error."""
    import tenacity

    tries = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=FIRST_WAIT_SECONDS, max=4),
        retry=tenacity.retry_if_exception(may_pass),
        reraise=True,
    )
    return tries(call)


def may_pass(error: BaseException) -> bool:
    """Whether trying again in a moment may help: a source that is down, not one that is wrongly described."""
    if isinstance(error, SourceError | FileNotFoundError | PermissionError | IsADirectoryError):
        return False
    # SQLAlchemy, psycopg and sqlite3 each have an OperationalError; naming them here would import them all.
    return isinstance(error, OSError) or type(error).__name__ in (
        "OperationalError",
        "ConnectionTimeout",
        "IOException",
    )


def plainly(error: BaseException, password: str = "") -> str:
    """One line about an error, without the source's password."""
    if isinstance(error, SourceError):
        return str(error)
    # dlt wraps what went wrong in a step's failure; the cause is what helps.
    cause = error.__cause__ if type(error).__module__.startswith("dlt") and error.__cause__ else error
    text = str(getattr(cause, "orig", None) or cause).strip().split("\n")[0] or type(cause).__name__
    for written in {password, unquote(password)} - {""}:
        text = text.replace(written, "***")
    return text
