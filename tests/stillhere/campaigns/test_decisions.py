"""A whole night's deciding, from marts to lists and decisions."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import polars as pl
import pytest

from stillhere.campaigns.arbiter import DECISIONS_SCHEMA
from stillhere.campaigns.blast_radius import USUAL_FLOOR
from stillhere.campaigns.decisions import NightInputs, decide_night, inputs_from, places_taken
from stillhere.campaigns.facts import HISTORY_SCHEMA, SUPPRESSIONS_SCHEMA, Held
from stillhere.campaigns.holdouts import ASSIGNMENTS_SCHEMA, new_assignments
from stillhere.campaigns.occasions import OCCASIONS_SCHEMA
from stillhere.campaigns.segments import empty_members
from stillhere.operations import campaign_memory
from stillhere.operations.open import open_operations, writing
from stillhere.operations.snapshot import read_snapshot
from tests.stillhere.campaigns.world import (
    CADENCE_SCHEMA,
    TUESDAY_NIGHT,
    accounts,
    contacts,
    frame,
    risk_rows,
    tiny_settings,
)


def inputs(many: int) -> NightInputs:
    """Every account is quiet; every third one's payment fails; every tenth contact has not consented."""
    ids = [f"a{number:04}" for number in range(many)]
    codes = [["quiet", "payment_failing"] if number % 3 == 0 else ["quiet"] for number in range(many)]
    people = [
        {"contact_id": f"c-{name}", "account_id": name, "email": f"{name}@x.example", "marketing_consent": at % 10 != 0}
        for at, name in enumerate(ids)
    ]
    return NightInputs(
        accounts=accounts(*({"account_id": name} for name in ids)),
        cadence=frame([{"account_id": name} for name in ids], CADENCE_SCHEMA),
        risk=risk_rows(*({"account_id": name, "codes": listed} for name, listed in zip(ids, codes, strict=True))),
        contacts=contacts(*people),
        previous_members=empty_members(),
        occasions=pl.DataFrame(schema=OCCASIONS_SCHEMA),
        history=pl.DataFrame(schema=HISTORY_SCHEMA),
        suppressions=pl.DataFrame(schema=SUPPRESSIONS_SCHEMA),
        assignments=pl.DataFrame(schema=ASSIGNMENTS_SCHEMA),
    )


@pytest.fixture
def settings(tmp_path):
    return tiny_settings(tmp_path)


def handed_over(given: NightInputs, night) -> NightInputs:
    """The operations rows after this night's live hand-over."""
    places = places_taken(night.decisions, ())
    return dataclasses.replace(
        given,
        occasions=pl.concat([given.occasions, night.occasions.opened]),
        history=pl.concat([given.history, places.select(list(HISTORY_SCHEMA))]),
        assignments=pl.concat([given.assignments, new_assignments(night.decisions, given.assignments)]),
    )


def test_a_night_is_decided_the_same_after_its_own_hand_over(settings) -> None:
    given = inputs(60)
    first = decide_night(settings, given, TUESDAY_NIGHT)
    again = decide_night(settings, handed_over(given, first), TUESDAY_NIGHT)
    assert first.decisions.write_csv() == again.decisions.write_csv()
    assert first.members.write_csv() == again.members.write_csv()
    assert again.occasions.opened.is_empty()


def test_the_next_nights_do_not_write_again_about_the_same_occasion(settings) -> None:
    given = inputs(60)
    first = decide_night(settings, given, TUESDAY_NIGHT)
    given = dataclasses.replace(handed_over(given, first), previous_members=first.members)
    chosen = set(first.decisions.filter(pl.col("outcome").is_in(["send", "holdout"]))["occasion"])
    for ahead in (1, 8, 15):
        later = decide_night(settings, given, TUESDAY_NIGHT + timedelta(days=ahead))
        told = later.decisions.filter(pl.col("occasion").is_in(chosen))
        assert set(told["reason_code"]) == {"already_done"}


def test_a_company_without_contacts_gets_lists_and_no_mails(settings) -> None:
    given = dataclasses.replace(inputs(6), contacts=contacts())
    night = decide_night(settings, given, TUESDAY_NIGHT)
    assert night.members.height == 8
    assert set(night.decisions["reason_words"]) == {"no contacts in this company: lists and calls only"}


def test_a_held_night_decides_everything_and_sends_nothing(settings) -> None:
    given = dataclasses.replace(inputs(60), holds={"*": Held("stale", "crm is 50 hours old")})
    night = decide_night(settings, given, TUESDAY_NIGHT)
    assert "send" not in set(night.decisions["outcome"])
    assert set(night.members["status"]) == {"held"}
    assert "crm is 50 hours old" in set(night.decisions["reason_words"])


def test_too_many_of_one_campaign_are_held_and_a_small_base_is_not(tmp_path) -> None:
    nobody_out = {"universal_holdout_share": 0.0, "max_share_of_base": 0.05, "first_nights": 0}
    settings = tiny_settings(tmp_path, campaigns=nobody_out)
    campaigns = tuple(one.model_copy(update={"holdout_share": 0.0}) for one in settings.campaigns)
    settings = dataclasses.replace(settings, campaigns=campaigns)
    few, many = (decide_night(settings, inputs(number), TUESDAY_NIGHT) for number in (50, 100))
    assert few.too_many == {}
    assert few.decisions.filter(outcome="send").height == 45
    assert set(many.too_many) == {"slipping"}
    held = many.decisions.filter(outcome="held")
    assert set(held["reason_code"]) == {"too_many"}
    assert held.height > USUAL_FLOOR
    assert many.decisions.filter(outcome="send", campaign="payment").height == 30


@pytest.mark.parametrize("many", [0, 1])
def test_an_empty_company_and_a_single_account_are_decided(settings, many) -> None:
    night = decide_night(settings, inputs(many), TUESDAY_NIGHT)
    assert night.decisions.schema == pl.Schema(DECISIONS_SCHEMA)


def test_the_places_of_a_held_campaign_count_once_it_is_released(settings) -> None:
    given = dataclasses.replace(inputs(60), holds={"slipping": Held("by_hand", "the words are being changed")})
    night = decide_night(settings, given, TUESDAY_NIGHT)
    assert set(places_taken(night.decisions, settings.campaigns)["campaign"]) == {"payment"}
    released = places_taken(night.decisions, settings.campaigns, frozenset({"slipping"}))
    assert set(released.filter(campaign="slipping")["outcome"]) == {"send", "holdout"}


def test_stored_rows_give_the_inputs_they_came_from(settings, tmp_path) -> None:
    """What a live hand-over stores in the operations database is what the next night reads back."""
    given = inputs(60)
    first = decide_night(settings, given, TUESDAY_NIGHT)
    later = TUESDAY_NIGHT + timedelta(days=1)
    engine = open_operations(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    with writing(engine) as connection:
        campaign_memory.open_occasions(connection, first.occasions.opened.to_dicts())
        campaign_memory.store_assignments(connection, new_assignments(first.decisions, given.assignments).to_dicts())
        campaign_memory.store_contacts_made(connection, places_taken(first.decisions, settings.campaigns).to_dicts())
    marts = {
        "accounts": given.accounts,
        "account_cadence": given.cadence,
        "risk": given.risk,
        "int_contacts": given.contacts,
    }
    stored = inputs_from(marts, read_snapshot(engine, later), first.members)
    expected = dataclasses.replace(handed_over(given, first), previous_members=first.members)
    told = [decide_night(settings, one, later).decisions.write_csv() for one in (stored, expected)]
    assert told[0] == told[1]
    assert "already_done" in told[0]
