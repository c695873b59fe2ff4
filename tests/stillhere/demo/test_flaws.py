"""The demo has what real data has; each flaw is found in the files themselves."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from tests.stillhere.demo.conftest import Company

DIGITS = pl.col("external_ref").str.replace_all(r"\D", "")


def test_a_few_events_arrive_days_late(demo: Company) -> None:
    late = (demo.usage["received_at"] - demo.usage["occurred_at"] > timedelta(days=1)).mean()
    assert 0.002 < float(late) < 0.05  # type: ignore[arg-type]  # a share


def test_a_few_events_were_delivered_twice(demo: Company) -> None:
    once = demo.usage.unique(["workspace", "user", "feature", "occurred_at"]).height
    assert 0.001 < 1 - once / demo.usage.height < 0.02


def test_calls_of_the_interface_have_no_user(demo: Company) -> None:
    nameless = demo.usage.filter(pl.col("user").is_null())
    assert set(nameless["feature"]) == {"api"}


def test_our_own_test_accounts_are_marked_in_the_crm_and_in_the_truth(demo: Company) -> None:
    internal = demo.tables["crm.companies"].filter(type="internal")["id"]
    assert internal.len() >= 2
    assert set(internal) == set(demo.truth.filter("is_test")["account_id"])


def test_our_own_test_accounts_are_in_use(demo: Company) -> None:
    """Else nothing would show whether a night leaves them out."""
    internal = demo.tables["crm.companies"].filter(type="internal")["id"].str.slice(4)
    workspaces = demo.usage["workspace"].str.extract(r"(\d+)$").str.zfill(6)
    assert workspaces.is_in(internal.to_list()).any()


def test_merged_companies_name_a_survivor_and_form_no_chains(demo: Company) -> None:
    companies = demo.tables["crm.companies"]
    merged = companies.filter(pl.col("merged_into").is_not_null())
    assert merged.height >= 5
    assert merged["merged_at"].null_count() == 0
    survivors = companies.filter(pl.col("id").is_in(merged["merged_into"].to_list()))
    assert survivors["merged_into"].null_count() == survivors.height


def test_people_of_a_merged_company_keep_its_old_id(demo: Company) -> None:
    merged = demo.tables["crm.companies"].filter(pl.col("merged_into").is_not_null())["id"]
    assert demo.tables["crm.people"]["company_id"].is_in(merged.to_list()).any()


def test_a_duplicate_shares_the_domain_under_another_spelling(demo: Company) -> None:
    customers = demo.tables["crm.companies"].filter(pl.col("type") == "customer", pl.col("merged_into").is_null())
    twins = customers.filter(pl.col("domain").is_duplicated())
    assert twins.height >= 10
    assert twins.group_by("domain").agg(pl.col("name").n_unique())["name"].min() == 2


def test_some_customers_of_the_crm_are_not_in_billing(demo: Company) -> None:
    on_paper = demo.truth.filter(~pl.col("has_billing"), ~pl.col("is_test"), pl.col("cadence").is_not_null())
    customers = demo.truth.filter(pl.col("cadence").is_not_null())
    assert 0 < on_paper.height < 0.03 * customers.height
    numbers = demo.tables["billing.customers"].select(DIGITS.str.strip_chars_start("0"))["external_ref"]
    assert not set(on_paper["account_id"].str.slice(4).str.strip_chars_start("0")) & set(numbers.drop_nulls())


def test_some_customers_are_in_billing_twice_the_second_without_a_contract(demo: Company) -> None:
    customers = demo.tables["billing.customers"]
    twice = customers.filter(pl.col("email").is_duplicated())
    with_contract = twice["id"].is_in(demo.tables["billing.subscription_periods"]["customer"].to_list())
    assert twice.height >= 4
    assert with_contract.sum() * 2 == twice.height


def test_the_reference_to_the_crm_is_spelled_in_many_ways_or_missing(demo: Company) -> None:
    references = demo.tables["billing.customers"]["external_ref"]
    shapes = references.drop_nulls().str.replace_all(r"\d+", "9").unique()
    assert shapes.len() >= 5
    assert references.null_count() > 0
    assert (references == "").any()


def test_every_paying_customer_finds_its_company_by_number_or_by_domain(demo: Company) -> None:
    companies = demo.tables["crm.companies"]
    numbers = set(companies["id"].str.slice(4).cast(pl.Int64))
    addressed = companies.filter(pl.col("merged_into").is_null(), pl.col("type") == "customer")["domain"]
    for reference, email in demo.tables["billing.customers"].select(DIGITS, "email").iter_rows():
        assert int(reference) in numbers if reference else email.split("@")[1] in set(addressed)


def test_people_have_the_flaws_of_a_grown_crm(demo: Company) -> None:
    people = demo.tables["crm.people"]
    address = pl.col("email").str.strip_chars().str.to_lowercase()
    assert people["email"].null_count() > 0
    assert people["first_name"].null_count() > 0
    assert (people["email"] != people.select(address)["email"]).any(), "no capitals or stray spaces"
    assert people["unsubscribed_at"].drop_nulls().len() > 0
    assert people.filter(pl.col("unsubscribed_at").is_not_null(), pl.col("marketing_consent") == "yes").height > 0
    assert set(people["marketing_consent"]) == {"yes", "no", None}
    assert set(people["is_active"]) == {0, 1}
    assert set(people["role"]) == {"Champion", "Billing contact", "Admin", "User"}
    shared = people.filter(address.is_duplicated(), address.is_not_null())
    assert shared.group_by("company_id", address).agg(pl.col("last_name").n_unique())["last_name"].max() >= 2  # type: ignore[operator]  # integers
    assert shared.group_by("company_id", address, "last_name").len()["len"].max() >= 2  # type: ignore[operator]  # integers


def test_there_are_three_currencies_yearly_contracts_pauses_and_price_rises(demo: Company) -> None:
    periods = demo.tables["billing.subscription_periods"].sort("subscription", "starts")
    assert set(periods["currency"]) == {"eur", "usd", "gbp"}
    assert set(periods["interval"]) == {"month", "year"}
    assert {"active", "paused", "unpaid"} <= set(periods["status"])
    before = pl.col("unit_amount").shift(1).over("subscription")
    assert periods.filter(pl.col("unit_amount") > 1.15 * before).height > 20


def test_customers_live_in_several_time_zones(demo: Company) -> None:
    assert demo.tables["crm.companies"]["time_zone"].n_unique() >= 5
    assert demo.tables["crm.people"]["language"].n_unique() >= 4


def test_few_customers_were_called_lately(demo: Company) -> None:
    calls = demo.tables["crm.calls"].filter(pl.col("called_at") >= (demo.until - timedelta(days=14)).isoformat())
    assert 0 < calls["company_id"].n_unique() < 0.1 * demo.tables["crm.companies"].height


def test_a_ticket_is_answered_after_it_was_opened_and_before_it_is_closed(demo: Company) -> None:
    tickets = demo.tables["crm.tickets"]
    times = [pl.col(name).str.to_datetime(time_zone="UTC") for name in ("opened_at", "answered_at", "closed_at")]
    answered = tickets.with_columns(times).filter(pl.col("answered_at").is_not_null())
    assert answered.height > 100
    assert (answered["answered_at"] > answered["opened_at"]).all()
    closed = answered.filter(pl.col("closed_at").is_not_null())
    assert (closed["answered_at"] < closed["closed_at"]).all()
    assert closed.height == tickets["closed_at"].drop_nulls().len(), "one was closed without an answer"


def test_whoever_is_no_longer_there_has_a_day_since_when(demo: Company) -> None:
    people = demo.tables["crm.people"]
    assert (people["inactive_since"].is_not_null() == (people["is_active"] == 0)).all()


def test_some_tickets_are_open(demo: Company) -> None:
    tickets = demo.tables["crm.tickets"]
    assert set(tickets["status"]) == {"open", "closed"}
    assert (tickets["closed_at"].is_null() == (tickets["status"] == "open")).all()
