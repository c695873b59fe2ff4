"""Sealed nights of a small company, ready to be sent: real decisions, real messages, a real operations database."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from sqlalchemy import Engine

from stillhere.campaigns.approving import approve
from stillhere.campaigns.candidates import CONTACTS_SCHEMA
from stillhere.campaigns.content import content_hashes
from stillhere.campaigns.decisions import NightInputs, decide_night
from stillhere.campaigns.facts import HISTORY_SCHEMA, SUPPRESSIONS_SCHEMA, Held
from stillhere.campaigns.holdouts import ASSIGNMENTS_SCHEMA
from stillhere.campaigns.occasions import OCCASIONS_SCHEMA
from stillhere.campaigns.segments import empty_members
from stillhere.mails.outbox import write_outbox
from stillhere.operations import writing
from stillhere.operations.holds import Hold, replace_holds
from stillhere.operations.runs import Mode, finish_run, start_run
from stillhere.operations.seals import Seal, digest_of, write_seal
from stillhere.operations.snapshot import read_snapshot
from stillhere.sending.send_night import SendResult, send_night
from stillhere.settings import Settings, load_settings
from tests.stillhere.campaigns.world import (
    CADENCE_SCHEMA,
    TUESDAY_NIGHT,
    accounts,
    contacts,
    frame,
    risk_rows,
    tiny_settings,
    wide,
)

MORNING = datetime(2026, 3, 4, 4, 15, tzinfo=UTC)
SENDER = {
    "name": "Tiny care",
    "email": "care@tiny.example",
    "postal_address": "Street 1, 10115 Berlin",
    "unsubscribe_email": "stop@tiny.example",
}
NO_HOLDOUT = {"universal_holdout_share": 0.0, "first_nights": 0}
SIGN_VALUES = {"days_silent": 31, "usual_gap_days": 6.0, "failed_payments_91": 1, "open_invoices_overdue": 1}
WORDS = "---\nsubject: Hello {{ account_name }}\n---\nHello,\n\nwe noticed something at {{ account_name }}.\n"


def company(folder: Path, environment: Mapping[str, str] | None = None, **changes: Any) -> Settings:
    """A company with two mail campaigns that hold nobody out, written in English."""
    given = {"sender": SENDER, "campaigns": NO_HOLDOUT, **changes}
    files = folder / "tiny"
    if not files.exists():
        tiny_settings(folder, **given)
        for name in ("slipping", "payment"):
            set_campaign(files, name, holdout_share=0.0)
            (files / "campaigns" / name).mkdir()
            (files / "campaigns" / name / "en.md").write_text(WORDS)
    return load_settings(files, dict(environment or {}), folder / "data")


def set_campaign(files: Path, name: str, **changes: Any) -> None:
    """Changes a campaign's file."""
    path = files / "campaigns" / f"{name}.yml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))


