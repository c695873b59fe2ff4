"""The columns that raw adds to a vendor's rows, and the ledger of files that were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stillhere.connectors.file_listing import SeenFile

if TYPE_CHECKING:
    import pyarrow as pa


def stamped(tables: Iterable[pa.Table], token: str, loaded_at: datetime) -> Iterator[pa.Table]:
    """Each table with `_dlt_id` and `_loaded_at` (UTC, without zone). Ids sort in the order the rows were read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = 0
    at = pa.scalar(loaded_at.astimezone(UTC).replace(tzinfo=None), type=pa.timestamp("us"))
    for table in tables:
        numbers = pc.utf8_lpad(pa.array(range(first, first + table.num_rows)).cast(pa.string()), 10, "0")
        ids = pc.binary_join_element_wise(pa.scalar(token), numbers, "-")
        yield table.append_column("_dlt_id", ids).append_column("_loaded_at", pa.repeat(at, table.num_rows))
        first += table.num_rows


def files_table(files: Mapping[str, Sequence[SeenFile]]) -> pa.Table | None:
    """The files read tonight as rows of the ledger; None when there were none."""
    import pyarrow as pa

    rows = [
        {"resource": resource, "file": seen.file, "size": seen.size, "modified_ns": seen.modified_ns}
        for resource, listed in files.items()
        for seen in listed
    ]
    return pa.Table.from_pylist(rows) if rows else None
