"""Builds the warehouse for a night: its inputs in, dbt over them, and what it keeps for the next one recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

import pyarrow as pa

from flows.mapping import dbt_variables
from flows.transform import PROJECT, DbtOutcome, DbtParse, run_dbt
from stillhere.settings import Settings, StillhereError
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.increments import plan_build, remember_build
from stillhere.warehouse.night_inputs import OPERATIONS_TABLES, AcceptedLoad, Row, write_night_inputs


class NothingToLearnFromError(StillhereError):
    """No night has been built yet."""


def build_warehouse(
    settings: Settings,
    as_of: date,
    loads: Sequence[AcceptedLoad],
    operations: Mapping[str, Iterable[Row] | pa.Table],
    parsed: DbtParse | None = None,
    *,
    full: bool = False,
    needs_panel: bool = True,
) -> DbtOutcome:
    """Builds every model as of a day: only what new loads change where the last build can be kept, else everything.

    The panel's cut-offs are computed when `needs_panel` says so or the kept ones are not of the last `retrain_days`;
    otherwise the panel stays. Raises TransformError.
    """
    places = settings.places
    with open_warehouse(places.warehouse) as warehouse:
        build = plan_build(warehouse, places.raw_database, loads, project_digest(settings), full=full)
        with_panel = needs_panel or not _is_recent(settings, as_of, build.panel_as_of)
        write_night_inputs(warehouse, settings, as_of, loads, operations, build=build, with_panel=with_panel)
    outcome = run_dbt(settings, parsed, full_refresh=build.is_full)
    with open_warehouse(places.warehouse) as warehouse:
        remember_build(warehouse, build, as_of if with_panel else build.panel_as_of)
    return outcome


def night_built_for(settings: Settings) -> date:
    """The day of the night that the warehouse was built for. Raises NothingToLearnFromError before the first night."""
    if not settings.places.warehouse.exists():
        raise NothingToLearnFromError("no night has been run yet, so there is no panel; run 'stillhere nightly' first")
    with open_warehouse(settings.places.warehouse) as warehouse:
        found = warehouse.execute("select as_of from night.night").fetchone()
    if found is None:
        raise NothingToLearnFromError("the last night was not built to its end; run 'stillhere nightly' again")
    return cast(date, found[0])


def build_panel(settings: Settings, as_of: date) -> None:
    """Builds the panel of the night that the warehouse was built for, unless it has it."""
    with open_warehouse(settings.places.warehouse) as warehouse:
        (cutoffs,) = warehouse.execute("select count(*) from night.cutoffs").fetchall()[0]
        loads = warehouse.execute("select source, resource, load_id from night.loads order by all").fetchall()
        operations = {
            name: warehouse.execute(f"select * from operations.{name} order by all").to_arrow_table()
            for name in OPERATIONS_TABLES
        }
    if not cutoffs:
        build_warehouse(settings, as_of, [AcceptedLoad(*load) for load in loads], operations)


def project_digest(settings: Settings) -> str:
    """What kept tables depend on besides raw: the dbt project's files, its variables and the rates."""
    digest = hashlib.sha256()
    for file in sorted(path for kind in ("*.sql", "*.yml") for path in PROJECT.rglob(kind)):
        digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes() + b"\0")
    facts = [dbt_variables(settings), {code: str(rate) for code, rate in settings.company.all_rates.items()}]
    digest.update(json.dumps(facts, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _is_recent(settings: Settings, as_of: date, panel_as_of: date | None) -> bool:
    return panel_as_of is not None and 0 <= (as_of - panel_as_of).days <= settings.churn.retrain_days
