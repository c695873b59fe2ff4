"""Writes a company's folder from a proposal: plain YAML with the vendor's headings beside it, to be read and edited."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from stillhere.connectors.guess.folder import put_files
from stillhere.connectors.guess.profile import Column
from stillhere.connectors.guess.proposal import Proposal, extra_maps
from stillhere.connectors.guess.segments import campaigns_yaml, segments_yaml
from stillhere.connectors.guess.understand import Understood

AMOUNTS = ("value", "mrr_minor", "amount_minor", "refunded_minor")
YAML_WORDS = {"yes", "no", "on", "off", "true", "false", "null"}
SOURCE_NAMES = {"activity": "events"}


def company_id(name: str) -> str:
    """The id of a company from the name of its folder."""
    text = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in name.lower()).strip("_")
    return text or "company"


def write_company(folder: Path, proposal: Proposal) -> list[Path]:
    """Writes the folder's files and gives their paths. Files that are there under these names are replaced."""
    files = {
        "company.yml": _company(folder, proposal),
        "sources.yml": _sources(folder, proposal),
        "churn.yml": _churn(proposal),
        "segments.yml": segments_yaml(proposal),
        **{f"campaigns/{name}.yml": text for name, text in campaigns_yaml(proposal).items()},
    }
    put_files(folder, files)
    return [folder / name for name in files]


def _company(folder: Path, proposal: Proposal) -> str:
    rates = ", ".join(f"{code}: {rate}" for code, rate in proposal.rates.items())
    shop = proposal.kind == "shop"
    words = "{noun: order, verb: ordered}" if shop else "{noun: use, verb: was active}"
    complete = "null # the last day with an event"
    if proposal.last_complete_day is not None:
        why = (
            f"{proposal.facts.last_day} looks cut off" if proposal.cut_off_day else "later days look like typing errors"
        )
        complete = f"{proposal.last_complete_day} # {why}; set it anew, or to null, with every new export"
    return f"""# Written by 'stillhere init'. Every key is explained in docs/your-own-data.md.
id: {company_id(folder.name)}
name: {_scalar(proposal.name)}
kind: {proposal.kind} # {"leaving is falling silent" if shop else "customers have subscriptions"}; the other is {"contract" if shop else "shop"}
timezone: {proposal.zone}
currency: {proposal.currency} # every sum across currencies is given in this one
rates: {{{rates}}} # one unit of each in the reporting currency
language: en
languages: [en]
clock: data # exports stand still: today is the day after their last complete day. `wall` when they are renewed every day
last_complete_day: {complete}
activity_words:
  en: {words}
# Needed before any mail is sent (call lists and segment lists work without):
# sender: {{name: ..., email: ..., reply_to: ..., postal_address: ..., unsubscribe_email: ...}}
"""  # noqa: E501 - the lines of a file people read


def _churn(proposal: Proposal) -> str:
    seen = proposal.windows
    gap = "unknown" if seen.usual_gap_days is None else f"{seen.usual_gap_days:.0f} days"
    meaning = (
        "A customer is whoever was active in `active_days`. One silent for the `horizon_days` that follow has left."
        if proposal.kind == "shop"
        else "A customer has a contract. One whose contract ends, or is cancelled, within `horizon_days` leaves."
    )
    return f"""# From {seen.history_days} days of history; the usual gap between two active days of a customer is {gap}.
# {meaning}
horizon_days: {seen.horizon_days}
active_days: {seen.active_days}
cutoffs: {seen.cutoffs}
cutoff_step_days: 28
min_history_days: {seen.min_history_days}
min_leavers: 50
flag_share: 0.10
retrain_days: 7
"""


def _sources(folder: Path, proposal: Proposal) -> str:
    blocks = [_source(folder, understood, proposal) for understood in proposal.exports]
    head = """# Written by 'stillhere init'. Files stay where they are: paths start at this folder.
# Renew a file under the same name and the next night takes what is new in it. Columns are named as raw names them
# (lower case, underscores); the file's own heading stands behind. Check it with 'stillhere doctor'.
sources:
"""
    return head + "\n".join(blocks)


