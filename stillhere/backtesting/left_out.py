"""Rows of a log that can't be used: why, how many, and where in the file the first of them lie."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from stillhere.backtesting.open_log import OpenLog
from stillhere.connectors.raw import quoted

SHOWN = 3


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that are not in the log: why, how many, and where the first of them lie."""

    why: str
    rows: int
    places: str

    @property
    def words(self) -> str:
        """One sentence without its full stop."""
        return f"{self.rows:,} row{'' if self.rows == 1 else 's'} left out, {self.why}: {self.places}"


def left_out(
    connection: duckdb.DuckDBPyConnection, opened: OpenLog, where: str, why: str, show: str | None = None
) -> LeftOut | None:
    """The rows for which a condition holds, or None where there is none; `show` is a column whose values are told."""
    count = connection.execute(f"select count(*) from export where {where}").fetchall()[0][0]
    if not count:
        return None
    shown = f"{quoted(show)}::varchar" if show else "null"
    numbered = "select *, row_number() over () as row_in_file from export"
    first = connection.execute(
        f"select row_in_file, {shown} from ({numbered}) where {where} order by 1 limit {SHOWN}"
    ).fetchall()
    places = opened.places([row for row, _ in first])
    values = f" ({', '.join(repr(value or '') for _, value in first)})" if show else ""
    return LeftOut(why, count, f"{'first ' if count > SHOWN else ''}{places}{values}")
