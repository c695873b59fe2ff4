"""A night in facts and words: what the end screen shows and what `--json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from stillhere.campaigns.refusals import REASONS
from stillhere.operations.holds import way_out
from stillhere.operations.runs import Step
from stillhere.reports.actions import outcome_counts
from stillhere.reports.facts import NightFacts
from stillhere.reports.headline import expected_leavers, missing
from stillhere.reports.report import FILE_NAME
from stillhere.reports.slipping import examples

EXAMPLES = 5
REASONS_NAMED = 4


@dataclass(frozen=True, slots=True)
class Slipping:
    """One account that is slipping, and what changed in words."""

    account_id: str
    account_name: str
    churn_probability: float | None
    what_changed: str


@dataclass(frozen=True, slots=True)
class CampaignTonight:
    """What one campaign does tonight; `example` is one of its accounts with the reason."""

    campaign: str
    title: str
    mails: int
    calls: int
    holdout: int
    held: int
    refused: int
    example: str
    settled: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One hold."""

    hold_id: str
    what: str
    rule: str
    words: str
    count: int
    owner: str
    released: bool
    way_out: str = ""
    """The command that lets it go."""


@dataclass(frozen=True, slots=True)
class NightSummary:
    """One finished night. Paths are null where nothing was written."""

    company: str
    as_of: date
    revision: int
    mode: str
    whole_send_held: bool
    accounts: int
    scored: int
    slipping: int
    horizon_days: int
    expected_leavers: tuple[float, float, float] | None
    steps: tuple[Step, ...]
    examples: tuple[Slipping, ...]
    campaigns: tuple[CampaignTonight, ...]
    refused_by_reason: dict[str, int]
    holds: tuple[HeldBack, ...]
    missing: tuple[str, ...]
    report: Path | None
    lists: Path | None
    calls: Path | None
    mails: Path | None
    mail_count: int
    notes: tuple[str, ...] = ()
    is_shipped: bool = False
    """Whether the company came with Stillhere: the demo, or an example."""
    has_sender: bool = False
    """Whether it is said who mails come from."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: days and paths as text."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def summarise(
    night: NightFacts,
    steps: Sequence[Step],
    out_folder: Path,
    notes: Sequence[str] = (),
    *,
    is_shipped: bool = False,
) -> NightSummary:
    """The summary of a night whose outputs lie in `out_folder`; `notes` are what its run has to tell besides."""
    risk = night.marts["risk"]
    mails = out_folder / "mail"
    return NightSummary(
        company=night.company.name,
        as_of=night.as_of,
        revision=night.revision,
        mode=night.handover.mode,
        whole_send_held=night.whole_send_held,
        accounts=night.marts["accounts"].height,
        scored=risk.height,
        slipping=risk.filter(pl.col("is_flagged")).height,
        horizon_days=night.churn.horizon_days,
        expected_leavers=expected_leavers(risk, night.model),
        steps=tuple(steps),
        examples=tuple(_slipping(row) for row in examples(night, EXAMPLES)),
        campaigns=tuple(_campaign(name, counts, night) for name, counts in outcome_counts(night).items()),
        refused_by_reason=_refused(night),
        holds=_holds(night),
        missing=tuple(missing(night)),
        report=_there(out_folder / FILE_NAME),
        lists=_there(out_folder / "lists"),
        calls=_there(out_folder / "calls.xlsx") or _there(out_folder / "calls.csv"),
        mails=_there(mails),
        mail_count=len(list(mails.glob("*.eml"))),
        notes=tuple(notes),
        is_shipped=is_shipped,
        has_sender=night.company.sender.email is not None,
    )


def _slipping(row: Any) -> Slipping:
    name = row["account_name"] or row["account_id"]
    return Slipping(row["account_id"], name, row["churn_probability"], row["signs_words"])


def _campaign(campaign: str, counts: dict[str, int], night: NightFacts) -> CampaignTonight:
    return CampaignTonight(
        campaign=campaign,
        title=night.campaign_title(campaign),
        mails=counts["send"],
        calls=counts["call"],
        holdout=counts["holdout"],
        held=counts["held"],
        refused=counts["lost"],
        example=_example(campaign, night),
        settled=dict(night.handover.settled.get(campaign, {})),
    )


def _example(campaign: str, night: NightFacts) -> str:
    """An account that gets the campaign, riskiest first, and why."""
    chosen = night.marts["decisions"].filter(
        (pl.col("campaign") == campaign) & pl.col("outcome").is_in(["send", "call", "held"])
    )
    told = (
        chosen.select("account_id")
        .join(night.marts["risk"].select("account_id", "risk_rank", "signs_words"), on="account_id", how="left")
        .join(night.marts["accounts"].select("account_id", "account_name"), on="account_id", how="left")
        .sort(["risk_rank", "account_id"], nulls_last=True)
    )
    if told.is_empty():
        return ""
    row = told.row(0, named=True)
    name = row["account_name"] or row["account_id"]
    first_sign = (row["signs_words"] or "").split("; ")[0]
    return f"{name}: {first_sign}" if first_sign else name


def _refused(night: NightFacts) -> dict[str, int]:
    """People refused by reason, in plain words, most first."""
    refused = night.marts["decisions"].filter(pl.col("outcome") == "lost").group_by("reason_code").len()
    ordered = refused.sort(["len", "reason_code"], descending=[True, False])
    return {REASONS.get(code or "", code or "no reason given"): count for code, count in ordered.iter_rows()}


def _holds(night: NightFacts) -> tuple[HeldBack, ...]:
    what = {"night": "the whole send", "campaign": "a campaign", "message": "a message"}
    return tuple(
        HeldBack(
            hold_id=hold.hold_id,
            what=night.campaign_title(hold.subject) if hold.scope == "campaign" else what[hold.scope],
            rule=hold.rule,
            words=hold.words,
            count=hold.item_count,
            owner=hold.owner,
            released=hold.released_at is not None,
            way_out=way_out(hold.rule, hold.subject, hold.hold_id),
        )
        for hold in night.holds
    )


def _there(path: Path) -> Path | None:
    return path if path.exists() else None


def _plain(value: Any) -> Any:
    if isinstance(value, (date, Path)):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value
