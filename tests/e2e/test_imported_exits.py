"""Exits of another tool: from its file into the next night's marts and report, with no word in a seal."""

from __future__ import annotations

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from tests.e2e.household import Household

COLUMNS = 'account_id=Customer,left_at="Cancelled on",reason=Why,comment=Words,may_quote=Quote'


def leavers(home: Household) -> list[dict[str, object]]:
    """Two accounts that left, by billing's own ids, with the day on which billing was told."""
    long_enough_ago = date.fromisoformat(home.out.name) - timedelta(days=10)  # the truth knows the days to come too
    truth = pl.read_parquet(home.state / "truth" / "accounts.parquet").filter(
        (pl.col("cancel_requested_on") < long_enough_ago) & pl.col("has_billing") & pl.col("merged_into").is_null()
    )
    keys = pl.read_parquet(home.state / "published" / "account_keys.parquet")
    own = keys.filter(pl.col("account_key") != pl.col("account_id"))
    return truth.join(own, on="account_id").sort("cancel_requested_on", "account_id").tail(2).to_dicts()


def write_export(file: Path, left: list[dict[str, object]]) -> Path:
    with file.open("w", newline="") as export:
        rows = csv.writer(export, delimiter=";")
        rows.writerow(["Customer", "Cancelled on", "Why", "Words", "Quote"])
        for one, quote in zip(left, ("yes", "no"), strict=True):
            day = one["cancel_requested_on"] + timedelta(days=3)  # type: ignore[operator]
            rows.writerow([one["account_key"], f"{day:%d.%m.%Y}", "Budget", f"words with a {quote}", quote])
    return file


def test_exits_of_another_tool_are_in_the_next_night(copy_of_lived_night: Household, tmp_path: Path) -> None:
    home = copy_of_lived_night
    left = leavers(home)
    file = write_export(tmp_path / "export.csv", left)
    facts = home.facts("exits", "import", str(file), "--columns", COLUMNS, "--reasons", "price=Budget")
    assert (facts["new"], facts["may_be_quoted"]) == (2, 1)
    home.run("nightly", "--redecide")

    exits = pl.read_parquet(home.state / "published" / "exits.parquet").sort("account_id")
    expected = sorted((one["account_id"], one["cancel_requested_on"]) for one in left)
    assert exits.select("account_id", "requested_date").rows() == expected
    assert set(exits["reason"]) == {"price"}
    patterns = pl.read_parquet(home.state / "published" / "exit_patterns.parquet")
    assert patterns.select("reason", "answers", "verdict").rows() == [("price", 2, "too few answers")]

    report = (home.out / "report.html").read_text()
    assert "words with a yes" in report
    assert "words with a no" not in report
    [(sealed,)] = home.rows("select operations from seals order by revision desc limit 1")
    assert b"price" in gzip.decompress(sealed)
    assert b"words with a" not in gzip.decompress(sealed)
