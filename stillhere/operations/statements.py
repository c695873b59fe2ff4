"""What statements need on both engines: the INSERT that can meet a row which is there, and short lists of values."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert: TypeAlias = postgresql.Insert | sqlite.Insert


def insert_into(connection: Connection, table: Table) -> Insert:
    """The engine's INSERT, which knows ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def in_parts(values: Collection[str], size: int = 500) -> Iterator[list[str]]:
    """Values in a stable order, a few hundred at a time: databases limit how many one statement may name."""
    listed = sorted(set(values))
    yield from (listed[start : start + size] for start in range(0, len(listed), size))
