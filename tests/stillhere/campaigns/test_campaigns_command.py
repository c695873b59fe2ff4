"""`stillhere campaigns check`, `diff` and `approve` as people type them, on a published night."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest
import typer
import yaml
from typer.testing import CliRunner

from stillhere.campaigns.audience import pace_of
from stillhere.campaigns.impossible import impossible_conditions
from stillhere.campaigns.measurable import measurable
from stillhere.campaigns.segments import version_of
from stillhere.commands import campaigns, why
from stillhere.operations.approvals import approvals_of
from stillhere.operations.open import open_operations
from stillhere.settings import StillhereError
from tests.stillhere.campaigns.nights import quiet_night
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, accounts, segment, tiny_settings

SENDER = {"email": "care@tiny.example", "postal_address": "Street 1, Berlin", "unsubscribe_email": "stop@tiny.example"}


@pytest.fixture
def settings(tmp_path, monkeypatch):
    made = tiny_settings(tmp_path, clock="data", sender=SENDER, languages=["en", "de"])
    for one in made.campaigns:
        words = made.folder / "campaigns" / one.id / "en.md"
        words.parent.mkdir()
        words.write_text("---\nsubject: Hello {{ account_name }}\n---\nHello {{ first_name | default('there') }}!\n")
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STILLHERE_COMPANY", str(made.folder))
    monkeypatch.delenv("STILLHERE_OPERATIONS_URL", raising=False)
    return made


@pytest.fixture
def night(settings):
    """The quiet account's night, with a calm one beside it, and a person to write to at both."""
    found = quiet_night(settings, TUESDAY_NIGHT - timedelta(days=3))
    file = found.folder / "accounts.parquet"
    calm = accounts({"account_id": "2", "account_name": "The Calm Harbour"})
    both = pl.concat([pl.read_parquet(file), calm]).with_columns(mailable_contact_count=1, contact_count=1)
    both.write_parquet(file)
    return found


def run(*words: str, code: int = 0) -> str:
    app = typer.Typer()
    for command in (campaigns, why):
        command.register(app)
    result = CliRunner().invoke(app, list(words))
    if isinstance(result.exception, StillhereError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def change(settings, name: str, **keys) -> None:
    file = settings.folder / name
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), **keys}))


def test_check_says_how_many_a_month_and_what_the_holdout_can_show(settings, night) -> None:
    told = run("campaigns", "check")
    assert "1 on its list tonight, 1 of them can be turned to" in told
    assert "about 1 a month (one night known: those on its list tonight, once)" in told
    assert "shows ±" in told
    assert "points after three months; 5 points cannot be told within three years" in told
    assert "left alone to measure" in told
    assert "DOUBT  nobody is on its list" in told


def test_an_unmeasured_campaign_is_told_as_one_that_all_get(settings, night) -> None:
    change(settings, "campaigns/slipping.yml", measured=False, marketing=False, holdout_share=None)
    told = run("campaigns", "check").split("\n\n")
    [slipping] = [one for one in told if "(slipping)" in one]
    assert "about 1 a month" in slipping
    assert "not measured: all of them get it" in slipping
    assert "holdout" not in slipping
    assert "it has no result." in run("campaigns", "approve", "slipping", "--by", "Anna")
    assert "approved already; nothing has changed" in run("campaigns", "approve", "slipping", "--by", "Anna")


def test_five_points_need_a_day_that_follows_from_the_pace() -> None:
    found = measurable(1000, 0.5, 0.1, 60, date(2026, 1, 1))
    assert found.drawn == 3000
    assert found.held_out == round(3000 * (0.1 + 0.9 * 0.5))
    assert found.plus_minus == pytest.approx(1.96 * (0.7 * 0.3 * 4 / 2700) ** 0.5, rel=1e-3)
    assert found.enough_on is not None
    faster = measurable(2000, 0.5, 0.1, 60, date(2026, 1, 1))
    assert faster.enough_on is not None
    assert faster.enough_on < found.enough_on
    assert measurable(1000, 0.0, 0.1, 60, date(2026, 1, 1)).enough_on is None


