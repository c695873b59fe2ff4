"""The night's `risk` mart: columns of the contract, money rounded half up, the right model for the night."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from models import registry
from stillhere.scoring.champion import model_in_use
from stillhere.scoring.risk import score_night, train_model
from stillhere.scoring.risk_mart import RISK_SCHEMA, score
from stillhere.settings import Settings
from tests.models.simulated_panel import tonight
from tests.models.trained import marts

AS_OF = date(2026, 6, 30)


def test_the_mart_has_the_contracts_columns_and_a_row_per_scored_account(settings: Settings) -> None:
    scores = score_night(marts(AS_OF, 600), settings, AS_OF)
    assert dict(scores.risk.schema) == RISK_SCHEMA
    assert scores.risk["account_id"].n_unique() == scores.risk.height == 600
    assert scores.risk["is_flagged"].sum() == 60
    assert scores.training is not None
    assert scores.risk["too_little_data"].any() is False


def test_signs_are_json_with_words_and_evidence(settings: Settings) -> None:
    risk = score_night(marts(AS_OF, 600), settings, AS_OF).risk
    with_signs = risk.filter(pl.col("signs") != "[]")
    assert with_signs.filter("is_flagged").height > 40
    for signs, words in with_signs.select("signs", "signs_words").iter_rows():
        listed = json.loads(signs)
        assert 1 <= len(listed) <= 3
        assert words == "; ".join(sign["words"] for sign in listed)
        assert all(set(sign) == {"code", "words", "strength", "values"} for sign in listed)


def test_value_at_stake_is_probability_times_value_rounded_half_up(settings: Settings) -> None:
    connection = marts(AS_OF, 600)
    risk = score_night(connection, settings, AS_OF).risk
    rows = risk.join(connection.execute("select account_id, value_minor from marts.accounts").pl(), on="account_id")
    for chance, value, stake in rows.select("churn_probability", "value_minor", "value_at_stake_minor").iter_rows():
        assert stake == (round(chance * 1_000_000) * value * 2 + 1_000_000) // 2_000_000


def test_an_outreach_is_worth_the_assumed_share_of_what_is_at_stake_less_its_cost(settings: Settings) -> None:
    outreach = settings.churn.outreach.model_copy(update={"cost_minor": 2_000, "assumed_effect_share": 0.1})
    told = replace(settings, churn=settings.churn.model_copy(update={"outreach": outreach}))
    connection = marts(AS_OF, 220)
    risk = score_night(connection, told, AS_OF).risk
    rows = risk.join(connection.execute("select account_id, value_minor from marts.accounts").pl(), on="account_id")
    for chance, value, worth in rows.select("churn_probability", "value_minor", "outreach_value_minor").iter_rows():
        millionths = round(chance * 1_000_000) * 100_000 * value
        assert worth == (millionths * 2 + 10**12) // (2 * 10**12) - 2_000
    assert (risk["outreach_value_minor"] < 0).any()


def test_the_ranks_by_risk_and_by_value_are_two_orders_of_the_same_accounts(settings: Settings) -> None:
    connection = marts(AS_OF, 220)
    connection.execute("update marts.accounts set value_minor = null where account_id = 'a00007'")
    risk = score_night(connection, settings, AS_OF).risk
    by_value = risk.filter(pl.col("value_rank").is_not_null()).sort("value_rank")
    assert by_value["value_rank"].to_list() == list(range(1, 220))
    assert by_value["outreach_value_minor"].is_sorted(descending=True)
    assert risk.filter(account_id="a00007")["value_rank"].to_list() == [None]
    assert (risk["value_rank"] != risk["risk_rank"]).any()


def test_the_same_night_again_loads_the_model_and_gives_the_same_bytes(settings: Settings) -> None:
    connection = marts(AS_OF, 600)
    first, second = score_night(connection, settings, AS_OF), score_night(connection, settings, AS_OF)
    assert first.training is not None and second.training is None
    assert first.risk.equals(second.risk)


def test_an_older_night_is_never_scored_by_a_newer_model(settings: Settings) -> None:
    newer = train_model(marts(AS_OF, 300), settings, AS_OF)
    before = AS_OF - timedelta(days=30)
    assert model_in_use(settings, before) is None
    older = score_night(marts(before, 300), settings, before)
    assert older.card is not None
    assert older.card.trained_as_of == before
    assert newer.card is not None
    assert registry.current_id(settings.places.models) == newer.card.model_id


def test_another_horizon_needs_another_model(settings: Settings) -> None:
    train_model(marts(AS_OF, 300), settings, AS_OF)
    longer = replace(settings, churn=settings.churn.model_copy(update={"horizon_days": 90}))
    assert model_in_use(longer, AS_OF) is None


def test_a_sealed_nights_model_is_used_whatever_is_current(settings: Settings) -> None:
    connection = marts(AS_OF, 300)
    sealed = score_night(connection, settings, AS_OF)
    assert sealed.card is not None
    train_model(marts(AS_OF, 320), settings, AS_OF)
    again = score_night(connection, settings, AS_OF, model_id=sealed.card.model_id)
    assert again.risk.equals(sealed.risk)


def test_too_little_data_gives_the_rule_what_is_missing_and_no_probability(settings: Settings) -> None:
    scores = score_night(marts(AS_OF, 200, past=20), settings, AS_OF)
    assert scores.card is None
    assert scores.risk["too_little_data"].all()
    assert scores.risk["churn_probability"].null_count() == scores.risk["value_at_stake_minor"].null_count() == 200
    assert "silent at least 3 times" in scores.risk["rule"][0]
    assert "50 are needed" in scores.risk["rule"][0]
    flagged = scores.risk.filter("is_flagged")
    assert 0 < flagged.height < 100
    assert flagged["signs_words"].str.contains("silent for").all()


def test_a_company_without_accounts_gets_an_empty_mart(settings: Settings) -> None:
    cadence, _ = tonight(3, AS_OF)
    values = cadence.select("account_id", value_minor=pl.lit(1))
    empty = score([cadence.clear()], values.clear(), settings, AS_OF, None, ("nothing yet",))
    assert empty.height == 0
    assert dict(empty.schema) == RISK_SCHEMA


def test_who_has_objected_to_profiling_is_not_scored(settings: Settings) -> None:
    connection = marts(AS_OF)
    connection.execute("update marts.accounts set has_objected = true where account_id = 'a00007'")
    scored = score_night(connection, settings, AS_OF).risk["account_id"]
    assert "a00007" not in scored
    assert "a00008" in scored
