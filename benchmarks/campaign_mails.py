"""Mails of one night at size: written into a file, checked as hand-over 3 does, reserved and handed to a local sink.

Each step is the night's own code. `cpu_seconds` are of all threads; `peak_mib` is the most memory used by then.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import Engine

from expectations.outbox import check_outbox as check_all
from expectations.requests import OutboxRequest
from stillhere.gates.outbox_to_check import write_outbox_to_check
from stillhere.mails.outbox import OutboxFile, write_outbox_file
from stillhere.operations import open_operations
from stillhere.sending.hand_over import Night, hand_over
from stillhere.sending.outgoing import Outgoing
from stillhere.sending.senders import Bundle, HandedOver
from stillhere.settings import Settings, load_settings

NIGHT = date(2026, 3, 3)
NOW = datetime(2026, 3, 4, 8, tzinfo=UTC)
CONFIG = Path(__file__).parents[1] / "config"
CAMPAIGNS = ("slipping_note", "champion_handover", "onboarding_rescue", "payment_notice")


def mail_part(count: int, *, check: bool = True) -> dict[str, Any]:
    """Seconds and memory of each step for `count` mails of four campaigns in two languages."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = load_settings(CONFIG, {}, Path(scratch))
        decisions, accounts, contacts = drawn_night(count)
        _warehouse(settings, accounts, contacts)
        steps: dict[str, Any] = {"mails": count}
        written = settings.places.scratch / "outbox.parquet"
        outbox: OutboxFile = _timed(
            steps, "write", lambda: write_outbox_file(written, decisions, accounts, contacts, settings)
        )
        assert outbox.messages == count
        assert not outbox.unwritten
        steps["file_mib"] = round(written.stat().st_size / 2**20)
        if check:
            assert _timed(steps, "check", lambda: _check(settings, outbox)) == 0
        engine = open_operations(f"sqlite:///{scratch}/operations.sqlite")
        assert _timed(steps, "reserve_and_hand_over", lambda: _hand_over(engine, written)) == count
        seconds = sum(step["seconds"] for step in steps.values() if isinstance(step, dict))
        steps["mails_a_second"] = round(count / seconds)
        return steps


def _timed(steps: dict[str, Any], name: str, work: Callable[[], Any]) -> Any:
    began, worked = time.perf_counter(), time.process_time()
    result = work()
    steps[name] = {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(time.process_time() - worked, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    return result


def drawn_night(count: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Decisions, wide account rows and people of a night with so many mails."""
    number = pl.int_range(count, eager=True)
    base = pl.DataFrame({"at": number})
    account = pl.format("a{}", "at")
    decisions = base.select(
        account_id=account,
        contact_id=pl.format("p{}", "at"),
        email=pl.format("p{}@customer.example", "at"),
        campaign=(pl.col("at") % len(CAMPAIGNS)).replace_strict(dict(enumerate(CAMPAIGNS)), return_dtype=pl.String),
        occasion=pl.format("o{}", "at"),
        outcome=pl.lit("send"),
        as_of=pl.lit(NIGHT),
        message_id=pl.format("{}{}", pl.col("at").cast(pl.String).str.zfill(16), pl.lit("0" * 16)),
        language=pl.when(pl.col("at") % 3 == 0).then(pl.lit("de")).otherwise(pl.lit("en")),
        send_at=pl.lit(NOW),
        send_until=pl.lit(NOW.replace(hour=18)),
    )
    accounts = base.select(
        account_id=account,
        account_name=pl.format("Söhne & {} Partners", "at"),
        owner_email=pl.lit("owner@loopwise.example"),
        plan=pl.lit("team"),
    )
    names = pl.Series(["Ada", "Zoë", "Jean-Luc", None])
    contacts = base.select(
        contact_id=pl.format("p{}", "at"),
        account_id=account,
        email=pl.format("p{}@customer.example", "at"),
        first_name=names.gather(number % 4),
    )
    return decisions, accounts, contacts


def _warehouse(settings: Settings, accounts: pl.DataFrame, contacts: pl.DataFrame) -> None:
    settings.places.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.places.warehouse)) as warehouse:
        warehouse.execute("create schema marts; create schema intermediate")
        for name, frame in (("marts.accounts", accounts), ("intermediate.int_contacts", contacts)):
            warehouse.register("frame", frame.to_arrow())
            warehouse.execute(f"create table {name} as select * from frame")


def _check(settings: Settings, outbox: OutboxFile) -> int:
    """How many messages hand-over 3 holds; in this process, where the night has one that started long before."""
    file = settings.places.scratch / "outbox.duckdb"
    write_outbox_to_check(file, settings, outbox.file, ())
    sender = settings.company.sender
    report = check_all(
        OutboxRequest(
            database=file,
            as_of=NIGHT,
            messages=outbox.messages,
            unsubscribe_starts=(f"mailto:{sender.unsubscribe_email}",),
            postal_address=sender.postal_address or "",
        )
    )
    assert not report.failed, [result.rule for result in report.failed]
    return len(report.messages)


class Sink:
    """Takes every message and does nothing: what is left is what a sender costs us."""

    name = "sink"
    at_once = 1_000
    may_repeat = False
    is_scheduled = False
    call_back_minutes = 0

    def send(self, bundle: Bundle) -> list[HandedOver]:
        """Takes them all."""
        return [HandedOver("accepted", "sink")] * len(bundle.rows)

    def open_batch(self) -> None:
        """Nothing can be called back."""

    def close(self) -> None:
        """Nothing is open."""


def _hand_over(engine: Engine, file: Path) -> int:
    """How many messages the night's own loop hands over to a sink."""
    night = Night(NIGHT, 1, NOW)
    return hand_over(Outgoing.from_file(file), night, engine, Sink(), "live", lambda: NOW).handed_over
