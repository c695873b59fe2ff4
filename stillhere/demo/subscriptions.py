"""Billing's subscription periods: one row per period of unchanged terms."""

from __future__ import annotations

import numpy as np
import polars as pl

from stillhere.demo.accounts import Accounts, Texts
from stillhere.demo.calendar import NEVER, Calendar
from stillhere.demo.shapes import known, seconds_or_null


def periods_table(
    accounts: Accounts,
    customer: Texts,
    subscription: Texts,
    periods: pl.DataFrame,
    calendar: Calendar,
) -> pl.DataFrame:
    at = periods["account"].to_numpy()
    currency = accounts.currency[at]
    starts = calendar.seconds(periods["day"].to_numpy(), 10.0)
    ends_day = periods["end_day"].fill_null(NEVER).to_numpy()
    is_over = ends_day <= calendar.today
    ends = calendar.seconds(np.where(is_over, ends_day, 0), 10.0)
    is_last = (periods["end_day"] == periods["left"]).fill_null(value=False).to_numpy()
    months = np.where(periods["is_annual"].to_numpy(), 12, 1)
    status = periods["status"].to_numpy().astype(str)
    amount = np.where(status == "paused", 0, periods["seats"].to_numpy() * periods["unit_minor"].to_numpy() * months)
    reason = np.where(periods["by_payment"].to_numpy(), "payment", "cancelled")
    frame = pl.DataFrame(
        {
            "id": [f"{subscription[a]}.{n:03d}" for a, n in zip(at.tolist(), periods["nth"].to_list(), strict=True)],
            "subscription": subscription[at],
            "customer": customer[at],
            "plan": [f"{p}-{c}" for p, c in zip(periods["plan"].to_list(), currency.tolist(), strict=True)],
            "quantity": periods["seats"],
            "unit_amount": periods["unit_minor"],
            "amount": amount,
            "currency": currency,
            "interval": np.where(periods["is_annual"].to_numpy(), "year", "month"),
            "discount_percent": accounts.discount_percent[at],
            "status": status,
            "starts": starts,
            "ends": pl.Series(ends).set(pl.Series(~is_over), None),
            "term_ends": seconds_or_null(calendar, periods["term_ends_day"]),
            "cancel_requested": seconds_or_null(calendar, periods["requested_day"]),
            "cancel_at": seconds_or_null(calendar, periods["cancel_day"]),
            "end_reason": pl.Series(reason).set(pl.Series(~(is_over & is_last)), None),
            "recorded_at": np.where(is_over, ends, starts),
        }
    )
    return known(calendar, frame, "starts")
