"""What the report and `stillhere results` say of campaigns."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from stillhere.cli import build_app
from stillhere.reports.formats import Formats
from stillhere.reports.report import report_html
from stillhere.reports.results import campaign_results, results_chart
from stillhere.results.campaign_results import RESULTS_SCHEMA, results_of
from stillhere.results.plans import Plan
from tests.stillhere.reports.night_world import AS_OF, facts_of
from tests.stillhere.results.simulated_results import DAY_ZERO, outcomes

FORMATS = Formats.of("en", "EUR")
HORIZON = DAY_ZERO + timedelta(days=60)
ROOT = Path(__file__).parents[3]


def told(treated: int, held: int, *, horizon_days: int = 60, contaminated: int = 0) -> pl.DataFrame:
    """Results of 400 an arm, of whom so many are still here."""
    rows = pl.concat([outcomes("treated", 400, treated), outcomes("holdout", 400, held, contaminated=contaminated)])
    return results_of(rows, [Plan("note", DAY_ZERO + timedelta(days=horizon_days))], HORIZON)


def words(results: pl.DataFrame) -> str:
    return campaign_results(results, {"note": "A note"}, FORMATS)[0].words


@pytest.mark.parametrize(
    ("treated", "held", "beginning"),
    [
        (360, 280, "An effect: 20 points more are still here at day 60 than of those left alone (+14.6 to +25.4)."),
        (280, 360, "An effect: 20 points fewer are still here at day 60 than of those left alone (−25.4 to −14.6)."),
        (290, 280, "No effect seen at day 60: +2.5 points (−3.8 to +8.8)."),
    ],
)
def test_at_the_horizon_the_primary_outcome_is_told_in_a_sentence(treated: int, held: int, beginning: str) -> None:
    assert words(told(treated, held)) == beginning


def test_before_the_horizon_the_answer_is_how_wide_and_by_when() -> None:
    assert words(told(360, 280, horizon_days=100)).startswith("Cannot tell yet: ±5.5 points")


def test_a_result_that_is_not_shown_says_why_and_tells_no_difference() -> None:
    result = campaign_results(told(360, 280, contaminated=50), {}, FORMATS)[0]
    assert result.words == "Not shown: 50 of 400 held out were contacted all the same."
    assert result.explored == ()


def test_what_is_not_tested_is_never_called_an_effect() -> None:
    explored = campaign_results(told(360, 280), {}, FORMATS)[0].explored
    assert explored[0].startswith("Day 30: a difference of +20 points")
    assert all("not tested" in sentence and "effect" not in sentence for sentence in explored)


def test_the_picture_has_a_dot_only_where_something_can_be_told() -> None:
    known, waiting = (
        results_chart(told(360, 280), {}, FORMATS),
        results_chart(told(360, 280, horizon_days=99), {}, FORMATS),
    )
    assert known is not None
    assert waiting is not None
    assert known.count("<circle") == 2
    assert waiting.count("<circle") == 0
    assert "cannot tell yet" in waiting


def test_the_report_shows_the_section_with_its_picture(tmp_path: Path) -> None:
    page = report_html(facts_of(tmp_path))
    assert "An effect: 15 points more are still here at day 60" in page
    assert "Cannot tell yet: ±" in page
    assert "Contacted against left alone, in points" in page


def test_the_command_says_the_same_as_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of(tmp_path)
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "data"))
    done = CliRunner().invoke(
        build_app(), ["results", "slipping_note", "--company", str(tmp_path / "company"), "--as-of", str(AS_OF)]
    )
    assert done.exit_code == 0, done.output
    assert facts.campaign_titles["slipping_note"] in done.output
    assert "An effect: 15 points more are still here at day 60" in done.output
    assert "contacted: 200 drawn, 200 in this test; still here day 30: 90% of 200, day 60: 90% of 200" in done.output


def test_the_command_prints_every_row_as_json_and_refuses_a_campaign_without_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts_of(tmp_path)
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "data"))
    ask = ["results", "--company", str(tmp_path / "company"), "--as-of", str(AS_OF)]
    done = CliRunner().invoke(build_app(), [*ask, "--json"])
    assert done.output.count('"campaign": "payment_notice"') == 6
    nobody = CliRunner().invoke(build_app(), ["results", "nobody", *ask[1:]])
    assert nobody.exit_code != 0
    assert "no campaign 'nobody'" in str(nobody.exception)
    waiting = CliRunner().invoke(build_app(), ["results", "onboarding_rescue", *ask[1:]])
    assert (waiting.exit_code, waiting.output.split(":")[0]) == (0, "Cannot tell yet")


def test_the_page_of_marts_names_every_column_in_order() -> None:
    section = (ROOT / "docs" / "marts.md").read_text().split("## campaign_results")[1].split("\n## ")[0]
    named = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert named == list(RESULTS_SCHEMA)
