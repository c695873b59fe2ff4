"""Mails of one night at size: written into a file, checked as hand-over 3 does, reserved and handed to a local sink.

Each step is the night's own code, in a process of its own. `cpu_seconds` are of all threads and of processes it has
started; `peak_mib` is the most memory its process used, `before_mib` what that was before the step.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations.outbox import check_outbox
from expectations.requests import OutboxRequest
from stillhere.gates.outbox_to_check import write_outbox_to_check
from stillhere.mails.outbox import write_outbox_file
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
    """Seconds and memory of each step for `count` mails of four campaigns in two languages, each in its own process."""
    with tempfile.TemporaryDirectory() as scratch:
        steps: dict[str, Any] = {"mails": count}
        for name, step in (("write", _writing), ("check", _checking), ("reserve_and_hand_over", _handing_over)):
            if name != "check" or check:
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                    steps[name] = apart.submit(_measured, step, Path(scratch), count).result()
        steps["file_mib"] = round(_outbox(Path(scratch)).stat().st_size / 2**20)
        seconds = sum(step["seconds"] for step in steps.values() if isinstance(step, dict))
        steps["mails_a_second"] = round(count / seconds)
        return steps


Step = Callable[[Path, int], Callable[[], int]]
"""Prepares what a night has at hand before the step, and gives the step, which says of how many mails it was."""


def _measured(step: Step, scratch: Path, count: int) -> dict[str, float]:
    work = step(scratch, count)
    before, began, worked = _peak_mib(), time.perf_counter(), _cpu_seconds()
    assert work() == count
    seconds, cpu_seconds = time.perf_counter() - began, _cpu_seconds() - worked
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "before_mib": before,
        "peak_mib": _peak_mib(),
    }


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _settings(scratch: Path) -> Settings:
    return load_settings(CONFIG, {}, scratch)


def _outbox(scratch: Path) -> Path:
    return _settings(scratch).places.scratch / "outbox.parquet"


def _writing(scratch: Path, count: int) -> Callable[[], int]:
    settings = _settings(scratch)
    decisions, accounts, contacts = drawn_night(count)
    _warehouse(settings, accounts, contacts)

    def write() -> int:
        outbox = write_outbox_file(_outbox(scratch), decisions, accounts, contacts, settings)
        assert not outbox.unwritten
        return outbox.messages

    return write


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


def _checking(scratch: Path, count: int) -> Callable[[], int]:
    """As the night's own checking process does, which started long before."""
    settings, file = _settings(scratch), scratch / "outbox.duckdb"
    sender = settings.company.sender
    request = OutboxRequest(
        database=file,
        as_of=NIGHT,
        messages=count,
        unsubscribe_starts=(f"mailto:{sender.unsubscribe_email}",),
        postal_address=sender.postal_address or "",
    )

    def check() -> int:
        write_outbox_to_check(file, settings, _outbox(scratch), ())
        report = check_outbox(request)
        assert not report.failed, [result.rule for result in report.failed]
        return count - len(report.messages)

    return check


class Sink:
    """Takes every message and does nothing: what is left is what a sender costs us."""

    name = "sink"
    at_once = 1_000
    may_repeat = False
    is_scheduled = False
    call_back_minutes = 0

    def send(self, bundle: Bundle) -> list[HandedOver]:
        """Takes them all, and asks once as a sender does whose messages must not be repeated."""
        assert bundle.still_ours([row["message_id"] for row in bundle.rows])
        return [HandedOver("accepted", "sink")] * len(bundle.rows)

    def open_batch(self) -> None:
        """Nothing can be called back."""

    def close(self) -> None:
        """Nothing is open."""


def _handing_over(scratch: Path, _count: int) -> Callable[[], int]:
    """The night's own loop, to a sink."""
    engine = open_operations(f"sqlite:///{scratch}/operations.sqlite")
    night = Night(NIGHT, 1, NOW)

    def hand_all_over() -> int:
        outbox = Outgoing.from_file(_outbox(scratch))
        return hand_over(outbox, night, engine, Sink(), "live", lambda: NOW).handed_over

    return hand_all_over
