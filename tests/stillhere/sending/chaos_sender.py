"""Senders that start in a few milliseconds: a process that has imported everything forks one for each line it reads.

A line is how many hours the sender's clock is wrong, and "freezes" for one that stops itself with its third bundle in
hand. Each child writes its process id when it begins to hand over.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
from sqlalchemy import Engine

from stillhere.operations import open_operations, writing
from stillhere.operations.batches import open_batch_of
from stillhere.operations.hand_overs import Outcome, leave_in_doubt, settle
from stillhere.operations.ledger import statuses
from stillhere.sending.hand_over import Night, hand_over
from stillhere.sending.outgoing import Outgoing
from stillhere.sending.sender_sendgrid import SendGridSender
from stillhere.sending.senders import Bundle, HandedOver
from stillhere.sending.sendgrid_client import SendGridClient
from stillhere.sending.taking import take
from stillhere.settings import Company

COMPANY = Company(
    id="chaos",
    name="Chaos",
    kind="contract",
    sender={"name": "Care", "email": "care@x.example", "call_back_minutes": 30},  # type: ignore[arg-type]
)


class SmallBundles(SendGridSender):
    """Many small requests, so that a killed sender has just begun, is in the middle, or is about to settle."""

    at_once = 4
    freezes = False
    bundles = 0

    def send(self, bundle: Bundle) -> list[HandedOver]:
        """Freezes first, if it is to: what it has in hand is written down, and nothing of it has left."""
        self.bundles += 1
        if self.freezes and self.bundles == 3:
            os.kill(os.getpid(), signal.SIGSTOP)
        return super().send(bundle)


def main(server_url: str, operations_url: str, outbox: Path, began: datetime, as_of: date) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    engine = open_operations(operations_url)
    client = SendGridClient("SG.test", server_url, timeout_seconds=2, sleep=lambda _s: None)
    _warm_up(engine, began, as_of)
    for line in sys.stdin:
        if os.fork() == 0:
            try:
                hours, *freezes = line.split()
                SmallBundles.freezes = bool(freezes)
                _send(engine, client, outbox, began + timedelta(hours=float(hours)), as_of)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)


def _warm_up(engine: Engine, began: datetime, as_of: date) -> None:
    """Compiles every statement once, as a preview that changes nothing for anybody; no connection outlives it."""
    row = {"message_id": "warm", "campaign": "c", "email": "w@x.example", "account_id": "w", "contact_id": "w"}
    bundle = Bundle([{**row, "occasion": "o"}], began)
    with writing(engine) as connection:
        leave_in_doubt(connection, "live", "sendgrid", began, may_repeat=False)
        statuses(connection, "live", ["warm"])
        open_batch_of(connection, as_of, "c")
        take(connection, bundle, Night(as_of, 1, began), "sendgrid", "preview", "warm", began)
        settle(connection, "warm", {"warm": Outcome("refused")}, began)
    engine.dispose()


def _send(engine: Engine, client: SendGridClient, outbox: Path, now: datetime, as_of: date) -> None:
    # Polars is used after the fork only: its threads do not survive one.
    rows = pl.read_parquet(outbox)
    os.write(1, f"{os.getpid()}\n".encode())
    night = Night(as_of, 1, now)
    hand_over(
        Outgoing.of(rows), night, engine, SmallBundles(COMPANY, client), "live", lambda: now, sleep=lambda _s: None
    )


if __name__ == "__main__":
    url, operations, file, moment, day = sys.argv[1:]
    main(url, operations, Path(file), datetime.fromisoformat(moment), date.fromisoformat(day))
