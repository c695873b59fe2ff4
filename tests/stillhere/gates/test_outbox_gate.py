"""Hand-over 3 on messages that were really written: what they say is read again from the marts."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

from expectations.process import Checker
from expectations.report import GateReport, holds
from stillhere.gates.hand_overs import check_outbox
from stillhere.gates.message_words import RULE_WORDS, message_words
from stillhere.mails.outbox import write_outbox
from stillhere.settings import Settings, load_settings
from tests.stillhere.gates.conftest import AS_OF

WORDS = """---
subject: "Still there, {{ first_name }}?"
preview: "{{ days_silent }} days"
button: "{{ account_name }}"
button_url: https://kiosk.example/
---
Hello {{ first_name }}, {{ account_name }} pays {{ mrr }} for {{ plan }} until {{ contract_ends_date }}.

{{ sign }}: {{ days_silent }} days, usually {{ usual_gap_days }}. {{ sender_name }} of {{ company_name }}
"""
SIGNS = [{"code": "quiet", "words": "", "strength": 1.0, "values": {"days_silent": 1031, "usual_gap_days": 6.0}}]
CAMPAIGN = {"title": "A note", "segment": "quiet", "what": "mail", "priority": 1}
SEGMENT = {"id": "quiet", "title": "Quiet", "description": "Quiet.", "owner": "marketing", "all": {"stage": "= active"}}


@pytest.fixture
def night(settings: Settings) -> Settings:
    """The shop with a campaign and with marts about two accounts."""
    folder = settings.folder
    (folder / "campaigns" / "note").mkdir(parents=True)
    (folder / "campaigns" / "note.yml").write_text(yaml.safe_dump(CAMPAIGN))
    (folder / "campaigns" / "note" / "en.md").write_text(WORDS)
    (folder / "segments.yml").write_text(yaml.safe_dump({"segments": [SEGMENT]}))
    settings.places.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.places.warehouse)) as warehouse:
        warehouse.execute("create schema marts; create schema intermediate")
        for name, frame in marts().items():
            warehouse.register("frame", frame.to_arrow())
            warehouse.execute(f"create table {name} as select * from frame")
    return load_settings(folder, {}, data_dir=settings.places.root.parent)


def marts() -> dict[str, pl.DataFrame]:
    """As dbt and the risk model leave them."""
    ids = ["a1", "a2"]
    return {
        "marts.accounts": pl.DataFrame(
            {
                "account_id": ids,
                "account_name": ["O'Neill & Sons <Ltd>", "Bäckerei Süß"],
                "plan": ["Team", "Solo"],
                "mrr_minor": [123450, 900],
                "currency": ["EUR", "EUR"],
                "contract_ends_date": [date(2026, 12, 31), date(2027, 1, 5)],
                "owner_email": ["owner@kiosk.example"] * 2,
            }
        ),
        "marts.account_cadence": pl.DataFrame(
            {"account_id": ids, "days_silent": [1031, 12], "usual_gap_days": [6.5, 3.0]}
        ),
        "marts.risk": pl.DataFrame({"account_id": ids, "signs": [json.dumps(SIGNS)] * 2}),
        "intermediate.int_contacts": pl.DataFrame(
            {
                "contact_id": ["c1", "c2"],
                "account_id": ids,
                "first_name": ["Ann", " Bo "],
                "email": ["Ann@example.org", "bo@example.org"],
            }
        ),
    }


def written(night: Settings) -> pl.DataFrame:
    """The night's outbox, as the campaigns write it."""
    decisions = pl.DataFrame(
        {
            "message_id": ["m1", "m2"],
            "as_of": [AS_OF, AS_OF],
            "campaign": ["note", "note"],
            "email": ["ann@example.org", "bo@example.org"],
            "account_id": ["a1", "a2"],
            "contact_id": ["c1", "c2"],
            "occasion": ["o1", "o2"],
            "language": ["en", "en"],
            "outcome": ["send", "send"],
            "send_at": [datetime(2026, 8, 27, 7, tzinfo=UTC)] * 2,
            "send_until": [datetime(2026, 8, 27, 15, tzinfo=UTC)] * 2,
        }
    )
    frames = marts()
    wide = frames["marts.accounts"].join(frames["marts.account_cadence"], on="account_id")
    outbox = write_outbox(
        decisions, wide.join(frames["marts.risk"], on="account_id"), frames["intermediate.int_contacts"], night
    )
    assert outbox.unwritten == ()
    return outbox.messages


def check(checker: Checker, night: Settings, outbox: pl.DataFrame, stopped: tuple[str, ...] = ()) -> GateReport:
    return check_outbox(checker, night, AS_OF, outbox, stopped, decided=outbox.height)


def test_what_the_campaigns_write_passes(checker: Checker, night: Settings) -> None:
    report = check(checker, night, written(night))
    assert report.failed == ()


def test_every_rule_on_a_message_has_words_for_who_writes_the_campaign(checker: Checker, night: Settings) -> None:
    report = check(checker, night, written(night))
    assert {one.rule for one in report.results if one.scope == "message"} == set(RULE_WORDS)
    both = message_words(["link_is_https", "has_postal_address"])
    assert both == "a link in it is not https; it lacks the postal address"


