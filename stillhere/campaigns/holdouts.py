"""Who is left alone so that the effect can be seen: by salted hash of the account, stored once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from stillhere.results.planning import holdout_share_for
from stillhere.settings import Campaign

Arm = Literal["treated", "holdout", "universal_holdout"]

ASSIGNMENTS_SCHEMA: dict[str, pl.DataType] = {
    "campaign": pl.String(),
    "account_id": pl.String(),
    "arm": pl.String(),
    "day_zero": pl.Date(),
    "holdout_share": pl.Float64(),
    "universal_share": pl.Float64(),
}
"""One row a campaign and account: its arm, and the first live night it would have been contacted.

The shares are those that were held out when it was drawn.
"""


def share_of(salt: str, label: str, account_id: str) -> float:
    """A number in [0, 1) that depends on nothing but its arguments; labels give unrelated numbers."""
    digest = hashlib.sha256("\x1f".join((salt, label, account_id)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / float(1 << 56)


@dataclass(frozen=True)
class Holdouts:
    """Draws arms. An arm that is stored stays, also when a share or the salt is changed later."""

    salt: str
    universal_share: float
    stored: dict[tuple[str, str], str] = field(default_factory=dict)
    universal: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, salt: str, universal_share: float, assignments: pl.DataFrame) -> Holdouts:
        """From stored assignments: an account drawn once is, or is not, in the universal holdout for good."""
        rows: Iterable[tuple[str, str, str]] = assignments.select("campaign", "account_id", "arm").iter_rows()
        stored = {(campaign, account): arm for campaign, account, arm in rows}
        universal: dict[str, bool] = {}
        for (_, account), arm in stored.items():
            universal[account] = universal.get(account, False) or arm == "universal_holdout"
        return cls(salt, universal_share, stored, universal)

    def arm(self, campaign: str, account_id: str, share: float) -> Arm:
        """The arm of an account in a campaign that holds out `share` of its audience, see `holdout_shares`."""
        known = self.stored.get((campaign, account_id))
        if known is not None:
            return known  # type: ignore[return-value] # what is stored was an Arm when it was written
        drawn = share_of(self.salt, "universal", account_id) < self.universal_share
        if self.universal.get(account_id, drawn):
            return "universal_holdout"
        return "holdout" if share_of(self.salt, f"campaign:{campaign}", account_id) < share else "treated"


def holdout_shares(campaigns: Iterable[Campaign], assignments: pl.DataFrame) -> dict[str, float]:
    """What each campaign holds out tonight: what its file says, else what its audience so far allows.

    The audience is everybody drawn into it on earlier live nights, both arms together. Unmeasured campaigns have
    no share.
    """
    compared = assignments.filter(pl.col("arm").is_in(["treated", "holdout"]))
    drawn: dict[str, int] = dict(compared.group_by("campaign").len().iter_rows())
    return {
        one.id: holdout_share_for(drawn.get(one.id, 0)) if one.holdout_share is None else one.holdout_share
        for one in campaigns
        if one.measured
    }


def unmeasured_campaigns(campaigns: Iterable[Campaign]) -> frozenset[str]:
    """Campaigns that draw no arms: they reach whoever is on their list."""
    return frozenset(one.id for one in campaigns if not one.measured)


def handed_over(decisions: pl.DataFrame, released: frozenset[str] = frozenset()) -> pl.DataFrame:
    """The decisions that a live hand-over makes real, held-out accounts included.

    Where a campaign is held, neither arm counts before its hold is released: day zero is the night on which it would
    really have been sent. `released` names the campaigns whose hold is lifted, or `*` for all of them.
    """
    waiting = decisions.filter(pl.col("outcome") == "held")["campaign"].unique().to_list()
    waiting = [] if "*" in released else [campaign for campaign in waiting if campaign not in released]
    return decisions.filter((pl.col("outcome") != "lost") & ~pl.col("campaign").is_in(waiting))


def new_assignments(
    decisions: pl.DataFrame,
    assignments: pl.DataFrame,
    released: frozenset[str] = frozenset(),
    *,
    unmeasured: Collection[str] = (),
    shares: Mapping[str, float] | None = None,
    universal_share: float | None = None,
) -> pl.DataFrame:
    """Rows to store when a night is handed over live: both arms, day zero being this night.

    Of `unmeasured` campaigns nothing is stored. `shares` by campaign as `holdout_shares` gives them for the same stored
    assignments; not given: not kept.
    """
    new = handed_over(decisions, released).join(assignments, on=["campaign", "account_id"], how="anti")
    if unmeasured:
        new = new.filter(~pl.col("campaign").is_in(sorted(unmeasured)))
    held_out = pl.col("campaign").replace_strict(dict(shares or {}), default=None, return_dtype=pl.Float64)
    rows = new.select(
        "campaign",
        "account_id",
        "arm",
        day_zero=pl.col("as_of"),
        holdout_share=held_out,
        universal_share=pl.lit(universal_share, dtype=pl.Float64),
    )
    return rows.unique(["campaign", "account_id"]).sort("campaign", "account_id").cast(pl.Schema(ASSIGNMENTS_SCHEMA))
