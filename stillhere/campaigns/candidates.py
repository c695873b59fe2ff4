"""Candidates: every campaign, account and person that tonight's conditions put forward, before anything is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from stillhere.settings import Campaign

FALLBACK_ROLES: dict[str, tuple[str, ...]] = {
    "champion": ("champion", "admin"),
    "billing": ("billing", "admin", "champion"),
    "admin": ("admin",),
}
"""Whom a campaign turns to, in order, where an account has nobody in the role it asks for.

Nobody stands in for an admin: what is asked of an admin (who takes over?) is often about the champion.
"""

CANDIDATES_SCHEMA: dict[str, pl.DataType] = {
    "campaign": pl.String(),
    "segment_id": pl.String(),
    "account_id": pl.String(),
    "contact_id": pl.String(),
    "email": pl.String(),
    "contact_rank": pl.Int32(),
    "consent": pl.Boolean(),
    "locale": pl.String(),
    "timezone": pl.String(),
    "occasion": pl.String(),
}
"""One row a campaign, account and person; one with no contact where the account has nobody to turn to."""

CONTACTS_SCHEMA: dict[str, pl.DataType] = {
    "contact_id": pl.String(),
    "account_id": pl.String(),
    "email": pl.String(),
    "locale": pl.String(),
    "timezone": pl.String(),
    "marketing_consent": pl.Boolean(),
    "role": pl.String(),
    "is_active": pl.Boolean(),
}


@dataclass(frozen=True)
class People:
    """Whom a night may turn to: `contacts` (see CONTACTS_SCHEMA) and, of `wide`, champion and owner of each account."""

    contacts: pl.DataFrame
    wide: pl.DataFrame

    @property
    def there_are_none(self) -> bool:
        """A company without contacts gets lists and calls, and no mails."""
        return self.contacts.is_empty()


def build_candidates(campaigns: Sequence[Campaign], current: pl.DataFrame, people: People) -> pl.DataFrame:
    """One row a campaign, account and person it may turn to, ordered; `current` comes from `occasions_tonight`."""
    contacts = _reachable(people)
    owners = people.wide.select("account_id", email=pl.col("owner_email").cast(pl.String).str.to_lowercase())
    parts = [pl.DataFrame(schema=CANDIDATES_SCHEMA)]
    for campaign in campaigns:
        pairs = current.filter(pl.col("campaign") == campaign.id)
        found = _owners(owners) if campaign.to == "owner" else _in_role(contacts, campaign.to)
        rows = pairs.join(found, on="account_id", how="left").with_columns(segment_id=pl.lit(campaign.segment))
        parts.append(rows.select(list(CANDIDATES_SCHEMA)).cast(pl.Schema(CANDIDATES_SCHEMA)))
    return pl.concat(parts).sort(["campaign", "account_id", "contact_rank", "contact_id"], nulls_last=True)


def _reachable(people: People) -> pl.DataFrame:
    """Active contacts with an address; the account's champion, and whether it records roles at all, are marked."""
    active = people.contacts.filter(
        pl.col("is_active").fill_null(value=True) & pl.col("email").str.contains("@", literal=True)
    )
    champions = people.wide.select("account_id", "champion_contact_id")
    return active.join(champions, on="account_id", how="left").with_columns(
        email=pl.col("email").str.strip_chars().str.to_lowercase(),
        has_roles=pl.col("role").is_not_null().any().over("account_id"),
        is_champion=(pl.col("contact_id") == pl.col("champion_contact_id")).fill_null(value=False),
    )


def _in_role(contacts: pl.DataFrame, to: str) -> pl.DataFrame:
    """Contacts of the first role of the fallback order that an account has, the known champion first.

    Where no role is recorded, everybody of the account may be turned to.
    """
    order = FALLBACK_ROLES[to]
    role = pl.when("is_champion").then(pl.lit("champion")).otherwise("role")
    if to != "champion":
        role = pl.when(pl.col("role").is_in(order)).then("role").otherwise(role)
    place = role.replace_strict({name: at for at, name in enumerate(order)}, default=None, return_dtype=pl.Int32)
    place = pl.when("has_roles").then(place).otherwise(pl.lit(0, dtype=pl.Int32))
    ranked = contacts.with_columns(place=place).filter(pl.col("place").is_not_null())
    first = ranked.filter(pl.col("place") == pl.col("place").min().over("account_id"))
    first = first.sort(["account_id", "is_champion", "contact_id"], descending=[False, True, False])
    return first.select(
        "account_id",
        "contact_id",
        "email",
        "locale",
        "timezone",
        consent="marketing_consent",
        contact_rank=pl.int_range(pl.len(), dtype=pl.Int32).over("account_id"),
    )


def _owners(owners: pl.DataFrame) -> pl.DataFrame:
    """The account's owner is one of ours: no contact, and no consent to ask for."""
    return owners.filter(pl.col("email").is_not_null()).with_columns(
        contact_id=pl.lit(None, dtype=pl.String),
        locale=pl.lit(None, dtype=pl.String),
        timezone=pl.lit(None, dtype=pl.String),
        consent=pl.lit(value=True),
        contact_rank=pl.lit(0, dtype=pl.Int32),
    )
