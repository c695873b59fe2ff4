"""A backtest on any event log: who is asked, what counts as left, and that nothing later reaches a forecast."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from models.backtest import backtest, check_cutoff
from models.errors import LeakError
from models.event_log import DAYS_SCHEMA, EventLog, Question, day_number, left, population
from models.log_features import features_at, rhythm_of
from models.log_panel import log_panel, past_cutoffs

RETAIL = Path(__file__).parents[2] / "examples" / "online_retail" / "invoices.parquet"
QUESTION = Question(horizon_days=60, active_days=180)
CUTOFF = date(2011, 9, 9)


@cache
def purchases(one_in: int = 1) -> pl.DataFrame:
    """Purchases of the retail example, or of one in so many customers: account, day, value in pounds."""
    query = f"""
        select customer_id::varchar as account, "at"::date as day, amount::double as value
        from '{RETAIL}'
        where amount > 0 and not is_cancellation and customer_id % {one_in} = 0
        order by account, "at", value
    """
    return duckdb.sql(query).pl()


def log_of(events: pl.DataFrame) -> EventLog:
    told = events.with_columns(day=pl.col("day").cast(pl.Int32), value=(pl.col("value") * 10_000).round(0))
    days = told.group_by("account", "day").agg(
        events=pl.len(), value=pl.col("value").cast(pl.Int64).sum(), second_of_day=pl.lit(0)
    )
    return EventLog(days.select(list(DAYS_SCHEMA)).cast(DAYS_SCHEMA).sort("account", "day"), None, has_value=True)


def forecast(events: pl.DataFrame) -> dict[str, float]:
    (result,) = backtest(log_of(events), [CUTOFF], QUESTION)
    return dict(zip(result.accounts, result.chances.tolist(), strict=True))


def test_population_and_outcome_are_what_the_events_say() -> None:
    events = purchases().rows(named=True)
    asked, came = set(), set()
    for event in events:
        age = (CUTOFF - event["day"]).days
        asked |= {event["account"]} if 0 <= age < QUESTION.active_days else set()
        came |= {event["account"]} if -QUESTION.horizon_days <= age < 0 else set()
    log, day = log_of(purchases()), day_number(CUTOFF)
    accounts = population(log, day, QUESTION)
    assert accounts.to_list() == sorted(asked)
    assert left(log, accounts, day, QUESTION).tolist() == [account not in came for account in sorted(asked)]


def test_whatever_happens_after_a_cutoff_moves_no_byte_of_its_forecasts() -> None:
    """What comes later may change an outcome, never a forecast; the window must still end within the log."""
    known = purchases(4).filter(pl.col("day") <= CUTOFF)
    end = pl.DataFrame({"account": ["new"], "day": [date(2011, 12, 9)], "value": [1.0]})
    later = purchases(4).filter(pl.col("day") > CUTOFF)
    shuffled = later.with_columns(pl.col("account").shuffle(seed=1), value=pl.col("value") * 7 + 3)
    as_it_was = forecast(purchases(4))
    assert forecast(pl.concat([known, end])) == as_it_was
    assert forecast(pl.concat([known, shuffled, end])) == as_it_was


def test_the_order_of_rows_moves_no_forecast() -> None:
    assert forecast(purchases(4).sample(fraction=1.0, shuffle=True, seed=3)) == forecast(purchases(4))


def test_the_features_of_a_day_are_the_same_with_and_without_what_came_later() -> None:
    day = day_number(date(2011, 6, 1))
    found = []
    for log in (log_of(purchases()), log_of(purchases().filter(pl.col("day") <= date(2011, 6, 1)))):
        so_far = log.until(day)
        accounts = population(so_far, day, QUESTION)
        found.append(features_at(so_far, day, QUESTION, accounts=accounts, rhythm=rhythm_of(so_far, day, None)))
    assert found[0].equals(found[1])
    assert found[0].height > 100


def test_a_training_window_that_reaches_past_the_tested_day_is_an_error() -> None:
    log, day = log_of(purchases()), day_number(CUTOFF)
    with pytest.raises(LeakError, match="outcomes after 2011-09-09"):
        log_panel(log, (day - QUESTION.horizon_days + 1,), day, QUESTION)


def test_past_cutoffs_end_a_horizon_before_the_test_and_have_history_behind_them() -> None:
    log, day = log_of(purchases()), day_number(CUTOFF)
    cutoffs = past_cutoffs(log, day, QUESTION)
    assert len(cutoffs) <= 16
    assert cutoffs[-1] == day - QUESTION.horizon_days
    assert cutoffs[0] >= log.days["day"].min() + 28


def test_one_event_a_century_before_the_others_leaves_the_past_cutoffs_where_they_were() -> None:
    stray = pl.DataFrame({"account": ["a"], "day": [date(1900, 1, 1)], "value": [1.0]})
    day = day_number(CUTOFF)
    found = past_cutoffs(log_of(pl.concat([stray, purchases()])), day, QUESTION)
    assert found == past_cutoffs(log_of(purchases()), day, QUESTION)
    assert len(found) > 10


def test_a_cutoff_whose_window_ends_after_the_data_is_refused() -> None:
    with pytest.raises(ValueError, match="end after the last day of data"):
        check_cutoff(log_of(purchases()), date(2011, 11, 1), QUESTION)


def test_a_log_too_small_to_learn_from_gets_the_stated_rule() -> None:
    (result,) = backtest(log_of(purchases(150)), [CUTOFF], QUESTION)
    assert result.learned_by == ("BG/NBD (too little to learn from)",)
    assert np.array_equal(result.chances, result.baselines["bg_nbd"])


def test_the_model_is_ahead_of_the_baselines_on_real_orders() -> None:
    (result,) = backtest(log_of(purchases()), [CUTOFF], QUESTION)
    by_name = {name: told.roc_auc for name, told in result.baseline_measures().items()}
    assert by_name.keys() == {"days_silent", "overdue_ratio", "bg_nbd"}
    assert (result.measures().roc_auc or 0) > max(by_name["days_silent"] or 1, by_name["overdue_ratio"] or 1) + 0.03
