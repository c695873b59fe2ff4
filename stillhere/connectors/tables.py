"""What readers of a database have in common, whichever way they read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

CONNECT_SECONDS = 5  # a source that is down is told in seconds, not after a driver's minutes


class TableReader(Protocol):
    """Reads whole tables, or what is new in them, at one moment."""

    def columns(self, table: str) -> list[str]:
        """The table's columns as the vendor spells them. Raises SourceError when there is no such table."""

    def read(self, table: str, cursor: str | None, low: object | None) -> pa.Table:
        """The rows whose cursor is at least `low` or missing; all rows without `low`."""

    def newest(self, table: str, column: str) -> Any:
        """The largest value of a column, None for an empty table."""

    def distinct(self, table: str, column: str) -> list[Any]:
        """Every value of a column, once each."""


def split_table(table: str) -> tuple[str | None, str]:
    """Schema and name of `schema.table`."""
    schema, dot, name = table.rpartition(".")
    return (schema, name) if dot else (None, table)
