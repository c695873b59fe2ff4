"""What a contract and its money go through: plans, seats, prices, failed payments, refunds."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from tests.stillhere.demo.conftest import Company, seconds

ORDER = {"starter": 0, "team": 1, "business": 2}


def steps(demo: Company) -> pl.DataFrame:
    """Each period beside the one before it."""
    name = pl.col("plan").str.split("-").list.first().replace_strict(ORDER)
    before = pl.col("rank", "quantity", "unit_amount", "currency", "status").shift(1).over("subscription")
    periods = demo.tables["billing.subscription_periods"].sort("subscription", "starts").with_columns(rank=name)
    return periods.with_columns(before.name.prefix("old_")).filter(pl.col("old_rank").is_not_null())


def test_customers_change_to_a_larger_plan_and_to_a_smaller_one(demo: Company) -> None:
    customers = demo.tables["billing.subscription_periods"]["customer"].n_unique()
    changes = steps(demo)
    assert 0.04 < changes.filter(pl.col("rank") > pl.col("old_rank")).height / customers < 0.2
    assert 0.01 < changes.filter(pl.col("rank") < pl.col("old_rank")).height / customers < 0.1


def test_a_larger_plan_costs_more_a_seat_and_a_smaller_one_less(demo: Company) -> None:
    changes = steps(demo)
    assert changes.filter(
        pl.col("rank") > pl.col("old_rank"), pl.col("unit_amount") <= pl.col("old_unit_amount")
    ).is_empty()
    assert changes.filter(
        pl.col("rank") < pl.col("old_rank"), pl.col("unit_amount") >= pl.col("old_unit_amount")
    ).is_empty()


def test_every_plan_is_priced_in_the_currency_of_its_customer(demo: Company) -> None:
    periods = demo.tables["billing.subscription_periods"]
    assert (periods["plan"].str.split("-").list.last() == periods["currency"]).all()
    assert steps(demo).filter(pl.col("currency") != pl.col("old_currency")).is_empty()


def test_seats_are_added_and_given_up(demo: Company) -> None:
    changes = steps(demo)
    assert changes.filter(pl.col("quantity") > pl.col("old_quantity")).height > 100
    assert changes.filter(pl.col("quantity") < pl.col("old_quantity")).height > 100


def test_a_yearly_contract_ends_with_its_term_unless_the_payment_failed(demo: Company) -> None:
    ended = demo.tables["billing.subscription_periods"].filter(interval="year", end_reason="cancelled")
    assert ended.height > 20
    assert ended.filter(pl.col("ends") != pl.col("term_ends")).is_empty()
    assert (ended["cancel_requested"] < ended["ends"]).all()


def test_who_asks_to_leave_keeps_access_until_the_day_that_was_told(demo: Company) -> None:
    periods = demo.tables["billing.subscription_periods"].filter(pl.col("cancel_requested").is_not_null())
    assert (periods["cancel_requested"] <= periods["starts"]).all()
    assert periods.filter(pl.col("ends").is_null(), pl.col("cancel_at") <= seconds(demo.end)).is_empty()
    asked = periods.filter(end_reason="cancelled")
    assert (asked["ends"] == asked["cancel_at"]).all()


def test_most_failed_payments_are_made_good_and_some_never_are(demo: Company) -> None:
    payments, invoices = demo.tables["billing.payments"], demo.tables["billing.invoices"]
    failed = payments.filter(status="failed")
    assert (failed["failure_code"].is_not_null()).all()
    assert (
        payments.filter(status="succeeded")["failure_code"].null_count() == payments.filter(status="succeeded").height
    )
    troubled = invoices.filter(pl.col("id").is_in(failed["invoice"].to_list()))
    made_good = troubled.filter(status="paid").height / troubled.height
    assert 0.6 < made_good < 0.97
    assert (
        invoices.filter(status="uncollectible")["paid"].null_count() == invoices.filter(status="uncollectible").height
    )


def test_a_refund_is_smaller_than_its_payment_and_comes_after_it(demo: Company) -> None:
    payments = demo.tables["billing.payments"].select("attempted_at", "status", payment="id", paid="amount")
    refunds = demo.tables["billing.refunds"].join(payments, on="payment", how="left")
    assert refunds.height > 50
    assert (refunds["amount"] < refunds["paid"]).all()
    assert (refunds["refunded_at"] > refunds["attempted_at"]).all()
    assert set(refunds["status"]) == {"succeeded"}


def test_an_invoice_costs_what_the_contract_said_on_its_day(demo: Company) -> None:
    terms = demo.tables["billing.subscription_periods"].select("subscription", "starts", term="amount").sort("starts")
    invoices = demo.tables["billing.invoices"].sort("issued")
    priced = invoices.join_asof(terms, left_on="issued", right_on="starts", by="subscription", check_sortedness=False)
    assert (priced["amount"] == priced["term"]).all()


def test_the_base_grows_and_between_15_and_25_per_cent_leave_in_a_year(demo: Company) -> None:
    customers = demo.truth.filter(pl.col("cadence").is_not_null())
    for back in (365, 2 * 365):
        begin = demo.until - timedelta(days=back)
        here = customers.filter(pl.col("joined_on") < begin, pl.col("left_on").is_null() | (pl.col("left_on") >= begin))
        gone = here.filter(pl.col("left_on") < begin + timedelta(days=365))
        joined = customers.filter(pl.col("joined_on").is_between(begin, begin + timedelta(days=365)))
        left = customers.filter(pl.col("left_on").is_between(begin, begin + timedelta(days=365)))
        assert 0.15 < gone.height / here.height < 0.25
        assert joined.height > left.height


def test_a_few_large_customers_bring_much_of_the_revenue(demo: Company) -> None:
    now = demo.tables["billing.subscription_periods"].filter(pl.col("ends").is_null(), currency="eur")
    monthly = now.select(pl.col("amount") / pl.when(pl.col("interval") == "year").then(12).otherwise(1)).to_series()
    largest = monthly.sort(descending=True).head(monthly.len() // 10)
    assert 0.3 < largest.sum() / monthly.sum() < 0.7
