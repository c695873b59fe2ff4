"""`send`, `holds`, `release`, `pause`, `resume`, `nights` and `suppress` as people type them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from stillhere.commands import holds, nights, pause, release, resume, send, suppress
from stillhere.operations import NightHeldError, night_lock
from stillhere.operations.ledger import counts
from stillhere.operations.runs import recent_runs
from stillhere.operations.stops import paused
from stillhere.settings import StillhereError
from stillhere.warehouse.publish import publish
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import add_hold, company, hold, mails, seal_night
from tests.stillhere.sending.processes import REPOSITORY


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """The company on the data clock, found by the environment as on a machine."""
    made = company(tmp_path, clock="data", last_complete_day=TUESDAY_NIGHT)
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STILLHERE_COMPANY", str(made.folder))
    for name in ("STILLHERE_OPERATIONS_URL", "STILLHERE_SENDER", "STILLHERE_SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    return made


def run(*words: str, code: int = 0) -> str:
    app = typer.Typer()
    for command in (send, holds, release, pause, resume, nights, suppress):
        command.register(app)
    result = CliRunner().invoke(app, list(words))
    if isinstance(result.exception, StillhereError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def test_send_previews_unless_told_and_hands_over_once(settings, engine) -> None:
    seal_night(settings, engine)
    assert "3 previews" in run("send")
    assert counts(engine, TUESDAY_NIGHT, "live") == {}
    assert "3 messages handed over to 'files'" in run("send", "--send")
    assert json.loads(run("send", "--send", "--as-of", "2026-03-03", "--json"))["already"] == 3
    assert [(one.mode, one.state) for one in recent_runs(engine, "send")][::-1] == [
        ("preview", "done"),
        ("live", "done"),
        ("live", "done"),
    ]


def test_send_says_what_must_be_set_first_with_exit_code_two(settings, engine, monkeypatch) -> None:
    monkeypatch.setenv("STILLHERE_SENDER", "smtp")
    seal_night(settings, engine)
    assert "STILLHERE_SMTP_URL" in run("send", "--send", code=2)
    assert mails(settings) == []


def test_send_while_the_night_is_held_by_another_is_refused(settings, engine) -> None:
    seal_night(settings, engine)
    with (
        night_lock(settings.places.lock, engine, "the night of 2026-03-04", datetime.now(UTC)),
        pytest.raises(NightHeldError, match="the night of 2026-03-04"),
    ):
        run("send", "--send")
    assert counts(engine, TUESDAY_NIGHT, "live") == {}


def test_a_held_night_is_shown_released_and_sent_as_the_night_was_asked(settings, engine) -> None:
    seal_night(settings, engine, night_hold=hold(), mode="live")
    assert "the whole send is held" in run("send", "--send", code=3)
    shown = run("holds")
    assert "the whole send of 2026-03-03, revision 1: open" in shown
    assert "3 affected, for example a000" in shown
    assert "3 messages handed over" in run("release", hold().hold_id, "--because", "the sale is real")
    [facts] = json.loads(run("holds", "--json"))["holds"]
    assert (facts["state"], facts["released_because"]) == ("released", "the sale is real")
    assert "0 messages handed over" in run("release", hold().hold_id, "--because", "again")


def test_a_release_of_a_preview_night_only_previews(settings, engine) -> None:
    seal_night(settings, engine, night_hold=hold(), mode="preview")
    said = run("release", hold().hold_id, "--because", "fine")
    assert "3 previews" in said
    assert "stillhere send --as-of 2026-03-03 --send" in said
    assert counts(engine, TUESDAY_NIGHT, "live") == {}


def test_a_night_without_holds_says_so(settings, engine) -> None:
    assert "No night has been decided yet" in run("holds")
    seal_night(settings, engine)
    assert "The night of 2026-03-03 holds nothing back." in run("holds")


def test_pause_and_resume_one_campaign_or_everything(settings, engine) -> None:
    assert "Campaign slipping is paused." in run("pause", "slipping", "--because", "wrong price")
    assert [(one.subject, one.because) for one in paused(engine)] == [("slipping", "wrong price")]
    assert "Everything is paused." in run("pause", "--because", "restoring")
    assert "Everything is no longer paused." in run("resume")
    assert "Still: Campaign slipping is paused: wrong price" in run("resume")
    assert "was not paused" in run("resume", "payment")
    run("resume", "slipping")
    assert paused(engine) == []


def test_a_campaign_that_is_not_configured_can_not_be_paused_by_a_slip_of_the_pen(settings, engine) -> None:
    assert "'sliping' is no campaign; there are: payment," in run("pause", "sliping", code=2).replace("\n│ ", " ")
    assert paused(engine) == []


def test_nights_are_listed_with_what_became_of_them(settings, engine) -> None:
    assert "No night has been decided yet" in run("nights")
    seal_night(settings, engine, night_hold=hold(), many=2)
    seal_night(settings, engine, revision=2, many=3)
    publish(settings.places.published, settings.places.night_folder(TUESDAY_NIGHT, 2))
    run("send")
    run("send", "--send")
    newest, oldest = json.loads(run("nights", "--json"))["nights"]
    assert (newest["revision"], newest["sent"], newest["previewed"], newest["held"]) == (2, 3, 3, 0)
    assert (oldest["revision"], oldest["sent"], oldest["held"], oldest["published"]) == (1, 0, 2, False)
    assert newest["published"]
    assert "2026-03-03    2" in run("nights", "--limit", "1")


def test_old_stops_are_taken_over_once(settings, engine, tmp_path) -> None:
    file = tmp_path / "unsubscribes.csv"
    file.write_text("created,email\n1700000000, Ada@X.example \n1700000001,a001@x.example\n,\n")
    facts = json.loads(run("suppress", "import", str(file), "--json"))
    assert facts == {
        "rows": 2,
        "addresses": 2,
        "new": 2,
        "without_address": 0,
        "column": "email",
        "by_reason": {"unsubscribed": 2},
    }
    assert "new: 0" in run("suppress", "import", str(file))
    decisions = seal_night(settings, engine)
    assert decisions.filter(decisions["email"] == "a001@x.example")["reason_code"].to_list() == ["suppressed"]


def test_there_may_be_nothing_to_import_if_somebody_says_so(settings, engine) -> None:
    from stillhere.operations.stops import has_imported

    run("suppress", "none", "--because", " ", code=2)
    assert not has_imported(engine)
    run("suppress", "none", "--because", "never sent before")
    assert has_imported(engine)


def test_looking_creates_no_database(settings) -> None:
    run("holds")
    run("nights")
    assert not (settings.places.root / "operations.sqlite").exists()


def test_send_starts_without_the_heavy_engines(settings, engine) -> None:
    seal_night(settings, engine)
    add_hold(engine, hold(scope="message", subject="none"))
    code = """
import sys
from flows.cli import main
sys.argv = ["stillhere", "send", "--send"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
heavy = {"prefect", "dbt", "great_expectations", "sklearn", "dlt"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "3 messages handed over" in done.stdout
