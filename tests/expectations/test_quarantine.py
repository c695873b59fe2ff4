"""The same predicate that is counted decides what goes to quarantine, and judging again changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from expectations.process import Checker
from expectations.quarantine import quarantine_rows
from expectations.requests import RowRule
from tests.expectations.raw_world import AS_OF, FIRST, NOW, RULES, TONIGHT, RawWorld, raw_world


@pytest.fixture
def world(tmp_path: Path) -> RawWorld:
    world = raw_world(tmp_path)
    world.sql(f"update usage.events set account = null where id in (3, 4) and _dlt_load_id = '{TONIGHT}'")
    world.sql(f"update usage.events set \"at\" = 'soon' where id = 4 and _dlt_load_id = '{TONIGHT}'")
    world.sql(f"update usage.events set account = null where id = 9 and _dlt_load_id = '{FIRST}'")
    return world


def quarantine(world: RawWorld, rules: tuple[RowRule, ...] = RULES) -> dict[str, int]:
    new = [load for load in world.request.loads if not load.accepted]
    counts = quarantine_rows(world.database, rules, new, AS_OF, NOW)
    return {count.rule: count.rows for count in counts}


def test_each_broken_rule_is_a_row_that_people_can_read(world: RawWorld) -> None:
    assert quarantine(world) == {"account_present": 2, "time_plausible": 1}
    rows = world.sql(
        "select as_of, source, resource, rule, reason, row_id, load_id, row_json, found_at from quarantine.rows"
    )
    assert len(rows) == 3
    as_of, source, resource, _, _, row_id, load_id, row_json, found_at = sorted(rows, key=str)[0]
    assert (as_of, source, resource, load_id) == (AS_OF, "usage", "events", TONIGHT)
    assert row_id == f"event-{AS_OF}-3"
    assert json.loads(str(row_json))["id"] == 3
    assert found_at == NOW.replace(tzinfo=None)


def test_judging_again_changes_nothing(world: RawWorld) -> None:
    quarantine(world)
    before = world.sql("select * from quarantine.rows order by all")
    quarantine(world)
    assert world.sql("select * from quarantine.rows order by all") == before


def test_a_rule_that_was_mended_frees_what_it_held(world: RawWorld) -> None:
    quarantine(world)
    quarantine(world, RULES[1:])
    assert world.sql("select distinct rule from quarantine.rows") == [("time_plausible",)]


def test_what_is_counted_is_what_is_quarantined(checker: Checker, world: RawWorld) -> None:
    counts = quarantine(world)
    report = checker.check(world.request)
    assert {r.rule: r.unexpected_count for r in report.results if r.scope == "row" and r.unexpected_count} == counts
    assert [load.bad_rows for load in report.loads if load.resource == "events"] == [2]


def test_a_missing_table_or_column_quarantines_nothing(world: RawWorld) -> None:
    world.sql("drop table crm.companies")
    world.sql("alter table usage.events drop column account")
    assert quarantine(world) == {"time_plausible": 1}


def test_all_or_nothing(world: RawWorld) -> None:
    quarantine(world)
    before = world.sql("select * from quarantine.rows order by all")
    with pytest.raises(Exception, match="no_such_column"):
        quarantine(world, (*RULES, RowRule("broken", "usage", "events", "no_such_column > 0", "never")))
    assert world.sql("select * from quarantine.rows order by all") == before
