"""What Prefect shows of a night: counts and rule names only, under keys that stay the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from flows.night import Night

NOTES: dict[str, Callable[[Any, Night], str]] = {
    "extract": lambda outcomes, night: _extracted(outcomes, night),
    "check sources": lambda loads, night: (
        f"{len(loads)} loads read, {night.facts.get('quarantined', 0)} rows in quarantine"
    ),
    "transform": lambda outcome, _night: f"{outcome.models} models",
    "check features": lambda report, _night: "checked when it was sealed" if report is None else _checked(report),
    "score": lambda _scored, night: _scored_words(night),
    "decide": lambda decided, _night: _decided(decided),
    "send": lambda result, _night: result.words,
    "preview": lambda result, _night: result.words,
    "lists": lambda lists, _night: f"{lists} lists",
    "publish": lambda moved, _night: "published" if moved else "in its own folder; a newer night stays published",
}


def note_of(step: str, result: Any, night: Night) -> str:
    """A few words on what a step gave; nothing for a step that has nothing to tell."""
    words = NOTES.get(step)
    return words(result, night) if words else ""


def name_run(company: str, day: date, what: str = "") -> None:
    """`demo 2026-09-30`, so that a list of runs tells the nights, also when the night itself finds its day."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=" ".join(part for part in (company, what, str(day)) if part))


def publish_artifacts(night: Night) -> None:
    """Keeps the night's summary and its holds where Prefect shows them."""
    rows = [f"| {step.step} | {step.seconds:.1f} | {step.note} |" for step in night.steps]
    table = "\n".join(["| step | seconds | what came out |", "|---|---|---|", *rows])
    create_markdown_artifact(
        key="night-summary", markdown=f"# Night of {night.as_of}, revision {night.revision}\n\n{table}"
    )
    holds = [{"hold": h.hold_id, "rule": h.rule, "count": h.item_count, "owner": h.owner} for h in night.holds]
    create_table_artifact(key="night-holds", table=holds or [{"hold": "none"}])


def _extracted(outcomes: Any, night: Night) -> str:
    if not outcomes:
        return "sealed: reads what it read" if night.seal else "an older night: reads what is in raw"
    rows = sum(outcome.rows for outcome in outcomes)
    wrong = [f"{o.source}.{o.resource} {o.state}" for o in outcomes if o.state != "ok"]
    return "; ".join([f"{rows:,} new rows", *wrong])


def _scored_words(night: Night) -> str:
    words = f"{night.facts['scored']} scored, {night.facts['flagged']} slipping"
    return f"{words}; {night.facts['contest']}" if "contest" in night.facts else words


def _checked(report: Any) -> str:
    failed = len(report.failed)
    return f"{len(report.results)} rules, {failed} not met" if failed else f"{len(report.results)} rules met"


def _decided(decided: Any) -> str:
    counts = dict(decided.decisions.group_by("outcome").len().sort("outcome").iter_rows())
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "nothing to decide"
