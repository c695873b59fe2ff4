"""The planted truth: who leaves, when, why, and how much of it shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillhere.demo.accounts import Accounts, Flags, Floats, Texts
from stillhere.demo.calendar import LEAVES_PLANNED_DAYS, NEVER, Calendar, Days

CAUSES = ("fading_use", "champion_left", "price", "payment_failure", "failed_onboarding")
ORDINARY_SHARES = (0.31, 0.25, 0.23, 0.21)
MONTHLY_HAZARD = 0.022
"""Chance to leave in a month for reasons of ordinary life; about one in five leaves in a year."""
GOOD_START_FACTOR, BAD_START_FACTOR = 0.6, 1.6
FAILED_START_SHARE = {True: 0.05, False: 0.24}
TRACES = ("strong", "medium", "weak", "none")
TRACE_SHARES = (0.36, 0.34, 0.18, 0.12)
TRACE_STRENGTH = {"strong": 1.0, "medium": 0.7, "weak": 0.35, "none": 0.0}
DECOY_SHARE = 0.07
TERM_DAYS = 365
DAYS_A_MONTH = 30.4


@dataclass(frozen=True, slots=True)
class Leaving:
    """One entry per customer; days are NEVER where nothing happens. `strength` is how much shows, 0 to 1."""

    decided: Days
    cancel_requested: Days
    left: Days
    onset: Days
    cause: Texts
    trace: Texts
    strength: Floats
    decoy: Texts
    decoy_at: Days

    @property
    def leaves(self) -> Flags:
        """Who leaves within the planned days."""
        return self.decided < NEVER


def draw_leaving(rng: np.random.Generator, accounts: Accounts, calendar: Calendar) -> Leaving:
    """Draws when and why customers leave. Seasonal customers never do; a yearly contract ends with its term."""
    count = len(accounts)
    good = accounts.people_by_day_14 >= 3
    hazard = MONTHLY_HAZARD * np.where(good, GOOD_START_FACTOR, BAD_START_FACTOR)
    # Whoever has a yearly contract at the first day may have made up their mind earlier in that term.
    term_began = np.where(accounts.is_annual, accounts.joined % TERM_DAYS - TERM_DAYS, 0)
    begin = np.maximum(accounts.joined + 120, np.where(accounts.joined < 0, term_began, 0))
    drawn = begin + (rng.exponential(1 / hazard) * DAYS_A_MONTH).astype(np.int64)
    cause = rng.choice(CAUSES[:4], count, p=ORDINARY_SHARES).astype("<U20")
    share = np.where(good, FAILED_START_SHARE[True], FAILED_START_SHARE[False])
    failed = (rng.random(count) < share) & (accounts.joined >= 0) & ~accounts.is_annual
    drawn = np.where(failed, accounts.joined + rng.integers(35, 125, count), drawn)
    cause = np.where(failed, "failed_onboarding", cause)
    requested, left = _contract_days(rng, accounts, drawn, cause)
    decided = np.minimum(requested, left)
    stays = accounts.is_seasonal | (decided > calendar.days + LEAVES_PLANNED_DAYS)
    trace = rng.choice(TRACES, count, p=TRACE_SHARES).astype("<U8")
    lead = _lead_days(rng, accounts, cause, decided)
    decoys = stays & ~accounts.is_seasonal & (rng.random(count) < DECOY_SHARE)
    decoy_at = rng.integers(60, calendar.days, count)
    return Leaving(
        decided=np.where(stays, NEVER, decided),
        cancel_requested=np.where(stays, NEVER, requested),
        left=np.where(stays, NEVER, left),
        onset=np.where(stays, NEVER, decided - lead),
        cause=np.where(stays, "", cause),
        trace=np.where(stays, "", trace),
        strength=np.where(stays, 0.0, np.array([TRACE_STRENGTH[one] for one in trace])),
        decoy=np.where(decoys, rng.choice(["fading_use", "champion_left"], count), ""),
        decoy_at=np.where(decoys & (decoy_at > accounts.joined + 100), decoy_at, NEVER),
    )


def _contract_days(rng: np.random.Generator, accounts: Accounts, drawn: Days, cause: Texts) -> tuple[Days, Days]:
    """Day of the request to cancel (NEVER for a failed payment) and day on which access ends."""
    age = np.maximum(drawn - accounts.joined, 1)
    month_end = accounts.joined + np.ceil(age / DAYS_A_MONTH) * DAYS_A_MONTH
    term_end = accounts.joined + np.ceil(age / TERM_DAYS) * TERM_DAYS
    paid_until = np.where(accounts.is_annual, term_end, month_end).astype(np.int64)
    by_payment = cause == "payment_failure"
    left = np.where(by_payment, paid_until + 24, paid_until)
    early = np.where(accounts.is_annual, rng.integers(6, 60, len(accounts)), 0)
    request = np.minimum(np.where(accounts.is_annual, term_end - early, drawn), left - 1).astype(np.int64)
    return np.where(by_payment, NEVER, np.maximum(request, accounts.joined + 5)), left


def _lead_days(rng: np.random.Generator, accounts: Accounts, cause: Texts, decided: Days) -> Days:
    """How many days before the decision its trace begins."""
    count = len(accounts)
    lead = np.where(cause == "fading_use", rng.integers(35, 100, count), rng.integers(20, 62, count))
    lead = np.where(cause == "price", rng.integers(25, 80, count), lead)
    lead = np.where(cause == "payment_failure", rng.integers(24, 70, count), lead)
    since_joined = np.maximum(decided - accounts.joined - 1, 1)
    days: Days = np.where(cause == "failed_onboarding", since_joined, np.minimum(lead, since_joined)).astype(np.int64)
    return days
