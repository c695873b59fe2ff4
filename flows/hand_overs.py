"""The three hand-overs of a night: what fails holds the send, and the analysis goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import duckdb
import polars as pl
import pyarrow.parquet

from expectations.report import GateReport, Result, holds
from expectations.requests import report_to_json
from flows.night import Night
from stillhere.campaigns.dependence import is_use_only
from stillhere.connectors import ResourceOutcome
from stillhere.gates.hand_overs import RawVerdict, check_features, check_outbox, check_raw
from stillhere.gates.message_words import message_words
from stillhere.mails.outbox import OutboxFile
from stillhere.operations import writing
from stillhere.operations.gates import store_gate_report
from stillhere.operations.holds import Hold
from stillhere.operations.load_acceptances import Acceptance, newly_accepted
from stillhere.operations.loads import JudgedLoad, judged_loads, store_loads
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.night_inputs import AcceptedLoad
from stillhere.warehouse.publish import SQL_MARTS, published_night

FEW = 5
"""A hold shows so many examples."""
SHORT = "usual_volume"
"""The rule of hand-over 1 that a source breaks which brought far less than usual."""


def check_raw_loads(night: Night, outcomes: Sequence[ResourceOutcome]) -> list[AcceptedLoad]:
    """Hand-over 1: all loads that staging may read tonight. A sealed night reads what it read."""
    if night.seal is not None:
        night.facts["quarantined"] = _bad_rows(night)
        return [AcceptedLoad(*load) for load in night.seal.loads]
    judged = judged_loads(night.operations)
    before = [_place(load) for load in judged if load.is_accepted]
    night.notes += [_taken_words(one) for one in newly_accepted(night.operations)]
    taken = {_place(load): load.as_of for load in judged if load.is_waived}
    verdict = check_raw(night.engines.checker, night.settings, night.as_of, night.now, outcomes, before, taken)
    with writing(night.operations) as connection:
        store_loads(connection, _judgements(verdict, night), night.started_at)
    _keep(night, verdict.report)
    night.facts["quarantined"] = _bad_rows(night)
    return sorted({*before, *verdict.accepted}, key=lambda load: (load.source, load.resource, load.load_id))


def check_night_features(night: Night) -> GateReport | None:
    """Hand-over 2: whether the marts are plausible. A sealed night was checked when it was decided."""
    if night.seal is not None:
        return None
    with open_warehouse(night.settings.places.warehouse, read_only=True) as warehouse:
        learns = _model_learns(warehouse, night)
    report = check_features(
        night.engines.checker, night.settings, night.as_of, _rows_last_night(night), model_learns=learns
    )
    _keep(night, report)
    return report


def check_messages(night: Night, outbox: OutboxFile) -> None:
    """Hand-over 3: whether every message says what is so. A message that doesn't is held, the others go on."""
    if night.seal is not None and night.folder.exists():
        return
    suppressed = [row["email"] for row in night.snapshot["suppressions"]]
    for one in outbox.unwritten:
        night.holds.append(message_hold(night, one.message_id, "not_written", one.why))
    if not outbox.messages:
        return
    report = check_outbox(night.engines.checker, night.settings, night.as_of, outbox.file, suppressed, outbox.messages)
    _keep(night, report)
    night.holds += [
        message_hold(night, one.message_id, one.rules[0], message_words(one.rules)) for one in report.messages
    ]


def message_hold(night: Night, message_id: str, rule: str, words: str) -> Hold:
    """A hold on one message, for marketing to look at."""
    return _hold(night, "message", message_id, rule, words, 1, (message_id,), "marketing")


def campaign_hold(night: Night, campaign: str, rule: str, words: str, decisions: pl.DataFrame) -> Hold:
    """A hold on a campaign, for marketing to look at; examples are account ids."""
    held = decisions.filter((pl.col("campaign") == campaign) & (pl.col("outcome") == "held"))
    examples = tuple(held["account_id"].head(FEW).to_list())
    return _hold(night, "campaign", campaign, rule, words, held.height, examples, "marketing")


def _keep(night: Night, report: GateReport) -> None:
    """Stores a gate's report, and holds the send for what it found.

    A source of use that fell short holds no more than the campaigns that rest on use, once these are decided.
    """
    store_gate_report(night.operations, night.as_of, night.revision, report.gate, report_to_json(report))
    because = holds(report).because
    short = [one for one in because if _is_short_use(night, one)]
    night.short_use += short
    night.notes += [one.words for one in short]
    night.holds += [_gate_hold(night, result) for result in because if result not in short]


def _is_short_use(night: Night, result: Result) -> bool:
    return result.rule == SHORT and result.outcome == "failed" and is_use_only(night.settings, result.source)


def _gate_hold(night: Night, result: Result) -> Hold:
    place = ".".join(part for part in (result.source, result.resource) if part)
    what = "could not be checked" if result.outcome == "could_not_check" else result.observed
    plainly = f"{result.rule}{f' on {place}' if place else ''}: expected {result.expected}, found {what}"
    words = result.words or plainly
    return _hold(
        night, "night", place or "*", result.rule, words, result.unexpected_count, result.example_ids, result.owner
    )


def _hold(
    night: Night, scope: str, subject: str, rule: str, words: str, count: int, examples: tuple[str, ...], owner: str
) -> Hold:
    return Hold(
        as_of=night.as_of,
        revision=night.revision,
        scope=scope,  # type: ignore[arg-type]  # one of the three names, all written in this file
        subject=subject,
        rule=rule,
        words=words,
        item_count=count,
        examples=examples,
        owner=owner,  # type: ignore[arg-type]  # as above, or what a gate's result says
        created_at=night.started_at,
        expires_on=night.as_of + timedelta(days=1),
    )


def _judgements(verdict: RawVerdict, night: Night) -> list[JudgedLoad]:
    return [
        JudgedLoad(
            source=load.source,
            resource=load.resource,
            load_id=load.load_id,
            as_of=night.as_of,
            state=load.state,
            is_accepted=load.state != "not_accepted",
            row_count=load.rows,
            bad_rows=load.bad_rows,
            because=load.because,
        )
        for load in verdict.report.loads
    ]


def _taken_words(one: Acceptance) -> str:
    refused = f"the load of {one.as_of}, refused for {', '.join(one.rules)}"
    return f"{one.source}.{one.resource}: {refused}, is read: {one.accepted_by} accepted it, {one.accepted_because}"


def _bad_rows(night: Night) -> int:
    """Rows in quarantine of the loads judged on this night, whichever of its runs judged them."""
    return sum(load.bad_rows for load in judged_loads(night.operations) if load.as_of == night.as_of)


def _model_learns(warehouse: duckdb.DuckDBPyConnection, night: Night) -> bool:
    query = "select count(*) from marts.account_cadence_panel where left_in_horizon"
    [leavers] = warehouse.execute(query).fetchone() or (0,)
    return int(leavers) >= night.settings.churn.min_leavers


def _rows_last_night(night: Night) -> dict[str, int]:
    """Rows of each mart of the published night, when that is an earlier one."""
    published = published_night(night.settings.places.published)
    if published is None or published[0] >= night.as_of:
        return {}
    folder = night.settings.places.night_folder(*published)
    files = {mart: folder / f"{mart}.parquet" for mart in SQL_MARTS}
    return {mart: pyarrow.parquet.read_metadata(file).num_rows for mart, file in files.items() if file.exists()}


def _place(load: JudgedLoad) -> AcceptedLoad:
    return AcceptedLoad(load.source, load.resource, load.load_id)
