"""Hand-over 1: bad rows are counted, bad loads are not accepted, and what could not be checked holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from expectations.predicates import RawColumn, company_day, instant
from expectations.process import Checker
from expectations.raw_volume import at_the_level_taken, usual_rows_a_day
from expectations.report import GateReport, Result, holds
from expectations.requests import Arrival, Load, RawRequest, RowRule, report_from_json, report_to_json
from tests.expectations.raw_world import (
    AS_OF,
    COMPANIES,
    EVENTS,
    FIRST,
    NOW,
    RULES,
    TONIGHT,
    RawWorld,
    add_events,
    raw_world,
)


@pytest.fixture
def world(tmp_path: Path) -> RawWorld:
    return raw_world(tmp_path)


def result(report: GateReport, rule: str, source: str = "usage") -> Result:
    return next(r for r in report.results if r.rule == rule and r.source == source)


def state(report: GateReport, resource: str = "events") -> str:
    return next(load.state for load in report.loads if load.resource == resource and load.load_id == TONIGHT)


def test_a_good_night_is_accepted_whole(checker: Checker, world: RawWorld) -> None:
    report = checker.check(world.request)
    assert report.failed == ()
    assert {load.state for load in report.loads} == {"accepted"}
    assert {load.load_id for load in report.loads} == {TONIGHT}
    assert not holds(report).whole_send


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("account_present", "account = null"),
        ("account_present", "account = '  '"),
        ("time_plausible", "\"at\" = 'yesterday'"),
        ("time_plausible", "\"at\" = '1970-01-01T00:00:00Z'"),
        ("time_plausible", "\"at\" = '2026-08-30T00:00:00Z'"),
        ("time_plausible", '"at" = null'),
    ],
)
def test_bad_rows_are_counted_and_the_rest_is_accepted(
    checker: Checker, world: RawWorld, rule: str, change: str
) -> None:
    world.sql(f"update usage.events set {change} where id in (3, 4) and _dlt_load_id = '{TONIGHT}'")
    report = checker.check(world.request)
    bad = result(report, rule)
    assert (bad.outcome, bad.unexpected_count) == ("failed", 2)
    assert bad.example_ids == (f"event-{AS_OF}-3", f"event-{AS_OF}-4")
    assert state(report) == "accepted_with_quarantine"
    assert not holds(report).whole_send


def test_five_of_many_bad_rows_are_named_and_no_more(checker: Checker, world: RawWorld) -> None:
    world.sql(f"update usage.events set account = null where id >= 20 and _dlt_load_id = '{TONIGHT}'")
    bad = result(checker.check(world.request), "account_present")
    assert (bad.unexpected_count, bad.observed) == (80, "80 such rows")
    assert bad.example_ids == tuple(f"event-{AS_OF}-{n}" for n in range(20, 25))


def test_a_row_that_breaks_two_rules_is_one_bad_row(checker: Checker, world: RawWorld) -> None:
    world.sql(f"update usage.events set account = null, \"at\" = '' where id = 3 and _dlt_load_id = '{TONIGHT}'")
    report = checker.check(world.request)
    assert [load.bad_rows for load in report.loads if load.resource == "events"] == [1]


def test_rows_of_accepted_loads_are_not_judged_again(checker: Checker, world: RawWorld) -> None:
    world.sql(f"update usage.events set account = null where _dlt_load_id <> '{TONIGHT}'")
    assert result(checker.check(world.request), "account_present").outcome == "ok"


def test_an_address_may_be_missing_but_not_wrong(checker: Checker, world: RawWorld) -> None:
    world.sql("update crm.companies set email = null where id = 1")
    assert result(checker.check(world.request), "email_shaped", "crm").outcome == "ok"
    world.sql("update crm.companies set email = 'nobody at example.org' where id = 1")
    assert result(checker.check(world.request), "email_shaped", "crm").unexpected_count == 1


def test_a_load_of_mostly_bad_rows_is_not_accepted(checker: Checker, world: RawWorld) -> None:
    world.sql(f"update usage.events set account = null where id < 11 and _dlt_load_id = '{TONIGHT}'")
    report = checker.check(world.request)
    assert result(report, "mostly_good_rows").outcome == "failed"
    assert state(report) == "not_accepted"
    assert holds(report).whole_send


def test_as_many_bad_rows_as_are_usual_here_do_not_stop_a_load(checker: Checker, world: RawWorld) -> None:
    world.sql("create schema quarantine")
    world.sql(
        """create table quarantine.rows as select 'usage' as source, 'events' as resource, _dlt_id as row_id,
           _dlt_load_id as load_id from usage.events where id % 4 = 0 and _dlt_load_id = '1000.1'"""
    )
    world.sql(f"update usage.events set account = null where id % 4 = 0 and _dlt_load_id = '{TONIGHT}'")
    report = checker.check(world.request)
    assert result(report, "mostly_good_rows").outcome == "ok"
    assert state(report) == "accepted_with_quarantine"


def test_nothing_arrived_holds(checker: Checker, world: RawWorld) -> None:
    arrivals = (Arrival("usage", "events", rows_seen=0), Arrival("crm", "companies", rows_seen=40))
    report = checker.check(world.ask(arrivals=arrivals))
    assert result(report, "something_arrived").holds
    assert not result(report, "something_arrived", "crm").holds
    assert state(report) == "not_accepted"
    assert state(report, "companies") == "accepted"


def test_an_empty_table_fails_even_though_no_row_is_bad(checker: Checker, world: RawWorld) -> None:
    world.sql("delete from crm.companies")
    report = checker.check(world.ask(arrivals=()))
    assert result(report, "email_shaped", "crm").outcome == "ok"
    assert result(report, "something_arrived", "crm").holds
    assert result(report, "load_has_rows", "crm").holds


def test_nothing_may_arrive_where_nothing_is_required(checker: Checker, world: RawWorld) -> None:
    world.sql("drop table crm.companies")
    loads = tuple(load for load in world.request.loads if load.source == "usage")
    resources = (EVENTS, replace(COMPANIES, required=False))
    assert not holds(checker.check(world.ask(resources=resources, loads=loads, arrivals=()))).whole_send
    assert holds(checker.check(world.ask(loads=loads, arrivals=()))).whole_send


def test_a_source_that_is_down_does_not_hold_while_it_is_fresh(checker: Checker, world: RawWorld) -> None:
    world.sql(f"delete from usage.events where _dlt_load_id = '{TONIGHT}'")
    loads = tuple(load for load in world.request.loads if load.accepted)
    arrivals = (Arrival("usage", "events", state="late"), Arrival("crm", "companies", rows_seen=40))
    down = world.ask(loads=loads, arrivals=arrivals, resources=(replace(EVENTS, freshness_hours=72), COMPANIES))
    assert not holds(checker.check(down)).whole_send
    next_night = replace(down, now=NOW + timedelta(days=1), as_of=AS_OF + timedelta(days=1))
    assert [r.rule for r in holds(checker.check(next_night)).because] == ["fresh"]


def test_below_half_of_the_usual_volume_is_not_accepted(checker: Checker, world: RawWorld) -> None:
    world.sql(f"delete from usage.events where _dlt_load_id = '{TONIGHT}' and id >= 50")
    assert result(checker.check(world.request), "usual_volume").outcome == "ok"
    world.sql(f"delete from usage.events where _dlt_load_id = '{TONIGHT}' and id = 49")
    report = checker.check(world.request)
    assert result(report, "usual_volume").holds
    assert state(report) == "not_accepted"


def test_a_source_that_lost_half_of_its_many_rows_is_named_in_plain_words(checker: Checker, world: RawWorld) -> None:
    for back in range(35):
        day = AS_OF - timedelta(days=back)
        world.sql(f"delete from usage.events where \"at\"[:10] = '{day}'")
        add_events(world, day, 1000 if back else 520, TONIGHT)
    report = checker.check(world.request)
    assert result(report, "usual_volume").holds
    assert result(report, "usual_volume").words == (
        f"usage source half empty: events has 520 rows on {AS_OF:%A}, {AS_OF}, usual are 1,000"
    )


def test_seven_tenths_of_many_rows_is_an_ordinary_day(checker: Checker, world: RawWorld) -> None:
    for back in range(35):
        day = AS_OF - timedelta(days=back)
        world.sql(f"delete from usage.events where \"at\"[:10] = '{day}'")
        add_events(world, day, 1000 if back else 700, TONIGHT)
    volume = result(checker.check(world.request), "usual_volume")
    assert (volume.outcome, volume.words) == ("ok", "")


def test_a_source_that_has_been_broken_for_days_does_not_become_usual() -> None:
    days = {AS_OF - timedelta(days=back): 500 if back < 6 else 1000 for back in range(57)}
    assert usual_rows_a_day(days, AS_OF) == 1000


def test_the_holidays_of_last_year_are_usual() -> None:
    a_year = timedelta(days=364)
    counts = {AS_OF - timedelta(days=back): 1000 for back in range(1, 29)}
    assert usual_rows_a_day(counts, AS_OF) == 1000
    last_year = {day - a_year: count // 2 for day, count in counts.items()} | {AS_OF - a_year: 100}
    assert usual_rows_a_day(counts | last_year, AS_OF) == 200
    assert usual_rows_a_day(counts | last_year | {AS_OF - a_year: 700}, AS_OF) == 1000


def test_a_fall_that_a_person_took_as_right_is_the_new_usual_and_another_one_is_seen() -> None:
    fell = AS_OF - timedelta(days=1)
    days = {AS_OF - timedelta(days=back): 1000 for back in range(1, 57)} | {fell: 500}
    assert usual_rows_a_day(days, AS_OF) == 1000
    level = at_the_level_taken(days, [fell])
    assert usual_rows_a_day(level, AS_OF) == 500
    assert level[fell] == 500
    again = at_the_level_taken(level | {AS_OF: 200}, [AS_OF])
    assert usual_rows_a_day(again, AS_OF + timedelta(days=1)) == pytest.approx(200)


@pytest.mark.parametrize("weeks", range(1, 4))
def test_what_was_taken_as_right_stays_the_usual_while_the_weeks_before_it_still_count(weeks: int) -> None:
    fell = AS_OF - timedelta(weeks=weeks)
    days = {AS_OF - timedelta(days=back): 500 if back <= 7 * weeks else 1000 for back in range(1, 57)}
    assert usual_rows_a_day(at_the_level_taken(days, [fell]), AS_OF) == 500


def test_a_load_taken_as_it_is_for_another_reason_leaves_the_usual_as_it_was() -> None:
    days = {AS_OF - timedelta(days=back): 1000 for back in range(1, 57)} | {AS_OF - timedelta(days=1): 900}
    assert at_the_level_taken(days, [AS_OF - timedelta(days=1)]) == days


def test_the_night_after_a_load_was_taken_as_it_is_is_held_against_it(checker: Checker, world: RawWorld) -> None:
    world.sql('delete from usage.events where id >= 20 and "at"[:10] = (select max("at"[:10]) from usage.events)')
    assert result(checker.check(world.request), "usual_volume").holds
    taken = tuple(
        replace(load, accepted=True, taken_on=AS_OF) if load.load_id == TONIGHT else load
        for load in world.request.loads
    )
    report = checker.check(world.ask(loads=taken))
    assert result(report, "usual_volume").outcome == "ok"


def test_a_quiet_sunday_is_usual(checker: Checker, world: RawWorld) -> None:
    sunday = AS_OF + timedelta(days=4)
    for back in range(1, 4):
        add_events(world, sunday - timedelta(days=back), 100, TONIGHT)
    add_events(world, sunday, 10, TONIGHT)
    request = world.ask(as_of=sunday, now=NOW + timedelta(days=4))
    assert "usual_volume" not in {r.rule for r in checker.check(request).failed}


def test_the_day_of_a_first_load_has_no_yesterday(checker: Checker, tmp_path: Path) -> None:
    world = raw_world(tmp_path, has_earlier=False)
    world.sql(f"delete from usage.events where _dlt_load_id = '{TONIGHT}' and id >= 20")
    report = checker.check(world.request)
    assert (result(report, "usual_volume").outcome, result(report, "usual_volume").severity) == ("failed", "warn")
    assert not holds(report).whole_send


def test_a_day_without_any_of_the_few_usual_rows_is_not_accepted(checker: Checker, world: RawWorld) -> None:
    world.sql("delete from usage.events where id >= 6")
    assert result(checker.check(world.request), "usual_volume").outcome == "ok"
    world.sql(f"update usage.events set \"at\" = '2026-08-25T00:00:00Z' where _dlt_load_id = '{TONIGHT}'")
    assert result(checker.check(world.request), "usual_volume").holds


def test_files_that_have_not_changed_are_no_failure(checker: Checker, world: RawWorld) -> None:
    world.sql(f"delete from crm.companies where _dlt_load_id = '{TONIGHT}'")
    loads = tuple(load for load in world.request.loads if load.source == "usage" or load.accepted)
    arrivals = (world.request.arrivals[0], Arrival("crm", "companies", rows_seen=None))
    assert checker.check(world.ask(loads=loads, arrivals=arrivals)).failed == ()


def test_a_snapshot_that_lost_half_of_its_rows_is_not_accepted(checker: Checker, world: RawWorld) -> None:
    def seen(rows: int) -> RawRequest:
        arrivals = (world.request.arrivals[0], Arrival("crm", "companies", rows_seen=rows))
        return world.ask(arrivals=arrivals, resources=(EVENTS, replace(COMPANIES, snapshot=True)))

    assert result(checker.check(seen(200)), "usual_volume", "crm").outcome == "ok"
    assert state(checker.check(seen(199)), "companies") == "not_accepted"


def test_a_column_that_the_source_no_longer_gives_is_not_accepted(checker: Checker, world: RawWorld) -> None:
    gone = replace(world.request.arrivals[0], missing_columns=("kind",))
    report = checker.check(world.ask(arrivals=(gone, world.request.arrivals[1])))
    assert result(report, "columns_there").example_ids == ("kind",)
    assert state(report) == "not_accepted"
    elsewhere = replace(EVENTS, columns=("id", "account", "at"))
    report = checker.check(world.ask(arrivals=(gone, world.request.arrivals[1]), resources=(elsewhere, COMPANIES)))
    assert result(report, "columns_there").outcome == "ok"


def test_a_column_that_was_always_filled_and_is_empty_now_is_not_accepted(checker: Checker, world: RawWorld) -> None:
    world.sql(f"update crm.companies set name = null where _dlt_load_id = '{TONIGHT}' and id > 0")
    assert result(checker.check(world.request), "columns_filled", "crm").outcome == "ok"
    world.sql(f"update crm.companies set name = null where _dlt_load_id = '{TONIGHT}'")
    report = checker.check(world.request)
    assert result(report, "columns_filled", "crm").example_ids == ("name",)
    assert state(report, "companies") == "not_accepted"


def test_a_column_that_was_filled_now_and_then_may_be_empty(checker: Checker, world: RawWorld) -> None:
    world.sql(f"update crm.companies set name = null where _dlt_load_id = '{TONIGHT}' or id >= 396")
    assert result(checker.check(world.request), "columns_filled", "crm").holds
    world.sql("update crm.companies set name = null where id >= 395")
    assert result(checker.check(world.request), "columns_filled", "crm").outcome == "ok"


def test_a_column_that_a_rule_needs_must_be_there(checker: Checker, world: RawWorld) -> None:
    world.sql("alter table usage.events drop column account")
    report = checker.check(world.request)
    assert result(report, "columns_there").example_ids == ("account",)
    assert holds(report).whole_send


def test_stale_holds_the_send_and_an_hour_less_does_not(checker: Checker, world: RawWorld) -> None:
    newest = NOW.replace(day=26, hour=1, minute=39)
    fresh_enough = checker.check(world.ask(now=newest + timedelta(hours=48)))
    assert result(fresh_enough, "fresh").outcome == "ok"
    report = checker.check(world.ask(now=newest + timedelta(hours=48, minutes=1)))
    assert result(report, "fresh").holds
    assert state(report) == "not_accepted"


@pytest.mark.parametrize(
    ("kind", "zone", "company_zone", "hours_late"),
    [
        *(("TIMESTAMP", "Pacific/Kiritimati", "Pacific/Honolulu", late) for late in (0, 47, 300, 2000)),
        # Six hours back the events lie on both sides of a midnight at 18:15 UTC.
        *(("TIMESTAMP", "UTC", "Asia/Kathmandu", late) for late in (0, 6, 300)),
        *(("TIMESTAMP WITH TIME ZONE", "UTC", "Asia/Kathmandu", late) for late in (0, 6)),
        *(("DATE", "UTC", "UTC", late) for late in (0, 47)),
    ],
)
def test_times_that_need_no_understanding_give_the_same_figures_read_in_part(
    checker: Checker, world: RawWorld, kind: str, zone: str, company_zone: str, hours_late: int
) -> None:
    late = f'cast(left("at", 19) as timestamp) - to_hours({hours_late}) - to_seconds(id % 3)'
    world.sql(f'alter table usage.events alter column "at" type {kind} using {late}')
    at = RawColumn("at", kind)
    whole = replace(EVENTS, instant_sql=instant(at, zone), day_sql=company_day(at, company_zone, zone))
    in_part = replace(whole, instant_stamp_sql=at.sql, day_stamp_sql=at.sql)
    reports = [checker.check(world.ask(row_rules=(), resources=(rules, COMPANIES))) for rules in (whole, in_part)]
    for rule in ("usual_volume", "fresh"):
        assert [(r.expected, r.observed, r.outcome) for r in reports[0].results if r.rule == rule] == [
            (r.expected, r.observed, r.outcome) for r in reports[1].results if r.rule == rule
        ]
    assert "fresh" in {r.rule for r in reports[0].results}


@pytest.mark.parametrize(
    ("events_late", "people_late", "people_zone", "newest_late"),
    [
        (0, 300, "UTC", 0),
        (300, 0, "UTC", 0),
        (60, 90, "UTC", 60),
        (300, 300, "UTC", 300),
        # As it stands too old to be looked at first, and yet newer than the newest of those.
        (67, 71, "Pacific/Honolulu", 61),
    ],
)
def test_a_source_is_as_fresh_as_the_newest_row_of_any_of_its_tables(
    checker: Checker, world: RawWorld, events_late: int, people_late: int, people_zone: str, newest_late: int
) -> None:
    newest = 'cast(left("at", 19) as timestamp)'
    world.sql(f"create table usage.people as select *, {newest} - to_hours({people_late}) as seen from usage.events")
    world.sql(f'alter table usage.events alter column "at" type timestamp using {newest} - to_hours({events_late})')
    at, seen = RawColumn("at", "TIMESTAMP"), RawColumn("seen", "TIMESTAMP")
    events = replace(EVENTS, instant_sql=instant(at), instant_stamp_sql=at.sql, day_sql=None, daily=False)
    people = replace(
        events, resource="people", required=False, instant_sql=instant(seen, people_zone), instant_stamp_sql=seen.sql
    )
    loads = (*world.request.loads, Load("usage", "people", FIRST, accepted=True), Load("usage", "people", TONIGHT))
    report = checker.check(world.ask(row_rules=(), resources=(events, people, COMPANIES), loads=loads))
    hours = (NOW - datetime(2026, 8, 26, 1, 39, tzinfo=UTC)) / timedelta(hours=1) + newest_late
    assert result(report, "fresh").observed == f"{hours:,.2f} hours old"
    assert result(report, "fresh").outcome == ("ok" if hours <= 48 else "failed")


def test_a_row_from_the_future_does_not_make_a_stale_source_fresh(checker: Checker, world: RawWorld) -> None:
    world.sql("update usage.events set \"at\" = '2031-01-01T00:00:00Z' where id = 5")
    assert result(checker.check(world.ask(now=NOW + timedelta(days=3))), "fresh").holds


def test_a_first_load_that_is_late_is_accepted_but_the_send_is_held(checker: Checker, tmp_path: Path) -> None:
    world = raw_world(tmp_path, has_earlier=False)
    report = checker.check(world.ask(now=NOW + timedelta(days=9)))
    assert holds(report).whole_send
    assert {load.state for load in report.loads} == {"accepted"}


def test_a_rule_that_raises_could_not_be_checked_and_holds(checker: Checker, world: RawWorld) -> None:
    world.sql("update crm.companies set name = 'Maria Secret' where id = 7")
    broken = RowRule("broken", "crm", "companies", "cast(name as integer) > 0", "never")
    misspelt = RowRule("misspelt", "crm", "companies", "no_such_column > 0", "never")
    report = checker.check(world.ask(row_rules=(*RULES, broken, misspelt)))
    assert result(report, "broken", "crm").outcome == "could_not_check"
    assert "no_such_column" in result(report, "misspelt", "crm").observed
    assert result(report, "email_shaped", "crm").outcome == "ok"
    assert state(report, "companies") == "not_accepted"
    assert holds(report).whole_send
    assert "Secret" not in report_to_json(report)


def test_a_report_travels_as_json(checker: Checker, world: RawWorld) -> None:
    report = checker.check(world.request)
    assert report_from_json(report_to_json(report)) == report


def test_the_file_is_free_for_a_writer_after_the_check(checker: Checker, world: RawWorld) -> None:
    checker.check(world.request)
    with duckdb.connect(str(world.database)) as connection:
        connection.execute("create table usage.more as select 1 as one")


def test_a_file_that_a_writer_holds_could_not_be_checked(checker: Checker, world: RawWorld) -> None:
    with duckdb.connect(str(world.database)):
        report = checker.check(world.request)
    assert holds(report).whole_send
    assert report.results[0].outcome == "could_not_check"
    assert "lock" in report.results[0].observed


def test_a_file_that_is_not_there_could_not_be_checked(checker: Checker, world: RawWorld, tmp_path: Path) -> None:
    report = checker.check(world.ask(database=tmp_path / "nowhere.duckdb"))
    assert holds(report).whole_send
    assert not (tmp_path / "nowhere.duckdb").exists()
