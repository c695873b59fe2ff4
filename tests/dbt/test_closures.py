"""Days on which the company's customers rest as a whole are no one's silence: outages, holidays, weekends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from stillhere.demo.recipe import Recipe
from tests.dbt.projects import Project, loaded_project

OUTAGE, HOLIDAY = date(2026, 9, 22), date(2026, 9, 30)  # a Tuesday and a Wednesday
SILENCE = "account_id, silent_working_days, days_silent, silence_ratio, expected_next_date, decayed_events_7"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    recipe = Recipe(accounts=200, seed=11, until=date(2026, 9, 30))
    return loaded_project(tmp_path_factory.mktemp("demo"), "config", recipe)


def silence(project: Project, day: date) -> dict[str, tuple[object, ...]]:
    project.run(day)
    rows = project.rows(f"select {SILENCE} from marts.account_cadence where last_active_date is not null")
    return {account: tuple(rest) for account, *rest in rows}


def kinds(project: Project, *days: date) -> list[str]:
    calendar = dict(project.rows("select calendar_date, day_kind from intermediate.int_calendar"))
    return [calendar[day] for day in days]


def without_use(project: Project, day: date, keep_one_in: int) -> None:
    """Takes away what was used on a day, but for one account in so many."""
    local_day = "(occurred_at at time zone 'Europe/Berlin')::date"
    project.change_raw(
        f"delete from usage.events where {local_day} = date '{day}' and hash(workspace) % {keep_one_in} <> 0"
    )


def test_an_outage_a_holiday_and_a_weekend_are_no_ones_silence(demo: Project) -> None:
    before = silence(demo, date(2026, 9, 29))
    without_use(demo, HOLIDAY, 10)
    during = silence(demo, HOLIDAY)
    assert kinds(demo, date(2026, 9, 26), date(2026, 9, 27), HOLIDAY) == ["rest", "rest", "closure"]
    quiet = [one for one in before if one in during and during[one][1] == int(str(before[one][1])) + 1]
    assert len(quiet) > 50
    assert all(during[one][0] == before[one][0] for one in quiet), "a holiday was counted as silence"
    monday = silence(demo, date(2026, 9, 21))
    without_use(demo, OUTAGE, 100_000)
    tuesday = silence(demo, OUTAGE)
    assert kinds(demo, OUTAGE) == ["closure"]
    # Whoever was active on Monday, and known to be on Tuesday, is less silent.
    silent = {one: (int(str(monday[one][0])), int(str(tuesday[one][0]))) for one in monday if one in tuesday}
    assert len(silent) > 50
    assert all(after <= earlier for earlier, after in silent.values()), "an outage was counted as silence"
    assert any(after == earlier > 0 for earlier, after in silent.values())


def test_a_sunday_is_as_silent_as_the_friday_before_it(demo: Project) -> None:
    friday, sunday = silence(demo, date(2026, 9, 18)), silence(demo, date(2026, 9, 20))
    same = [one for one in friday if one in sunday and sunday[one][1] == int(str(friday[one][1])) + 2]
    assert len(same) > 50
    assert all(sunday[one][0] == friday[one][0] and sunday[one][2] == friday[one][2] for one in same)
    # What was used by Friday weighs on Sunday what it weighed; a little of it was not known before.
    assert all(sunday[one][4] >= friday[one][4] > 0 for one in same)  # type: ignore[operator]  # doubles


def test_the_next_activity_is_expected_on_a_working_day(demo: Project) -> None:
    silence(demo, date(2026, 9, 18))
    expected = demo.rows(
        "select expected_next_earliest_date, expected_next_date, expected_next_latest_date from marts.account_cadence "
        "where expected_next_date is not null"
    )
    assert len(expected) > 50
    assert all(day.isoweekday() <= 5 for row in expected for day in row)
    assert all(earliest <= next_day <= latest for earliest, next_day, latest in expected)


def test_a_date_of_company_yml_is_closed(demo: Project) -> None:
    company = demo.settings.company.model_copy(update={"closed_dates": (date(2026, 9, 16),)})
    stated = Project(replace(demo.settings, company=company), demo.loads)
    stated.run(date(2026, 9, 18))
    assert kinds(stated, date(2026, 9, 15), date(2026, 9, 16)) == ["working", "closed"]
