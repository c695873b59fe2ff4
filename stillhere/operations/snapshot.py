"""The operations rows that a night reads, all in one read transaction, so that they can be sealed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Select, select

from stillhere.operations.open import reading
from stillhere.operations.tables import (
    approvals,
    assignments,
    contacts_made,
    do_not_disturb,
    erasures,
    exit_answers,
    exits,
    human_tasks,
    ledger,
    month_closes,
    objections,
    occasions,
    pauses,
    suppressions,
)

Rows = list[dict[str, Any]]


def read_snapshot(engine: Engine, as_of: date) -> dict[str, Rows]:
    """Rows by name, each in a stable order; what live nights of a later day have written is left out."""
    with reading(engine) as connection:
        return {name: _rows(connection, query) for name, query in _queries(as_of).items()}


def _queries(as_of: date) -> dict[str, Select[Any]]:
    sent = ledger.c
    live_before = (sent.mode == "live", sent.as_of < as_of)
    return {
        "suppressions": select(suppressions.c.email, suppressions.c.reason, suppressions.c.since).order_by(
            suppressions.c.email
        ),
        "ledger": select(
            sent.message_id,
            sent.mode,
            sent.campaign,
            sent.person.label("email"),
            sent.account_id,
            sent.contact_id,
            sent.occasion,
            sent.as_of,
            sent.status,
            sent.settled_at.label("sent_at"),
        )
        .where(*live_before)
        .order_by(sent.message_id),
        "contacts_made": select(
            contacts_made.c.campaign,
            contacts_made.c.account_id,
            contacts_made.c.email,
            contacts_made.c.occasion,
            contacts_made.c.as_of,
            contacts_made.c.outcome,
            contacts_made.c.offer_code,
            contacts_made.c.offer_group,
            contacts_made.c.offer_until,
        )
        .where(contacts_made.c.as_of < as_of)
        .order_by(contacts_made.c.campaign, contacts_made.c.account_id, contacts_made.c.occasion),
        "assignments": select(assignments).where(assignments.c.day_zero < as_of).order_by(*assignments.primary_key),
        # Their words stay where they are: results need only the day that was fixed.
        "approvals": select(approvals.c.campaign, approvals.c.horizon_ends)
        .distinct()
        .order_by(approvals.c.campaign, approvals.c.horizon_ends),
        "occasions": select(occasions).where(occasions.c.opened_date < as_of).order_by(occasions.c.occasion),
        # Reasons only: words that people wrote are not sealed.
        "exits": select(
            exits.c.account_id,
            exits.c.requested_at,
            exits.c.effective_at,
            exits.c.reason,
            exits.c.offer,
            exits.c.outcome,
            exits.c.kind,
        ).order_by(*exits.primary_key),
        "exit_answers": select(exit_answers.c.account_id, exit_answers.c.reason, exit_answers.c.answered_at).order_by(
            exit_answers.c.answered_at, exit_answers.c.message_id
        ),
        "calls": select(
            human_tasks.c.account_id, human_tasks.c.campaign, human_tasks.c.outcome, human_tasks.c.called_on
        )
        .where(human_tasks.c.called_on <= as_of)
        .order_by(human_tasks.c.account_id, human_tasks.c.campaign, human_tasks.c.called_on),
        # The movements themselves never change: stillhere/operations/closings.py reads them by their digests.
        "month_closes": select(
            month_closes.c.month, month_closes.c.closed_as_of, month_closes.c.row_count, month_closes.c.digest
        )
        .where(month_closes.c.closed_as_of < as_of)
        .order_by(month_closes.c.month),
        "pauses": select(pauses.c.subject).order_by(pauses.c.subject),
        "objections": select(objections.c.subject, objections.c.since).order_by(objections.c.subject),
        "erasures": select(erasures.c.address_hash).order_by(erasures.c.address_hash),
        "quiet": select(
            do_not_disturb.c.subject, do_not_disturb.c.until_date, do_not_disturb.c.because, do_not_disturb.c.set_by
        ).order_by(do_not_disturb.c.subject),
    }


def _rows(connection: Connection, query: Select[Any]) -> Rows:
    return [dict(row) for row in connection.execute(query).mappings()]
