"""A company's day by the steps of its clocks is the one that the engine's calendar gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from tests.dbt.projects import empty_project

# A summer of an hour, one of half an hour, one that stops for Ramadan, a day left out.
ZONES = ("Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia")


@pytest.mark.parametrize("zone", ZONES)
def test_the_day_by_steps_is_the_calendars(zone: str, tmp_path: Path) -> None:
    empty = empty_project(tmp_path)
    company = empty.settings.company.model_copy(update={"timezone": zone})
    project = replace(empty, settings=replace(empty.settings, company=company))
    done = project.dbt("compile", "--inline", "select {{ company_date('seen.seen_at') }} as day, seen_at from seen")
    by_steps = done.result.results[0].node.compiled_code
    assert "case" in by_steps

    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            """
            create table seen as
            select unnest(
                generate_series(timestamp '1998-01-01', timestamp '2042-01-01', interval 15 minute)
            ) as seen_at
            union all select null
            union all select timestamp '0001-01-01'
            union all select timestamp '9999-12-31 23:59:59'
            """
        )
        calendar = f"cast((seen_at at time zone 'UTC') at time zone '{zone}' as date)"
        unlike = connection.execute(
            f"select seen_at, day, {calendar} from ({by_steps}) where day is distinct from {calendar} limit 3"
        ).fetchall()
    assert unlike == []
