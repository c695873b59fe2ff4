"""What a night tells dbt: its day, its cut-offs, its rates, its accepted loads, and the operations rows it reads.

Everything goes into the schemas `night` and `operations` of the warehouse, so that no dbt variable changes from
night to night (a changed variable costs a full parse).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import ceil

import duckdb
import pyarrow as pa

from stillhere.clock import end_of_day
from stillhere.operations.closings import CLOSED_MONTHS
from stillhere.results.plans import result_days
from stillhere.settings import Settings

NIGHT_TABLES: dict[str, pa.Schema] = {
    "night": pa.schema(
        [
            ("as_of", pa.date32()),
            ("company_kind", pa.string()),
            ("timezone", pa.string()),
            ("currency", pa.string()),
            ("horizon_days", pa.int32()),
            ("active_days", pa.int32()),
            ("min_history_days", pa.int32()),
            ("acquisition_cost_minor", pa.int64()),
            ("midnight_at", pa.timestamp("us")),
            ("recently_talked_days", pa.int32()),
            ("reactivation_days", pa.int32()),
        ]
    ),
    "rates": pa.schema([("currency", pa.string()), ("rate", pa.decimal128(18, 8))]),
    "cutoffs": pa.schema([("cutoff", pa.date32())]),
    "closed_dates": pa.schema([("closed_date", pa.date32())]),
    "result_days": pa.schema([("day", pa.int32())]),
    "loads": pa.schema([("source", pa.string()), ("resource", pa.string()), ("load_id", pa.string())]),
    "increment": pa.schema([("is_full", pa.bool_()), ("why", pa.string())]),
    "new_loads": pa.schema([("source", pa.string()), ("resource", pa.string()), ("load_id", pa.string())]),
    "account_keys_before": pa.schema([("account_key", pa.string()), ("account_id", pa.string())]),
}

OPERATIONS_TABLES: dict[str, pa.Schema] = {
    "suppressions": pa.schema([("email", pa.string()), ("reason", pa.string()), ("since", pa.date32())]),
    "objections": pa.schema([("subject", pa.string()), ("since", pa.date32())]),
    "ledger": pa.schema(
        [
            ("message_id", pa.string()),
            ("mode", pa.string()),
            ("campaign", pa.string()),
            ("email", pa.string()),
            ("account_id", pa.string()),
            ("contact_id", pa.string()),
            ("occasion", pa.string()),
            ("as_of", pa.date32()),
            ("status", pa.string()),
            ("sent_at", pa.timestamp("us")),
        ]
    ),
    "assignments": pa.schema(
        [
            ("campaign", pa.string()),
            ("account_id", pa.string()),
            ("arm", pa.string()),
            ("day_zero", pa.date32()),
            ("holdout_share", pa.float64()),
            ("universal_share", pa.float64()),
        ]
    ),
    "contacts_made": pa.schema(
        [("campaign", pa.string()), ("account_id", pa.string()), ("as_of", pa.date32()), ("outcome", pa.string())]
    ),
    "exits": pa.schema(
        [
            ("account_id", pa.string()),
            ("requested_at", pa.timestamp("us")),
            ("effective_at", pa.timestamp("us")),
            ("reason", pa.string()),
            ("comment", pa.string()),
            ("offer", pa.string()),
            ("outcome", pa.string()),
            ("kind", pa.string()),
        ]
    ),
    "exit_answers": pa.schema(
        [("account_id", pa.string()), ("reason", pa.string()), ("answered_at", pa.timestamp("us"))]
    ),
    "calls": pa.schema(
        [("account_id", pa.string()), ("campaign", pa.string()), ("outcome", pa.string()), ("called_on", pa.date32())]
    ),
    "month_closes": pa.schema(
        [("month", pa.date32()), ("closed_as_of", pa.date32()), ("row_count", pa.int64()), ("digest", pa.string())]
    ),
    "closed_months": CLOSED_MONTHS,
}

Row = Mapping[str, object]


@dataclass(frozen=True)
class AcceptedLoad:
    """A load that hand-over 1 has accepted: staging reads its rows."""

    source: str
    resource: str
    load_id: str


@dataclass(frozen=True, slots=True)
class Build:
    """What a night builds: everything, and why; or only what `new_loads` change.

    `panel_as_of` is the night whose cut-offs the kept panel has; None when there is no panel to keep.
    """

    is_full: bool
    why: str
    digest: str = ""
    panel_as_of: date | None = None
    new_loads: tuple[AcceptedLoad, ...] = ()


def past_cutoffs(as_of: date, horizon_days: int, count: int, step_days: int) -> list[date]:
    """The panel's cut-offs, newest first: the label window of each ended on or before `as_of`.

    The newest lies whole weeks back, so that with steps of whole weeks all stand on the night's weekday: silence on a
    Sunday is another thing than silence on a Thursday.
    """
    newest = as_of - timedelta(weeks=ceil(horizon_days / 7))
    return [newest - timedelta(days=step_days * back) for back in range(count)]


def write_night_inputs(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    loads: Iterable[AcceptedLoad],
    operations: Mapping[str, Iterable[Row] | pa.Table],
    *,
    build: Build = Build(True, "nothing was compared"),
    with_panel: bool = True,
) -> None:
    """Replaces every table of the schemas `night` and `operations`; an operations table not given is empty.

    Without `with_panel` there are no cut-offs, and dbt leaves the panel as it is.
    """
    company, churn = settings.company, settings.churn
    night: Row = {
        "as_of": as_of,
        "company_kind": company.kind,
        "timezone": company.timezone,
        "currency": company.currency,
        "horizon_days": churn.horizon_days,
        "active_days": churn.active_days,
        "min_history_days": churn.min_history_days,
        "acquisition_cost_minor": company.acquisition_cost_minor,
        "midnight_at": end_of_day(as_of, company).replace(tzinfo=None),
        "recently_talked_days": company.campaigns.recently_talked_days,
        "reactivation_days": company.reactivation_days,
    }
    cutoffs = past_cutoffs(as_of, churn.horizon_days, churn.cutoffs if with_panel else 0, churn.cutoff_step_days)
    tables: dict[str, list[Row]] = {
        "night": [night],
        "rates": [{"currency": code, "rate": rate} for code, rate in sorted(company.all_rates.items())],
        "cutoffs": [{"cutoff": cutoff} for cutoff in cutoffs],
        "closed_dates": [{"closed_date": day} for day in sorted(set(company.closed_dates))],
        "result_days": [{"day": day} for day in result_days(settings.campaigns)],
        "loads": [asdict(load) for load in loads],
        "increment": [{"is_full": build.is_full, "why": build.why}],
        "new_loads": [asdict(load) for load in build.new_loads],
        "account_keys_before": [] if build.is_full else _account_keys(connection),
    }
    for name, schema in NIGHT_TABLES.items():
        _replace(connection, "night", name, tables[name], schema)
    for name, schema in OPERATIONS_TABLES.items():
        rows = operations.get(name, ())
        _replace(connection, "operations", name, rows if isinstance(rows, pa.Table) else list(rows), schema)


def _account_keys(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How the last night resolved every spelling of an account."""
    rows = connection.execute("select account_key, account_id from intermediate.int_account_keys").fetchall()
    return [{"account_key": key, "account_id": account_id} for key, account_id in rows]


def _replace(
    connection: duckdb.DuckDBPyConnection, schema_name: str, name: str, rows: list[Row] | pa.Table, schema: pa.Schema
) -> None:
    incoming = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    connection.execute(f"create schema if not exists {schema_name}")
    connection.register("incoming", incoming)
    connection.execute(f"create or replace table {schema_name}.{name} as select * from incoming")
    connection.unregister("incoming")
