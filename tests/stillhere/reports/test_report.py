"""The report: complete, self-contained, without addresses, the same bytes again, and calm about missing data."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from expectations.report import GateReport, Result
from stillhere.reports.actions import list_rows
from stillhere.reports.business import acquisition_words
from stillhere.reports.cohorts import cohort_rows
from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import Formats
from stillhere.reports.headline import expected_leavers
from stillhere.reports.marts import COLUMNS, empty_marts, read_marts
from stillhere.reports.quality import gate_rows
from stillhere.reports.report import report_html, write_report
from tests.stillhere.reports.night_world import AS_OF, facts_of, model_card, send_hold, settings_of, write_night

VOID = {"meta", "br", "img", "link", "input"}


class Page(HTMLParser):
    """Remembers tags, addresses and text, and that every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def bare_facts(tmp_path: Path, **marts: pl.DataFrame) -> NightFacts:
    settings = settings_of(tmp_path)
    return NightFacts(
        company=settings.company,
        churn=settings.churn,
        campaigns=settings.campaigns,
        segments=settings.segments.segments,
        as_of=AS_OF,
        revision=1,
        marts={**empty_marts(), **marts},
    )


@pytest.fixture
def facts(tmp_path: Path) -> NightFacts:
    return facts_of(tmp_path)


def test_the_page_needs_nothing_but_itself(facts: NightFacts) -> None:
    page = Page(report_html(facts))
    assert not page.open
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert all(link.startswith(("#", "lists/")) for link in page.links)
    assert "@import" not in report_html(facts)
    assert not re.search(r"url\((?!#)", report_html(facts))


def test_every_section_of_a_full_night_has_its_chart(facts: NightFacts) -> None:
    html = report_html(facts)
    for title in (
        "Slipping accounts by sign",
        "Days silent beside the usual gap",
        "Active days of ",
        "People who got nothing tonight",
        "Accounts by chance of leaving",
        "Accounts by silence",
        "Habits of best customers against those who left",
        "Revenue won and lost by month",
        "Share of accounts and revenue kept",
        "Share of each month&#39;s new accounts still here",
    ):
        assert f'aria-label="{title}' in html, title
    assert "Too little data" not in html


def test_the_wheel_says_what_churn_undid_and_what_a_point_of_it_is_worth(facts: NightFacts) -> None:
    html = report_html(facts)
    assert "Of 12 months of spend on acquisition, churn undid 8.4." in html
    assert "One point less churn, kept up over a year, is worth €12,500 (€11,000 to €14,000)." in html


def test_a_point_of_churn_is_worth_nothing_sure_while_few_have_left(tmp_path: Path) -> None:
    wheel = {"month": [date(2026, 7, 1)], "leavers_counted": [12], "one_point_verdict": ["cannot tell yet"]}
    known = empty_marts()["hamster_wheel"]
    facts = bare_facts(tmp_path, hamster_wheel=pl.concat([known, pl.DataFrame(wheel)], how="diagonal_relaxed"))
    assert acquisition_words(facts, Formats.of("en", "EUR")) == (
        "What one point less churn is worth: cannot tell yet, with 12 leavers.",
    )


def test_a_cohort_shows_its_share_at_each_age_and_no_running_month(facts: NightFacts) -> None:
    rows = cohort_rows(facts, Formats.of("en", "EUR"))
    assert [len(row.shares) for row in rows] == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]
    assert rows[0].label == "Sept 25"
    assert rows[0].shares[:2] == (1.0, 0.97)


def test_the_same_facts_give_the_same_bytes(facts: NightFacts, tmp_path: Path) -> None:
    first = write_report(facts, tmp_path / "a").read_bytes()
    assert write_report(facts, tmp_path / "b").read_bytes() == first
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["report.html"]


def test_no_address_of_a_person_reaches_the_report(facts: NightFacts) -> None:
    assert "@" not in "".join(Page(report_html(facts)).words).replace("@media", "").replace("@page", "")


def test_an_account_name_with_markup_stays_text(facts: NightFacts) -> None:
    html = report_html(facts)
    assert "Weber &lt;Bau&gt;" in html
    assert "<Bau>" not in html


def test_a_preview_says_that_nothing_left_and_a_live_night_says_what_was_sent(tmp_path: Path) -> None:
    assert "preview: nothing left" in report_html(facts_of(tmp_path))
    live = report_html(facts_of(tmp_path, mode="live"))
    assert "nothing left" not in live


def test_a_hold_is_named_with_its_reason_and_the_command_that_releases_it(tmp_path: Path) -> None:
    html = report_html(facts_of(tmp_path, holds=[send_hold()]))
    assert "Tonight&#39;s whole send is held" in html
    assert "billing is 51 hours old; 48 are allowed" in html
    assert f"stillhere release {send_hold().hold_id}" in html


