"""Five rows as they were understood, and the facts around them, for a person to nod at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillhere.connectors.guess.facts import amount_sql
from stillhere.connectors.guess.roles import AMOUNTS, TIMES
from stillhere.connectors.guess.understand import Understood
from stillhere.connectors.raw import quoted

if TYPE_CHECKING:
    from rich.table import Table

    from stillhere.connectors.guess.proposal import Proposal

ROWS = 5
TITLES = {
    "account_id": "customer",
    "occurred_at": "time",
    "value": "amount",
    "account_name": "name",
    "marketing_consent": "consent",
    "mrr_minor": "monthly",
    "amount_minor": "amount",
}


def preview_table(understood: Understood, proposal: Proposal) -> Table:
    """The first rows: each column as what it was taken for, with the file's heading under it."""
    from rich.table import Table

    rejected = f", {understood.rejects.lines} lines left out" if understood.rejects.lines else ""
    title = f"{understood.pattern.name}: {understood.export.rows:,} rows, {understood.shape}{rejected}"
    table = Table(title=title, title_justify="left", title_style="bold")
    expressions = []
    for target, column in understood.columns.items():
        table.add_column(f"{TITLES.get(target, target.replace('_', ' '))}\n[dim]{column.heading}[/dim]")
        expressions.append(_shown(understood, target, proposal))
    for row in understood.export.head(expressions, ROWS):
        table.add_row(*["" if value is None else str(value) for value in row])
    unused = [
        c.heading for c in understood.export.columns if c.name not in {u.name for u in understood.columns.values()}
    ]
    if unused:
        table.caption = "not used: " + ", ".join(unused)
        table.caption_justify = "left"
    return table


def _shown(understood: Understood, target: str, proposal: Proposal) -> str:
    column = understood.columns[target]
    if target in TIMES:
        timed = column.date is not None and column.date.has_time
        return f"strftime({understood.instant(target)}, '{'%Y-%m-%d %H:%M' if timed else '%Y-%m-%d'}')"
    if target in AMOUNTS:
        own = understood.columns.get("currency")
        currency = f"coalesce(upper(trim({quoted(own.name)}::varchar)), '')" if own else f"'{proposal.currency}'"
        return f"format('{{:,.2f}} {{}}', {amount_sql(column)}, {currency})"
    return f"{quoted(column.name)}::varchar"


def summary_lines(proposal: Proposal) -> list[str]:
    """What else was read from the data, and what to look at."""
    facts, seen = proposal.facts, proposal.windows
    gap = "" if seen.usual_gap_days is None else f", usually {seen.usual_gap_days:.0f} days apart"
    leaving = (
        f"no event for {seen.horizon_days} days" if proposal.kind == "shop" else "the contract ends, or is cancelled"
    )
    lines = [
        f"{facts.events:,} events of {facts.accounts:,} customers, {facts.first_day} to {facts.last_day}{gap}.",
        f"Times in {proposal.zone}, amounts in {proposal.currency}. Leaving means: {leaving} (--kind {proposal.kind}).",
    ]
    if proposal.cut_off_day:
        lines.append(f"{facts.last_day} has far fewer events than usual and is taken as cut off.")
    return [*lines, *[f"Look: {note}" for note in proposal.notes]]