def test_the_pace_of_a_list_is_that_of_its_new_members_by_the_same_rule(settings, night) -> None:
    rule = settings.segments.segments[0]
    for ahead, new in ((0, 500), (10, 20), (20, 30)):  # the first night brings whoever was there before
        day = TUESDAY_NIGHT - timedelta(days=20 - ahead)
        folder = settings.places.night_folder(day, 1)
        folder.mkdir(parents=True, exist_ok=True)
        rows = {"segment_id": [rule.id] * new, "version": [version_of(rule)] * new, "new_tonight": [True] * new}
        pl.DataFrame(rows).write_parquet(folder / "segment_members.parquet")
    pace = pace_of(settings.places, night, rule.id, version_of(rule), 7)
    assert (pace.per_month, pace.nights) == (75, 3)
    assert pace_of(settings.places, night, rule.id, "another rule", 7).per_month == 7


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"all": {"churn_probability": "> 1"}}, "can hold for nobody: chance of leaving is at least 0 and at most 1"),
        ({"all": {"active_days_28": ">= 29"}}, "at most 28"),
        ({"all": {"days_silent": "< 0"}}, "at least 0"),
        ({"all": {"stage": "in active, gone"}}, "no stage gone"),
        ({"all": {"tenure_days": ">= 60"}, "any": {"tenure_days": "<= 30"}}, "contradicts the same field under 'all'"),
    ],
)
def test_a_condition_that_nobody_can_meet_is_a_mistake(rule, said) -> None:
    [mistake] = impossible_conditions((segment(all={}, **rule) if "all" not in rule else segment(**rule),), "s.yml")
    assert said in str(mistake)


@pytest.mark.parametrize(
    "rule",
    [
        {"churn_probability": ">= 1"},
        {"days_to_renewal": "< 0"},
        {"active_days_28": "<= 28"},
        {"mrr_change_91_share": "< -0.2"},
        {"stage": "!= left"},
    ],
)
def test_a_condition_that_somebody_can_meet_is_none(rule) -> None:
    assert list(impossible_conditions((segment(all=rule),), "s.yml")) == []


def test_a_list_of_everybody_and_a_missing_way_out_are_mistakes(settings, night) -> None:
    rules = [{**one, "all": {"account_id": "is known"}} for one in _segments(settings)]
    (settings.folder / "segments.yml").write_text(yaml.safe_dump({"segments": rules}))
    change(settings, "company.yml", sender={"email": "care@tiny.example"})
    (settings.folder / "templates").mkdir()
    (settings.folder / "templates" / "layout.mjml").write_text("<mjml><mj-body>{{ stop_url }}</mj-body></mjml>")
    told = run("campaigns", "check", code=2)
    assert "the list 'slipping' is everybody: all 2 accounts of 2026-03-03" in told
    assert "no way to unsubscribe" in told
    assert "sender.postal_address: not set" in told
    assert "does not show the postal address" in told
    assert json.loads(run("campaigns", "check", "--json", code=2))["mistakes"]


def _segments(settings) -> list[dict]:
    return yaml.safe_load((settings.folder / "segments.yml").read_text())["segments"]


def test_values_that_accounts_lack_and_languages_without_words_are_counted(settings, night) -> None:
    words = settings.folder / "campaigns" / "slipping" / "en.md"
    words.write_text("---\nsubject: About {{ contract_ends_date }}\n---\nHello\n")
    for mart, columns in (("account_cadence", {"mailable_contact_count": 1}), ("decisions", {"language": "de"})):
        file = night.folder / f"{mart}.parquet"
        pl.read_parquet(file).with_columns(**{name: pl.lit(value) for name, value in columns.items()}).write_parquet(
            file
        )
    told = run("campaigns", "check")
    assert "1 of 1 have no value for 'contract_ends_date': their message would be held" in told
    assert "no words in 'de': 1 people get the company's own language" in told


def test_diff_shows_changed_words_keys_and_who_came_and_fell_out(settings, night) -> None:
    first = run("campaigns", "diff", "slipping")
    assert "slipping: new: never approved; 1 on its list" in first
    assert "new: 1, such as Blue Harbour (1)" in first
    assert "longest-name [en]: Hello The Calm Harbour" in first
    run("campaigns", "approve", "slipping", "--by", "Anna")
    assert "slipping: as approved; 1 on its list" in run("campaigns", "diff", "slipping")

    words = settings.folder / "campaigns" / "slipping" / "en.md"
    words.write_text(words.read_text().replace("Hello {{ account_name }}", "Good day, {{ account_name }}"))
    change(settings, "campaigns/slipping.yml", priority=9)
    rules = [{**one, "all": {"signs": "has fading"}} for one in _segments(settings)]
    (settings.folder / "segments.yml").write_text(yaml.safe_dump({"segments": rules}))
    told = run("campaigns", "diff", "slipping")
    assert "changed since it was approved; 0 on its list" in told
    assert "file, priority: 1 -> 9" in told
    assert "list, all.signs: has quiet -> has fading" in told
    assert "-subject: Hello {{ account_name }}" in told
    assert "+subject: Good day, {{ account_name }}" in told
    assert "fell out: 1, such as Blue Harbour (1)" in told
    [facts] = json.loads(run("campaigns", "diff", "slipping", "--json"))["campaigns"]
    assert facts["fell_out"]["count"] == 1


