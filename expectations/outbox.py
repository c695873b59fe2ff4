"""Hand-over 3: is every message true, whole and allowed?

A message that fails is held while the others leave. What is wrong with the outbox as a table holds the whole send.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping

from expectations.engine import Engine, Figure, Measured, RowCheck, good
from expectations.figures import PlacedFigure, figure_results
from expectations.outbox_links import link_checks
from expectations.outbox_reading import MEMORY_LIMIT, read_messages
from expectations.outbox_rules import CLAIM_RULES, message_checks
from expectations.report import GateReport, HeldMessage, Owner, Result
from expectations.requests import OutboxRequest
from expectations.unreadable import unreadable_report

OUTBOX = "outbox"
# Beside each message what it may say without a claim, and whom it is for.
MESSAGES = """
select readings.*, lower(trim(recipients.email)) as known_email, literals.numbers, literals.addresses,
       offers.campaign is not null as has_offer, offers.valid_from, offers.valid_to
from readings
left join recipients using (message_id)
left join literals on literals.campaign = readings.campaign and literals.language = readings.language
left join offers on offers.campaign = readings.campaign
"""


def check_outbox(request: OutboxRequest) -> GateReport:
    """Checks every message, and the outbox as a whole."""
    started = time.monotonic()
    try:
        read_messages(request.database)
        with Engine(request.database, MEMORY_LIMIT) as engine:
            results, broken = _messages(engine, request)
            results += figure_results(engine, [*_table_figures(request), *_ways_out(request)])
    except Exception as error:  # a file that cannot be opened is a finding too
        return unreadable_report("outbox", request.as_of, "the outbox", error)
    held = tuple(HeldMessage(message, tuple(rules)) for message, rules in sorted(broken.items()))
    return GateReport("outbox", request.as_of, tuple(results), messages=held, seconds=time.monotonic() - started)


def _messages(engine: Engine, request: OutboxRequest) -> tuple[list[Result], dict[str, list[str]]]:
    results: list[Result] = []
    broken: dict[str, list[str]] = defaultdict(list)
    if not request.messages:
        return results, broken
    asked = (
        (MESSAGES, message_checks(request)),
        ("select * from claims", CLAIM_RULES),
        ("select * from links", link_checks(request)),
    )
    for query, checks in asked:
        measured = engine.check_rows(query, "message_id", checks)
        results += [_message_result(check.name, measured[check.name]) for check in checks]
        _add_broken(engine, query, checks, measured, broken)
    return results, broken


def _add_broken(
    engine: Engine,
    query: str,
    checks: Iterable[RowCheck],
    measured: Mapping[str, Measured],
    broken: dict[str, list[str]],
) -> None:
    """GX gives only so many ids, so every failing message is asked for with the same predicate."""
    for check in checks:
        if measured[check.name].outcome == "failed":
            bad = f"select distinct message_id from ({query}) where not {good(check.predicate_sql)}"
            for (message,) in engine.ask(bad):
                broken[str(message)].append(check.name)


def _message_result(rule: str, measured: Measured) -> Result:
    bad = int(measured.observed or 0)
    owner: Owner = "on-call" if measured.outcome == "could_not_check" else "marketing"
    return Result(
        rule=rule,
        scope="message",
        outcome=measured.outcome,
        expected="no message that breaks it",
        observed=measured.problem or f"{bad:,} found",
        owner=owner,
        source=OUTBOX,
        unexpected_count=bad,
        example_ids=tuple(dict.fromkeys(measured.example_ids)),
        seconds=measured.seconds,
    )


def _table_figures(request: OutboxRequest) -> list[PlacedFigure]:
    return [
        _as_many_as_decided(request.messages),
        _none_twice("one_per_message_id", "message_id"),
        _none_twice("one_per_person", "lower(trim(email))"),
        _values_are_given(),
    ]


def _as_many_as_decided(messages: int) -> PlacedFigure:
    result = Result("as_many_as_decided", "send", "ok", f"{messages:,} messages", "", source=OUTBOX, owner="on-call")
    figure = Figure("as_many_as_decided", "select count(*) from outbox", minimum=messages, maximum=messages)
    return PlacedFigure(figure, result, "messages")


def _none_twice(rule: str, key: str) -> PlacedFigure:
    scalar = f"select count(*) from (select {key} from outbox group by 1 having count(*) > 1)"
    result = Result(rule, "send", "ok", "nobody and nothing twice", "", source=OUTBOX, owner="on-call")
    return PlacedFigure(Figure(rule, scalar, maximum=0), result, "more than once")


def _values_are_given() -> PlacedFigure:
    """An empty table of expected values beside messages that claim something means that it was never filled."""
    scalar = "select case when (select count(*) from claims) = 0 then 1 else (select count(*) from expected) end"
    result = Result("values_of_the_night_given", "send", "ok", "at least 1", "", source=OUTBOX, owner="on-call")
    return PlacedFigure(Figure("expected", scalar, minimum=1), result, "values")


def _ways_out(request: OutboxRequest) -> list[PlacedFigure]:
    """Without an address or a way to stop, live senders refuse; a preview may show what the mails would look like."""
    given = {"unsubscribe_is_set": request.unsubscribe_starts, "postal_address_is_set": request.postal_address}
    return [
        PlacedFigure(
            Figure(rule, "1" if value else "0", minimum=1),
            Result(rule, "send", "ok", "set in company.yml, sender", "", "warn", "marketing", source=OUTBOX),
            "set",
        )
        for rule, value in given.items()
    ]
