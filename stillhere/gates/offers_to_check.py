"""From which day to which a campaign's offer can be taken up: by offers.yml, and by billing where it is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from stillhere.settings import Offer, Settings
from stillhere.warehouse.coupons import Coupon


def write_offers(
    connection: duckdb.DuckDBPyConnection, settings: Settings, coupons: Mapping[str, Coupon] | None
) -> None:
    """Makes the table `offers` beside `outbox`: one row a campaign with an offer. `coupons` are all of billing's."""
    connection.execute("create table offers (campaign varchar, valid_from date, valid_to date)")
    for campaign in settings.campaigns:
        if (offer := settings.offers.get(campaign.offer)) is not None:
            connection.execute("insert into offers values (?, ?, ?)", [campaign.id, *_valid(offer, coupons)])


def _valid(offer: Offer, coupons: Mapping[str, Coupon] | None) -> tuple[date, date]:
    if coupons is None:
        return offer.from_date, offer.until_date
    coupon = coupons.get(offer.code)
    if coupon is None or not coupon.is_active:
        return date.max, date.min  # on no day at all
    begins, ends = coupon.valid_from_date or date.min, coupon.redeem_by_date or date.max
    return max(offer.from_date, begins), min(offer.until_date, ends)
