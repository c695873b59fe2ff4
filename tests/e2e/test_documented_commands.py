"""Every command that the README and the docs show is run, on the demo company after a live night."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.e2e.household import REPOSITORY, Household

PAGES = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("**/*.md"), *REPOSITORY.glob("examples/*/*.md")])
COMMAND = re.compile(r"^\s*(?:\.venv/bin/)?stillhere (?P<words>[^#|\n]+?)\s*(?:#.*)?$", re.MULTILINE)
INLINE = re.compile(r"`(?:\.venv/bin/)?stillhere (?P<words>[^`]+)`")

# What a page can't know: its reader puts in their own. Everything else is run as it stands.
READERS_OWN = {
    "acme": "acme",
    "retail": "acme",
    "orders.csv": "orders.csv",
}
# Commands that end with another code than 0 where all is well, and why.
OTHER_CODES = {
    "status": {1},  # the tests' nights are older than yesterday by the wall clock of on-call's alarm
    "doctor": {2},  # a test machine may lack room, or a package that only runs need
}


def documented() -> dict[str, list[str]]:
    """Command line to the pages that show it."""
    found: dict[str, list[str]] = {}
    for page in PAGES:
        blocks = re.findall(r"^ *```[a-z]*\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL)
        for block in blocks:
            for match in COMMAND.finditer(block):
                found.setdefault(match["words"], []).append(str(page.relative_to(REPOSITORY)))
    return found


def test_commands_named_in_sentences_exist() -> None:
    from stillhere.cli import COMMANDS

    known = {*COMMANDS, "nightly", "train"}
    for page in PAGES:
        named = {match["words"].split()[0] for match in INLINE.finditer(page.read_text())}
        unknown = {name for name in named if name[0].islower()} - known
        assert not unknown, f"{page.name} names {unknown}"
