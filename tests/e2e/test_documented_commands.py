"""Every command that the README and the docs show is run, on the demo company after a live night."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from stillhere.cli import COMMANDS
from tests.e2e.household import REPOSITORY, Household

PAGES = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("**/*.md"), *REPOSITORY.glob("examples/*/*.md")])
BLOCK = re.compile(r"^ *```[a-z]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\s*(?:\$ )?(?:\.venv/bin/)?stillhere (?P<words>[^|\n]+?)\s*(?:\s#.*)?$", re.MULTILINE)
INLINE = re.compile(r"`(?:\.venv/bin/)?stillhere (?P<name>[a-z-]+)[^`]*`")

LAST = {"nightly": 1, "demo": 2, "train": 2}
"""Commands that change the most come last, so that the others find the night they speak of."""
OTHER_CODES = {"status": {0, 1}, "doctor": {0, 2}, "serve": {0, 2}}
"""By the wall clock of an alarm the demo's night is old; a test machine may lack room or be newer than the pins; the
demo has no keys to sign links with."""


def documented() -> dict[str, str]:
    """Command line to a page that shows it."""
    found: dict[str, str] = {}
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            for match in COMMAND.finditer(block):
                found.setdefault(match["words"], str(page.relative_to(REPOSITORY)))
    return found


def test_commands_named_in_sentences_exist() -> None:
    known = {*(name.replace("_", "-") for name in COMMANDS), "nightly", "train"}
    for page in PAGES:
        named = {match["name"] for match in INLINE.finditer(page.read_text())}
        assert not named - known, f"{page.name} names {named - known}"


def readers_own(home: Household, exports: Path) -> dict[str, str]:
    """What a page can't know and its reader puts in: an account, a name, a hold, their own files."""
    account, name = home.readers_account()
    return {
        "ACCOUNT": account,
        "4711": account,
        "Blue Harbour": name,
        "orders.csv": str(exports / "orders.csv"),
        "exits.csv": str(exports / "exits.csv"),
        "unsubscribes.csv": str(exports / "unsubscribes.csv"),
        "backtest.json": str(exports / "backtest.json"),
        "data/demo": str(home.state),
    }


def write_exports(folder: Path, account: str) -> None:
    """The files that a reader would have at hand."""
    rows = [f"C{n % 40},2026-{1 + n % 9:02d}-{1 + n % 28:02d} 10:00,{20 + n % 7}.50" for n in range(600)]
    (folder / "orders.csv").write_text("customer,ordered at,amount\n" + "\n".join(rows) + "\n")
    (folder / "exits.csv").write_text(f"Customer,Cancelled on,Why\n{account},2026-08-03,price\n")
    (folder / "unsubscribes.csv").write_text("email,reason\nsomebody@elsewhere.example,unsubscribed\n")


def test_every_documented_command_works(copy_of_live_night: Household, tmp_path: Path) -> None:
    home, exports = copy_of_live_night, tmp_path / "exports"
    exports.mkdir()
    write_exports(exports, home.readers_account()[0])
    own = readers_own(home, exports)
    commands = documented()
    assert len(commands) > 20
    done_before: set[tuple[str, ...]] = set()
    home.refuse_newest_load("usage", "events")
    for line in sorted(commands, key=lambda words: LAST.get(words.split()[0], 0)):
        words = [_put_in(word, own) for word in shlex.split(line)]
        if words[0] in ("release", "settle"):
            continue  # no hold and no doubt is to be had on a good night; tests/stillhere/sending has real ones
        if words[0] == "init":
            shutil.rmtree(exports / words[1], ignore_errors=True)
            words = [*words, "--yes", "--zone", "UTC", "--currency", "EUR"]
        if words[0] == "demo" and "--advance" not in words:
            words.append("--force")
        if words[0] == "serve" and "--check" not in words:
            words.append("--check")  # otherwise it serves until somebody ends it
        if "--company" in words:
            words[words.index("--company") + 1] = str(exports / "acme")
        meant = tuple(word for word in " ".join(words).replace(f"--as-of {home.out.name}", "").split())
        if meant in done_before:  # the newest night's day is the default
            continue
        done_before.add(meant)
        done = home.run(*words, expect=None, cwd=exports if words[0] == "init" else REPOSITORY)
        allowed = OTHER_CODES.get(words[0], {0})
        assert done.returncode in allowed, f"{commands[line]}: stillhere {line}\n{done.stdout}\n{done.stderr}"


def _put_in(word: str, own: dict[str, str]) -> str:
    for placeholder, value in own.items():
        if word == placeholder or (placeholder == "data/demo" and word.startswith("data/demo/")):
            return word.replace(placeholder, value)
    return word
