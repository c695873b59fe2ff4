"""Opens the operations database: SQLite by default, PostgreSQL by URL; migrated to the newest shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from stillhere.settings import StillhereError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 15
"""How long a writer waits for another one; every transaction here is a few milliseconds."""


class OperationsError(StillhereError):
    """The operations database can't be opened or migrated."""


def open_operations(url: str, *, migrate: bool = True) -> Engine:
    """An engine on the operations database, created and migrated where needed.

    Raises OperationsError saying which database and what to do; a password in the URL is not shown.
    """
    parsed = make_url(url)
    shown = parsed.render_as_string(hide_password=True)
    try:
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, **_engine_options(parsed.get_backend_name()))
        if parsed.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_immediate)
        if migrate:
            _migrate(engine)
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise OperationsError(
            f"operations database {shown}: {reason}; check STILLHERE_OPERATIONS_URL and the server, "
            "or run 'stillhere doctor'"
        ) from error
    return engine


def open_if_there(url: str) -> Engine:
    """The operations database; for a company that has never run an empty one in memory, and nothing is created.

    Raises OperationsError as `open_operations` does.
    """
    parsed = make_url(url)
    absent = parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).exists()
    return open_operations("sqlite://" if absent else url)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A short write transaction: committed at the end, rolled back on an error."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One read transaction: everything read in it belongs together."""
    isolation = "AUTOCOMMIT" if engine.dialect.name == "sqlite" else "REPEATABLE READ"
    with engine.connect().execution_options(isolation_level=isolation) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("begin deferred")  # readers don't wait for a writer in WAL mode
        try:
            yield connection
        finally:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("rollback")
            else:
                connection.rollback()


def newest_migration() -> str | None:
    """The migration this version of Stillhere wants: they are numbered, and the file's name begins with the number."""
    # Alembic's own answer costs a second of imports, which `stillhere pause` and `send` must not wait for.
    names = [file.name.partition("_")[0] for file in MIGRATIONS.joinpath("versions").glob("[0-9]*_*.py")]
    return max(names, default=None)


def present_migration(engine: Engine) -> str | None:
    """The migration a database is at; None for one that has none yet."""
    with engine.connect() as connection:
        try:
            found: str | None = connection.scalar(text("select version_num from alembic_version"))
        except (OperationalError, ProgrammingError):
            connection.rollback()
            return None
    return found


def _migrate(engine: Engine) -> None:
    if present_migration(engine) == newest_migration():
        return
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")


def _engine_options(backend: str) -> dict[str, Any]:
    if backend == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": BUSY_SECONDS, "options": "-c timezone=UTC"}}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy, not the driver, begins transactions; otherwise BEGIN IMMEDIATE comes too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode=wal")
    cursor.execute("pragma synchronous=full")  # a reserved row must survive a power cut
    cursor.execute("pragma foreign_keys=on")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("begin immediate")