def _source(folder: Path, understood: Understood, proposal: Proposal) -> str:
    name = SOURCE_NAMES.get(understood.relation, understood.relation)
    path = Path(os.path.relpath(understood.pattern.absolute(), folder.absolute())).as_posix()
    lines = [f"  {name}:", f"    kind: {understood.shape.kind}", f"    path: {_scalar(path)}", "    vendor: generic"]
    lines.append(f"    zone: {proposal.zone}")
    if understood.shape.kind == "csv":
        shape = understood.shape.csv
        decimal = next((c.decimal for t, c in understood.columns.items() if t in AMOUNTS), ".")
        parts: dict[str, str | int] = {"delimiter": shape.delimiter, "encoding": shape.encoding, "decimal": decimal}
        parts |= {"skip_lines": shape.skip_lines} if shape.skip_lines else {}
        lines.append("    csv: {" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in parts.items()) + "}")
    # An export is as old as its last event says; nights on the data clock must not call it stale.
    lines += ["    freshness_hours: 240", "    resources:", f"      {name}:"]
    if understood.key:
        lines.append(f"        key: [{', '.join(_scalar(name) for name in understood.key)}]")
    lines += ["        maps:", *_map(understood, understood.relation, proposal)]
    for relation, columns in extra_maps(understood, proposal.relations).items():
        lines += _map(understood, relation, proposal, columns)
    return "\n".join(lines) + "\n"


def _map(
    understood: Understood, relation: str, proposal: Proposal, columns: dict[str, Column] | None = None
) -> list[str]:
    used = understood.columns if columns is None else columns
    lines = [f"          - to: {relation}", "            columns:"]
    for target, column in used.items():
        lines.append(f"              {target}: {_origin(target, column)} # {_comment(column.heading)}")
    lines += [
        f"              {target}: {{value: {_scalar(value)}}}" for target, value in _constants(relation, used, proposal)
    ]
    if relation == "contacts" and "contact_id" not in used and "email" in used:
        lines.append(f"              contact_id: {{from: {_scalar(used['email'].name)}}}")
    if understood.where:
        listed = ", ".join(
            f"{_scalar(name)}: {_filter_value(understood, name, value)}" for name, value in understood.where.items()
        )
        lines.append(f"            where: {{{listed}}}")
    return lines


def _constants(relation: str, used: dict[str, Column], proposal: Proposal) -> list[tuple[str, str]]:
    if relation == "activity" and "kind" not in used:
        return [("kind", "order" if proposal.kind == "shop" else "use")]
    if relation in ("subscriptions", "invoices") and "currency" not in used:
        return [("currency", proposal.currency)]
    return []


def _origin(target: str, column: Column) -> str:
    parts = [f"from: {_scalar(column.name)}"]
    if target in AMOUNTS:
        parts.append(f"unit: {'minor' if column.is_minor else 'major'}")
        if column.kind == "VARCHAR":
            parts.append(f"decimal: {json.dumps(column.decimal)}")
    date = column.date
    if date is not None and target.endswith(("_at", "_from", "_to")):
        if date.written:
            parts.append(f"format: {json.dumps(date.written)}")
        if date.has_offset:
            parts.append("zone: UTC")  # the offset in the text says it
    return "{" + ", ".join(parts) + "}"


def _filter_value(understood: Understood, name: str, value: str) -> str:
    column = understood.export.column(name)
    return value if column.kind in ("BOOLEAN", "BIGINT") else json.dumps(value)


def _comment(heading: str) -> str:
    return " ".join(heading.split())


def _scalar(text: str) -> str:
    """Text as YAML writes it, in quotes where YAML would read it as something else."""
    if re.fullmatch(r"[A-Za-z_./][\w./ -]*[\w./]", text, re.ASCII) and text.lower() not in YAML_WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)
