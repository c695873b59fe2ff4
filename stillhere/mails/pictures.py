"""Pictures of a mail as a reader sees it, by the Chromium of this machine."""

from __future__ import annotations

import html
import shutil
import subprocess
import tempfile
from pathlib import Path

from stillhere.settings import StillhereError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTHS = {"desktop": 1000, "phone": 320}
"""Pixels: a mail program's reading pane, and the narrowest phone that is still sold."""
HEIGHT = 1100
SECONDS = 60
FRAME = (
    '<!doctype html><body style="margin:0;background:#fff"><iframe srcdoc="{page}" '
    'style="width:{width}px;height:{height}px;border:0;display:block"></iframe></body>'
)


class NoBrowserError(StillhereError):
    """There is no Chromium to take a picture with."""

    exit_code = 2


def find_chromium() -> str:
    """The program. Raises NoBrowserError."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        raise NoBrowserError(
            "no Chromium is installed, so there are no pictures; install the package 'chromium' "
            "(macOS: brew install chromium), or say --no-pictures"
        )
    return found


def take_pictures(page: str, stem: Path) -> list[Path]:
    """Writes `<stem>-desktop.png` and `<stem>-phone.png`. Raises NoBrowserError, also when it does not work.

    The mail stands in a frame of the picture's width: the browser's own window is never narrower than 500 pixels.
    """
    program = find_chromium()
    written = []
    for name, width in WIDTHS.items():
        target = stem.with_name(f"{stem.name}-{name}.png")
        with tempfile.TemporaryDirectory() as scratch:
            frame = Path(scratch) / "frame.html"
            frame.write_text(FRAME.format(page=html.escape(page), width=width, height=HEIGHT), encoding="utf-8")
            command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
            command += [f"--user-data-dir={scratch}/profile", f"--window-size={width},{HEIGHT}"]
            command += [f"--screenshot={target.resolve()}", frame.as_uri()]
            _run(command)
        if not target.is_file():
            raise NoBrowserError(f"{Path(program).name} took no picture; run it once by hand, or say --no-pictures")
        written.append(target)
    return written


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
    except (subprocess.SubprocessError, OSError) as error:
        words = f"{Path(command[0]).name} could not take a picture ({type(error).__name__}); or say --no-pictures"
        raise NoBrowserError(words) from error
