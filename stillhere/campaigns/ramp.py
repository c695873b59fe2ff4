"""The first live nights begin small: 50 mails, then twice as many each night, the most value at risk first.

The ramp comes after every refusal and before the arm counts: it gives its places to accounts of both arms alike. A
held-out account keeps its place and lets nobody in, so fewer mails leave than there are places. Who is beyond the ramp
has no place tonight: no arm, no day zero, no place in a cap. Its occasion opens all the same and stays the same one, so
that it is decided anew on the next night, while its condition holds.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stillhere.settings import Campaign
from stillhere.settings.company import CampaignLimits

CODE = "ramp"
WOULD_TAKE_A_PLACE = ("send", "held", "holdout")


def mails_allowed(limits: CampaignLimits, live_nights: int) -> int | None:
    """How many mails tonight may have, after so many live nights; None when the ramp is over or there is none."""
    if limits.first_night_mails is None or live_nights >= limits.first_nights:
        return None
    return int(limits.first_night_mails * 2**live_nights)


def ramped(
    decisions: pl.DataFrame, wide: pl.DataFrame, campaigns: Sequence[Campaign], allowed: int | None
) -> pl.DataFrame:
    """The same decisions with mails beyond the ramp lost, those with the least value at stake first.

    Calls are people's, who have hours of their own. `wide` comes from `wide_accounts`.
    """
    if allowed is None:
        return decisions
    mails = [one.id for one in campaigns if one.what == "mail"]
    key = ["account_id", "campaign", "contact_id"]
    is_mail = pl.col("campaign").is_in(mails) & pl.col("outcome").is_in(WOULD_TAKE_A_PLACE)
    stake = wide.select("account_id", stake=pl.col("value_at_stake_minor").fill_null(0))
    ordered = (
        decisions.filter(is_mail)
        .join(stake, on="account_id", how="left")
        .sort(["stake", "account_id", "campaign"], descending=[True, False, False], nulls_last=True)
    )
    beyond = ordered.slice(allowed).select(*key, beyond=pl.lit(value=True))
    words = f"one of the first live nights: {allowed} mails, the most value at risk first; looked at again next night"
    is_beyond = pl.col("beyond").fill_null(value=False)
    return (
        decisions.join(beyond, on=key, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            arm=pl.when(is_beyond).then(None).otherwise("arm"),
            outcome=pl.when(is_beyond).then(pl.lit("lost")).otherwise("outcome"),
            reason_code=pl.when(is_beyond).then(pl.lit(CODE)).otherwise("reason_code"),
            reason_words=pl.when(is_beyond).then(pl.lit(words)).otherwise("reason_words"),
        )
        .drop("beyond")
    )
