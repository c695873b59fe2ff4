"""What has changed in a campaign since it was approved: its file, its list, its words, and who is on it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

from stillhere.campaigns.audience import audience_of
from stillhere.campaigns.content import CampaignContent

State = Literal["new", "changed", "approved"]
EXAMPLES = 5


@dataclass(frozen=True)
class Members:
    """Accounts that came or went with a change: how many, and the most valuable of them as `name (id)`."""

    count: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One campaign against what was approved.

    `settings`, `rule` and `offer` are key to (before, now); `words` is language to changed lines.
    """

    campaign: str
    state: State
    settings: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    rule: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    offer: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    layout_changed: bool = False
    new: Members = Members()
    fell_out: Members = Members()
    audience: int = 0


def difference(
    now: CampaignContent, approved: Mapping[str, Any] | None, base: pl.DataFrame | None, as_of: date | None
) -> Difference:
    """The difference; `approved` is the content of the last approval, None before there was one.

    `base` are the wide account rows of a night: before and now are both looked at on that night, so that only the
    change of the rule shows. Before an approval everybody is new.
    """
    before = approved or {}
    told = now.as_dict()
    is_same = approved is not None and dict(before) == told
    new, fell_out, audience = _members(now.rule, before.get("rule"), base, as_of)
    return Difference(
        campaign=now.campaign,
        state="approved" if is_same else "changed" if approved else "new",
        settings=_changes(before.get("file", {}), told["file"]),
        rule=_changes(_flat(before.get("rule", {})), _flat(told["rule"])),
        words=_word_changes(before.get("words", {}), told["words"]),
        offer=_changes(before.get("offer") or {}, told["offer"] or {}),
        layout_changed=approved is not None and before.get("layout") != told["layout"],
        new=new,
        fell_out=fell_out,
        audience=audience,
    )


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    keys = sorted({*before, *now})
    return {key: (before.get(key), now.get(key)) for key in keys if before.get(key) != now.get(key)}


def _flat(rule: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {
        f"{group}.{name}": text for group in ("all", "any") for name, text in rule.get(group, {}).items()
    }
    return flat | ({"stay_days": rule["stay_days"]} if "stay_days" in rule else {})


def _word_changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, list[str]]:
    """Lines with `-` and `+` before them, by language; unchanged lines around them only where they help to find it."""
    found = {}
    for language in sorted({*before, *now}):
        then, new = before.get(language, "").splitlines(), now.get(language, "").splitlines()
        lines = list(difflib.unified_diff(then, new, lineterm="", n=1))[2:]
        if lines:
            found[language] = [line for line in lines if not line.startswith("@@")]
    return found


def _members(
    rule: Mapping[str, Any], before: Mapping[str, Any] | None, base: pl.DataFrame | None, as_of: date | None
) -> tuple[Members, Members, int]:
    if base is None or as_of is None:
        return Members(), Members(), 0
    now = audience_of(base, rule, as_of).rows
    then = audience_of(base, before, as_of).rows if before is not None else now.clear()
    came = now.join(then, on="account_id", how="anti")
    went = then.join(now, on="account_id", how="anti")
    return _told(came), _told(went), now.height


def _told(rows: pl.DataFrame) -> Members:
    first = rows.sort(["value_minor", "account_id"], descending=[True, False], nulls_last=True).head(EXAMPLES)
    names = [
        f"{name or account} ({account})" for account, name in first.select("account_id", "account_name").iter_rows()
    ]
    return Members(rows.height, tuple(names))