@pytest.mark.parametrize(
    ("mart", "change"),
    [
        ("marts.account_cadence", "days_silent = 1030"),
        ("marts.account_cadence", "usual_gap_days = 7.5"),
        ("marts.accounts", "mrr_minor = 123451"),
        ("marts.accounts", "plan = 'Solo'"),
        ("marts.accounts", "account_name = 'Other'"),
        ("marts.accounts", "contract_ends_date = date '2026-11-30'"),
        ("marts.accounts", "currency = 'USD'"),
        ("marts.risk", "signs = replace(signs, '1031', '1032')"),
        ("intermediate.int_contacts", "email = 'another@example.org'"),
        ("marts.risk", "signs = '[]'"),
        ("marts.risk", """signs = '[{"code": "fading"}]'"""),
    ],
)
def test_a_message_that_says_otherwise_than_the_night_is_held(
    checker: Checker, night: Settings, mart: str, change: str
) -> None:
    outbox = written(night)
    with duckdb.connect(str(night.places.warehouse)) as warehouse:
        warehouse.execute(f"update {mart} set {change} where account_id = 'a1'")
    assert holds(check(checker, night, outbox)).message_ids == {"m1"}


def test_a_person_who_has_stopped_is_held(checker: Checker, night: Settings) -> None:
    held = holds(check(checker, night, written(night), stopped=("bo@example.org",)))
    assert held.message_ids == {"m2"}
    assert not held.whole_send


def test_an_account_that_is_gone_holds_its_message(checker: Checker, night: Settings) -> None:
    outbox = written(night)
    with duckdb.connect(str(night.places.warehouse)) as warehouse:
        warehouse.execute("delete from marts.accounts where account_id = 'a2'")
    assert holds(check(checker, night, outbox)).message_ids == {"m2"}


def test_nothing_to_send_is_fine(checker: Checker, night: Settings) -> None:
    report = check(checker, night, written(night).clear())
    assert not holds(report).whole_send


def test_no_address_is_left_behind_and_the_warehouse_is_free(checker: Checker, night: Settings) -> None:
    check(checker, night, written(night))
    assert list(Path(night.places.scratch).iterdir()) == []
    with duckdb.connect(str(night.places.warehouse)) as warehouse:
        warehouse.execute("create table marts.more as select 1 as one")


def test_what_a_killed_check_left_behind_goes_with_the_next(checker: Checker, night: Settings) -> None:
    scratch = night.places.scratch
    (scratch / "outbox-2026-08-20.duckdb.tmp").mkdir(parents=True)
    for name in ("duckdb.tmp/spilled.block", "duckdb", "duckdb.wal", "readings.parquet", "claims.parquet"):
        (scratch / f"outbox-2026-08-20.{name}").write_text("ann@example.org")
    check(checker, night, written(night))
    assert list(scratch.iterdir()) == []


def test_a_value_from_nowhere_holds_its_message(checker: Checker, night: Settings) -> None:
    outbox = written(night)
    claims: dict[str, Any] = json.loads(outbox["claims_json"][0])
    claims["plan"]["origin"] = "accounts.no_such_column"
    changed = outbox.with_columns(claims_json=pl.Series([json.dumps(claims), outbox["claims_json"][1]]))
    assert holds(check(checker, night, changed)).message_ids == {"m1"}


OFFER = {"id": "stay", "code": "STAY20", "terms": {"en": "20 % off"}, "value_minor": 1, "from": AS_OF, "until": AS_OF}
COUPONS = {"path": "coupons.csv", "maps": [{"to": "coupons", "columns": {"code": {"from": "code"}}}]}


@pytest.mark.parametrize(
    ("coupon", "held"),
    [
        ("'STAY20', true, null::date, null::date", False),
        ("'STAY20', true, date '2026-01-01', date '2026-08-27'", False),
        ("'STAY20', true, null::date, date '2026-08-26'", True),
        ("'STAY20', true, date '2026-08-28', null::date", True),
        ("'STAY20', false, null::date, null::date", True),
        ("'stay20', true, null::date, null::date", True),
    ],
)
def test_an_offer_whose_coupon_billing_does_not_take_tomorrow_holds_its_message(
    checker: Checker, night: Settings, coupon: str, held: bool
) -> None:
    folder = night.folder
    offer = {**OFFER, "until": date(2026, 12, 31)}
    (folder / "offers.yml").write_text(yaml.safe_dump({"offers": [offer]}))
    (folder / "campaigns" / "note.yml").write_text(yaml.safe_dump({**CAMPAIGN, "offer": "stay", "marketing": True}))
    sources = yaml.safe_load((folder / "sources.yml").read_text())
    next(iter(sources["sources"].values()))["resources"]["coupons"] = COUPONS
    (folder / "sources.yml").write_text(yaml.safe_dump(sources))
    with duckdb.connect(str(night.places.warehouse)) as warehouse:
        columns = "code, is_active, valid_from_date, redeem_by_date"
        warehouse.execute(
            f"create table intermediate.int_coupons as select * from (values ({coupon})) as c ({columns})"
        )
    settings = load_settings(folder, {}, data_dir=night.places.root.parent)
    outbox = written(settings)
    found = {rule for message in check(checker, settings, outbox).messages for rule in message.rules}
    assert found == ({"offer_is_valid_tomorrow"} if held else set())
