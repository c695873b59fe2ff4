"""What can be wrong with a campaign's offer on a day: it has ended, has not begun, or billing has never shown it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb

from stillhere.settings import Campaign, Mistake, Offer, Places, Settings
from stillhere.warehouse.connect import WarehouseBusyError, open_warehouse


def offer_mistakes(settings: Settings, campaign: Campaign, today: date) -> Iterator[Mistake]:
    """An offer that has ended: every message of the campaign would be refused."""
    offer = settings.offers.get(campaign.offer)
    if offer is not None and offer.until_date < today:
        place = f"{settings.folder.name}/campaigns/{campaign.id}.yml"
        action = "name another offer, give it a later 'until' in offers.yml, or switch the campaign off"
        yield Mistake(place, "offer", f"'{offer.id}' ended on {offer.until_date}", action)


def offer_doubts(offer: Offer | None, today: date, codes_seen: frozenset[str] | None) -> Iterator[str]:
    """An offer that begins later, and a code that no invoice has shown yet, where that is known."""
    if offer is None:
        return
    if offer.from_date > today:
        yield f"the offer '{offer.id}' can be taken up from {offer.from_date} on: until then nobody gets it"
    if codes_seen is not None and offer.code not in codes_seen:
        yield f"no invoice has shown the code '{offer.code}' yet: see in billing that it is there and spelled so"


def codes_on_invoices(places: Places) -> frozenset[str] | None:
    """The codes that invoices have shown so far; None where nobody can say: before the first night, or during one."""
    if not places.warehouse.is_file():
        return None
    try:
        with open_warehouse(places.warehouse, read_only=True) as warehouse:
            rows = warehouse.execute(
                "select distinct coupon from intermediate.int_invoices where coupon is not null"
            ).fetchall()
    except (WarehouseBusyError, duckdb.CatalogException):
        return None
    return frozenset(str(code) for (code,) in rows)
