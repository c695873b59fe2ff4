"""The coupons that billing has, as the newest night read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb


@dataclass(frozen=True, slots=True)
class Coupon:
    """One code, and from which day to which it can be redeemed; None: always."""

    code: str
    is_active: bool = True
    valid_from_date: date | None = None
    redeem_by_date: date | None = None


def read_coupons(warehouse: duckdb.DuckDBPyConnection, schema: str = "intermediate") -> Mapping[str, Coupon]:
    """Coupons by code. Raises duckdb.CatalogException before the first night that knows of coupons."""
    query = f"select code, is_active, valid_from_date, redeem_by_date from {schema}.int_coupons"
    return {code: Coupon(code, *rest) for code, *rest in warehouse.execute(query).fetchall()}
