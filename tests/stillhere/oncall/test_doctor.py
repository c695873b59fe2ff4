"""The doctor finds what would make a night fail, and changes nothing while it looks."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from stillhere.commands import doctor as command
from stillhere.doctor import Check, examine
from stillhere.doctor.machine import Process, check_disk, check_packages, list_processes, stale_servers
from stillhere.operations import night_lock
from stillhere.settings import Settings
from tests.stillhere.oncall.nights import AS_OF, MORNING, NIGHT, company, operations, run_night


def found(settings: Settings) -> dict[str, Check]:
    """The worst check of each subject."""
    worst: dict[str, Check] = {}
    for check in examine(settings, MORNING):
        before = worst.get(check.what)
        if before is None or ("fine", "note", "problem").index(check.state) > ("fine", "note", "problem").index(
            before.state
        ):
            worst[check.what] = check
    return worst


def with_source(settings: Settings) -> Settings:
    """The company's CRM, as sources.yml names it."""
    settings.places.sources.mkdir(parents=True)
    with sqlite3.connect(settings.places.sources / "crm.sqlite") as crm:
        crm.execute("create table companies (id text primary key)")
    crm.close()
    return settings


def test_a_company_that_is_ready_has_no_problem(tmp_path: Path) -> None:
    checks = found(with_source(company(tmp_path)))
    assert [check for check in checks.values() if check.state == "problem"] == []
    assert checks["source crm"].state == "fine"


def test_a_missing_table_is_found_with_its_place_in_sources_yml(tmp_path: Path) -> None:
    settings = with_source(company(tmp_path))
    with sqlite3.connect(settings.places.sources / "crm.sqlite") as crm:
        crm.execute("drop table companies")
    crm.close()
    check = found(settings)["source crm"]
    assert check.state == "problem"
    assert "sources.crm" in check.words
    assert check.action


def test_a_warehouse_in_other_hands_is_found_with_who_holds_it(tmp_path: Path) -> None:
    settings = with_source(company(tmp_path))
    duckdb.connect(str(settings.places.warehouse)).close()
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(settings.places.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    try:
        check = found(settings)["warehouse"]
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()
    assert check.state == "problem"
    assert str(holder.pid) in check.words
    assert found(settings)["warehouse"].state == "fine"


def test_a_damaged_raw_database_is_found(tmp_path: Path) -> None:
    settings = with_source(company(tmp_path))
    settings.places.raw_database.parent.mkdir(parents=True)
    settings.places.raw_database.write_bytes(b"no database at all" * 1000)
    check = found(settings)["raw"]
    assert check.state == "problem"
    assert "restore" in check.action


def test_a_running_night_is_named_and_a_dead_one_is_told_with_what_finishes_it(tmp_path: Path) -> None:
    settings = with_source(company(tmp_path))
    engine = operations(settings)
    run_night(settings, engine, state=None)
    assert f"stillhere nightly --as-of {AS_OF}" in found(settings)["last night"].action
    with night_lock(settings.places.lock, engine, "the night of today", NIGHT):
        check = found(settings)["lock"]
    assert check.state == "problem"
    assert "the night of today" in check.words


def test_an_operations_server_that_does_not_answer_is_found_and_its_password_is_not_shown(tmp_path: Path) -> None:
    url = "postgresql+psycopg://night:verysecret@127.0.0.1:1/none"
    settings = with_source(company(tmp_path, environment={"STILLHERE_OPERATIONS_URL": url}))
    check = found(settings)["operations"]
    assert check.state == "problem"
    assert "verysecret" not in check.words


def test_a_live_sender_that_lacks_something_is_a_problem_and_without_one_a_note(tmp_path: Path) -> None:
    smtp = {"STILLHERE_SENDER": "smtp"}
    assert found(with_source(company(tmp_path, environment=smtp)))["before --send"].state == "problem"
    assert found(company(tmp_path))["before --send"].state == "note"


def test_mail_for_on_call_without_a_mail_server_is_a_problem(tmp_path: Path) -> None:
    check = found(with_source(company(tmp_path, mail="oncall@acme.example")))["notify"]
    assert (check.state, "STILLHERE_SMTP_URL" in check.words) == ("problem", True)


def test_too_little_room_is_found(tmp_path: Path) -> None:
    settings = company(tmp_path)
    (full,) = check_disk(settings.places, free_bytes=10_000_000)
    (roomy,) = check_disk(settings.places, free_bytes=10**12)
    assert (full.state, roomy.state) == ("problem", "fine")


def test_a_package_of_another_version_than_the_lock_file_pins_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "run.txt"
    lock.write_text("polars==0.0.1 \\\n    --hash=sha256:00\nno-such-package-here==1\nold==1 ; python_version < '3'\n")
    (check,) = check_packages(lock)
    assert check.state == "problem"
    assert "polars is" in check.words
    assert "no-such-package-here is missing" in check.words
    assert "old" not in check.words


def test_a_server_without_its_night_is_stale_and_one_with_it_is_not() -> None:
    init, night = Process(1, 0, "init"), Process(50, 1, "python stillhere nightly")
    ours = "python -m flows.prefect_server 4200"
    assert stale_servers([init, night, Process(60, 50, ours)]) == []
    assert [one.pid for one in stale_servers([init, night, Process(61, 1, ours)])] == [61]
    assert stale_servers([Process(1, 0, "stillhere nightly"), Process(62, 1, ours)]) == []


def test_processes_of_this_machine_are_seen() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()", "a-name-to-find"], stdin=subprocess.PIPE) as child:
        seen = {one.pid: one for one in list_processes()}
        assert "a-name-to-find" in seen[child.pid].command
        assert child.stdin is not None
        child.stdin.write(b"\n")


def _invoke(tmp_path: Path, folder: Path, *arguments: str) -> tuple[int, str]:
    app = typer.Typer()

    @app.callback()
    def _several() -> None:
        """Keeps `doctor` a command of its own."""

    command.register(app)
    environment = {"STILLHERE_DATA": str(tmp_path / "data")}
    result = CliRunner().invoke(app, ["doctor", "--company", str(folder), *arguments], env=environment)
    return result.exit_code, result.stdout


def test_the_command_lists_every_mistake_of_a_configuration_and_exits_with_2(tmp_path: Path) -> None:
    settings = company(tmp_path)
    path = settings.folder / "company.yml"
    path.write_text(path.read_text().replace("Europe/Berlin", "Mars").replace("kind: contract", "kind: club"))
    code, printed = _invoke(tmp_path, settings.folder, "--json")
    told = [check for check in json.loads(printed)["checks"] if check["what"] == "configuration"]
    assert code == 2
    assert {one["words"].split(": ")[0].split(", ")[1] for one in told} == {"timezone", "kind"}


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_the_doctor_changes_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    settings = with_source(company(tmp_path))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    code, _ = _invoke(tmp_path, settings.folder, *arguments)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert code == 0
    folders = {path for path in before if path.is_dir()}  # a file was tried in the data folder and is gone again
    assert {path: at for path, at in after.items() if path not in folders} == {
        path: at for path, at in before.items() if path not in folders
    }
    assert set(after) == set(before)
