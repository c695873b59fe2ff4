"""Doubts, and who may settle them: the provider's events, its log (late, cut, on its own clock), or a person."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from stillhere.operations import writing
from stillhere.operations.ledger import counts, rows_of
from stillhere.operations.mail_events import MailEvent, store_events
from stillhere.operations.tables import contacts_made
from stillhere.sending.reconcile import LOG_MAY_LAG, NEVER_ARRIVED, reconcile
from stillhere.sending.sendgrid_client import SendGridClient
from stillhere.sending.sendgrid_log import SendGridLog
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import MORNING, mails, seal_night, send
from tests.stillhere.sending.sendgrid_server import SendGrid, sendgrid_server
from tests.stillhere.sending.test_bad_moments import say_there_are_no_stops, smtp
from tests.stillhere.sending.test_live_night import rows_in
from tests.stillhere.sending.test_sendgrid import sendgrid

LAG = timedelta(hours=2)
FIVE = MORNING.replace(hour=5)


class Clock:
    """The provider's clock, which a test moves."""

    def __init__(self) -> None:
        self.now = FIVE

    def __call__(self) -> datetime:
        return self.now


def log_of(server: SendGrid) -> SendGridLog:
    return SendGridLog(SendGridClient("SG.test", server.url, sleep=lambda _s: None))


def doubtful_night(tmp_path, engine: Engine, server: SendGrid, many: int = 3) -> Settings:
    """A night that is handed over once."""
    settings = sendgrid(tmp_path, server.url)
    say_there_are_no_stops(engine)
    seal_night(settings, engine, many=many)
    send(settings, engine)
    return settings


def test_the_log_settles_what_had_left_once_it_shows_it(tmp_path, either: Engine) -> None:
    clock = Clock()
    with sendgrid_server(lambda _number: "drop", clock=clock, log_lag=LAG) as server:
        settings = doubtful_night(tmp_path, either, server)
        assert reconcile(either, log_of(server), clock()).waiting == 3
        clock.now += LAG
        assert reconcile(either, log_of(server), clock()).left == 3
        assert counts(either, TUESDAY_NIGHT, "live") == {"accepted": 3}
        assert {row.settled_by for row in rows_of(either)} == {"log"}
        assert send(settings, either).handed_over == 0
        assert len(server.kept) == 3


def test_what_the_log_never_shows_is_sent_again_and_not_a_minute_too_early(tmp_path, either: Engine) -> None:
    clock = Clock()
    with sendgrid_server(lambda number: "hang up" if number == 1 else "accept", clock=clock, log_lag=LAG) as server:
        settings = doubtful_night(tmp_path, either, server)
        reconcile(either, log_of(server), clock())
        due = MORNING.replace(hour=8, minute=0) + LOG_MAY_LAG  # nothing is missed before it is due
        clock.now = due - timedelta(minutes=1)
        assert reconcile(either, log_of(server), clock()).waiting == 3
        assert send(settings, either).handed_over == 0
        clock.now = due
        assert reconcile(either, log_of(server), clock()).stayed == 3
        assert {(row.status, row.detail) for row in rows_of(either)} == {("refused", NEVER_ARRIVED)}
        assert rows_in(either, contacts_made) == []  # who got nothing has used up nothing
        assert send(settings, either).handed_over == 3
        assert set(Counter(server.message_ids).values()) == {1}


def test_our_own_clock_proves_nothing(tmp_path, engine: Engine) -> None:
    clock = Clock()
    with sendgrid_server(lambda _number: "drop", clock=clock, log_lag=LAG) as server:
        doubtful_night(tmp_path, engine, server)
        for ours in (FIVE, FIVE + timedelta(hours=50), FIVE - timedelta(days=400)):
            assert reconcile(engine, log_of(server), ours).waiting == 3
        clock.now += LAG
        assert reconcile(engine, log_of(server), FIVE - timedelta(days=400)).left == 3


def test_after_72_hours_a_person_is_asked(tmp_path, engine: Engine) -> None:
    clock = Clock()
    with sendgrid_server(lambda _number: "hang up", clock=clock) as server:
        doubtful_night(tmp_path, engine, server)
        asked = len(server.asked)
        clock.now += timedelta(hours=73)
        found = reconcile(engine, log_of(server), clock())
        assert (found.for_a_person, found.waiting, len(server.asked)) == (3, 0, asked)


