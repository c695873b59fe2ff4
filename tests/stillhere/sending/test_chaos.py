"""Senders killed at 200 random moments, against a server with bad moods: nobody twice, nobody stopped, nobody lost."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, text

from stillhere.operations import writing
from stillhere.operations.hand_overs import in_doubt
from stillhere.operations.ledger import counts, rows_of
from stillhere.operations.stops import Suppression, add_suppressions
from stillhere.sending.reconcile import LOG_MAY_LAG, reconcile
from stillhere.sending.sendgrid_client import SendGridClient
from stillhere.sending.sendgrid_log import SendGridLog
from tests.stillhere.sending.processes import REPOSITORY
from tests.stillhere.sending.sendgrid_server import Mood, SendGrid, sendgrid_server

KILLS = 200
MESSAGES = 2_400
LAG = timedelta(hours=2)
AS_OF = date(2026, 3, 3)
BEGAN = datetime(2026, 3, 4, 5, tzinfo=UTC)
WRONG_CLOCK_HOURS = 12
MOST_REQUESTS_A_LIFE = 4
"""Lives are counted in requests: a busy machine makes them slower, and the test not weaker."""
MOODS: tuple[tuple[Mood, int], ...] = (
    *(("accept", 62), ("drop", 7), ("hang up", 6), ("fail", 6), (500, 5), (503, 2), (429, 10), (400, 2)),
)

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="killing by pidfd is Linux's")


@dataclass
class World:
    """What a chaos run needs; `clock` is the provider's."""

    server: SendGrid
    senders: subprocess.Popen[str]
    rng: random.Random
    calm: bool = False
    now: datetime = BEGAN

    def mood(self, _number: int) -> Mood:
        if self.calm:
            return "accept"
        time.sleep(self.rng.random() * 0.03)
        kinds, weights = zip(*MOODS, strict=True)
        return self.rng.choices(kinds, weights)[0]

    def start(self, *, wrong_hours: float = 0.0, freezes: bool = False) -> int:
        """A sender that is at work, as a file descriptor of its process; or freezes with its third bundle in hand."""
        assert self.senders.stdin is not None
        assert self.senders.stdout is not None
        self.senders.stdin.write(f"{wrong_hours}{' freezes' if freezes else ''}\n")
        self.senders.stdin.flush()
        return os.pidfd_open(int(self.senders.stdout.readline()))

    def finish(self) -> None:
        """Lets one sender work to its end, in peace."""
        self.calm = True
        sender = self.start()
        assert ended(sender, 120)
        os.close(sender)


def ended(sender: int, seconds: float) -> bool:
    return bool(select.select([sender], [], [], seconds)[0])


def kill(sender: int) -> bool:
    """Kills a sender; False when it had come to its end before."""
    was_alive = not ended(sender, 0)
    if was_alive:
        signal.pidfd_send_signal(sender, signal.SIGKILL)
        assert ended(sender, 30)
    os.close(sender)
    return was_alive


def outbox(path: Path, many: int = MESSAGES) -> pl.DataFrame:
    rows = [
        {
            "message_id": f"{number:032x}",
            "campaign": ("note", "offer", "payment")[number % 3],
            "email": f"p{number}@x.example",
            "account_id": f"a{number}",
            "contact_id": f"c{number}",
            "occasion": f"o{number}",
            "language": "en",
            "subject": f"Hello {number}",
            "text": f"Hello {number}\n",
            "html": f"<p>Hello {number}</p>",
            "claims_json": "{}",
            "stop_url": None,
        }
        for number in range(many)
    ]
    frame = pl.DataFrame(rows, schema_overrides={"stop_url": pl.String})
    frame.write_parquet(path)
    return frame


def stop(engine: Engine, numbers: range) -> set[str]:
    emails = {f"p{number}@x.example" for number in numbers}
    with writing(engine) as connection:
        add_suppressions(connection, [Suppression(one, "unsubscribed", AS_OF, "test") for one in emails])
    return emails


