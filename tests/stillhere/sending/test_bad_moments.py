"""Senders that die, meet each other, or find nobody listening."""

from __future__ import annotations

import signal
import smtplib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import cycle

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from stillhere.operations import open_operations, writing
from stillhere.operations.hand_overs import in_doubt, settle_doubt
from stillhere.operations.ledger import counts, rows_of
from stillhere.operations.stops import Suppression, add_suppressions, record_import
from stillhere.operations.tables import contacts_made
from stillhere.sending import hand_over
from stillhere.sending.hand_over import OUTAGES_UNTIL_STOP
from stillhere.sending.send_night import send_night
from stillhere.sending.sender_smtp import SmtpSender
from stillhere.sending.taking import HOURS_OVER, STOPPED
from stillhere.settings import Settings, StillhereError
from tests.postgres import PostgresServer, new_database, running_server
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.mail_servers import smtp_server
from tests.stillhere.sending.nights import MORNING, company, mails, seal_night, send
from tests.stillhere.sending.processes import handed_over, let_go, start_sender
from tests.stillhere.sending.test_live_night import rows_in


def say_there_are_no_stops(engine: Engine) -> None:
    with writing(engine) as connection:
        record_import(connection, "none", "none: new company", 0, MORNING)


@contextmanager
def own_database() -> Iterator[tuple[PostgresServer, Engine]]:
    with running_server() as server, new_database(server) as url:
        engine = open_operations(url)
        yield server, engine
        engine.dispose()


def smtp(tmp_path, url: str) -> Settings:
    return company(tmp_path, {"STILLHERE_SENDER": "smtp", "STILLHERE_SMTP_URL": url})


def test_a_sender_killed_after_reserving_sends_nothing_twice(settings: Settings, either: Engine, either_url) -> None:
    seal_night(settings, either)
    dying = start_sender(settings, either_url, dies=True)
    let_go(dying)
    assert dying.wait(60) == -signal.SIGKILL
    assert counts(either, TUESDAY_NIGHT, "live") == {"accepted": 1, "handing_over": 1}
    assert send(settings, either).handed_over == 2
    assert counts(either, TUESDAY_NIGHT, "live") == {"accepted": 3}
    assert len(mails(settings)) == 3
    assert len(rows_in(either, contacts_made)) == 3


def test_a_mail_in_hand_when_the_sender_was_killed_is_unknown_and_never_sent_again(
    tmp_path, either, either_url
) -> None:
    def kill_on_second(number: int) -> None:
        if number == 2:
            dying.kill()

    with smtp_server(kill_on_second) as (url, mailbox):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(either)
        seal_night(settings, either)
        dying = start_sender(settings, either_url, STILLHERE_SENDER="smtp", STILLHERE_SMTP_URL=url)
        let_go(dying)
        assert dying.wait(60) == -signal.SIGKILL
        result = send(settings, either)
        assert (result.handed_over, result.already) == (1, 2)
        assert counts(either, TUESDAY_NIGHT, "live") == {"accepted": 2, "unknown": 1}
        assert send(settings, either).handed_over == 0
        assert set(Counter(mailbox.message_ids).values()) == {1}
        assert len(mailbox.mails) == 3


def test_a_database_that_restarts_in_the_midst_of_a_send_stops_nothing(tmp_path) -> None:
    with own_database() as (database, engine):

        def restart_on_second(number: int) -> None:
            if number == 2:
                database.restart()

        with smtp_server(restart_on_second) as (url, mailbox):
            settings = smtp(tmp_path, url)
            say_there_are_no_stops(engine)
            seal_night(settings, engine)
            assert send(settings, engine).handed_over == 3
            assert send(settings, engine).handed_over == 0
            assert counts(engine, TUESDAY_NIGHT, "live") == {"accepted": 3}
            assert len(mailbox.mails) == 3


def test_a_mail_whose_database_went_away_while_it_left_is_unknown_and_never_sent_again(tmp_path) -> None:
    with own_database() as (database, engine):

        def cut_on_second(number: int) -> None:
            if number == 2:
                database.cut()

        with smtp_server(cut_on_second) as (url, mailbox):
            settings = smtp(tmp_path, url)
            say_there_are_no_stops(engine)
            seal_night(settings, engine)
            with pytest.raises(OperationalError):
                send(settings, engine)
            database.start()
            assert send(settings, engine).handed_over == 1
            assert counts(engine, TUESDAY_NIGHT, "live") == {"accepted": 2, "unknown": 1}
            assert send(settings, engine).handed_over == 0
            assert set(Counter(mailbox.message_ids).values()) == {1}
            assert len(mailbox.mails) == 3


@pytest.mark.parametrize("jumps_hours", [(0, -48, 24), (0, 1, -1), (0, 9_000, -9_000, 6), (-3, 5, -20, 40)])
def test_a_clock_that_jumps_sends_nothing_twice_and_loses_nothing(tmp_path, engine: Engine, jumps_hours) -> None:
    hours = cycle(jumps_hours)

    def clock() -> datetime:
        return MORNING.replace(hour=10) + timedelta(hours=next(hours))

    with smtp_server() as (url, mailbox):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine, many=8)
        for _ in range(3):
            send_night(settings, engine, TUESDAY_NIGHT, 1, live=True, wall_now=MORNING, clock=clock)
        send(settings, engine)
        assert sorted(mailbox.message_ids) == sorted(row.message_id for row in rows_of(engine, TUESDAY_NIGHT, "live"))
        assert counts(engine, TUESDAY_NIGHT, "live") == {"accepted": 8}
        assert len(mailbox.mails) == 8