def test_a_message_that_would_be_held_says_so_in_the_difference(settings, night) -> None:
    words = settings.folder / "campaigns" / "slipping" / "en.md"
    words.write_text("---\nsubject: Hello {{ first_name }}\n---\nHello\n")
    assert "no-first-name [en]: HELD: campaigns/slipping/en.md: no value for first_name" in run("campaigns", "diff")


def test_approving_says_until_when_and_twice_changes_nothing(settings, night) -> None:
    told = run("campaigns", "approve", "--all", "--by", "Anna", "--until", "2026-12-31")
    assert told.count("approved by Anna; its result is looked at on 2026-12-31") == 2
    again = run("campaigns", "approve", "slipping", "--by", "Ben", "--until", "2027-01-31")
    assert "slipping: approved already, its result on 2026-12-31" in again
    engine = open_operations(settings.places.operations_url)
    assert {one.approved_by for one in approvals_of(engine)} == {"Anna"}
    assert len(approvals_of(engine)) == 2


def join_the_list(settings, per_night: int) -> None:
    """Nights of before on which so many came onto the list of slipping accounts."""
    rule = settings.segments.segments[0]
    for days_ago in (20, 10, 5):
        folder = settings.places.night_folder(TUESDAY_NIGHT - timedelta(days=days_ago), 1)
        folder.mkdir(parents=True)
        rows = {"segment_id": [rule.id], "version": [version_of(rule)], "new_tonight": [True]}
        pl.concat([pl.DataFrame(rows)] * per_night).write_parquet(folder / "segment_members.parquet")


def approved(settings, *words: str) -> dict:
    [found] = json.loads(run("campaigns", "approve", "slipping", "--by", "Anna", "--json", *words))["approved"]
    [stored] = approvals_of(open_operations(settings.places.operations_url), "slipping")
    assert found["horizon_ends"] == stored.horizon_ends.isoformat()
    return found


def test_an_approval_takes_the_day_on_which_check_says_5_points_can_be_told(settings, night) -> None:
    join_the_list(settings, 100)
    checked = json.loads(run("campaigns", "check", "--json"))["campaigns"]
    [enough_on] = [one["measurable"]["enough_on"] for one in checked if one["campaign"] == "slipping"]
    found = approved(settings)
    assert found["horizon_ends"] == enough_on
    assert found["horizon_from"] == "enough"


def test_the_output_of_an_approval_says_where_its_day_comes_from(settings, night) -> None:
    join_the_list(settings, 100)
    told = run("campaigns", "approve", "--all", "--by", "Anna")
    assert "the day on which 5 points can be told, at 302 accounts a month" in told
    assert "90 days and its 60 days of success; 5 points cannot be told within three years" in told


def test_an_approval_never_takes_a_day_before_a_quarter_and_the_days_of_success(settings, night) -> None:
    join_the_list(settings, 5000)
    checked = json.loads(run("campaigns", "check", "--json"))["campaigns"]
    [enough_on] = [one["measurable"]["enough_on"] for one in checked if one["campaign"] == "slipping"]
    told = json.loads(run("campaigns", "approve", "--all", "--by", "Anna", "--json"))["approved"]
    slow, fast = sorted(told, key=lambda one: one["campaign"])  # payment has nobody on its list: the usual day
    assert enough_on < fast["horizon_ends"] == slow["horizon_ends"]
    assert fast["horizon_from"] == slow["horizon_from"] == "usual"


def test_an_approval_before_the_first_night_takes_the_usual_day(settings) -> None:
    told = run("campaigns", "approve", "slipping", "--by", "Anna")
    assert "90 days and its 60 days of success; no night is published yet" in told


def test_a_day_that_a_person_names_stands_before_any_other(settings, night) -> None:
    join_the_list(settings, 100)
    found = approved(settings, "--until", "2026-12-31")
    assert (found["horizon_ends"], found["horizon_from"]) == ("2026-12-31", "named")


def test_why_says_that_a_yes_is_missing(settings, night) -> None:
    decisions = night.folder / "decisions.parquet"
    pl.read_parquet(decisions).with_columns(outcome=pl.lit("send"), reason_code=pl.lit("chosen")).write_parquet(
        decisions
    )
    open_operations(settings.places.operations_url).dispose()
    assert "waits: needs a person's yes" in " ".join(run("why", "1").split())
    run("campaigns", "approve", "slipping", "--by", "Anna")
    assert "needs a person's yes" not in " ".join(run("why", "1").split())
