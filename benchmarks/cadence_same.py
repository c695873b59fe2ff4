"""The floor's figures are the marts', column by column, on a sample of accounts: a floor that computed something else
would measure nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb

SAMPLE = 1000
ABSENT = {
    "contact_count", "contacts_added_91", "contacts_removed_91", "champion_is_gone", "discount_share",
    "failed_payments_91", "failed_payments_28", "refunds_91_minor", "tickets_28", "tickets_91", "open_tickets",
    "answer_days_91", "calls_91", "days_to_renewal", "is_annual", "cutoff", "left_kind",
}  # fmt: skip
"""What the drawn company has no data for (people, tickets, calls, annual terms): constants there, not in the floor."""
HOURS = {"usual_hour", "hour_shift_28_hours"}
HOURS_APART = 0.02
HOURS_UNLIKE_SHARE = 0.001
"""The marts turn a day's sum of hours by the zone in thousandths, the floor each event: the last digit may differ, and
one account in a thousand lies so near the limit that one of the two gives no hour."""
MOVEMENTS = {
    "month": "month", "plan": "plan", "opening": "opening_mrr_minor", "closing": "closing_mrr_minor",
    "new_minor": "new_minor", "expansion_minor": "expansion_minor", "contraction_minor": "contraction_minor",
    "churn_minor": "churn_minor", "reactivation_minor": "reactivation_minor",
}  # fmt: skip


def assert_same(folder: Path, step: str) -> None:
    """Ends the run where a figure of a step differs, naming the columns; the steps are cadence, panel and mrr."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder / 'floor.duckdb'}' as floor (read_only)")
        # Under the name that its views call it.
        connection.execute(f"attach '{folder / 'state' / 'bench' / 'warehouse.duckdb'}' as warehouse (read_only)")
        connection.execute(
            "create table sample as select account_id from warehouse.intermediate.int_accounts "
            f"order by hash(account_id) limit {SAMPLE}"
        )
        if step == "mrr":
            _assert_movements(connection)
        else:
            _assert_cadence(connection, step)


def _assert_cadence(connection: duckdb.DuckDBPyConnection, step: str) -> None:
    mart = "account_cadence" if step == "cadence" else "account_cadence_panel"
    ours = connection.execute(f"describe warehouse.marts.{mart}").fetchall()
    floor = {name for name, *_ in connection.execute(f"describe floor.{step}").fetchall()}
    columns = {name: kind for name, kind, *_ in ours if name not in ABSENT | {"account_id", "as_of"}}
    if missing := [name for name in columns if name not in floor]:
        raise SystemExit(f"the floor's {step} lacks {missing}")
    connection.execute(
        f"create view ours_rows as select * from warehouse.marts.{mart} semi join sample using (account_id)"
    )
    connection.execute(
        f"create view floor_rows as select * from floor.{step} semi join sample on account = account_id"
        + (" where as_of in (select as_of from ours_rows)" if step == "panel" else "")
    )
    _compare(
        connection,
        "account_id = account and ours_rows.as_of = floor_rows.as_of",
        {name: _unlike(f"ours_rows.{name}", f"floor_rows.{name}", kind, name) for name, kind in columns.items()},
        step,
    )


def _assert_movements(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create view ours_rows as select * from warehouse.marts.mrr_movements semi join sample using (account_id)"
    )
    connection.execute(
        "create view floor_rows as select * from floor.movements semi join sample on account = account_id"
    )
    _compare(
        connection,
        "account_id = account and ours_rows.month = floor_rows.month",
        {ours: f"ours_rows.{ours} is distinct from floor_rows.{floor}" for floor, ours in MOVEMENTS.items()},
        "mrr",
    )


def _compare(connection: duckdb.DuckDBPyConnection, same_row: str, unlike: dict[str, str], step: str) -> None:
    counts = ", ".join(f"count(*) filter ({condition})" for condition in unlike.values())
    compared, *different = connection.execute(
        f"select count(*), {counts} from ours_rows full join floor_rows on {same_row}"
    ).fetchone() or (0,)
    allowed = dict.fromkeys(HOURS, compared * HOURS_UNLIKE_SHARE)
    found = {name: count for name, count in zip(unlike, different, strict=True) if count > allowed.get(name, 0)}
    if not compared or found:
        raise SystemExit(f"{step}: the floor and the marts differ in so many of {compared} rows: {found}")


def _unlike(ours: str, floor: str, kind: str, name: str) -> str:
    if name in HOURS:
        apart = f"abs({ours} - {floor})"
        return f"({ours} is null) <> ({floor} is null) or least({apart}, 24 - {apart}) > {HOURS_APART}"
    if kind == "DOUBLE":
        return f"({ours} is null) <> ({floor} is null) or abs({ours} - {floor}) > 1e-6 * greatest(1, abs({ours}))"
    return f"{ours} is distinct from {floor}"
