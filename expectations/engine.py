"""Great Expectations on one DuckDB file: too many rows that break a predicate, and figures out of bounds.

The settings below are the only ones found to work with GX 1.24.1 on DuckDB. DuckDB commits each statement in
autocommit, so the file is opened read-only; while GX holds it nobody can write, so every engine is disposed at the end.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import great_expectations as gx
import sqlalchemy
from great_expectations import expectations as gxe

from expectations.report import MAX_EXAMPLE_IDS, CheckOutcome

# What sqlalchemy.text would read as a bind parameter, as in a regular expression's (?:x).
BIND_PARAMETER = re.compile(r"(?<![:\w$\\]):(?=[\w$])(?![\w$]+:)")
# DuckDB's errors about the shape of a query; others may quote values of rows.
SAFE_ERRORS = re.compile(r"((?:Binder|Catalog|Parser|IO|Out of Memory) Error: [^\n]*)")
EXAMPLES_LOOKED_AT = 200
"""Of so many bad rows the first ids in order are examples, so that a table which is all bad is not sorted for them."""


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A predicate that is true for every good row."""

    name: str
    predicate_sql: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A scalar query, cast to a number, and the bounds it must lie in. Null lies nowhere."""

    name: str
    scalar_sql: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What Great Expectations said about one check."""

    outcome: CheckOutcome
    observed: float | None = None
    """Bad rows, or the figure."""
    example_ids: tuple[str, ...] = ()
    problem: str = ""
    """Why it could not be checked, without values of rows."""
    seconds: float = 0.0


