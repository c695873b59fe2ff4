"""A small company as the cadence marts would show it, with planted causes of leaving.

Drawn per account and cut-off, vectorised; every column the marts give is there. `cause` is the planted truth, kept
apart: callers drop it before the model sees the frame.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

CAUSES = ("fading_use", "champion_left", "failed_onboarding", "price", "payment_failure")
SHOP_LACKS = (
    *("people_active_28", "people_active_prev_28", "contact_count", "seat_share", "seats", "days_to_renewal"),
    *("champion_days_silent", "champion_active_days_prev_91", "champion_share_prev", "first_14_people"),
    *("mrr_minor", "mrr_change_91_share", "price_rise_share_180", "days_since_price_rise", "discount_share"),
)


def simulated_cadence(accounts: int, as_of: date, seed: int, leaving_share: float = 0.08) -> pl.DataFrame:
    """One cut-off: every cadence column, `left_in_horizon`, `left_kind` and the planted `cause`."""
    rng = np.random.default_rng([seed, as_of.toordinal()])
    steady = np.random.default_rng(seed)  # what an account is like does not change between cut-offs
    rate = steady.beta(2.0, 3.0, accounts) * 0.9 + 0.05
    people = steady.integers(1, 9, accounts)
    tenure = steady.integers(30, 900, accounts)
    cause = np.where(rng.random(accounts) < leaving_share, rng.choice(CAUSES, accounts), "none")
    cause = np.where((cause == "failed_onboarding") & (tenure > 120), "fading_use", cause)
    shown = np.where(rng.random(accounts) < 0.85, cause, "none")
    pretends = (cause == "none") & (rng.random(accounts) < 0.03)  # dips without leaving

    fade = np.where(shown == "fading_use", 0.25, 1.0) * np.where(pretends, 0.4, 1.0)
    fade = np.where(shown == "champion_left", 0.8, fade)
    slow = np.where(shown == "failed_onboarding", 0.3, 1.0)
    now = rng.binomial(28, rate * fade * slow)
    before = rng.binomial(28, rate * slow)
    rest = rng.binomial(35, rate * slow) * (tenure > 63)
    gap = np.maximum(1.0, np.round(1 / (rate * slow)))
    silent = np.minimum(rng.geometric(np.clip(rate * fade * slow, 0.02, 1)) - 1, 28) + np.where(now == 0, 28, 0)
    people_before = np.minimum(people, 1 + rng.binomial(people - 1, 0.8))
    people_now = np.where(shown == "fading_use", np.ceil(people_before * 0.4), people_before).astype(int)
    champion_days = np.minimum(rng.binomial(91, rate * 0.7), 91)
    champion_silent = np.where(shown == "champion_left", rng.integers(25, 60, accounts), np.minimum(silent + 1, 20))
    rise = np.where(shown == "price", 0.2, np.where(rng.random(accounts) < 0.03, 0.1, np.nan))
    failed = np.where(shown == "payment_failure", rng.integers(1, 4, accounts), rng.random(accounts) < 0.02).astype(int)
    tickets = rng.poisson(0.4, accounts)
    mrr = steady.integers(5_000, 90_000, accounts)
    no = np.zeros(accounts, dtype=np.int64)
    columns = {
        "account_id": [f"a{index:05d}" for index in range(accounts)],
        "as_of": [as_of] * accounts,
        "tenure_days": tenure,
        "active_days_total": (tenure * rate).astype(int),
        "active_days_28": now,
        "active_days_prev_28": before,
        "active_days_91": now + before + rest,
        "active_days_prev_91": rng.binomial(91, rate) * (tenure > 182),
        "active_days_365": (np.minimum(tenure, 365) * rate).astype(int),
        "events_28": now * 4,
        "events_prev_28": before * 4,
        "events_91": (now + before + rest) * 4,
        "usual_gap_days": gap,
        "gap_spread_days": gap * 0.6,
        "gap_p90_days": gap * 2.3,
        "usual_gap_working_days": gap,  # a company that works every day of the week
        "gap_spread_working_days": gap * 0.6,
        "gap_p90_working_days": gap * 2.3,
        "gap_count": (tenure * rate).astype(int),
        "last_active_date": [as_of - timedelta(days=int(days)) for days in silent],
        "days_silent": silent,
        "silent_working_days": silent,
        "working_days_a_week": no + 7,
        "open_share_28": no + 1.0,
        "silence_ratio": silent / gap,
        "overdue_working_days": silent - gap,
        "expected_next_date": [as_of + timedelta(days=int(days)) for days in gap],
        "expected_next_earliest_date": [as_of + timedelta(days=1)] * accounts,
        "expected_next_latest_date": [as_of + timedelta(days=int(3 * days)) for days in gap],
        "trend_ratio": (now + 1) / (before + 1),
        "same_weeks_last_year_active_days": np.where(tenure > 392, rng.binomial(28, rate), np.nan),
        "same_weeks_last_year_trend_ratio": np.where(tenure > 420, 1.0, np.nan),
        "year_trend_ratio": np.where(tenure > 392, (now + 1) / (28 * rate + 1), np.nan),
        "decayed_events_7": now * 1.2,
        "decayed_events_28": now * 3.0 + before,
        "decayed_events_91": now * 3.5 + before * 2 + rest,
        "rest_day_share": no * 0.0,
        "usual_weekday": no + 2,
        "usual_weekday_share": no + 0.2,
        "weekday_shift_28_share": no + 0.1,
        "usual_hour": no + 11.0,
        "hour_shift_28_hours": no + 0.5,
        "kinds_28": np.minimum(now, 4),
        "kinds_prev_28": np.minimum(before, 4),
        "people_active_28": people_now,
        "people_active_prev_28": people_before,
        "contact_count": people,
        "contacts_added_91": no,
        "contacts_removed_91": no,
        "seat_share": people_now / people,
        "champion_days_silent": champion_silent,
        "champion_silent_working_days": champion_silent,
        "champion_is_gone": no > 0,
        "champion_active_days_prev_91": champion_days,
        "champion_share_prev": np.clip(champion_days / (before + rest + 1), 0, 1),
        "first_14_active_days": np.maximum(0, rng.binomial(14, rate * slow)),
        "first_14_people": np.where(slow < 1, 1, people_before),
        "first_14_kinds": np.where(slow < 1, 1, 4),
        "second_person_age_days": np.where(people_before > 1, 9.0, np.nan),
        "third_person_age_days": np.where(people_before > 2, 20.0, np.nan),
        "third_kind_age_days": np.where(slow < 1, np.nan, 6.0),
        "fifth_active_day_age_days": np.where(slow < 1, np.nan, 12.0),
        "mrr_minor": mrr,
        "mrr_change_91_share": np.where(rng.random(accounts) < 0.02, -0.3, 0.0),
        "price_rise_share_180": rise,
        "days_since_price_rise": np.where(np.isnan(rise), np.nan, rng.integers(5, 180, accounts)),
        "discount_share": np.where(rng.random(accounts) < 0.1, 0.2, 0.0),
        "spend_91_minor": mrr * 3,
        "spend_prev_91_minor": mrr * 3,
        "spend_365_minor": mrr * 12,
        "failed_payments_91": failed,
        "failed_payments_28": np.minimum(failed, 1),
        "late_payments_182": failed,
        "refunds_91_minor": no,
        "open_invoices_overdue": np.minimum(failed, 1),
        "tickets_28": tickets,
        "tickets_91": tickets + rng.poisson(0.8, accounts),
        "open_tickets": np.minimum(tickets, 1),
        "answer_days_91": np.where(tickets > 0, 1.0, np.nan),
        "calls_91": rng.poisson(0.2, accounts),
        "days_to_renewal": np.where(mrr > 40_000, rng.integers(0, 60, accounts), np.nan),
        "is_annual": mrr > 40_000,
        "downgrades_182": no,
        "seats": people + 1,
        "left_in_horizon": (cause != "none") & (rng.random(accounts) < 0.9),
        "cause": cause,
    }
    frame = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
    return frame.with_columns(left_kind=pl.when("left_in_horizon").then(pl.lit("voluntary")))


def simulated_panel(
    accounts: int, as_of: date, *, seed: int = 1, cutoffs: int = 16, horizon: int = 60, with_cause: bool = False
) -> pl.DataFrame:
    """Past cut-offs every 28 days, the newest with its outcome just known on `as_of`; the planted cause where asked."""
    days = [as_of - timedelta(days=horizon + 28 * back) for back in range(cutoffs)]
    parts = [simulated_cadence(accounts, day, seed).with_columns(cutoff=pl.lit(day)) for day in days]
    return pl.concat(parts) if with_cause else pl.concat(parts).drop("cause")


def tonight(accounts: int, as_of: date, *, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`account_cadence` of the night, and the planted truth: account_id, cause, left_in_horizon."""
    frame = simulated_cadence(accounts, as_of, seed)
    return frame.drop("cause", "left_in_horizon", "left_kind"), frame.select("account_id", "cause", "left_in_horizon")
