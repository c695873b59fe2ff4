"""`stillhere lists`, `why` and `calls import` as people type them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from stillhere.campaigns.segments import empty_members
from stillhere.commands import calls, do_not_disturb, lists, schema, suppress, why
from stillhere.lists.call_list import CallNight, write_call_list
from stillhere.lists.lists import ListsNight, write_lists
from stillhere.operations import campaign_memory
from stillhere.operations.open import open_operations, writing
from stillhere.operations.snapshot import read_snapshot
from stillhere.settings import ActivityWords, Campaign, StillhereError
from tests.stillhere.campaigns.nights import quiet_night
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, accounts, tiny_settings

YESTERDAY = TUESDAY_NIGHT - timedelta(days=1)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    made = tiny_settings(tmp_path, clock="data")
    for campaign in made.campaigns:
        words = made.folder / "campaigns" / campaign.id / "en.md"
        words.parent.mkdir()
        words.write_text("---\nsubject: Hello\n---\nHello {{ account_name }}!\n")
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STILLHERE_COMPANY", str(made.folder))
    monkeypatch.delenv("STILLHERE_OPERATIONS_URL", raising=False)
    return made


@pytest.fixture
def night(settings):
    return quiet_night(settings, YESTERDAY)


def run(*words):
    app = typer.Typer()
    for command in (lists, why, calls, do_not_disturb, suppress, schema):
        command.register(app)
    result = CliRunner().invoke(app, list(words))
    if isinstance(result.exception, StillhereError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_lists_tells_counts_and_where_the_files_are(settings, night) -> None:
    folder = settings.places.out_folder(TUESDAY_NIGHT) / "lists"
    told = ListsNight(TUESDAY_NIGHT, "EUR", 60)
    write_lists(folder, settings.segments.segments, night.mart("segment_members"), empty_members(), told)
    shown = run("lists")
    assert "1     1  Slipping" in shown
    assert str(folder / "slipping.xlsx") in shown
    facts = json.loads(run("lists", "--as-of", "2026-03-03", "--json"))
    assert {one["segment_id"]: one["members"] for one in facts["lists"]} == {"slipping": 1, "payment": 0}


def test_why_tells_what_was_sent_before_from_the_operations_database(settings, night) -> None:
    engine = open_operations(settings.places.operations_url)
    made = {"campaign": "note", "account_id": "1", "occasion": "o", "email": None, "as_of": YESTERDAY}
    with writing(engine) as connection:
        campaign_memory.store_contacts_made(connection, [{**made, "outcome": "call"}])
        campaign_memory.store_assignments(
            connection, [{"campaign": "note", "account_id": "1", "arm": "treated", "day_zero": YESTERDAY}]
        )
    story = run("why", "blue harbour")
    assert "2026-03-02 note: call, on the call list" in " ".join(story.split())
    assert "note: treated" in story


def test_why_works_before_there_is_an_operations_database_and_creates_none(settings, night) -> None:
    assert "So far nothing" in " ".join(run("why", "1").split())
    assert not (settings.places.root / "operations.sqlite").exists()


def test_an_unknown_account_is_told(settings, night) -> None:
    with pytest.raises(StillhereError, match="no account has the id 'purple'"):
        run("why", "purple")


def filled_in(settings, night, outcome):
    """The night's call list with its one row filled in; the mail campaign is made a call for it."""
    campaigns = {one.id: one.model_copy(update={"what": "call"}) for one in settings.campaigns}
    decisions = night.mart("decisions").with_columns(outcome=pl.lit("call"))
    decisions.write_parquet(night.folder / "decisions.parquet")
    people = pl.DataFrame({"contact_id": ["1-1"], "first_name": ["Ada"]})
    rows = accounts({"account_id": "1"}).with_columns(
        pl.lit("quiet").alias("signs_words"),
        last_active_date=pl.lit(None, dtype=pl.Date),
        value_rank=pl.lit(None, dtype=pl.Int32),
    )
    asked = CallNight(TUESDAY_NIGHT, campaigns, rows, people, ActivityWords(), "EUR")
    path = write_call_list(settings.places.out_folder(TUESDAY_NIGHT), decisions, asked).csv
    heading, row = path.read_text().splitlines()
    path.write_text(f"{heading}\n{row.removesuffix(',,')}{outcome},,\n")
    return path


