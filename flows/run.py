"""Runs a flow from the command line: with a Prefect server of its own, shown while it works."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.engines import engines_for
from flows.night_log import logged_to
from flows.prefect_server import PrefectServer, prefect_environment, refuse_when_silent
from flows.progress import watched_by
from stillhere.company_folder import read_company
from stillhere.operations import NightHeldError
from stillhere.operations.lock import holder_of
from stillhere.reports.progress import NightProgress
from stillhere.reports.screen import night_console
from stillhere.settings import Settings

if TYPE_CHECKING:
    from stillhere.scoring.risk import Training

DONE, FAILED, HELD = 0, 1, 3


def run_nightly(
    company: Path | None, as_of: date | None, *, send: bool, redecide: bool, full: bool, as_json: bool
) -> int:
    """Runs a night and shows what came out; gives the exit code. Raises StillhereError for what went wrong."""
    settings = read_company(company)
    if send:
        refuse_when_sender_is_not_ready(settings)
    refuse_when_held(settings)
    console = night_console(stderr=as_json)
    with ExitStack() as stack:
        progress = stack.enter_context(NightProgress(console))
        stack.enter_context(watched_by(progress))
        server = stack.enter_context(_prefect(settings))
        build_missing_demo(settings, progress)
        stack.enter_context(engines_for(settings))
        _wait_for(server, progress)
        from flows.nightly import nightly

        # What ends a night belongs to the terminal as one message, after the progress display has gone.
        stack.enter_context(logged_to(settings.places.scratch / "night.log"))
        nightly(company=str(settings.folder), as_of=as_of, send=send, redecide=redecide, full=full)
    return _show(settings, as_json=as_json)


def run_training(company: Path | None, *, as_json: bool) -> int:
    """Trains and shows what came of it; gives the exit code. No server is needed: it is one step."""
    from flows.training import train_newest

    settings = read_company(company)
    training = train_newest(settings)
    if as_json:
        print(json.dumps(training_facts(training)))
        return DONE
    console = night_console()
    if training.card is None or training.contest is None:
        console.print("Too little data for a model: " + "; ".join(training.missing))
        return DONE
    console.print(f"Registered {training.card.model_id}; it {training.contest.words}.")
    console.print(f"In use: {training.in_use}. Card: {settings.places.models / training.card.model_id}/card.md")
    return DONE


def training_facts(training: Training) -> dict[str, object]:
    """What a training came to, for JSON."""
    if training.card is None or training.contest is None:
        return {"missing": training.missing, "in_use": training.in_use}
    return {
        "model_id": training.card.model_id,
        "measures": training.card.measures,
        "contest": json.loads(training.contest.as_json()),
        "in_use": training.in_use,
    }


def refuse_when_sender_is_not_ready(settings: Settings) -> None:
    """Says before the night what a live sender lacks, such as a way to unsubscribe. Raises SenderNotReadyError."""
    from stillhere.operations.open import open_if_there
    from stillhere.sending.live_refusals import what_sender_lacks
    from stillhere.sending.senders import SenderNotReadyError

    if lacks := what_sender_lacks(settings, open_if_there(settings.places.operations_url)):
        raise SenderNotReadyError(
            f"{lacks[0].upper()}{lacks[1:]}. Nothing was run; without --send the night only previews."
        )


def refuse_when_held(settings: Settings) -> None:
    """Says at once who holds the night, before anything slow is started. The lock itself is taken by the night."""
    holder = holder_of(settings.places.lock)
    if holder is not None:
        raise NightHeldError(holder)


def is_shipped(settings: Settings) -> bool:
    """Whether a company came with Stillhere, as the demo and the examples did, and is nobody's own."""
    return "demo_crm" in settings.sources.vendors or settings.folder.parent.name == "examples"


def build_missing_demo(settings: Settings, progress: NightProgress) -> None:
    """Builds the demo company's data where there is none: a company with the demo's vendors can be nothing else."""
    if "demo_crm" not in settings.sources.vendors or settings.places.sources.exists():
        return
    from stillhere.commands.demo import build_demo_for

    began = datetime.now(UTC)
    progress.step_started("demo company")
    words = build_demo_for(settings)
    progress.step_ended("demo company", (datetime.now(UTC) - began).total_seconds(), words)


@contextmanager
def _prefect(settings: Settings) -> Iterator[PrefectServer | None]:
    """Our own server, starting; or none where PREFECT_API_URL names one."""
    home = settings.places.prefect_home
    if url := os.environ.get("PREFECT_API_URL"):
        refuse_when_silent(url)
        for name, value in prefect_environment(home).items():
            os.environ.setdefault(name, value)
        yield None
        return
    with PrefectServer(home) as server:
        # Before the first import of Prefect, which reads its settings then.
        os.environ.update(prefect_environment(home), PREFECT_API_URL=server.url)
        try:
            yield server
        finally:
            os.environ.pop("PREFECT_API_URL", None)


def _wait_for(server: PrefectServer | None, progress: NightProgress) -> None:
    if server is None:
        return
    began = datetime.now(UTC)
    progress.step_started("start")
    import prefect  # noqa: F401 - two seconds that fit into the wait

    server.wait_until_ready()
    progress.step_ended("start", (datetime.now(UTC) - began).total_seconds(), "Prefect, checks and dbt, side by side")


def _show(settings: Settings, *, as_json: bool) -> int:
    from models.registry import read_card
    from stillhere.operations import open_operations
    from stillhere.operations.runs import recent_runs
    from stillhere.reports.facts import read_night
    from stillhere.reports.screen import Typed, show_night
    from stillhere.reports.summary import summarise

    engine = open_operations(settings.places.operations_url)
    run = recent_runs(engine, "night", 1)[0]
    model_id = run.facts.get("model_id")
    card = read_card(settings.places.models / model_id) if model_id else None
    facts = read_night(settings, engine, run.as_of, run.revision, run.mode, card)
    out, notes = settings.places.out_folder(run.as_of), run.facts.get("notes", ())
    summary = summarise(facts, run.steps, out, notes, is_shipped=is_shipped(settings))
    engine.dispose()
    if as_json:
        print(json.dumps({**summary.as_dict(), "state": run.state, "message": run.message}))
    else:
        show_night(night_console(), summary, Typed.here(settings.folder), settings.company.language)
    return HELD if run.state == "held" else DONE
