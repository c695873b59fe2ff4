"""The checking process's loop: a request in, a report out."""

from __future__ import annotations

from typing import TextIO

from expectations.features import check_features
from expectations.outbox import check_outbox
from expectations.raw import check_raw
from expectations.report import GateReport
from expectations.requests import ANSWERS, REQUESTS, Answer, FeaturesRequest, OutboxRequest, RawRequest

READY = "ready"


def serve(requests: TextIO, answers: TextIO) -> None:
    """Says that it is ready, then answers one line for each line, until there are no more."""
    answers.write(READY + "\n")
    answers.flush()
    for line in requests:
        answers.write(ANSWERS.dump_json(_answer(line)).decode() + "\n")
        answers.flush()


def _answer(line: str) -> Answer:
    try:
        return Answer(report=_check(REQUESTS.validate_json(line)))
    except Exception as error:  # whatever it is, the night must hear of it, and without values of rows
        return Answer(error=type(error).__name__)


def _check(request: RawRequest | FeaturesRequest | OutboxRequest) -> GateReport:
    match request:
        case RawRequest():
            return check_raw(request)
        case FeaturesRequest():
            return check_features(request)
        case OutboxRequest():
            return check_outbox(request)
