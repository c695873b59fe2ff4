"""What nights have left: the lock, DuckDB files that somebody else may hold, and the operations database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, make_url

from stillhere.doctor.checks import Check
from stillhere.operations.lock import holder_of
from stillhere.operations.open import OperationsError, newest_migration, open_operations, present_migration
from stillhere.operations.runs import recent_runs
from stillhere.settings import Places, Settings
from stillhere.warehouse.connect import WarehouseBusyError, open_warehouse


def check_lock(settings: Settings, now: datetime) -> Iterator[Check]:
    """Whether a night could begin now."""
    holder = holder_of(settings.places.lock)
    if holder is None:
        yield Check("lock", "fine", "nobody holds the night")
        return
    since = datetime.fromisoformat(holder.since)
    minutes = (now - (since if since.tzinfo else since.replace(tzinfo=UTC))).total_seconds() / 60
    words = f"a night is running: {holder} ({minutes:.0f} minutes)"
    yield Check("lock", "problem", words, "wait for it; 'stillhere status' shows how far it is")


def check_databases(places: Places) -> Iterator[Check]:
    """Whether the night can have the warehouse and raw for itself."""
    for name, path in (("warehouse", places.warehouse), ("raw", places.raw_database)):
        if not path.exists():
            yield Check(name, "fine", "not there yet; the first night makes it")
            continue
        yield _can_be_opened(name, path, places)


def _can_be_opened(name: str, path: Path, places: Places) -> Check:
    try:
        with open_warehouse(path):
            return Check(name, "fine", f"{path.stat().st_size / 1e6:.0f} MB, held by nobody")
    except WarehouseBusyError as error:
        if holder_of(places.lock) is not None:
            return Check(name, "note", "in use by the night that is running")
        return Check(name, "problem", str(error), "docs/runbooks/warehouse-locked.md")
    except Exception as error:  # whatever DuckDB finds wrong with a file is what the doctor is asked for
        first_line = str(error).splitlines()[0]
        return Check(name, "problem", f"{path.name} can't be opened: {first_line}", _how_to_mend(name))


def _how_to_mend(name: str) -> str:
    if name == "raw":
        return "restore it from the back-up: docs/runbooks/restore-from-backup.md"
    return "move it away: the next night builds it again from raw"


def check_operations(settings: Settings) -> Iterator[Check]:
    """Whether the operations database answers, has the right shape, and what its last run says."""
    url = make_url(settings.places.operations_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        yield Check("operations", "fine", "not there yet; the first night makes it")
        return
    try:
        engine = open_operations(settings.places.operations_url, migrate=False)
        shape = _shape(engine)
    except Exception as error:  # drivers raise what they like; each is a database that does not answer
        words = str(error) if isinstance(error, OperationsError) else _first_line(error)
        yield Check("operations", "problem", words, "check STILLHERE_OPERATIONS_URL and that the server is up")
        return
    yield shape
    if shape.state == "fine":
        yield from _last_run(engine, settings)


def _shape(engine: Engine) -> Check:
    present, newest = present_migration(engine), newest_migration()
    place = engine.url.render_as_string(hide_password=True)
    if present == newest:
        return Check("operations", "fine", f"{place}, migration {present}")
    if present is None:
        return Check("operations", "note", f"{place} is empty; the next night makes its tables")
    words = f"{place} is at migration {present}; this version of Stillhere wants {newest}"
    return Check("operations", "note", words, "the next night migrates it; back it up first")


def _last_run(engine: Engine, settings: Settings) -> Iterator[Check]:
    runs = recent_runs(engine, "night", limit=1)
    if not runs:
        return
    run = runs[0]
    if run.state == "failed":
        yield Check("last night", "note", f"the run of {run.as_of} failed: {run.message}", "stillhere status")
    elif run.state == "running" and holder_of(settings.places.lock) is None:
        words = f"the run of {run.as_of} died: its process is gone"
        yield Check("last night", "note", words, f"stillhere nightly --as-of {run.as_of} finishes its work")
    else:
        yield Check("last night", "fine", f"{run.as_of}, {run.state}")


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
