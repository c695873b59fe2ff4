"""Closed months: movements that stand as they were on the night that closed them, one Parquet a month."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, select

from stillhere.operations.open import OperationsError, reading
from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import month_closes

AMOUNTS = (
    *("opening_mrr_minor", "new_minor", "expansion_minor", "contraction_minor", "pause_minor", "churn_minor"),
    *("reactivation_minor", "correction_minor", "closing_mrr_minor", "on_hold_minor", "involuntary_churn_minor"),
    "cancel_requested_minor",
)
CLOSED_MONTHS = pa.schema(
    [
        *(("account_id", pa.string()), ("month", pa.date32()), ("currency", pa.string()), ("plan", pa.string())),
        *((name, pa.int64()) for name in AMOUNTS),
    ]
)
"""The columns of `mrr_movements` that are kept of a closed month."""


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month as a night closes it; `movements` has the columns of CLOSED_MONTHS."""

    month: date
    movements: pa.Table


def months_to_close(months: Iterable[date], closed: Iterable[date], as_of: date, close_days: int) -> list[date]:
    """Months (first days) that ended at least `close_days` before the night's end and are not closed yet, in order."""
    last = max(closed, default=date.min)
    return [month for month in sorted(months) if month > last and last_day(month) + timedelta(days=close_days) <= as_of]


def last_day(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def store_closes(
    connection: Connection, closing: Sequence[ClosedMonth], as_of: date, revision: int, now: datetime
) -> None:
    """Closes months for good. One that is closed already stays as it is: a later revision changes nothing."""
    closed = set(connection.scalars(select(month_closes.c.month)))
    for one in closing:
        if one.month in closed:
            continue
        movements = _parquet(one.movements)
        connection.execute(
            month_closes.insert().values(
                month=one.month,
                closed_as_of=as_of,
                revision=revision,
                closed_at=naive_utc(now),
                row_count=one.movements.num_rows,
                digest=hashlib.sha256(movements).hexdigest(),
                movements=movements,
            )
        )


def closed_movements(engine: Engine, closes: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The movements of the months that a snapshot names, in its order.

    A seal holds only their digests, for they never change; raises OperationsError when one has.
    """
    digests = {close["month"]: close["digest"] for close in closes}
    query = select(month_closes.c.month, month_closes.c.movements).order_by(month_closes.c.month)
    found: list[pa.Table] = []
    with reading(engine) as connection:
        for month, movements in connection.execute(query.where(month_closes.c.month.in_(digests))):
            if hashlib.sha256(movements).hexdigest() != digests.pop(month):
                raise OperationsError(_not_as_closed(month))
            found.append(pq.read_table(io.BytesIO(movements), schema=CLOSED_MONTHS))
    for month in digests:
        raise OperationsError(_not_as_closed(month))
    return pa.concat_tables([CLOSED_MONTHS.empty_table(), *found])


def _not_as_closed(month: date) -> str:
    return (
        f"operations database, month_closes, {month:%Y-%m}: not as it was closed; restore it from a backup "
        "(docs/runbooks/restore-from-backup.md), then run the night again"
    )


def _parquet(movements: pa.Table) -> bytes:
    buffer = io.BytesIO()
    ordered = movements.select(CLOSED_MONTHS.names).cast(CLOSED_MONTHS)
    pq.write_table(
        ordered.sort_by([("account_id", "ascending"), ("currency", "ascending")]), buffer, compression="zstd"
    )
    return buffer.getvalue()