def test_outcomes_come_back_once_and_can_be_corrected(settings, night) -> None:
    campaign_file = settings.folder / "campaigns" / "slipping.yml"
    campaign_file.write_text(campaign_file.read_text().replace("what: mail", "what: call"))
    path = filled_in(settings, night, "no answer")
    assert run("calls", "import", str(path)).startswith("Outcomes read: 1; new or changed: 1")
    assert json.loads(run("calls", "import", str(path), "--json"))["new_or_changed"] == 0
    path.write_text(path.read_text().replace("no answer", "done"))
    assert json.loads(run("calls", "import", str(path), "--json"))["new_or_changed"] == 1
    assert "slipping: call came back, done" in run("why", "1")
    # The call was made the day after the night: the story of that day does not know it yet.
    assert "call came back" not in run("why", "1", "--as-of", "2026-03-03")


def test_a_mistake_takes_nothing(settings, night) -> None:
    path = filled_in(settings, night, "perhaps")
    with pytest.raises(StillhereError, match="row 2: outcome 'perhaps' is not known"):
        run("calls", "import", str(path))
    assert not (settings.places.root / "operations.sqlite").exists()


def test_why_and_deciding_start_without_the_heavy_engines() -> None:
    code = """
import sys
import stillhere.campaigns.decisions, stillhere.campaigns.past, stillhere.campaigns.why, stillhere.commands.why
heavy = {"prefect", "dbt", "sklearn", "great_expectations", "dlt"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_peace_is_set_shown_and_ended(settings) -> None:
    words = ("do-not-disturb", "1", "--until", "2026-12-31", "--because", "moving offices", "--by", "kim")
    assert "Nobody turns to 1 until 2026-12-31" in run(*words)
    assert run("do-not-disturb") == "2026-12-31  1: moving offices (kim)\n"
    assert json.loads(run("do-not-disturb", "--json"))["do_not_disturb"][0]["by"] == "kim"
    snapshot = read_snapshot(open_operations(settings.places.operations_url), TUESDAY_NIGHT)
    assert snapshot["quiet"][0]["because"] == "moving offices"
    assert "may be turned to again" in run("do-not-disturb", "1", "--end")
    assert "Nobody is left in peace" in run("do-not-disturb")


def test_objections_stops_and_erasures_are_recorded_by_hand_and_an_erased_address_is_kept_nowhere(settings) -> None:
    run("suppress", "objection", " Ada@X.example ")
    run("suppress", "add", "Bob@X.example", "--because", "on the phone")
    run("suppress", "erased", "Carl@X.example")
    snapshot = read_snapshot(open_operations(settings.places.operations_url), TUESDAY_NIGHT)
    assert [row["subject"] for row in snapshot["objections"]] == ["ada@x.example"]
    assert [row["email"] for row in snapshot["suppressions"]] == ["bob@x.example"]
    assert len(snapshot["erasures"]) == 1
    assert "carl" not in str(snapshot).lower()
    assert "taken back" in run("suppress", "objection", "ada@x.example", "--withdrawn")
    assert "by hand" not in run("suppress", "add", "bob@x.example", "--because", "again")


def test_the_schema_for_editors_agrees_with_what_is_read(settings, tmp_path) -> None:
    run("schema", str(tmp_path / "schema"))
    described = json.loads((tmp_path / "schema" / "campaign.schema.json").read_text())
    keys = {field.alias or name for name, field in Campaign.model_fields.items()} - {"id"}
    assert set(described["properties"]) == keys
    assert described["additionalProperties"] is False
    assert set(described["required"]) == {"title", "segment", "what", "priority"}
    hours = described["$defs"]["When"]["properties"]["hours"]
    assert re.fullmatch(hours["pattern"], hours["default"])