class Engine:
    """Reads one DuckDB file through Great Expectations. Use as a context manager; the file is free again after it."""

    def __init__(self, database: Path, memory_limit: str | None = None) -> None:
        """`memory_limit` is DuckDB's ("1GB"); without one it takes up to most of the machine.

        Raises sqlalchemy.exc.OperationalError when the file is missing or held by a writer.
        """
        if not database.is_file():
            raise FileNotFoundError(f"{database.name} is not there")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(
            globally=False, metric_calculations=False
        )
        self._source = context.data_sources.add_sql(
            "file",
            connection_string=f"duckdb:///{database}",
            kwargs={
                "isolation_level": "AUTOCOMMIT",
                "skip_autocommit_rollback": True,
                "connect_args": {
                    "read_only": True,
                    "config": {} if memory_limit is None else {"memory_limit": memory_limit},
                },
            },
        )
        self._assets = 0

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.get_execution_engine().close()
        self._source.get_engine().dispose()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query of our own, through the same connection settings."""
        with self._source.get_engine().connect() as connection:
            return [tuple(row) for row in connection.execute(sqlalchemy.text(_without_binds(query)))]

    def is_true(self, query: str) -> bool:
        """Whether a query of one row and column says true. One that fails says no: what it stood for is asked then."""
        try:
            return self.ask(query)[0][0] is True
        except Exception:  # whatever it is, the dear question meets it too, and says so
            return False

    def check_rows(self, query: str, id_sql: str, checks: Sequence[RowCheck]) -> dict[str, Measured]:
        """Counts the rows of `query` that break each predicate. `has_rows` fails on an empty result, always.

        All are counted in one scan. The ids of some bad rows come back as examples; no other column is ever fetched.
        """
        figures = [Figure("has_rows", "count(*)", minimum=1)]
        figures += [
            # What is not true is bad, null included, as `good` has it; this counts faster.
            Figure(check.name, f"count(*) - count(case when ({check.predicate_sql}) then 1 end)", maximum=0)
            for check in checks
        ]
        measured = self.check_figures(figures, f"from ({query})")
        for check in checks:
            if measured[check.name].outcome == "failed":
                measured[check.name] = self._with_examples(query, id_sql, check, measured[check.name])
        return measured

    def check_figures(self, figures: Sequence[Figure], source: str = "") -> dict[str, Measured]:
        """Compares each figure with its bounds. One that cannot be computed does not spoil the others.

        `source` is the FROM of them all. Each is computed once and then compared, for GX would run it three times.
        """
        started = time.monotonic()
        values, problems = self._compute(figures, source)
        known = [figure for figure in figures if figure.name not in problems]
        measured = {name: Measured("could_not_check", problem=problem) for name, problem in problems.items()}
        if known:
            measured |= self._compare(known, values)
        seconds = (time.monotonic() - started) / max(len(figures), 1)
        return {name: replace(one, seconds=seconds) for name, one in measured.items()}

    def _compute(self, figures: Sequence[Figure], source: str) -> tuple[dict[str, float | None], dict[str, str]]:
        """Values by name, and problems by name; all in one query, and one by one only when that fails."""
        if not figures:
            return {}, {}
        scalars = ", ".join(f"cast(({figure.scalar_sql}) as double)" for figure in figures)
        try:
            found = self.ask(f"select {scalars} {source}")[0]
            return dict(zip((figure.name for figure in figures), found, strict=True)), {}
        except Exception as error:
            if len(figures) == 1:
                return {}, {figures[0].name: problem_of(error)}
        values: dict[str, float | None] = {}
        problems: dict[str, str] = {}
        for figure in figures:
            value, problem = self._compute([figure], source)
            values |= value
            problems |= problem
        return values, problems

    def _compare(self, figures: Sequence[Figure], values: Mapping[str, float | None]) -> dict[str, Measured]:
        columns = [
            f"cast({'null' if (value := values[figure.name]) is None else repr(value)} as double) as figure_{n}"
            for n, figure in enumerate(figures)
        ]
        expectations = [
            gxe.ExpectColumnMaxToBeBetween(
                column=f"figure_{n}", min_value=figure.minimum, max_value=figure.maximum, meta={"name": figure.name}
            )
            for n, figure in enumerate(figures)
        ]
        return self._validate("select " + ", ".join(columns), expectations)

    def _with_examples(self, query: str, id_sql: str, check: RowCheck, measured: Measured) -> Measured:
        bad = f"select cast({id_sql} as varchar) from ({query}) where not {good(check.predicate_sql)}"
        try:
            ids = sorted(str(one) for (one,) in self.ask(f"{bad} limit {EXAMPLES_LOOKED_AT}"))
        except Exception as error:
            problem = problem_of(error)
            return Measured("could_not_check", problem=problem, seconds=measured.seconds)
        return replace(measured, example_ids=tuple(ids[:MAX_EXAMPLE_IDS]))

    def _validate(self, query: str, expectations: Sequence[Any]) -> dict[str, Measured]:
        names = [expectation.meta["name"] for expectation in expectations]
        self._assets += 1
        try:
            asset = self._source.add_query_asset(f"query_{self._assets}", query=_without_binds(query))
            batch = asset.add_batch_definition_whole_table("all").get_batch()
            suite = gx.ExpectationSuite(name=f"suite_{self._assets}", expectations=list(expectations))
            validated = batch.validate(suite, result_format="BASIC").results
        except Exception as error:  # GX raises anything; unchecked is an answer, and it holds
            problem = problem_of(error)
            return {name: Measured("could_not_check", problem=problem) for name in names}
        found = {r.expectation_config.meta["name"]: _measured(r) for r in validated}
        missing = Measured("could_not_check", problem="no result came back")
        return {name: found.get(name, missing) for name in names}


def good(predicate_sql: str) -> str:
    """A predicate as a plain truth: null, from a missing value, counts as bad."""
    return f"coalesce(({predicate_sql}), false)"


def problem_of(error: Exception) -> str:
    """What may be shown of an error: its class, and DuckDB's message where that is about the query's shape."""
    return _safe_problem(f"{type(error).__name__}: {error}")


def _safe_problem(text: str) -> str:
    message = SAFE_ERRORS.search(text)
    if message is None:
        return text.partition(":")[0][:80]
    return re.sub(r"'[^']*'", "'…'", re.sub(r"/[^\s\"]*/", "", message.group(1)))


def _measured(result: Any) -> Measured:
    problem = _raised(result.exception_info)
    if problem is not None:
        return Measured("could_not_check", problem=problem)
    return Measured("ok" if result.success else "failed", result.result.get("observed_value"))


def _raised(info: Mapping[str, Any]) -> str | None:
    """The problem of an expectation that raised; GX gives either one dictionary or one for each metric."""
    infos = [info] if "raised_exception" in info else [one for one in info.values() if isinstance(one, Mapping)]
    raised = next((one for one in infos if one.get("raised_exception")), None)
    return None if raised is None else _safe_problem(str(raised.get("exception_message")))


def _without_binds(query: str) -> str:
    return BIND_PARAMETER.sub(r"\\:", query)
