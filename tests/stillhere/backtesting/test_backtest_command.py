"""`stillhere backtest` as strangers run it: any file, any column names, plain errors, the files of the contract."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from stillhere.backtesting.open_log import EventLogError
from stillhere.backtesting.read_log import LogColumns, read_event_log
from stillhere.cli import build_app

RETAIL = Path(__file__).parents[3] / "examples" / "online_retail" / "invoices.parquet"
CUTOFFS = "2011-08-10,2011-09-09"


@pytest.fixture(scope="module")
def orders(tmp_path_factory) -> Path:
    """Purchases of one in five customers of the retail example, as Parquet."""
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    duckdb.sql(
        f"""copy (select customer_id, "at", amount, country from '{RETAIL}'
        where amount > 0 and not is_cancellation and customer_id % 5 = 0) to '{path}' (format parquet)"""
    )
    return path


def run(events: Path, *more: str, cutoffs: str = CUTOFFS, at: str = "at") -> Result:
    asked = ["--account", "customer_id", "--at", at, "--horizon-days", "60", "--active-days", "180"]
    return CliRunner().invoke(build_app(), ["backtest", "--events", str(events), *asked, "--cutoffs", cutoffs, *more])


def test_a_backtest_prints_its_table_and_writes_the_files_of_the_contract(orders: Path, tmp_path: Path) -> None:
    predictions, told = tmp_path / "out.parquet", tmp_path / "out.json"
    result = run(
        orders, "--value", "amount", "--kind", "country", "--predictions", str(predictions), "--json", str(told)
    )
    assert result.exit_code == 0, result.output
    assert "Stillhere" in result.output
    assert "BG/NBD" in result.output
    described = duckdb.sql(f"describe '{predictions}'").fetchall()
    assert [(row[0], row[1]) for row in described] == [
        ("cutoff", "DATE"),
        ("account", "VARCHAR"),
        ("churn_probability", "DOUBLE"),
        ("left", "BOOLEAN"),
    ]
    rows = pl.read_parquet(predictions)
    assert rows.select("cutoff", "account").is_unique().all()
    assert rows["churn_probability"].is_between(0, 1).all()
    facts = json.loads(told.read_text())
    inside, many = facts["mean"]["counts_within_interval"], len(CUTOFFS.split(","))
    assert f"within its 95 % interval at {inside} of {many} cut-offs" in result.output
    assert [cutoff["cutoff"] for cutoff in facts["cutoffs"]] == CUTOFFS.split(",")
    measures = {"n", "base_rate", "roc_auc", "average_precision", "lift_10", "brier", "calibration_error"}
    for part in (*facts["cutoffs"], facts["mean"]):
        assert measures <= part.keys()
        assert {"fit_seconds", "predict_seconds"} <= part.keys()
        assert part["baselines"].keys() == {"days_silent", "overdue_ratio", "bg_nbd"}
    page = (tmp_path / "out.html").read_text()
    assert page.count('class="chart square"') == 4
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"cutoffs": "2011-11-30"}, "end after the last day of data"),
        ({"cutoffs": "10.08.2011"}, "is no day"),
        ({"cutoffs": "2005-01-01"}, "no account has an event"),
        ({"cutoffs": ","}, "names no day"),
    ],
)
def test_a_cutoff_that_cannot_be_judged_is_a_usage_error(orders: Path, more: dict[str, str], words: str) -> None:
    result = run(orders, **more)
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("option", ["--json", "--predictions", "--picture"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_learned(
    orders: Path, tmp_path: Path, option: str
) -> None:
    for target, words in ((tmp_path, "is a folder"), (tmp_path / "none" / "out", "can't be written")):
        result = run(orders, option, str(target))
        assert result.exit_code == 2
        assert words in " ".join(result.output.split())
        assert "ROC AUC" not in result.output


def test_a_handful_of_accounts_gets_the_stated_rule_and_says_so(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    days = pl.date_range(date(2011, 1, 1), date(2011, 12, 1), "3d", eager=True)
    log.write_text("customer_id,at\n" + "".join(f"only one,{day}\n" for day in days))
    result = run(log, cutoffs="2011-08-10")
    assert result.exit_code == 0, result.output
    assert "1 account, 0.0% left" in result.output
    assert "BG/NBD (too little to learn from)" in result.output


def test_what_cannot_be_read_is_said_with_where(orders: Path, tmp_path: Path) -> None:
    columns = LogColumns("who", "when")
    broken = tmp_path / "broken.csv"
    broken.write_text("who,when\na,2026-01-01\nb,yesterday\n")
    with pytest.raises(EventLogError, match=r"1 of 2 values of when \(--at\) are no dates: line 3 \('yesterday'\)"):
        read_event_log(broken, columns)
    either = tmp_path / "either.csv"
    either.write_text("who,when\na,01/02/2026\nb,03/04/2026\n")
    with pytest.raises(EventLogError, match="write them as YYYY-MM-DD"):
        read_event_log(either, columns)
    with pytest.raises(EventLogError, match=r"no column who \(--account\); there are: customer_id"):
        read_event_log(orders, columns)
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(EventLogError, match="the file is empty"):
        read_event_log(empty, columns)
    vast = tmp_path / "vast.csv"
    vast.write_text("who,when,paid\na,2026-01-01,1e300\nb,2026-01-02,-4e9\nc,2026-01-02,inf\nd,2026-01-02,5\n")
    with pytest.raises(EventLogError, match=r"2 values of paid \(--value\) are above 1,000,000,000"):
        read_event_log(vast, LogColumns("who", "when", "paid"))
    with pytest.raises(EventLogError, match="no such file"):
        read_event_log(tmp_path / "none.parquet", columns)
    assert EventLogError.exit_code == 2


def test_text_and_parquet_of_the_same_events_are_the_same_log(orders: Path, tmp_path: Path) -> None:
    text = tmp_path / "orders.csv"
    duckdb.sql(f"copy (select * from '{orders}' order by random()) to '{text}' (header)")
    columns = LogColumns("customer_id", "at", "amount", "country")
    one, other = read_event_log(orders, columns).log, read_event_log(text, columns).log
    assert one.days.equals(other.days)
    assert one.kinds is not None
    assert other.kinds is not None
    assert one.kinds.equals(other.kinds)


def test_times_with_a_zone_are_days_in_utc_and_ids_stay_text(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("who,when\n007,2026-03-01T23:30:00-05:00\n007,2026-03-02T00:30:00+00:00\n7,2026-03-05T12:00:00Z\n")
    days = read_event_log(log, LogColumns("who", "when")).log.days
    first = pl.Series("day", [20514], dtype=pl.Int32)[0]  # 2026-03-02
    assert days.select("account", "day", "events").rows() == [("007", first, 2), ("7", first + 3, 1)]
