"""`stillhere demo` as people use it: repeated, a day later, over other data, killed half-way."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from stillhere.cli import build_app
from stillhere.settings import StillhereError
from tests.stillhere.demo.conftest import REPOSITORY, read_company, seconds, tables_of

SMALL = ("--accounts", "300", "--seed", "3")
CURSORS = {
    "crm.companies": "updated_at",
    "crm.people": "updated_at",
    "crm.calls": "called_at",
    "crm.tickets": "updated_at",
    "billing.customers": "updated",
    "billing.subscription_periods": "recorded_at",
    "billing.invoices": "updated",
    "billing.payments": "attempted_at",
    "billing.refunds": "refunded_at",
}


def demo_in(data: Path, *arguments: str) -> Result:
    environment = {"STILLHERE_DATA": str(data), "STILLHERE_COMPANY": str(REPOSITORY / "config")}
    return CliRunner().invoke(build_app(), ["demo", *arguments], env=environment)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_accounts_seed_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        assert demo_in(tmp_path / name, *SMALL).exit_code == 0
    assert digests(tmp_path / "one") == digests(tmp_path / "other")


def test_another_seed_gives_another_company(tmp_path: Path) -> None:
    for seed in ("3", "4"):
        demo_in(tmp_path / seed, "--accounts", "60", "--seed", seed)
    one, other = (pl.read_parquet(tmp_path / seed / "demo/truth/accounts.parquet") for seed in ("3", "4"))
    assert not one.equals(other)


def test_other_data_are_not_replaced_without_force(tmp_path: Path) -> None:
    demo_in(tmp_path, *SMALL)
    before = digests(tmp_path)
    refused = demo_in(tmp_path, "--accounts", "60")
    assert isinstance(refused.exception, StillhereError)
    assert "--force" in str(refused.exception)
    assert digests(tmp_path) == before
    assert demo_in(tmp_path, "--accounts", "60", "--force").exit_code == 0
    assert digests(tmp_path) != before


def test_the_company_does_not_go_back_in_time_without_force(tmp_path: Path) -> None:
    demo_in(tmp_path, *SMALL, "--until", "2026-09-30")
    before = digests(tmp_path)
    assert isinstance(demo_in(tmp_path, *SMALL, "--until", "2026-09-29").exception, StillhereError)
    assert digests(tmp_path) == before


def test_somebody_elses_files_in_the_sources_folder_are_kept(tmp_path: Path) -> None:
    own = tmp_path / "demo" / "sources" / "mine.csv"
    own.parent.mkdir(parents=True)
    own.write_text("account\n1\n")
    assert isinstance(demo_in(tmp_path, *SMALL).exception, StillhereError)
    assert own.read_text() == "account\n1\n"


def test_what_a_killed_run_left_is_not_taken_for_a_company(tmp_path: Path) -> None:
    half = tmp_path / "demo" / "sources.unfinished"
    half.mkdir(parents=True)
    (half / "crm.sqlite").write_bytes(b"half")
    assert demo_in(tmp_path, *SMALL).exit_code == 0
    assert not half.exists()
    assert (tmp_path / "demo" / "sources" / "crm.sqlite").stat().st_size > 4096


def test_a_later_day_is_the_same_company_that_lived_on(tmp_path: Path) -> None:
    """What a night that reads by cursor relies on: old rows stay, and a changed row has a later cursor."""
    demo_in(tmp_path, *SMALL, "--until", "2026-09-30")
    sources, truth = tmp_path / "demo" / "sources", tmp_path / "demo" / "truth"
    before, files = tables_of(sources), digests(sources / "usage")
    end = read_company(sources, truth, date(2026, 9, 30)).end
    assert demo_in(tmp_path, *SMALL, "--until", "2026-10-07").exit_code == 0
    after, later_files = tables_of(sources), digests(sources / "usage")
    assert files.items() <= later_files.items()
    assert len(later_files) == len(files) + 7
    for table, cursor in CURSORS.items():
        old, new = before[table], after[table]
        assert set(old["id"]) <= set(new["id"]), table
        changed = new.filter(pl.col("id").is_in(old["id"].to_list())).join(
            old, on=old.columns, how="anti", nulls_equal=True
        )
        limit = end.isoformat() if new[cursor].dtype == pl.String else seconds(end)
        assert changed.filter(pl.col(cursor) <= limit).is_empty(), table
        meaning = [column for column in old.columns if column != cursor]
        idle = changed.join(old, on=meaning, how="semi", nulls_equal=True)
        assert idle.is_empty(), f"{table}: {idle.height} rows claim a change and have none"


def test_the_last_day_of_a_half_year_has_whole_references(tmp_path: Path) -> None:
    demo_in(tmp_path, "--accounts", "1500", "--seed", "3", "--until", "2026-12-31")
    companies = tables_of(tmp_path / "demo" / "sources")["crm.companies"]
    assert set(companies["merged_into"].drop_nulls()) <= set(companies["id"])


@pytest.mark.parametrize("arguments", [("--accounts", "0"), ("--until", "yesterday"), ("--seed", "-1")])
def test_a_mistyped_option_is_refused(tmp_path: Path, arguments: tuple[str, str]) -> None:
    refused = demo_in(tmp_path, *arguments)
    assert refused.exit_code == 2
    assert not (tmp_path / "demo").exists()


def test_the_help_has_an_example() -> None:
    assert "stillhere demo --accounts 500" in demo_in(Path("unused"), "--help").output