def test_two_senders_at_once_send_each_message_once(tmp_path, either, either_url) -> None:
    with smtp_server(seconds=0.01) as (url, mailbox):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(either)
        seal_night(settings, either, many=30)
        environment = {"STILLHERE_SENDER": "smtp", "STILLHERE_SMTP_URL": url}
        first, second = (start_sender(settings, either_url, **environment) for _ in range(2))
        let_go(first, second)
        assert handed_over(first) + handed_over(second) == 30
        assert Counter(mailbox.message_ids) == Counter(row.message_id for row in rows_of(either, TUESDAY_NIGHT, "live"))
        assert counts(either, TUESDAY_NIGHT, "live") == {"accepted": 30}
        assert len(rows_in(either, contacts_made)) == 30


def test_whoever_stops_while_a_sender_stands_still_gets_nothing_when_it_goes_on(
    tmp_path, either: Engine, monkeypatch
) -> None:
    connected, stopped = SmtpSender._connected, []

    def stand_still(sender: SmtpSender) -> smtplib.SMTP:
        monkeypatch.setattr(SmtpSender, "_connected", connected)
        (in_hand,) = [row for row in rows_of(either) if row.status == "handing_over"]
        stopped.append(in_hand.key.person)
        with writing(either) as connection:
            add_suppressions(connection, [Suppression(in_hand.key.person, "unsubscribe", TUESDAY_NIGHT, "link")])
        time.sleep(1.5)
        return connected(sender)

    with smtp_server() as (url, mailbox):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(either)
        seal_night(settings, either)
        monkeypatch.setattr(hand_over, "STOOD_STILL_SECONDS", 1.0)
        monkeypatch.setattr(SmtpSender, "_connected", stand_still)
        send(settings, either)
        assert counts(either, TUESDAY_NIGHT, "live") == {"accepted": 2, "dropped": 1}
        (dropped,) = [row for row in rows_of(either) if row.status == "dropped"]
        assert (dropped.key.person, dropped.detail) == (stopped[0], STOPPED)
        assert len(mailbox.message_ids) == 2


def test_a_mail_that_a_person_cleared_and_another_sent_while_its_sender_stood_still_leaves_once(
    tmp_path, either: Engine, monkeypatch
) -> None:
    connected = SmtpSender._connected

    def stand_still(sender: SmtpSender) -> smtplib.SMTP:
        monkeypatch.setattr(SmtpSender, "_connected", connected)
        send(settings, either)
        with writing(either) as connection:
            doubts = [row.message_id for row in in_doubt(connection)]
            assert settle_doubt(connection, doubts, "refused", "not in the server's log", "ada", MORNING) == 1
        assert send(settings, either).handed_over == 1
        return connected(sender)

    with smtp_server() as (url, mailbox):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(either)
        seal_night(settings, either)
        monkeypatch.setattr(SmtpSender, "_connected", stand_still)
        send(settings, either)
        assert sorted(mailbox.message_ids) == sorted(row.message_id for row in rows_of(either, TUESDAY_NIGHT, "live"))
        assert counts(either, TUESDAY_NIGHT, "live") == {"accepted": 3}


def test_a_mail_server_is_given_nothing_before_the_readers_hours_nor_after_them(tmp_path, engine: Engine) -> None:
    with smtp_server() as (url, mailbox):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine)
        early = send(settings, engine, hour=4)
        assert (early.handed_over, early.early) == (0, 3)
        assert "3 wait for their readers' hours" in early.words
        assert rows_in(engine, contacts_made) == []
        late = send(settings, engine, hour=23)
        assert (late.handed_over, late.dropped) == (0, {HOURS_OVER: 3})
        assert mailbox.mails == []
        assert rows_in(engine, contacts_made) == []
        assert send(settings, engine).handed_over == 3


def test_a_sender_that_reaches_nobody_stops_and_everything_can_go_later(tmp_path, engine: Engine) -> None:
    with smtp_server() as (url, _):
        settings = smtp(tmp_path, url)
    say_there_are_no_stops(engine)
    seal_night(settings, engine, many=8)
    result = send(settings, engine)
    assert (result.refused, result.waiting) == (OUTAGES_UNTIL_STOP, 8 - OUTAGES_UNTIL_STOP)
    assert rows_in(engine, contacts_made) == []
    with smtp_server() as (url, mailbox):
        assert send(smtp(tmp_path, url), engine).handed_over == 8
        assert len(set(mailbox.message_ids)) == 8


def test_a_disk_that_is_full_is_told_and_the_rest_goes_later(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine)
    out = settings.places.out_folder(TUESDAY_NIGHT)
    out.mkdir(parents=True)
    (out / "mail").write_text("a file where the folder belongs")
    with pytest.raises(StillhereError, match=r"mails can't be written to .*mail"):
        send(settings, engine)
    (out / "mail").unlink()
    assert send(settings, engine).handed_over == 3
