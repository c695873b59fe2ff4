"""What a segment's rule may ask about an account: the columns of the wide account row, with their meaning in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "text", "day", "truth", "signs"]

SIGN_CODES = (
    "quiet",
    "fading",
    "fewer_people",
    "champion_silent",
    "slow_start",
    "price_rise",
    "smaller_plan",
    "payment_failing",
    "support",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One column a rule may name."""

    name: str
    kind: Kind
    words: str


def _fields(kind: Kind, words: dict[str, str]) -> dict[str, Field]:
    return {name: Field(name, kind, said) for name, said in words.items()}


# Amounts in an account's own currency are left out on purpose: a rule must mean the same for every account.
FIELDS: dict[str, Field] = {
    **_fields(
        "text",
        {
            "account_id": "account id",
            "account_name": "account name",
            "stage": "stage (onboarding, active, cancelling, suspended, left)",
            "plan": "plan",
            "country": "country",
            "channel": "channel it came through",
            "timezone": "time zone",
            "owner_email": "owner",
            "currency": "currency it pays in",
        },
    ),
    **_fields(
        "day",
        {
            "contract_ends_date": "day the contract ends",
            "decides_on": "day from which it can leave",
            "last_talked_date": "day a person last talked with it",
            "last_active_date": "day it was last active",
            "expected_next_date": "day it is expected next",
            "expected_next_earliest_date": "day before which one in ten would come back",
            "expected_next_latest_date": "day by which nine in ten would be back",
        },
    ),
    **_fields(
        "truth",
        {
            "is_scored": "is scored tonight",
            "is_flagged": "is among the riskiest",
            "too_little_data": "has too little history for a probability",
            "is_annual": "pays by the year",
            "champion_is_gone": "its main user is known to be gone",
            "has_objected": "has objected to profiling",
            "missed_milestone": "is past the day of the best customers' milestone without having reached it",
        },
    ),
    **_fields("signs", {"signs": "signs"}),
    **_fields(
        "number",
        {
            "churn_probability": "chance of leaving",
            "risk_rank": "rank by risk (1 is highest)",
            "value_minor": "yearly value in minor units of the reporting currency",
            "value_at_stake_minor": "value at stake in minor units of the reporting currency",
            "outreach_value_minor": "what an outreach is expected to bring, less its cost, in minor units",
            "value_rank": "rank by what an outreach is expected to bring (1 is highest)",
            "tenure_days": "days since it came",
            "days_since_left": "days since it left",
            "open_tickets": "open tickets",
            "contact_count": "contacts",
            "contacts_added_91": "contacts added in 91 days",
            "contacts_removed_91": "contacts who left in 91 days",
            "mailable_contact_count": "contacts who may be written to",
            "active_days_28": "active days in the last 28",
            "active_days_prev_28": "active days in the 28 before",
            "active_days_91": "active days in the last 91",
            "active_days_365": "active days in the last 365",
            "usual_gap_days": "usual days between two active days",
            "usual_gap_working_days": "usual working days between two active days",
            "days_silent": "days silent",
            "silent_working_days": "working days silent",
            "silence_ratio": "working days silent as a multiple of the usual gap",
            "overdue_working_days": "working days overdue against the usual gap",
            "trend_ratio": "last 28 days against the 28 before",
            "year_trend_ratio": "last 28 days against the same weeks last year",
            "same_weeks_last_year_active_days": "active days in the same weeks last year",
            "same_weeks_last_year_trend_ratio": "the same trend a year earlier",
            "kinds_28": "kinds of activity in the last 28 days",
            "people_active_28": "people active in the last 28 days",
            "seat_share": "share of seats in use",
            "champion_days_silent": "days the champion has been silent",
            "first_14_active_days": "active days in the first 14",
            "mrr_change_91_share": "change of monthly revenue in 91 days, as a share",
            "price_rise_share_180": "price rise in 180 days, as a share",
            "discount_share": "discount, as a share",
            "spend_91_minor": "spend in 91 days in minor units of the reporting currency",
            "spend_365_minor": "spend in 365 days in minor units of the reporting currency",
            "failed_payments_28": "failed payments in 28 days",
            "failed_payments_91": "failed payments in 91 days",
            "late_payments_182": "late payments in 182 days",
            "refunds_91_minor": "refunds in 91 days in minor units of the reporting currency",
            "open_invoices_overdue": "overdue invoices",
            "tickets_28": "tickets in 28 days",
            "tickets_91": "tickets in 91 days",
            "answer_days_91": "mean days to the first answer of its tickets of 91 days",
            "calls_91": "calls in 91 days",
            "days_to_renewal": "days to renewal",
            "downgrades_182": "downgrades in 182 days",
            "seats": "seats",
        },
    ),
}