def test_a_log_that_cuts_at_a_thousand_is_walked_by_time_and_person(engine: Engine) -> None:
    clock = Clock()
    with sendgrid_server(clock=clock) as server:
        ours = fill(server, seconds=120, a_second=25, alike=1_500)
        clock.now += timedelta(minutes=5)
        wanted = [wanted_of(one) for one in ours]
        answer = log_of(server).find(wanted, each=False)
        assert set(answer.left) == {one.message_id for one in ours}
    queries = [body["query"] for method, path, body in server.asked if path == "/v3/logs"]
    assert max(Counter(queries).values()) == 1
    assert any("to_email" in query for query in queries)


def fill(server: SendGrid, *, seconds: int, a_second: int, alike: int):
    """A busy account: thousands of other mails, 1,500 of them in one second, and thirty of ours among those."""
    from tests.stillhere.sending.sendgrid_server import Kept

    def kept(number: int, at: datetime) -> Kept:
        name = f"m{number}"
        return Kept(f"sg.{number}", f"{name}@x.example", "Hi", "t", "h", name, ["slipping"], {}, at, None, None)

    spread = [kept(n, FIVE + timedelta(seconds=n // a_second)) for n in range(seconds * a_second)]
    crowd = [kept(len(spread) + n, FIVE + timedelta(seconds=30)) for n in range(alike)]
    server.kept = [*spread, *crowd]
    return [*spread[::300], *crowd[-20:]]


def wanted_of(one):
    from stillhere.sending.senders import Wanted

    return Wanted(one.message_id, one.email, one.taken_at)


def test_whose_a_mail_is_the_arguments_say_and_not_the_address(tmp_path, engine: Engine) -> None:
    clock = Clock()
    with sendgrid_server(lambda number: "hang up" if number == 1 else "accept", clock=clock) as server:
        settings = doubtful_night(tmp_path, engine, server, many=1)
        [row] = rows_of(engine)
        # The same person has had another mail of ours at the same moment.
        server.answer("POST", "/v3/mail/send", {}, another_mail(row.key.person))
        assert reconcile(engine, log_of(server), clock()).waiting == 1
        assert counts(engine, TUESDAY_NIGHT, "live") == {"unknown": 1}
        assert send(settings, engine).handed_over == 0


def another_mail(email: str) -> dict[str, object]:
    person = {"to": [{"email": email}], "subject": "Another", "custom_args": {"message_id": "other"}}
    content = [{"type": "text/plain", "value": "t"}, {"type": "text/html", "value": "h"}]
    return {"personalizations": [person], "content": content, "categories": ["payment"]}


@pytest.mark.parametrize(
    ("kind", "status"), [("delivered", "accepted"), ("bounce", "accepted"), ("dropped", "refused")]
)
def test_the_providers_events_settle_without_its_log(tmp_path, either: Engine, kind: str, status: str) -> None:
    with sendgrid_server(lambda _number: "drop") as server:
        doubtful_night(tmp_path, either, server, many=1)
        [row] = rows_of(either)
        event = MailEvent("e1", "sendgrid", None, row.message_id, None, None, None, None, kind, None, None, FIVE, FIVE)
        with writing(either) as connection:
            store_events(connection, [event])
        reconcile(either, None, FIVE)
    assert [(one.status, one.settled_by) for one in rows_of(either)] == [(status, "webhook")]


def test_an_smtp_doubt_goes_to_a_person_at_once(tmp_path, engine: Engine) -> None:
    from tests.stillhere.sending.mail_servers import smtp_server

    with smtp_server() as (url, mailbox):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine, many=1)
        send(settings, engine)
        with writing(engine) as connection:
            from stillhere.operations.tables import ledger

            connection.execute(ledger.update().values(status="unknown"))
        assert reconcile(engine, None, datetime.now(UTC)).for_a_person == 1
        assert send(settings, engine).handed_over == 0
        assert (len(mailbox.mails), mails(settings)) == (1, [])
