"""What a night knows when it decides: people's stops and objections, past contacts, offers taken up; and its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from stillhere.settings import Campaign, Company, Offers
from stillhere.settings.company import CampaignLimits

HISTORY_SCHEMA: dict[str, pl.DataType] = {
    "campaign": pl.String(),
    "account_id": pl.String(),
    "email": pl.String(),
    "occasion": pl.String(),
    "as_of": pl.Date(),
    "outcome": pl.String(),
    "offer_code": pl.String(),
    "offer_group": pl.String(),
    "offer_until": pl.Date(),
}
"""Contacts of live nights: mails and calls handed over, places that held-out accounts kept; with their offer."""

SUPPRESSIONS_SCHEMA: dict[str, pl.DataType] = {"email": pl.String(), "reason": pl.String()}

OBJECTIONS_SCHEMA: dict[str, pl.DataType] = {"subject": pl.String(), "since": pl.Date()}
"""Who objected to profiling: an address, or an account id."""

ERASURES_SCHEMA: dict[str, pl.DataType] = {"address_hash": pl.String()}

QUIET_SCHEMA: dict[str, pl.DataType] = {
    "subject": pl.String(),
    "until_date": pl.Date(),
    "because": pl.String(),
    "set_by": pl.String(),
}
"""Do not disturb: an address or an account id, the last day on which it holds, and why."""

REDEMPTIONS_SCHEMA: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "offer_code": pl.String(),
    "redeemed_date": pl.Date(),
}
"""Offers taken up, as invoices show them."""

CALLS_SCHEMA: dict[str, pl.DataType] = {"account_id": pl.String(), "called_date": pl.Date()}
"""Calls that took place: the CRM shows them, or `calls import` says so."""

CALL_WITHIN_DAYS = 7
"""A call that the CRM does not show within so many days of its night did not take place."""

EVERYTHING = "*"


def _empty(schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class Facts:
    """What the operations database and the marts know about the candidates. `accounts` is the wide account row.

    `objected` are accounts that are not profiled (see `objecting_accounts`); `objections` are people and accounts.
    """

    accounts: pl.DataFrame
    suppressions: pl.DataFrame
    history: pl.DataFrame
    assignments: pl.DataFrame
    paused: frozenset[str] = frozenset()
    objections: pl.DataFrame = field(default_factory=lambda: _empty(OBJECTIONS_SCHEMA))
    objected: frozenset[str] = frozenset()
    erasures: pl.DataFrame = field(default_factory=lambda: _empty(ERASURES_SCHEMA))
    quiet: pl.DataFrame = field(default_factory=lambda: _empty(QUIET_SCHEMA))
    redemptions: pl.DataFrame = field(default_factory=lambda: _empty(REDEMPTIONS_SCHEMA))
    calls: pl.DataFrame = field(default_factory=lambda: _empty(CALLS_SCHEMA))


@dataclass(frozen=True, slots=True)
class Held:
    """A hold on a campaign, or on the whole night: a code and words."""

    code: str
    words: str


@dataclass(frozen=True)
class Rules:
    """The company's campaigns and limits. `holds`: campaign id, or `*` for the night, to why its send is held.

    `profiling` are the campaigns whose rule or words rest on what customers do: an objection ends those.
    """

    company: Company
    campaigns: Sequence[Campaign]
    offers: Offers = field(default_factory=Offers)
    revision: int = 1
    no_contacts: bool = False
    holds: Mapping[str, Held] = field(default_factory=dict)
    profiling: frozenset[str] = frozenset()

    @property
    def limits(self) -> CampaignLimits:
        """What holds for every campaign."""
        return self.company.campaigns

    @property
    def languages(self) -> tuple[str, ...]:
        """The company's languages, its own first."""
        return tuple(dict.fromkeys((self.company.language, *self.company.languages)))

    @property
    def live(self) -> list[Campaign]:
        """The campaigns that are switched on."""
        return [campaign for campaign in self.campaigns if campaign.enabled]


def objecting_accounts(contacts: pl.DataFrame, objections: pl.DataFrame) -> frozenset[str]:
    """Accounts that are not profiled: those that objected themselves, and those all of whose people did.

    One of several people speaks for himself: he is not turned to, and the account is looked at all the same.
    """
    if objections.is_empty():
        return frozenset()
    subjects = set(objections["subject"])
    people = contacts.filter(pl.col("is_active").fill_null(value=True) & pl.col("email").is_not_null())
    by_account = people.group_by("account_id").agg(all_objected=normalised("email").is_in(list(subjects)).all())
    silent = by_account.filter("all_objected")["account_id"].to_list()
    return frozenset(silent) | (frozenset(subjects) - {one for one in subjects if "@" in one})


def that_took_place(history: pl.DataFrame, calls: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The contacts that count: all mails and places of held-out accounts, and calls that were made.

    A call counts when one of the account is known within 7 days of its night, and while those 7 days run. One that
    nobody made takes no place in a cap, and its occasion is open again. `calls` come from the CRM or `calls import`.
    """
    numbered = history.with_row_index("at")
    waiting = numbered.filter((pl.col("outcome") == "call") & (pl.col("as_of") < as_of - timedelta(CALL_WITHIN_DAYS)))
    days = (pl.col("called_date") - pl.col("as_of")).dt.total_days()
    made = waiting.join(calls, on="account_id").filter(days.is_between(1, CALL_WITHIN_DAYS)).select("at")
    return numbered.join(waiting.join(made, on="at", how="anti"), on="at", how="anti").drop("at")


def normalised(column: str) -> pl.Expr:
    """Addresses as persons are known: trimmed, lower case."""
    return pl.col(column).str.strip_chars().str.to_lowercase()