@contextmanager
def world(tmp_path: Path, url: str, seed: int) -> Iterator[World]:
    made = World(server=None, senders=None, rng=random.Random(seed))  # type: ignore[arg-type]  # noqa: S311 - chance, no secret
    with sendgrid_server(made.mood, clock=lambda: made.now, log_lag=LAG) as server:
        arguments = [server.url, url, str(tmp_path / "outbox.parquet"), BEGAN.isoformat(), AS_OF.isoformat()]
        made.server = server
        made.senders = subprocess.Popen(
            [sys.executable, "-m", "tests.stillhere.sending.chaos_sender", *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "POLARS_MAX_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(tmp_path / "errors.log").open("w"),
            text=True,
        )
        try:
            yield made
        finally:
            made.senders.communicate()


def live_and_die(made: World, engine: Engine, at_once: int) -> int:
    """Starts senders with clocks that are wrong and kills them at random moments; gives how many were killed.

    On PostgreSQL some die because the database goes away instead.
    """
    killed = 0
    senders = [made.start(wrong_hours=made.rng.uniform(-1, 1) * WRONG_CLOCK_HOURS) for _ in range(at_once)]
    for sender in senders:
        seen, enough = len(made.server.sends), made.rng.randrange(MOST_REQUESTS_A_LIFE)
        while len(made.server.sends) < seen + enough and not ended(sender, 0.001):
            """It works."""
        time.sleep(made.rng.random() * 0.02)
        if engine.dialect.name == "postgresql" and made.rng.random() < 0.1:
            with engine.connect() as connection:
                others = "datname = current_database() and pid <> pg_backend_pid()"
                connection.execute(text(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}"))
        killed += kill(sender)
    return killed


@pytest.mark.parametrize("at_once", [1, 2])
def test_two_hundred_killed_senders_send_nothing_twice_and_lose_nothing(tmp_path, either, either_url, at_once) -> None:
    if (either.dialect.name, at_once) == ("postgresql", 1):
        pytest.skip("two at once is the harder case there")
    rows = outbox(tmp_path / "outbox.parquet")
    stopped = stop(either, range(100))
    with world(tmp_path, either_url, seed=at_once) as made:
        killed = 0
        while killed < KILLS:
            killed += live_and_die(made, either, at_once)
            left = counts(either, AS_OF, "live")
            assert left.get("accepted", 0) < MESSAGES * 0.95, f"too few messages for {killed} kills"
        made.calm = True
        time.sleep(0.5)  # the server may be working on the last request of a dead sender
        before = set(made.server.message_ids)
        stopped_later = stop(either, range(1_000, 1_100))
        made.finish()

        emails = dict(rows.select("message_id", "email").iter_rows())
        told = {emails[one] for one in made.server.message_ids}
        assert not told & stopped
        assert not {emails[one] for one in set(made.server.message_ids) - before} & stopped_later
        nobody_twice(made.server)
        doubts = {row.message_id for row in doubts_of(either)}
        assert set(emails) - dropped_in(either) - set(made.server.message_ids) <= doubts
        assert doubts, "the moods and the kills have left nothing in doubt: this test proves nothing"

        settle_all(made, either)
        made.finish()
        nobody_twice(made.server)
        # A message that the log has cleared of doubt is free again, and its reader may have stopped in the meantime.
        dropped = dropped_in(either)
        assert {emails[one] for one in dropped} <= stopped | stopped_later
        intended = set(emails) - dropped
        assert set(made.server.message_ids) == intended
        assert doubts_of(either) == []
        assert counts(either, AS_OF, "live") == {"accepted": len(intended), "dropped": len(dropped)}


def nobody_twice(server: SendGrid) -> None:
    assert Counter(server.message_ids).most_common(1)[0][1] == 1


def dropped_in(engine: Engine) -> set[str]:
    return {row.message_id for row in rows_of(engine) if row.status == "dropped"}


def doubts_of(engine: Engine) -> list[object]:
    with writing(engine) as connection:
        return in_doubt(connection)  # type: ignore[return-value]


def settle_all(made: World, engine: Engine) -> None:
    """The log is asked at once (it shows nothing yet), after its lag, and when what is missing is missing for good."""
    log = SendGridLog(SendGridClient("SG.test", made.server.url))
    reconcile(engine, log, made.now)
    made.now += LAG
    shown = reconcile(engine, log, made.now)
    assert shown.left > 0
    assert shown.stayed == 0
    made.now += timedelta(hours=WRONG_CLOCK_HOURS + 1) + LOG_MAY_LAG
    assert reconcile(engine, log, made.now).stayed > 0
