"""Status: fine or not, from a real operations database."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
import typer
from sqlalchemy import Engine
from typer.testing import CliRunner

from expectations.report import GateReport, Result
from expectations.requests import report_to_json
from stillhere.commands import status as command
from stillhere.oncall.runs import step_times
from stillhere.oncall.status import Status, read_status
from stillhere.operations.gates import store_gate_report
from stillhere.operations.hand_overs import put
from stillhere.operations.holds import Hold, release_hold, replace_holds
from stillhere.operations.ledger import LedgerKey, LedgerRow
from stillhere.operations.loads import Arrived, store_arrivals
from stillhere.operations.open import writing
from stillhere.operations.runs import Step, finish_run, recent_runs
from stillhere.operations.stops import pause
from stillhere.settings import Settings
from tests.stillhere.oncall.nights import AS_OF, MORNING, NIGHT, company, operations, run_night

REPOSITORY = Path(__file__).parents[3]


def situations(status: Status) -> list[str]:
    return [problem.situation for problem in status.problems]


def hold(rule: str = "fresh", scope: str = "night", subject: str = "*") -> Hold:
    words = "crm is 51 hours old; 48 are allowed"
    return Hold(AS_OF, 1, scope, subject, rule, words, 3, ("m-1",), "data", NIGHT, AS_OF + timedelta(days=1))  # type: ignore[arg-type]


def test_a_published_night_in_time_is_fine(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine)
    status = read_status(settings, engine, MORNING)
    assert (status.verdict, status.exit_code, status.problems) == ("fine", 0, ())
    assert status.published == (AS_OF, 1)


def test_before_the_first_night_status_is_not_fine_and_says_what_to_run(tmp_path: Path) -> None:
    settings = company(tmp_path)
    status = read_status(settings, operations(settings), MORNING)
    assert situations(status) == ["never_ran"]
    assert status.exit_code == 1
    assert status.next_command == "stillhere nightly"


def test_a_night_that_is_not_published_by_seven_is_late_and_not_a_minute_earlier(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine, AS_OF - timedelta(days=1))
    seven = MORNING.replace(hour=5)  # 07:00 in Berlin
    assert read_status(settings, engine, seven - timedelta(minutes=1)).verdict == "fine"
    late = read_status(settings, engine, seven)
    assert situations(late) == ["night_late"]
    assert str(AS_OF) in late.problems[0].words


def test_a_company_on_the_data_clock_is_never_late(tmp_path: Path) -> None:
    settings = company(tmp_path, clock="data")
    engine = operations(settings)
    run_night(settings, engine)
    assert read_status(settings, engine, MORNING + timedelta(days=300)).verdict == "fine"


@pytest.mark.parametrize(
    ("message", "situation"),
    [
        ("No space left on device", "disk_full"),
        ("warehouse.duckdb is held by process 77 (duckdb); close it", "warehouse_locked"),
        ("dbt: 2 models failed", "night_failed"),
    ],
)
def test_a_failed_night_names_the_runbook_for_its_kind_of_failure(tmp_path: Path, message: str, situation: str) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine, state="failed", message=message)
    status = read_status(settings, engine, MORNING)
    assert situations(status) == [situation]
    assert status.exit_code == 1
    assert message in status.problems[0].words


def test_a_run_whose_process_was_killed_is_found_dead_with_the_command_that_finishes_it(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine, state=None, mode="live")
    status = read_status(settings, engine, NIGHT + timedelta(minutes=1))
    assert situations(status) == ["killed_run"]
    assert "transform" in status.problems[0].words
    assert status.next_command == f"stillhere nightly --as-of {AS_OF} --send"


def test_a_run_that_is_alive_is_not_called_dead(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine, AS_OF - timedelta(days=1))
    run_night(settings, engine, state=None)
    script = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from sqlalchemy import create_engine;"
        "from stillhere.operations import night_lock;"
        "lock = night_lock(Path(sys.argv[1]), create_engine('sqlite://'), 'a test', datetime.now(UTC));"
        "lock.__enter__(); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(settings.places.lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"held\n"
    try:
        alive = read_status(settings, engine, NIGHT + timedelta(minutes=1))
        stuck = read_status(settings, engine, NIGHT + timedelta(hours=1))
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()
    assert alive.verdict == "fine"
    assert situations(stuck) == ["stuck_run"]
    assert situations(read_status(settings, engine, NIGHT + timedelta(hours=1))) == ["killed_run"]


def test_a_held_send_gives_exit_code_3_until_it_is_released(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine, state="held")
    with writing(engine) as connection:
        replace_holds(connection, AS_OF, 1, [hold()])
    status = read_status(settings, engine, MORNING)
    assert (status.verdict, status.exit_code) == ("held", 3)
    assert status.problems[0].runbook == "docs/runbooks/source-late.md"
    with writing(engine) as connection:
        release_hold(connection, hold().hold_id, "looked at", MORNING)
    assert read_status(settings, engine, MORNING).exit_code == 0


def test_a_held_campaign_is_shown_but_the_night_is_fine(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine)
    with writing(engine) as connection:
        replace_holds(connection, AS_OF, 1, [hold("too_many", "campaign", "slipping_note")])
    status = read_status(settings, engine, MORNING)
    assert status.exit_code == 0
    assert "slipping_note" in status.problems[0].words
    assert status.problems[0].runbook == "docs/runbooks/too-many-messages.md"


def test_running_an_old_date_again_does_not_change_how_tonight_stands(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine)
    run_night(settings, engine, AS_OF - timedelta(days=30), "failed", started=NIGHT + timedelta(hours=1))
    status = read_status(settings, engine, MORNING)
    assert status.verdict == "fine"
    assert status.run is not None
    assert status.run.as_of == AS_OF


def test_a_step_is_measured_against_the_median_of_earlier_good_nights(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    for back, seconds in ((4, 10.0), (3, 12.0), (2, 30.0)):
        run_night(settings, engine, AS_OF - timedelta(days=back), steps=[Step("extract", seconds)])
    run_night(settings, engine, AS_OF - timedelta(days=1), "failed", steps=[Step("extract", 500.0)])
    run_night(settings, engine, steps=[Step("extract", 40.0), Step("new step", 90.0)])
    runs = recent_runs(engine)
    extract, new = step_times(runs[0], runs)
    assert (extract.usual_seconds, extract.is_slow) == (12.0, True)
    assert (new.usual_seconds, new.is_slow) == (None, False)


def test_a_stale_source_is_named_with_its_age(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine)
    stale = Result("fresh", "source", "failed", "newest row at most 48 hours old", "51.2 hours old", source="crm")
    store_gate_report(engine, AS_OF, 1, "raw", report_to_json(GateReport("raw", AS_OF, (stale,))))
    late = Arrived("crm", "companies", AS_OF, "late", 0, 1.0, None, "no answer after 3 tries", NIGHT)
    with writing(engine) as connection:
        store_arrivals(connection, [late])
    status = read_status(settings, engine, MORNING)
    (source,) = status.sources
    assert (source.state, source.is_stale, source.age) == ("late", True, "51.2 hours old")
    assert "companies: no answer after 3 tries" in status.problems[0].words


def _ledger(engine: Engine, person: str, status: str) -> None:
    key = LedgerKey("live", "slipping_note", person, f"o-{person}")
    row = LedgerRow(f"m-{person}", key, "A-1", None, AS_OF, 1, "reserved", "smtp", "", NIGHT)
    with writing(engine) as connection:
        put(connection, [replace(row, status=status)])


def test_messages_that_were_left_behind_and_unknown_ones_are_told_apart(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine, mode="live")
    for person, status in (("a", "accepted"), ("b", "reserved"), ("c", "unknown"), ("d", "dropped")):
        _ledger(engine, person, status)
    status = read_status(settings, engine, MORNING)
    assert situations(status) == ["not_settled", "sender_silent"]
    assert status.next_command == f"stillhere send --as-of {AS_OF} --send"
    assert {(one.outcome, one.count) for one in status.not_sent} == {("reserved", 1), ("unknown", 1), ("dropped", 1)}


def test_what_was_refused_is_counted_by_reason_in_words(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine)
    decisions = pl.DataFrame(
        {"outcome": ["lost", "lost", "send", "held"], "reason_code": ["no_consent", "no_consent", "chosen", "too_many"]}
    )
    decisions.write_parquet(settings.places.night_folder(AS_OF, 1) / "decisions.parquet")
    told = read_status(settings, engine, MORNING).not_sent
    assert [(one.outcome, one.count) for one in told] == [("held", 1), ("lost", 2)]
    assert "consent" in told[1].why


def test_a_live_night_whose_sender_was_not_ready_is_held_and_says_what_is_wanted(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_id = run_night(settings, engine, mode="live")
    send = {"not_live": "run 'stillhere suppress import FILE'", "not_ready": True}
    finish_run(engine, run_id, "held", MORNING, "", {"send": send})
    status = read_status(settings, engine, MORNING)
    assert (status.verdict, situations(status)) == ("held", ["night_held"])
    assert "suppress import" in status.problems[0].words


def test_a_pause_is_shown_with_the_command_that_ends_it(tmp_path: Path) -> None:
    settings = company(tmp_path)
    engine = operations(settings)
    run_night(settings, engine)
    pause(engine, "*", "wrong mail", NIGHT)
    status = read_status(settings, engine, MORNING)
    assert (status.exit_code, status.next_command) == (0, "stillhere resume")


def _invoke(tmp_path: Path, settings: Settings, *arguments: str) -> tuple[int, str]:
    runner = CliRunner()
    environment = {"STILLHERE_DATA": str(tmp_path / "data")}
    folder = str(settings.folder)
    result = runner.invoke(build_only_status(), ["status", "--company", folder, *arguments], env=environment)
    return result.exit_code, result.stdout


def build_only_status() -> typer.Typer:
    app = typer.Typer()

    @app.callback()
    def _several() -> None:
        """Keeps `status` a command of its own."""

    command.register(app)
    return app


def test_the_command_prints_one_screen_and_json_with_the_same_exit_code(tmp_path: Path) -> None:
    settings = company(tmp_path)
    run_night(settings, operations(settings), state="failed", message="dbt: 2 models failed")
    code, screen = _invoke(tmp_path, settings)
    assert code == 1
    assert "NOT FINE" in screen
    assert "docs/runbooks/night-failed.md" in screen
    code, printed = _invoke(tmp_path, settings, "--json")
    assert code == 1
    assert json.loads(printed)["problems"][0]["situation"] == "night_failed"


def test_status_of_a_company_that_never_ran_creates_nothing(tmp_path: Path) -> None:
    settings = company(tmp_path)
    code, screen = _invoke(tmp_path, settings)
    assert code == 1
    assert "No night has run yet" in screen
    assert not (tmp_path / "data").exists()
