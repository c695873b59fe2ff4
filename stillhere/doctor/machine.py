"""The machine: Python, packages, room on the disk, the data folder, and servers that a killed night left behind."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from stillhere.doctor.checks import Check
from stillhere.settings import Places

LOWEST, HIGHEST = (3, 11), (3, 13)
LOCK_FILE = Path(__file__).parents[2] / "requirements" / "run.txt"
LEAST_FREE_BYTES = 1_000_000_000
"""What the demo's night leaves behind (raw, warehouse, a night's Parquet) with room to spare."""
TIMES_THE_WAREHOUSE = 3
"""A warehouse is rewritten while the old one stands, and sorting spills beside it."""
PACKAGES_SHOWN = 5


def check_python() -> Iterator[Check]:
    """Whether this Python is one Stillhere is tested with."""
    found = platform.python_version()
    if LOWEST <= sys.version_info[:2] <= HIGHEST:
        yield Check("python", "fine", found)
    else:
        yield Check("python", "problem", f"{found} is not tested", "make PYTHON=python3.12 .venv/bin/.run")


def check_packages(lock_file: Path = LOCK_FILE) -> Iterator[Check]:
    """Whether what is installed is what the lock file pins."""
    if not lock_file.is_file():
        yield Check("packages", "note", "no lock file beside this installation, so versions were not compared")
        return
    wrong = list(_wrong_versions(lock_file.read_text(encoding="utf-8")))
    if not wrong:
        yield Check("packages", "fine", "as pinned")
        return
    shown = ", ".join(wrong[:PACKAGES_SHOWN]) + (
        f" and {len(wrong) - PACKAGES_SHOWN} more" if wrong[PACKAGES_SHOWN:] else ""
    )
    yield Check("packages", "problem", shown, "run 'make nightly': it brings the environment up to its lock file")


def _wrong_versions(lock: str) -> Iterator[str]:
    for line in lock.splitlines():
        if not line or line[0] in " #-":
            continue
        try:
            wanted = Requirement(line.rstrip(" \\"))
        except InvalidRequirement:
            continue
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield f"{wanted.name} is missing"
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            yield f"{wanted.name} is {found}, pinned is {str(wanted.specifier).removeprefix('==')}"


def nearest_folder(path: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return path if path.exists() else nearest_folder(path.parent)


def check_data_folder(root: Path) -> Iterator[Check]:
    """Whether a night may write where its state lies."""
    there = nearest_folder(root)
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".doctor-"):
            pass
    except OSError as error:
        yield Check(
            "data folder",
            "problem",
            f"{there} can't be written to: {error.strerror}",
            "change its owner, or point STILLHERE_DATA elsewhere",
        )
        return
    yield Check("data folder", "fine", str(root) if there == root else f"{root} will be made")


def check_disk(places: Places, free_bytes: int | None = None) -> Iterator[Check]:
    """Whether there is room for a night. `free_bytes` is measured when not given."""
    free = shutil.disk_usage(nearest_folder(places.root)).free if free_bytes is None else free_bytes
    held = sum(path.stat().st_size for path in (places.warehouse, places.raw_database) if path.is_file())
    needed = max(LEAST_FREE_BYTES, TIMES_THE_WAREHOUSE * held)
    words = f"{free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB wanted for a night"
    if free >= needed:
        yield Check("disk", "fine", words)
    else:
        yield Check("disk", "problem", words, "free some room; docs/runbooks/disk-full.md says what may go")


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this machine."""

    pid: int
    parent: int
    command: str


def check_prefect_servers(processes: list[Process] | None = None) -> Iterator[Check]:
    """Whether a night's Prefect server outlived its night; `processes` are listed when not given."""
    running = list_processes() if processes is None else processes
    stale = stale_servers(running)
    if not stale:
        yield Check("prefect", "fine", "no server left behind")
    for one in stale:
        words = f"process {one.pid} is a night's Prefect server without its night"
        yield Check("prefect", "problem", words, f"kill {one.pid}")


def stale_servers(processes: list[Process]) -> list[Process]:
    """Our servers whose parent is gone: the system's first process has adopted them."""
    by_pid = {one.pid: one for one in processes}
    return [
        one
        for one in processes
        if "flows.prefect_server" in one.command
        # In a container the first process may be the night itself.
        and (one.parent not in by_pid or (one.parent == 1 and "stillhere" not in by_pid[1].command))
    ]


def list_processes() -> list[Process]:
    """All processes, from /proc where there is one, else from ps (macOS)."""
    proc = Path("/proc")
    if (proc / "self" / "stat").exists():
        return [found for entry in proc.iterdir() if entry.name.isdigit() and (found := _from_proc(entry))]
    listed = subprocess.run(["/bin/ps", "-axo", "pid=,ppid=,command="], capture_output=True, text=True, check=False)
    rows = (line.split(None, 2) for line in listed.stdout.splitlines())
    return [Process(int(row[0]), int(row[1]), row[2]) for row in rows if len(row) == 3]


def _from_proc(entry: Path) -> Process | None:
    try:
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        # The name in brackets may hold spaces and brackets itself; what follows the last one is regular.
        parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
    except (OSError, IndexError):  # it ended meanwhile, or is not ours to read
        return None
    return Process(int(entry.name), int(parent), command)
