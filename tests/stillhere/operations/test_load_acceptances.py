"""A refused load can be taken as it is: once, by somebody, for a reason, and that load only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from stillhere.gates.accepting import AcceptError, accept
from stillhere.operations import writing
from stillhere.operations.load_acceptances import acceptances, newly_accepted, waiting_loads
from stillhere.operations.loads import JudgedLoad, judged_loads, store_loads
from stillhere.settings import Settings, load_settings
from tests.stillhere.oncall.nights import company

MONDAY, NIGHT = date(2026, 8, 31), datetime(2026, 9, 1, 2, 15, tzinfo=UTC)
DAY = timedelta(days=1)
PURGED = ("crm.companies", "Anna", "we deleted the test companies")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(company(tmp_path).folder, {}, tmp_path / "data")


def judge(
    engine: Engine, load_id: str, night: int, *because: str, resource: str = "companies", bad_rows: int = 0
) -> None:
    """A load as hand-over 1 judged it, so many nights on; without a rule it is accepted."""
    state = "not_accepted" if because else "accepted"
    load = JudgedLoad("crm", resource, load_id, MONDAY + night * DAY, state, not because, 40, bad_rows, because)
    with writing(engine) as connection:
        store_loads(connection, [load], NIGHT + night * DAY)


def test_of_loads_refused_night_after_night_the_last_one_waits_for_it_has_the_rows_of_the_others(
    engine: Engine, settings: Settings
) -> None:
    judge(engine, "1", 0)
    judge(engine, "2", 1, "usual_volume")
    judge(engine, "3", 2, "usual_volume", bad_rows=2)
    judge(engine, "9", 2, resource="people")
    assert [load.load_id for load in waiting_loads(engine)] == ["3"]
    accept(settings, engine, *PURGED, NIGHT + 3 * DAY)
    assert waiting_loads(engine) == []
    found = {load.load_id: (load.is_accepted, load.state) for load in judged_loads(engine)}
    assert found["2"] == (False, "not_accepted")
    assert found["3"] == (True, "accepted_with_quarantine")
    [kept] = acceptances(engine)
    assert (kept.load_id, kept.rules, kept.as_of) == ("3", ("usual_volume",), MONDAY + 2 * DAY)
    assert (kept.accepted_by, kept.accepted_because) == PURGED[1:]
    assert kept.accepted_at == (NIGHT + 3 * DAY).replace(tzinfo=None)
    assert newly_accepted(engine) == [kept]


def test_what_comes_after_an_accepted_load_is_judged_anew(engine: Engine, settings: Settings) -> None:
    judge(engine, "1", 0, "usual_volume")
    accept(settings, engine, *PURGED, NIGHT)
    judge(engine, "2", 1, "usual_volume")
    assert [load.load_id for load in waiting_loads(engine)] == ["2"]


def test_two_loads_that_one_night_refused_are_taken_together(engine: Engine, settings: Settings) -> None:
    for load_id in ("1", "2"):  # a run was cut short after the first
        judge(engine, load_id, 0, "usual_volume")
    assert [load.load_id for load in accept(settings, engine, *PURGED, NIGHT)] == ["1", "2"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("crm.companies", " ", "purged"), "--by: must not be empty"),
        (("crm.companies", "Anna", " "), "--because: must not be empty"),
        (("crm.company", "Anna", "purged"), "no 'crm.company' in sources.yml; there are: crm.companies"),
        (PURGED, "nothing of crm.companies is refused; refused are: none"),
    ],
)
def test_an_acceptance_that_can_not_be_given_says_why(words, said: str, engine: Engine, settings: Settings) -> None:
    judge(engine, "1", 0, "usual_volume")
    judge(engine, "2", 1)  # what was refused has come again, and was right
    with pytest.raises(AcceptError, match=said):
        accept(settings, engine, *words, NIGHT)
    assert acceptances(engine) == []
