"""A company that maps billing's coupons: an offer that billing takes goes out, one that it does not take is held."""

from __future__ import annotations

import shutil
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from stillhere.gates.message_words import RULE_WORDS
from tests.e2e.conftest import company_with
from tests.e2e.household import Household

OFFERED = {"slipping_note": "taken", "champion_handover": "unknown", "win_back_60": "ended"}
"""Campaign to its offer, named after what billing says of the code."""
EXPORT = """code,redeem by,active
TAKEN-10,,yes
ENDED-10,2026-01-31,yes
"""
COUPONS: dict[str, Any] = {
    "kind": "csv",
    "path": "{data}/sources/coupons.csv",
    "vendor": "generic",
    "resources": {
        "codes": {
            "key": ["code"],
            "maps": [
                {
                    "to": "coupons",
                    "columns": {
                        "code": {"from": "code"},
                        "redeem_by": {"from": "redeem by"},
                        "is_active": {"from": "active"},
                    },
                }
            ],
        }
    },
}


@pytest.fixture
def with_coupons(tmp_path: Path, demo_sources: Path, prefect_url: str, established: Path) -> Household:
    """The established company with three offers and an export of billing's coupons; its campaigns are approved."""
    company = tmp_path / "config"
    shutil.copytree(established, company)
    home = company_with(demo_sources, tmp_path / "data", prefect_url, company)
    (home.state / "sources" / "coupons.csv").write_text(EXPORT)
    sources = yaml.safe_load((company / "sources.yml").read_text())
    sources["sources"]["codes"] = COUPONS
    (company / "sources.yml").write_text(yaml.safe_dump(sources))
    (company / "offers.yml").write_text(yaml.safe_dump({"offers": [offer(one) for one in OFFERED.values()]}))
    for campaign, one in OFFERED.items():
        with (company / "campaigns" / f"{campaign}.yml").open("a") as file:
            file.write(f"offer: {one}\n")
        for words in (company / "campaigns" / campaign).glob("*.md"):
            words.write_text(f"{words.read_text()}\n{code(one)}\n")
    home.run("campaigns", "approve", "--all", "--by", "the tests")
    return home


def code(offer_id: str) -> str:
    return f"{offer_id.upper()}-10"


def offer(offer_id: str) -> dict[str, Any]:
    """An offer that is all right by itself, whatever the demo's day is."""
    days = {"from": "2020-01-01", "until": "2039-12-31"}
    terms = {"en": "10 % off for three months"}
    return {"id": offer_id, "code": code(offer_id), "terms": terms, "value_minor": 3000, **days}


def test_an_offer_that_billing_takes_goes_out_and_one_that_it_does_not_take_is_held(with_coupons: Household) -> None:
    home = with_coupons
    home.run("campaigns", "check")  # before the first night nobody knows what billing takes
    screen = " ".join(home.run("nightly", "--send").stdout.split())

    chosen = chosen_messages(home)
    assert set(chosen.values()) == set(OFFERED)
    taken = {message for message, campaign in chosen.items() if campaign == "slipping_note"}
    left = home.rows("select message_id, campaign, status from ledger where mode = 'live'")
    assert {row for row in left if row[1] in OFFERED} == {(one, "slipping_note", "accepted") for one in taken}
    made = home.rows("select campaign, offer_code from contacts_made where outcome = 'send' and offer_code is not null")
    assert made == [("slipping_note", code("taken"))] * len(taken)
    for message in taken:
        mail = message_from_bytes((home.out / "mail" / f"{message}.eml").read_bytes(), policy=policy.default)
        assert code("taken") in mail.get_body(("plain",)).get_content()

    held = {one["subject"]: one for one in home.facts("holds")["holds"]}
    assert set(held) == set(chosen) - taken
    assert {one["rule"] for one in held.values()} == {"offer_is_valid_tomorrow"}
    reason = RULE_WORDS["offer_is_valid_tomorrow"]
    assert {one["words"] for one in held.values()} == {reason}
    assert f"{len(held)} held: {reason}" in screen
    assert {next_of(home, message) for message in held} == {f"waits: {reason} ('stillhere holds')"}

    mistakes = {one["key"]: one["expected"] for one in home.facts("campaigns", "check", expect=2)["mistakes"]}
    assert mistakes == {
        "unknown.code": "billing has no coupon 'UNKNOWN-10'",
        "ended.code": "in billing the coupon 'ENDED-10' ended on 2026-01-31",
    }


def decisions(home: Household) -> pl.DataFrame:
    return pl.read_parquet(home.state / "published" / "decisions.parquet")


def chosen_messages(home: Household) -> dict[str, str]:
    """Messages that the night chose of the campaigns with an offer, to their campaign."""
    chosen = decisions(home).filter((pl.col("outcome") == "send") & pl.col("campaign").is_in(list(OFFERED)))
    return dict(chosen.select("message_id", "campaign").iter_rows())


def next_of(home: Household, message_id: str) -> str:
    """What `why` says comes next for a message."""
    decided = decisions(home).filter(message_id=message_id).row(0, named=True)
    story = home.facts("why", decided["account_id"])["campaigns"]
    return next(one["next"] for one in story if one["campaign"] == decided["campaign"])