def test_a_check_that_holds_campaigns_only_is_not_said_to_hold_the_send(facts: NightFacts) -> None:
    short = Result("usual_volume", "table", "failed", "at least 300 rows", "200", source="usage", resource="events")
    gate = GateReport("raw", AS_OF, (short,))
    whole = replace(facts, gates=(gate,), holds=(replace(send_hold(), rule="usual_volume"),))
    single = replace(whole, holds=(replace(whole.holds[0], scope="campaign", subject="slipping_note"),))
    outcomes = [gate_rows(one, Formats.of("en", "EUR"))[0].outcome for one in (whole, single)]
    assert outcomes == ["holds", "holds single campaigns"]


def test_quarantined_rows_and_failing_rules_are_counted_not_shown(facts: NightFacts) -> None:
    html = report_html(facts)
    assert "half_of_yesterday" in html
    assert "passed, with warnings" in html
    assert re.search(r"crm\.contacts.*?>120<.*?>4<", html, re.DOTALL)


def test_an_empty_company_gets_a_report_that_says_what_is_missing(tmp_path: Path) -> None:
    html = report_html(bare_facts(tmp_path))
    assert not Page(html).open
    assert "There is no account yet" in html
    assert "stillhere doctor" in html


def test_a_folder_without_files_reads_as_an_empty_night(tmp_path: Path) -> None:
    marts = read_marts(tmp_path)
    assert set(marts) == set(COLUMNS)
    assert all(frame.is_empty() for frame in marts.values())


def test_one_account_without_history_gets_a_report(tmp_path: Path) -> None:
    marts = read_marts(write_night(tmp_path / "night", accounts=12))
    one = pl.col("account_id") == "A-00002"
    risk = (
        marts["risk"]
        .filter(one)
        .with_columns(
            churn_probability=pl.lit(None, dtype=pl.Float64),
            is_flagged=pl.lit(value=False),
            rule=pl.lit("silent too long"),
        )
    )
    cadence = marts["account_cadence"].filter(one).with_columns(usual_gap_days=pl.lit(None, dtype=pl.Float64))
    accounts = marts["accounts"].filter(one)
    html = report_html(bare_facts(tmp_path, accounts=accounts, risk=risk, account_cadence=cadence))
    assert "too little data" in html
    assert "No model yet, so a stated rule flags: silent too long." in html
    assert "Nobody is flagged tonight" in html


def test_a_german_company_reads_german_numbers(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    german = NightFacts(**{**vars(facts), "company": facts.company.model_copy(update={"language": "de"})})
    html = report_html(german)
    assert "Montag, 31. August 2026" in html
    assert re.search(r"\d\.\d{3}\xa0€", html)


def test_expected_leavers_have_an_interval_that_grows_with_doubt_and_with_drift() -> None:
    steady = replace(model_card(), drift=0.0, drift_days=3)
    certain = pl.DataFrame({"churn_probability": [0.0, 1.0, 1.0]})
    assert expected_leavers(certain, steady) == (2.0, 2.0, 2.0)
    even = pl.DataFrame({"churn_probability": [0.5] * 100})
    by_chance = expected_leavers(even, steady)
    assert by_chance is not None
    assert by_chance == pytest.approx((50, 40.2, 59.8), abs=0.1)  # 1.96 standard deviations of 5
    moving = expected_leavers(even, replace(steady, drift=0.2))
    assert moving is not None
    assert moving == pytest.approx((50, 31.3, 68.7), abs=0.2)  # besides, 3.182 x 0.2 x 25


def test_a_list_says_between_how_many_of_it_are_expected_to_leave(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    formats = Formats.of("en", "EUR")
    members = facts.marts["segment_members"]
    for segment, row in zip(facts.segments, list_rows(facts, formats), strict=True):
        mine = members.filter(pl.col("segment_id") == segment.id)
        found = expected_leavers(facts.marts["risk"].join(mine, on="account_id", how="semi"), facts.model)
        if found is None:
            assert row.leave == ""
            continue
        low, high = (int(part) for part in row.leave.split(" to "))
        assert low <= found[1] <= found[0] <= found[2] <= high
        assert high <= mine.height
        assert row.leave in report_html(facts)
    assert any(row.leave for row in list_rows(facts, formats))


def test_without_probabilities_no_number_of_leavers_is_given() -> None:
    assert (
        expected_leavers(
            pl.DataFrame({"churn_probability": [None]}, schema={"churn_probability": pl.Float64}), model_card()
        )
        is None
    )


def test_the_running_month_is_left_out_of_the_wheel(tmp_path: Path) -> None:
    retention = pl.DataFrame(
        {
            "cohort_kind": ["all", "all"],
            "month": [date(2026, 7, 1), date(2026, 8, 1)],
            "won_minor": [100_000, 1],
            "lost_minor": [40_000, 1],
            "replaced_share": [0.4, 1.0],
        }
    )
    full = pl.concat([empty_marts()["retention"], retention], how="diagonal_relaxed")
    html = report_html(bare_facts(tmp_path, retention=full))
    assert "Jul 26: won €1,000, lost €400" in html
    assert "Aug 26" not in html
