"""Where the log of a night on the command line goes: a file. The screen belongs to the person who reads it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stillhere.oncall.runbooks import page_of
from stillhere.oncall.situations import kind_of_failure
from stillhere.settings import StillhereError


class NightFailedError(StillhereError):
    """Something nobody foresaw ended the night; says what, where the whole story is, and which page helps."""


@contextmanager
def logged_to(file: Path) -> Iterator[None]:
    """Sends the log of everything in this process to `file`; raises NightFailedError for what is not an error of ours.

    Prefect writes each traceback to the terminal, twice; it sets that up when it is imported, so import it before.
    """
    # A full disk can't take the log, and the one message that counts is on the terminal.
    logging.raiseExceptions = False
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(file, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().handlers[:] = [handler]
    for name in list(logging.getLogger().manager.loggerDict):
        if name.partition(".")[0] == "prefect":
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(logging.WARNING)
    try:
        yield
    except (StillhereError, KeyboardInterrupt):
        raise
    except Exception as error:
        story = "".join(traceback.format_exception(error))
        logging.getLogger("stillhere").error("the night failed\n%s", story)
        raise NightFailedError(_words(error, story, file)) from error


def _words(error: Exception, story: str, file: Path) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    kind = kind_of_failure(story)
    return (
        f"The night failed: {said[:500]}. Nothing was published and nothing is lost; "
        f"{page_of(kind)} says what to do, {file} tells the whole story"
    )
