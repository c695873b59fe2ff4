"""What can be wrong with a campaign's offer on a day: it is over, has not begun, or billing does not take its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from stillhere.settings import Campaign, Mistake, Offer, Settings
from stillhere.warehouse.connect import WarehouseBusyError, open_warehouse
from stillhere.warehouse.coupons import Coupon, read_coupons


@dataclass(frozen=True)
class Billing:
    """What billing says of codes. `coupons` (by code) is None where no source is mapped to coupons.

    `on_invoices` are the codes that invoices have shown so far. Both are None where nobody can say: before the first
    night, or during one.
    """

    coupons: Mapping[str, Coupon] | None = None
    on_invoices: frozenset[str] | None = None


def read_billing(settings: Settings) -> Billing:
    """What the newest night read of billing."""
    if not settings.places.warehouse.is_file():
        return Billing()
    try:
        with open_warehouse(settings.places.warehouse, read_only=True) as warehouse:
            query = "select distinct coupon from intermediate.int_invoices where coupon is not null"
            seen = frozenset(str(code) for (code,) in warehouse.execute(query).fetchall())
            coupons = read_coupons(warehouse) if "coupons" in settings.sources.relations else None
    except (WarehouseBusyError, duckdb.CatalogException):
        return Billing()
    return Billing(coupons, seen)


def offer_mistakes(settings: Settings, campaign: Campaign, today: date, billing: Billing) -> Iterator[Mistake]:
    """An offer that has ended, or whose code billing would not take: every message of the campaign would be refused."""
    offer = settings.offers.get(campaign.offer)
    if offer is None:
        return
    if offer.until_date < today:
        place = f"{settings.folder.name}/campaigns/{campaign.id}.yml"
        action = "name another offer, give it a later 'until' in offers.yml, or switch the campaign off"
        yield Mistake(place, "offer", f"'{offer.id}' ended on {offer.until_date}", action)
    if billing.coupons is not None and (words := _refused(offer, billing.coupons, today)):
        place = f"{settings.folder.name}/offers.yml"
        yield Mistake(place, f"{offer.id}.code", words, "spell it as billing does, or set it right there")


def _refused(offer: Offer, coupons: Mapping[str, Coupon], today: date) -> str | None:
    coupon = coupons.get(offer.code)
    if coupon is None:
        return f"billing has no coupon '{offer.code}'"
    if not coupon.is_active:
        return f"billing has switched the coupon '{offer.code}' off"
    if coupon.redeem_by_date is not None and coupon.redeem_by_date < today:
        return f"in billing the coupon '{offer.code}' ended on {coupon.redeem_by_date}"
    return None


def offer_doubts(offer: Offer | None, today: date, billing: Billing) -> Iterator[str]:
    """An offer that begins later or outlasts its coupon; a code no invoice has shown, where coupons are not known."""
    if offer is None:
        return
    if offer.from_date > today:
        yield f"the offer '{offer.id}' can be taken up from {offer.from_date} on: until then nobody gets it"
    if billing.coupons is None:
        if billing.on_invoices is not None and offer.code not in billing.on_invoices:
            yield f"no invoice has shown the code '{offer.code}' yet: see in billing that it is there and spelled so"
        return
    coupon = billing.coupons.get(offer.code)
    if coupon is None:
        return
    ends, begins = coupon.redeem_by_date, coupon.valid_from_date
    if ends is not None and today <= ends < offer.until_date:
        lasts = f"the offer '{offer.id}' lasts until {offer.until_date}"
        yield f"billing takes the code '{offer.code}' until {ends} only, {lasts}"
    if begins is not None and begins > max(today, offer.from_date):
        yield f"billing takes the code '{offer.code}' from {begins} on: until then nobody gets the offer '{offer.id}'"