def seal_night(
    settings: Settings,
    engine: Engine,
    as_of: date = TUESDAY_NIGHT,
    *,
    many: int = 3,
    revision: int = 1,
    codes: Sequence[str] = ("quiet",),
    night_hold: Hold | None = None,
    mode: Mode = "live",
    approved: bool = True,
) -> pl.DataFrame:
    """Decides, writes and seals a night of `many` quiet accounts as the flow does; gives its decisions.

    Its campaigns are approved, unless said otherwise.
    """
    if approved:
        approve(settings, engine, [one.id for one in settings.campaigns], "Anna", MORNING, as_of)
    ids = [f"a{number:03}" for number in range(many)]
    signs = {"signs": json.dumps([{"code": code, "strength": 1.0, "values": SIGN_VALUES} for code in codes])}
    signed = [{"account_id": name, **signs} for name in ids]
    risk = risk_rows(*signed)
    people = contacts(
        *({"contact_id": f"c-{name}", "account_id": name, "email": f"{name}@x.example"} for name in ids)
    ).with_columns(first_name=pl.lit("Ada"))
    snapshot = read_snapshot(engine, as_of)
    inputs = NightInputs(
        accounts=accounts(*({"account_id": name} for name in ids)),
        cadence=frame([{"account_id": name} for name in ids], CADENCE_SCHEMA),
        risk=risk,
        contacts=people.select(list(CONTACTS_SCHEMA)),
        previous_members=empty_members(),
        occasions=_rows(snapshot["occasions"], OCCASIONS_SCHEMA),
        history=_rows(snapshot["contacts_made"], HISTORY_SCHEMA),
        suppressions=_rows(snapshot["suppressions"], SUPPRESSIONS_SCHEMA),
        assignments=_rows(snapshot["assignments"], ASSIGNMENTS_SCHEMA),
        holds={"*": Held(night_hold.rule, night_hold.words)} if night_hold else {},
    )
    found = decide_night(settings, inputs, as_of, revision)
    rows = wide([{"account_id": name} for name in ids], risk=signed)
    outbox = write_outbox(found.decisions, rows, people, settings)
    folder = settings.places.night_folder(as_of, revision)
    folder.mkdir(parents=True)
    for name, frame_ in (
        ("decisions", found.decisions),
        ("outbox", outbox.messages),
        ("segment_members", found.members),
    ):
        frame_.write_parquet(folder / f"{name}.parquet")
    held = [night_hold] if night_hold else []
    held += [hold(as_of, "campaign", name, rule=why.code, revision=revision) for name, why in found.too_many.items()]
    run_id = start_run(engine, as_of, revision, mode, "night", MORNING)
    with writing(engine) as connection:
        replace_holds(connection, as_of, revision, held)
        seal = _seal(as_of, revision, snapshot, found.decisions, found.members, found.occasions.opened)
        write_seal(connection, dataclasses.replace(seal, contents=content_hashes(settings)))
    finish_run(engine, run_id, "held" if night_hold else "done", MORNING)
    return found.decisions


def hold(
    as_of: date = TUESDAY_NIGHT, scope: str = "night", subject: str = "*", *, rule: str = "fresh", revision: int = 1
) -> Hold:
    """A hold of a night."""
    day_after = as_of + timedelta(days=1)
    return Hold(as_of, revision, scope, subject, rule, "doubtful", 3, ("a000",), "data", MORNING, day_after)  # type: ignore[arg-type]


def add_hold(engine: Engine, found: Hold) -> Hold:
    """Stores one hold beside nothing else."""
    with writing(engine) as connection:
        replace_holds(connection, found.as_of, found.revision, [found])
    return found


def send(
    settings: Settings,
    engine: Engine,
    as_of: date = TUESDAY_NIGHT,
    *,
    live: bool = True,
    revision: int = 1,
    wall_now: datetime = MORNING,
    hour: int | None = None,
) -> SendResult:
    """Sends a night with a clock that stands still: early, or within every reader's hours for a mail server."""
    at = MORNING.replace(hour=hour or (10 if settings.environment.sender == "smtp" else 5))
    return send_night(settings, engine, as_of, revision, live=live, wall_now=wall_now, clock=lambda: at)


def mails(settings: Settings, as_of: date = TUESDAY_NIGHT) -> list[str]:
    """Names of the mails written for a night."""
    return sorted(file.name for file in (settings.places.out_folder(as_of) / "mail").glob("*"))


def as_live(settings: Settings, **environment: Any) -> Settings:
    """The same company with another environment."""
    return dataclasses.replace(settings, environment=settings.environment.model_copy(update=environment))


def _rows(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def _seal(
    as_of: date,
    revision: int,
    snapshot: Mapping[str, Any],
    decisions: pl.DataFrame,
    members: pl.DataFrame,
    opened: pl.DataFrame,
) -> Seal:
    return Seal(
        as_of=as_of,
        revision=revision,
        sealed_at=MORNING,
        model_id=None,
        config_hash="c",
        loads=(),
        operations=snapshot,
        scores_digest="s",
        decisions_digest=digest_of(decisions),
        decisions=decisions,
        members=members,
        opened_occasions=opened,
    )
