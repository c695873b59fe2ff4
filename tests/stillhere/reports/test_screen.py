"""The end screen and the progress display."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from stillhere.operations.runs import Step
from stillhere.reports.facts import NightFacts
from stillhere.reports.marts import empty_marts
from stillhere.reports.progress import NightProgress
from stillhere.reports.report import write_report
from stillhere.reports.screen import show_night
from stillhere.reports.summary import NightSummary, summarise
from stillhere.settings.company import Sender
from tests.stillhere.reports.night_world import facts_of, send_hold

STEPS = (Step("extract", 4.13), Step("transform", 12.4))


def screen_of(summary: NightSummary) -> str:
    written = io.StringIO()
    show_night(Console(file=written, width=120, highlight=False), summary)
    return written.getvalue()


def test_the_screen_tells_what_ran_who_is_slipping_and_where_it_lies(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    out = tmp_path / "out"
    (out / "mail").mkdir(parents=True)
    (out / "mail" / "m.eml").write_text("a mail")
    report = write_report(facts, out)
    summary = summarise(facts, STEPS, out)
    shown = screen_of(summary)
    assert "extract 4.1 s · transform 12.4 s · together 16.5 s" in shown
    assert "preview: nothing left" in shown
    assert len(summary.examples) == 5
    assert all(one.what_changed and one.account_name in shown for one in summary.examples)
    assert str(report) in shown.replace("\n", "")
    assert "Mails (1)" in shown
    assert f"stillhere why {summary.examples[0].account_id}" in shown


def test_the_screen_counts_mails_per_campaign_as_the_decisions_do(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    summary = summarise(facts, STEPS, tmp_path / "out")
    sends = facts.marts["decisions"].filter(outcome="send").height
    assert sum(one.mails for one in summary.campaigns) == sends > 0


def test_a_held_night_is_called_held_and_names_the_release(tmp_path: Path) -> None:
    shown = screen_of(summarise(facts_of(tmp_path, holds=[send_hold()]), STEPS, tmp_path))
    assert "the whole send is held" in shown
    assert f"stillhere release {send_hold().hold_id}" in shown
    assert "preview" not in shown


def test_an_empty_company_has_a_screen_that_says_what_is_missing(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    empty = NightFacts(**{**vars(facts), "marts": empty_marts()})
    shown = screen_of(summarise(empty, (), tmp_path / "out"))
    assert "There is no account yet" in shown
    assert "no campaign has anybody to turn to" in shown


def test_what_comes_next_fits_whose_company_it_is(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    shipped = screen_of(summarise(facts, STEPS, tmp_path / "out", is_shipped=True))
    assert "stillhere init acme --events orders.csv" in shipped
    own = screen_of(summarise(facts, STEPS, tmp_path / "out"))
    assert "stillhere init" not in own
    assert all(words in own for words in ("stillhere lists", "stillhere status"))

    nobody = NightFacts(**{**vars(facts), "company": facts.company.model_copy(update={"sender": Sender()})})
    known = facts.company.model_copy(update={"sender": Sender(email="hello@example.com")})
    somebody = NightFacts(**{**vars(facts), "company": known})
    assert "'sender' in company.yml" in screen_of(summarise(nobody, STEPS, tmp_path / "out"))
    assert "'sender' in company.yml" not in screen_of(summarise(somebody, STEPS, tmp_path / "out"))


def test_the_summary_is_json(tmp_path: Path) -> None:
    told = json.loads(json.dumps(summarise(facts_of(tmp_path), STEPS, tmp_path / "out").as_dict()))
    assert told["as_of"] == "2026-08-31"
    assert told["report"] is None


def test_without_a_terminal_progress_is_plain_lines() -> None:
    written = io.StringIO()
    with NightProgress(Console(file=written, width=100)) as progress:
        progress.step_started("extract")
        progress.progressed("extract", 1, 2)
        progress.step_ended("extract", 4.13, "12 [loads]")
    assert written.getvalue().splitlines() == ["extract …", "extract done    4.1 s  12 [loads]"]


def test_in_a_terminal_steps_that_overlap_are_shown_side_by_side_and_stay_with_their_seconds() -> None:
    written = io.StringIO()
    with NightProgress(Console(file=written, width=100, force_terminal=True)) as progress:
        progress.step_started("extract")
        progress.step_started("parse dbt")
        progress.progressed("extract", 1, 2)
        progress.step_ended("extract", 4.13, "12 loads")
        progress.step_ended("parse dbt", 6.0, "")
    assert "extract" in written.getvalue()
    assert "4.1 s  12 loads" in written.getvalue()
    assert "6.0 s" in written.getvalue()
