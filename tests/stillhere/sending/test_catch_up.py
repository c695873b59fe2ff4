"""What the provider knows comes in before a night decides, and with the commands for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from stillhere.operations import open_operations, writing
from stillhere.operations.ledger import counts, rows_of
from stillhere.operations.mail_events import MailEvent, store_events
from stillhere.operations.stops import Suppression, add_suppressions, paused
from stillhere.operations.tables import ledger, suppressions
from stillhere.sending.call_back import call_back_waiting
from stillhere.sending.catch_up import catch_up
from stillhere.sending.reconcile import reconcile
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import MORNING, SENDER, company, seal_night, send
from tests.stillhere.sending.sendgrid_server import sendgrid_server
from tests.stillhere.sending.test_bad_moments import say_there_are_no_stops
from tests.stillhere.sending.test_live_night import rows_in
from tests.stillhere.sending.test_reconcile import FIVE, LAG, Clock, log_of
from tests.stillhere.sending.test_sendgrid import sendgrid

AT = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())


def complaint(message_id: str) -> MailEvent:
    who = f"{message_id}@x.example"
    return MailEvent(
        f"e{message_id}",
        "sg",
        None,
        message_id,
        None,
        None,
        who,
        "slipping",
        "spamreport",
        None,
        None,
        MORNING,
        MORNING,
    )


def test_the_providers_stops_come_in_whole_pages_and_once(tmp_path, either: Engine) -> None:
    with sendgrid_server() as server:
        server.stops["suppression/unsubscribes"] = [{"created": AT, "email": f"U{n}@x.example"} for n in range(1_203)]
        server.stops["suppression/bounces"] = [
            {"created": AT, "email": "b@x.example", "reason": "550", "status": "5.1.1"}
        ]
        server.stops["suppression/spam_reports"] = [{"created": AT, "email": "u1@x.example", "ip": "192.0.2.1"}]
        server.stops["suppression/blocks"] = [
            {"created": AT, "email": "full@x.example", "reason": "452", "status": "4"}
        ]
        settings = sendgrid(tmp_path, server.url)
        assert catch_up(settings, either, MORNING).new_stops == 1_204
        assert catch_up(settings, either, MORNING).new_stops == 0
    known = {row["email"]: row["reason"] for row in rows_in(either, suppressions)}
    assert (known["u1@x.example"], known["b@x.example"], known["u1202@x.example"]) == (
        "complaint",
        "bounce",
        "unsubscribed",
    )
    assert "full@x.example" not in known
    starts = [path for _, path, _ in server.asked if "start_time" in path]
    assert len(starts) == 6  # the second time only what may be new: three pages of one list, one of each other


def test_the_group_of_unsubscribes_is_read_too(tmp_path) -> None:
    environment = {"STILLHERE_SENDER": "sendgrid", "SENDGRID_API_KEY": "SG.test"}
    with sendgrid_server() as server:
        server.stops["asm/groups/7/suppressions"] = ["G@x.example"]  # type: ignore[list-item]
        given = {**environment, "STILLHERE_SENDGRID_URL": server.url}
        settings = company(tmp_path, given, sender={**SENDER, "asm_group_id": 7})
        engine = open_operations(settings.places.operations_url)
        assert catch_up(settings, engine, MORNING).new_stops == 1
    assert [row["email"] for row in rows_in(engine, suppressions)] == ["g@x.example"]


def test_a_provider_that_does_not_answer_is_told_and_fails_nothing(tmp_path, engine: Engine) -> None:
    with sendgrid_server() as server:
        settings = sendgrid(tmp_path, server.url)
    with writing(engine) as connection:
        add_suppressions(connection, [Suppression("x@x.example", "bounce", TUESDAY_NIGHT, "test")])
    found = catch_up(settings, engine, MORNING)
    assert [words.split(":")[0] for words in found.failed] == ["stops were not read from the provider"]
    assert found.notes() == list(found.failed)


def test_a_pause_calls_back_what_waits_and_the_log_says_that_it_stayed(tmp_path, either: Engine) -> None:
    clock = Clock()
    with sendgrid_server(clock=clock, log_lag=LAG) as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(either)
        seal_night(settings, either)
        assert send(settings, either).handed_over == 3
        assert call_back_waiting(settings, either, "payment", FIVE).batches == 0
        back = call_back_waiting(settings, either, "slipping", FIVE + timedelta(minutes=5))
        assert (back.messages, back.batches, back.failed) == (3, 1, ())
        assert call_back_waiting(settings, either, None, FIVE + timedelta(minutes=6)).batches == 0
        assert (counts(either, TUESDAY_NIGHT, "live"), server.delivered()) == ({"unknown": 3}, [])
        assert send(settings, either).handed_over == 0  # not before the log has answered
        clock.now += LAG
        assert reconcile(either, log_of(server), clock()).stayed == 3
        assert send(settings, either).handed_over == 3
        assert [batch for batch in server.batches if batch not in server.cancelled] == ["batch2"]
        assert len(server.delivered()) == len(set(server.delivered())) == 3


def test_what_waits_for_a_campaign_that_stopped_itself_is_called_back(tmp_path, either: Engine) -> None:
    clock = Clock()
    with sendgrid_server(clock=clock, log_lag=LAG) as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(either)
        seal_night(settings, either)
        assert send(settings, either).handed_over == 3
        with writing(either) as connection:
            sent = [row.message_id for row in rows_of(either)]
            store_events(connection, [complaint(message_id) for message_id in sent])
        found = catch_up(settings, either, FIVE)
        assert found.failed == ()
        assert [one.because.split(":")[0] for one in paused(either)] == ["stopped itself"]
        assert set(server.cancelled) == {"batch1"}
        assert (counts(either, TUESDAY_NIGHT, "live"), server.delivered()) == ({"unknown": 3}, [])


def test_a_call_back_that_comes_too_late_sends_nothing_twice(tmp_path, engine: Engine) -> None:
    clock = Clock()
    with sendgrid_server(clock=clock, log_lag=LAG) as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine)
        send(settings, engine)
        clock.now = MORNING.replace(hour=7, minute=55)  # due at 8, when its readers' hours begin
        assert call_back_waiting(settings, engine, None, clock()).messages == 3
        clock.now += LAG
        assert reconcile(engine, log_of(server), clock()).left == 3
        assert send(settings, engine).handed_over == 0
        assert len(server.delivered()) == 3


def test_a_pause_that_the_provider_does_not_hear_says_so(tmp_path, engine: Engine) -> None:
    with sendgrid_server() as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine)
        send(settings, engine)
    back = call_back_waiting(settings, engine, None, FIVE)
    assert (back.messages, back.failed) == (0, ("campaign slipping: no answer: ConnectionRefusedError",))
    assert counts(engine, TUESDAY_NIGHT, "live") == {"accepted": 3}


@pytest.mark.parametrize(("word", "status"), [("--left", "accepted"), ("--stayed", "refused")])
def test_a_person_settles_what_no_log_can_say(settings, engine, monkeypatch, word: str, status: str) -> None:
    from typer.testing import CliRunner

    from stillhere.cli import build_app

    monkeypatch.setenv("STILLHERE_DATA", str(settings.places.root.parent))
    monkeypatch.setenv("STILLHERE_COMPANY", str(settings.folder))
    seal_night(settings, engine, many=1)
    send(settings, engine)
    with writing(engine) as connection:
        connection.execute(ledger.update().values(status="unknown", sender="smtp"))
    runner = CliRunner()
    listed = runner.invoke(build_app(), ["reconcile"])
    [row] = rows_of(engine)
    assert (listed.exit_code, row.message_id in listed.output) == (0, True)
    assert runner.invoke(build_app(), ["settle", row.message_id, word]).exit_code == 2
    told = runner.invoke(build_app(), ["settle", row.message_id, word, "--by", "ada", "--because", "in the log"])
    assert told.exit_code == 0, told.output
    [row] = rows_of(engine)
    assert (row.status, row.settled_by, row.detail) == (status, "person", "ada: in the log")
    again = runner.invoke(build_app(), ["settle", row.message_id, word, "--by", "ada", "--because", "again"])
    assert again.exit_code == 2
