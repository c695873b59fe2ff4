"""Runs dbt in this process, quietly, and says in our words what went wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.mapping import dbt_variables
from stillhere.settings import Settings, StillhereError

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
# Python, dbt and what DuckDB takes beside its buffers, at most, with 100 million events (docs/benchmarks.md).
BESIDE_DUCKDB = 5 * 2**29


class TransformError(StillhereError):
    """dbt could not build the marts; names the model and what it said."""


@dataclass(frozen=True)
class DbtParse:
    """dbt's parsed project, which a run takes over instead of parsing again."""

    manifest: Any


@dataclass(frozen=True, slots=True)
class DbtOutcome:
    """How many models were built."""

    models: int


def duckdb_share(machine_bytes: int) -> int:
    """How many bytes of a machine's memory DuckDB may take: four fifths, as by itself, where what else the process
    takes fits beside that; else what that leaves, but half at least."""
    return max(machine_bytes // 2, min(machine_bytes * 4 // 5, machine_bytes - BESIDE_DUCKDB))


def prepare_dbt(settings: Settings) -> None:
    """Points dbt at a company's files through the environment, which is where profiles.yml looks."""
    places = settings.places
    places.scratch.mkdir(parents=True, exist_ok=True)
    # Who shares the machine says less.
    memory = duckdb_share(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    os.environ.update(
        STILLHERE_DUCKDB_MEMORY=settings.environment.duckdb_memory or f"{memory // 2**20}MiB",
        STILLHERE_WAREHOUSE=str(places.warehouse),
        STILLHERE_RAW=str(places.raw_database),
        STILLHERE_SCRATCH=str(places.scratch),
        DBT_SEND_ANONYMOUS_USAGE_STATS="False",
        DO_NOT_TRACK="1",
    )


def parse_dbt(settings: Settings) -> DbtParse:
    """Parses the project for a company; needs neither warehouse nor raw. Raises TransformError."""
    prepare_dbt(settings)
    result = _invoke(["parse"], settings, None)
    return DbtParse(result.result)


def run_dbt(settings: Settings, parsed: DbtParse | None = None, *, full_refresh: bool = False) -> DbtOutcome:
    """Builds every model on the night's inputs. Raises TransformError naming the first model that failed."""
    prepare_dbt(settings)
    result = _invoke(["run", *(["--full-refresh"] if full_refresh else [])], settings, parsed)
    return DbtOutcome(len(result.result.results))


def run_models(
    settings: Settings,
    select: Sequence[str],
    exclude: Sequence[str] = (),
    parsed: DbtParse | None = None,
    *,
    full_refresh: bool = True,
) -> float:
    """Builds what a dbt selection such as `+habits` names; gives the seconds from its first start to its last end.

    Anew, or upon what is kept as schema `night` says. Raises TransformError like `run_dbt`.
    """
    prepare_dbt(settings)
    anew = ["--full-refresh"] if full_refresh else []
    chosen = ["--select", *select, *(["--exclude", *exclude] if exclude else [])]
    results = _invoke(["run", *anew, *chosen], settings, parsed).result.results
    times = [timing for one in results for timing in one.timing if timing.started_at and timing.completed_at]
    return float((max(t.completed_at for t in times) - min(t.started_at for t in times)).total_seconds())


def _invoke(command: Sequence[str], settings: Settings, parsed: DbtParse | None) -> Any:
    import json

    from dbt.cli.main import dbtRunner

    arguments = [
        *command,
        "--project-dir",
        str(PROJECT),
        "--profiles-dir",
        str(PROJECT),
        "--target-path",
        str(settings.places.dbt_target),
        "--log-path",
        str(settings.places.dbt_target),
        "--vars",
        json.dumps(dbt_variables(settings)),
        "--quiet",
        "--no-use-colors",
        "--log-level",
        "none",
        "--log-level-file",
        "info",
        "--no-version-check",
    ]
    try:
        result = dbtRunner(manifest=parsed.manifest if parsed else None).invoke(arguments)
    finally:
        close_warehouse()
    if not result.success:
        raise TransformError(_said(result, settings))
    return result


def close_warehouse() -> None:
    """Gives the warehouse's file back, which dbt keeps open from model to model: the checking process reads it next."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _said(result: Any, settings: Settings) -> str:
    log = settings.places.dbt_target / "dbt.log"
    if result.exception is not None:
        return f"dbt could not start: {_first_lines(str(result.exception))}; the whole story is in {log}"
    failed: list[Mapping[str, Any]] = [
        {"name": one.node.name, "message": one.message or ""}
        for one in result.result.results
        if str(one.status) in ("error", "fail")
    ]
    first = failed[0] if failed else {"name": "unknown", "message": ""}
    return (
        f"dbt could not build {first['name']} ({len(failed)} failed): {_first_lines(first['message'])}; "
        f"the whole story is in {log}. Nothing was published; run the night again once it is mended"
    )


def _first_lines(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines()[:4])
