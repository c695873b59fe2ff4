"""Small frames with the columns of the marts, for tests of lists and decisions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from stillhere.campaigns.account_rows import wide_accounts
from stillhere.campaigns.candidates import CANDIDATES_SCHEMA, CONTACTS_SCHEMA
from stillhere.campaigns.facts import HISTORY_SCHEMA, SUPPRESSIONS_SCHEMA, Facts, Rules
from stillhere.campaigns.holdouts import ASSIGNMENTS_SCHEMA
from stillhere.settings import Campaign, Company, Segment, Settings, load_settings
from stillhere.settings.company import CampaignLimits, Cap

TUESDAY_NIGHT = date(2026, 3, 3)
"""Decisions of this night reach people on a Wednesday."""

ACCOUNTS_SCHEMA: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "account_name": pl.String(),
    "stage": pl.String(),
    "is_internal": pl.Boolean(),
    "plan": pl.String(),
    "tenure_days": pl.Int64(),
    "value_minor": pl.Int64(),
    "open_tickets": pl.Int64(),
    "last_talked_date": pl.Date(),
    "owner_email": pl.String(),
    "champion_contact_id": pl.String(),
    "contract_ends_date": pl.Date(),
}
CADENCE_SCHEMA: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "silence_ratio": pl.Float64(),
    "days_silent": pl.Int64(),
    "usual_gap_days": pl.Float64(),
    "last_active_date": pl.Date(),
}
RISK_SCHEMA: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "churn_probability": pl.Float64(),
    "is_flagged": pl.Boolean(),
    "signs": pl.String(),
    "signs_words": pl.String(),
}

Row = Mapping[str, Any]


def frame(rows: Sequence[Row], schema: Mapping[str, pl.DataType], **usual: Any) -> pl.DataFrame:
    """Rows with what is left out filled in from `usual`, or null."""
    return pl.DataFrame([{name: row.get(name, usual.get(name)) for name in schema} for row in rows], schema=schema)


def accounts(*rows: Row) -> pl.DataFrame:
    """`accounts` rows: active, a year old, worth 1,000 a year unless said otherwise."""
    usual = {"stage": "active", "is_internal": False, "tenure_days": 365, "value_minor": 100_000, "open_tickets": 0}
    named = [{"account_name": f"Company {row['account_id']}", **row} for row in rows]
    return frame(named, ACCOUNTS_SCHEMA, owner_email="owner@loopwise.example", **usual)


def wide(account_rows: Sequence[Row], cadence: Sequence[Row] = (), risk: Sequence[Row] = ()) -> pl.DataFrame:
    """The wide account row from a few rows of each mart."""
    return wide_accounts(accounts(*account_rows), frame(cadence, CADENCE_SCHEMA), risk_rows(*risk))


def risk_rows(*rows: Row) -> pl.DataFrame:
    """`risk` rows; `codes` stands for the signs."""
    made = []
    for row in rows:
        signs = [{"code": code, "words": code, "strength": 1.0, "values": {}} for code in row.get("codes", ())]
        made.append({"signs": json.dumps(signs), "signs_words": "; ".join(row.get("codes", ())), **row})
    return frame(made, RISK_SCHEMA, is_flagged=False)


def contacts(*rows: Row) -> pl.DataFrame:
    """`int_contacts` rows: active champions who consented unless said otherwise."""
    return frame(rows, CONTACTS_SCHEMA, locale="en", marketing_consent=True, role="champion", is_active=True)


def candidates(*rows: Row) -> pl.DataFrame:
    """Candidates that nothing refuses unless said otherwise."""
    made = []
    for row in rows:
        account = row["account_id"]
        basis = {"contact_id": f"{account}-1", "email": f"{account}@customer.example", "segment_id": row["campaign"]}
        made.append({**basis, "occasion": f"{row['campaign']}:{account}:2026-03-03", **row})
    return frame(made, CANDIDATES_SCHEMA, contact_rank=0, consent=True, locale="en")


def campaign(name: str, priority: int = 100, **changes: Any) -> Campaign:
    """A mail to the champion that holds nobody out, on every day."""
    basis = {
        "id": name,
        "title": name.capitalize(),
        "segment": name,
        "what": "mail",
        "priority": priority,
        "holdout_share": 0.0,
    }
    days = changes.pop("days", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    when = {"days": days, "on_holidays": True, **changes.pop("when", {})}
    return Campaign.model_validate({**basis, "when": when, **changes})


def segment(name: str = "slipping", **changes: Any) -> Segment:
    """A list of active accounts unless said otherwise."""
    basis = {"id": name, "title": name.capitalize(), "description": "A list.", "owner": "marketing"}
    return Segment.model_validate({**basis, "all": {"stage": "= active"}, **changes})


def limits(**changes: Any) -> CampaignLimits:
    """Usual caps, nobody held out by all campaigns."""
    basis = {"universal_holdout_share": 0.0, "caps": (Cap(days=7, contacts=1), Cap(days=30, contacts=2))}
    return CampaignLimits.model_validate({**basis, **changes})


def company(**changes: Any) -> Company:
    """A company in UTC with the usual limits; `limits` and `languages` may be given."""
    basis = {"id": "tiny", "name": "Tiny", "kind": "contract", "campaigns": changes.pop("limits", limits())}
    return Company.model_validate({**basis, **changes})


def facts(
    account_frame: pl.DataFrame,
    suppressed: Sequence[Row] = (),
    history: Sequence[Row] = (),
    assigned: Sequence[Row] = (),
    paused: frozenset[str] = frozenset(),
    **known: Any,
) -> Facts:
    """What is known besides the candidates; nothing unless said otherwise."""
    return Facts(
        accounts=account_frame,
        suppressions=frame(suppressed, SUPPRESSIONS_SCHEMA, reason="unsubscribed"),
        history=frame(history, HISTORY_SCHEMA),
        assignments=frame(assigned, ASSIGNMENTS_SCHEMA),
        paused=paused,
        **known,
    )


def rules(*campaigns: Campaign, **changes: Any) -> Rules:
    """Rules of a few campaigns; `limits` may be given among the changes."""
    of_company = {name: changes.pop(name) for name in ("limits", "languages", "timezone") if name in changes}
    return Rules(company=company(**of_company), campaigns=campaigns, **changes)


def outcomes(decisions: pl.DataFrame) -> dict[tuple[str, str], tuple[str, str]]:
    """Campaign and account to outcome and reason code."""
    columns = ("campaign", "account_id", "outcome", "reason_code")
    return {(name, account): (outcome, code) for name, account, outcome, code in decisions.select(columns).iter_rows()}


COMPANY = {"id": "tiny", "name": "Tiny", "kind": "contract", "activity_words": {"en": {"verb": "used Tiny"}}}
ACCOUNTS_MAP = {"to": "accounts", "columns": {"account_id": {"from": "id"}}}
CRM = {"kind": "csv", "vendor": "generic", "path": "crm.csv", "resources": {"accounts": {"maps": [ACCOUNTS_MAP]}}}
SOURCES = {"sources": {"crm": CRM}}
SEGMENTS = [
    {"id": "slipping", "title": "Slipping", "description": "…", "owner": "marketing", "all": {"signs": "has quiet"}},
    {"id": "payment", "title": "Payment", "description": "…", "owner": "care", "all": {"signs": "has payment_failing"}},
]


def tiny_settings(folder: Path, **company: Any) -> Settings:
    """A company with two lists and a mail campaign for each; what is given changes its company.yml."""
    files = folder / "tiny"
    (files / "campaigns").mkdir(parents=True)
    (files / "company.yml").write_text(yaml.safe_dump({**COMPANY, **company}))
    (files / "sources.yml").write_text(yaml.safe_dump(SOURCES))
    (files / "segments.yml").write_text(yaml.safe_dump({"segments": SEGMENTS}))
    for name, priority in (("slipping", 1), ("payment", 2)):
        content = {"title": name.capitalize(), "segment": name, "what": "mail", "priority": priority}
        (files / "campaigns" / f"{name}.yml").write_text(yaml.safe_dump(content))
    return load_settings(files, {}, folder / "data")
