"""Real people to show a campaign's mail for: accounts of a published night and their contacts in the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from stillhere.campaigns.audience import audience_of, base_of, reachable
from stillhere.campaigns.content import content_of
from stillhere.campaigns.published import PublishedNight, find_account
from stillhere.mails.preview import Case
from stillhere.settings import Campaign, Settings
from stillhere.warehouse.connect import open_warehouse

LONGEST_FIRST_NAME = "Maximiliane-Alexandrine"
"""Where no contact is known: longer than most."""
CONTACTS = "select * from intermediate.int_contacts order by account_id, contact_id"


@dataclass(frozen=True)
class Readers:
    """The base of a night as wide account rows, and everybody's contacts; empty where there is no warehouse."""

    night: PublishedNight
    base: pl.DataFrame
    contacts: pl.DataFrame

    @property
    def longest_names(self) -> tuple[str, str]:
        """The longest account name and first name there are."""
        names = [name for name in self.base["account_name"] if name]
        people = self.contacts["first_name"].drop_nulls().to_list() if "first_name" in self.contacts.columns else []
        return max(names, key=len, default="A"), max(people, key=len, default=LONGEST_FIRST_NAME)

    def case(self, settings: Settings, campaign: Campaign, account_id: str, name: str) -> Case:
        """One account and whom the night chose of it; else its champion, else anybody of it with an address."""
        account = self.base.filter(pl.col("account_id") == account_id).row(0, named=True)
        person = self._person(campaign, account)
        locale = str(person.get("locale") or "")[:2].lower()
        company = settings.company
        return Case(name, account, person, locale if locale in company.languages else company.language)

    def _person(self, campaign: Campaign, account: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.contacts.is_empty() or campaign.to == "owner":
            return {}
        mine = self.contacts.filter(pl.col("account_id") == account["account_id"])
        decided = self.night.mart("decisions").filter(account_id=account["account_id"], campaign=campaign.id)
        wanted = [*decided["contact_id"].drop_nulls().sort().to_list(), account.get("champion_contact_id")]
        by_id = {row["contact_id"]: row for row in mine.to_dicts()}
        return next((by_id[one] for one in wanted if one in by_id), next(iter(by_id.values()), {}))

    def examples(self, settings: Settings, campaign: Campaign, count: int) -> list[Case]:
        """The most valuable accounts that the campaign would turn to by its rule as it is now."""
        audience = audience_of(self.base, content_of(settings, campaign).rule, self.night.as_of)
        rows = reachable(audience.rows, campaign)
        first = rows.sort(["value_minor", "account_id"], descending=[True, False], nulls_last=True).head(count)
        return [self.case(settings, campaign, account, account) for account in first["account_id"]]

    def find(self, wanted: str) -> str:
        """The id of the account with this id or name. Raises AccountNotFoundError."""
        return find_account(self.base, wanted)


def readers_of(settings: Settings, night: PublishedNight) -> Readers:
    """Reads a night's accounts and the warehouse's contacts. Raises WarehouseBusyError while a night is building it."""
    contacts = pl.DataFrame()
    if settings.places.warehouse.is_file():
        with open_warehouse(settings.places.warehouse, read_only=True) as warehouse:
            known = "select count(*) from information_schema.tables where table_name = 'int_contacts'"
            row = warehouse.execute(known).fetchone()
            contacts = warehouse.execute(CONTACTS).pl() if row and row[0] else contacts
    return Readers(night, base_of(night), contacts)
