"""A real Chromium that says how wide a page lies in a frame of a given width."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FRAME = '<iframe id="{page}@{width}" src="{page}" style="width:{width}px;height:600px;border:0"></iframe>'
MEASURE = """<script>addEventListener("load", () => {
  const told = [...document.querySelectorAll("iframe")].map(
    (one) => `[${one.id}=${one.contentDocument.documentElement.scrollWidth}]`);
  document.body.textContent = told.join(" ");
});</script>"""
CHROMIUM_SECONDS = 120


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


def widths(folder: Path, frames: Mapping[str, tuple[int, ...]]) -> dict[tuple[str, int], int]:
    """By page of `folder` and width of its frame: how wide the page really is. More than the frame means scrolling."""
    shown = [FRAME.format(page=page, width=width) for page, asked in frames.items() for width in asked]
    (folder / "frames.html").write_text(f"<!doctype html><body>{''.join(shown)}{MEASURE}</body>", encoding="utf-8")
    # Over HTTP, for frames of files are strangers to the page around them.
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        dom = _dom(f"http://127.0.0.1:{server.server_port}/frames.html", folder / "profile")
        server.shutdown()
    return {(page, int(asked)): int(found) for page, asked, found in re.findall(r"\[(\S+)@(\d+)=(\d+)\]", dom)}


def _dom(url: str, profile: Path) -> str:
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("no Chromium: install the package 'chromium' (macOS: brew install chromium)", pytrace=False)
    options = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
        "--dump-dom",
    )
    done = subprocess.run([program, *options, url], capture_output=True, text=True, timeout=CHROMIUM_SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout
