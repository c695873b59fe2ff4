"""What a night closes: the movements of months that ended long enough ago, as its marts tell them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

from stillhere.operations.closings import CLOSED_MONTHS, ClosedMonth, months_to_close


def months_due(
    warehouse: duckdb.DuckDBPyConnection, as_of: date, close_days: int, closed: Collection[date]
) -> list[ClosedMonth]:
    """The months to close tonight, oldest first; one without any recurring revenue is closed empty."""
    months = [row[0] for row in warehouse.execute("select month from intermediate.int_months").fetchall()]
    columns = ", ".join(CLOSED_MONTHS.names)
    query = f"select {columns} from marts.mrr_movements where month = ? order by account_id, currency"
    return [
        ClosedMonth(month, warehouse.execute(query, [month]).to_arrow_table())
        for month in months_to_close(months, closed, as_of, close_days)
    ]
