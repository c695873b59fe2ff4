"""Which column is what: by its heading in several languages, and by its values where the heading says nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from stillhere.connectors.guess.headings import heading_score
from stillhere.connectors.guess.profile import Column, Export
from stillhere.connectors.raw import quoted

TIMES = (
    *("occurred_at", "created_at", "consent_at", "valid_from", "valid_to", "cancel_requested_at", "ends_at"),
    *("issued_at", "due_at", "paid_at", "covers_from", "covers_to"),
)
AMOUNTS = ("value", "mrr_minor", "amount_minor", "refunded_minor", "discount_minor")
TRUTHS = ("marketing_consent", "is_internal")
EMAILS = ("email", "owner_email")

# The columns of each relation of the account model that are looked for, the needed ones first.
TARGETS: dict[str, tuple[str, ...]] = {
    "activity": ("account_id", "occurred_at", "value", "kind", "contact_id"),
    "accounts": (
        *("account_id", "account_name", "created_at", "owner_email", "country", "timezone", "plan", "is_internal"),
        "channel",
    ),
    "contacts": (
        *("account_id", "contact_id", "email", "first_name", "locale", "timezone", "marketing_consent", "consent_at"),
        "role",
    ),
    "subscriptions": (
        *("account_id", "valid_from", "mrr_minor", "subscription_id", "valid_to", "currency", "status"),
        *("cancel_requested_at", "ends_at", "plan", "seats"),
    ),
    "invoices": (
        *("account_id", "issued_at", "amount_minor", "invoice_id", "due_at", "paid_at", "refunded_minor"),
        *("currency", "status", "covers_from", "covers_to", "coupon", "discount_minor"),
    ),
}
NEEDED: dict[str, tuple[str, ...]] = {
    "activity": ("account_id", "occurred_at"),
    "accounts": ("account_id",),
    "contacts": ("account_id",),
    "subscriptions": ("account_id", "valid_from", "mrr_minor"),
    "invoices": ("account_id", "issued_at", "amount_minor"),
}
LIKELY = 0.35  # below this a column is not taken for anything
CLEAR = 0.1  # a needed column must lead the next by this, or a person is asked
KINDS_AT_MOST = 200


@dataclass(slots=True)
class Roles:
    """Columns by target; `open` are needed targets with the candidates to ask about, best first."""

    columns: dict[str, Column] = field(default_factory=dict)
    open: dict[str, list[Column]] = field(default_factory=dict)


def guess_roles(
    export: Export, relation: str, told: Mapping[str, Column], known_accounts: Collection[str] | None = None
) -> Roles:
    """The roles of an export's columns. `told` is not questioned; `known_accounts` are account ids of the events."""
    roles = Roles(columns=dict(told))
    overlap = {c.name: _overlap(export, c, known_accounts) for c in export.columns} if known_accounts else {}
    needed = NEEDED[relation]
    scores = {
        (target, column.name): _score(target, column, overlap.get(column.name), target in needed)
        for target in TARGETS[relation]
        if target not in told
        for column in export.columns
        if column.name not in {c.name for c in told.values()}
    }
    for target in needed:
        _note_if_open(roles, export, target, scores)
    taken = {column.name for column in roles.columns.values()}
    for (target, name), score in sorted(scores.items(), key=lambda item: -item[1]):
        if score >= LIKELY and target not in roles.columns and target not in roles.open and name not in taken:
            roles.columns[target] = export.column(name)
            taken.add(name)
    for target in needed:
        if target not in roles.columns:
            roles.open.setdefault(target, _candidates(export, target, scores, taken))
    return roles


def _note_if_open(roles: Roles, export: Export, target: str, scores: Mapping[tuple[str, str], float]) -> None:
    """A needed target with two columns that are as likely is a question."""
    ranked = sorted(
        ((score, name) for (for_target, name), score in scores.items() if for_target == target), reverse=True
    )
    if len(ranked) > 1 and ranked[0][0] >= LIKELY and ranked[0][0] - ranked[1][0] < CLEAR:
        roles.open[target] = [export.column(name) for score, name in ranked if score >= LIKELY]


def _candidates(
    export: Export, target: str, scores: Mapping[tuple[str, str], float], taken: Collection[str]
) -> list[Column]:
    free = [column for column in export.columns if column.name not in taken and fits(target, column)]
    return sorted(free, key=lambda column: -scores.get((target, column.name), 0))


def fits(target: str, column: Column) -> bool:
    """Whether a column's values could be that target at all."""
    if target in TIMES:
        return column.date is not None
    if target in AMOUNTS:
        return column.is_number and (column.date is None or column.date.epoch is not None)
    if target in TRUTHS:
        return column.truth_share >= 0.95
    if target in EMAILS:
        return column.email_share >= 0.8
    if target == "account_id":
        is_time = column.date is not None and column.date.epoch is None
        return column.distinct > 0 and not column.has_decimals and not is_time
    return column.filled > 0


def _score(target: str, column: Column, overlap: float | None, needed: bool) -> float:
    if not fits(target, column):
        return 0.0
    heading = heading_score(column.heading, target)
    if target in TIMES:
        # Numbers may be epochs or anything: only a heading tells.
        return (
            heading + (0.4 if needed and column.date and not column.date.epoch else 0.0) if needed or heading else 0.0
        )
    if target in AMOUNTS:
        return heading + (0.4 if column.has_decimals and (needed or target == "value") else 0.0)
    if target == "email":
        return 0.5 + heading
    if target == "account_id":
        return _account_score(column, heading, overlap)
    if target == "plan" and column.is_unique:
        return 0.0
    if target == "kind":
        return heading if column.distinct <= KINDS_AT_MOST and not column.is_unique else 0.0
    return heading if not heading or heading >= 0.5 else 0.0


def _account_score(column: Column, heading: float, overlap: float | None) -> float:
    """Ids repeat in events; in other files they are those the events know."""
    if overlap is not None:
        return 0.5 * heading + overlap
    rows_each = column.filled / column.distinct
    repeats = 1.2 <= rows_each <= max(column.rows / 10, 1.2)
    return heading + (0.4 if repeats and column.truth_share < 0.95 else 0.0)


def _overlap(export: Export, column: Column, known: Collection[str]) -> float:
    """Share of a column's distinct values that are accounts of the events."""
    if not fits("account_id", column):
        return 0.0
    query = f"select distinct trim({quoted(column.name)}::varchar) from export where {quoted(column.name)} is not null"
    values = {str(row[0]) for row in export.connection.execute(query).fetchall()}
    return len(values & set(known)) / len(values) if values else 0.0
