"""Holds: what they keep back, and what a release lets go."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import Engine

from stillhere.campaigns.blast_radius import USUAL_FLOOR
from stillhere.operations import writing
from stillhere.operations.holds import find_hold, holds_of, replace_holds
from stillhere.operations.ledger import rows_of
from stillhere.operations.stops import Suppression, add_suppressions
from stillhere.operations.tables import assignments, contacts_made, occasions
from stillhere.sending.releases import ReleaseError, release, state_of
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import MORNING, add_hold, company, hold, mails, seal_night, send, set_campaign
from tests.stillhere.sending.test_live_night import rows_in

DAY = timedelta(days=1)
MANY = USUAL_FLOOR + 10


def test_a_hold_left_alone_never_sends(settings: Settings, either: Engine) -> None:
    seal_night(settings, either, night_hold=hold())
    for wait in (0, 1, 2, 3, 30):
        for live in (True, False):
            send(settings, either, live=live, wall_now=MORNING + wait * DAY)
    assert (mails(settings), rows_of(either)) == ([], [])
    # The next night decides anew; what was held back stays where it is, also when somebody finds the hold now.
    seal_night(settings, either, TUESDAY_NIGHT + DAY)
    with pytest.raises(ReleaseError, match="has expired"):
        release(either, hold().hold_id, "late", MORNING + DAY)
    assert send(settings, either, wall_now=MORNING + DAY).whole_send_held
    assert rows_of(either) == []


def test_a_held_night_stores_nothing_for_later_nights(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine, night_hold=hold())
    assert send(settings, engine).whole_send_held
    assert [rows_in(engine, table) for table in (occasions, assignments, contacts_made)] == [[], [], []]


def test_a_hold_found_after_deciding_keeps_everything_back_too(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine)
    add_hold(engine, hold(rule="claims"))
    assert send(settings, engine).whole_send_held
    assert mails(settings) == []


def test_a_released_night_goes_and_stops_are_looked_at_again(settings: Settings, either: Engine) -> None:
    seal_night(settings, either, night_hold=hold())
    with writing(either) as connection:
        add_suppressions(connection, [Suppression("a001@x.example", "unsubscribed", TUESDAY_NIGHT, "test")])
    release(either, hold().hold_id, "the sale is real", MORNING)
    result = send(settings, either)
    assert (result.handed_over, result.dropped) == (2, {"stopped since the night was decided": 1})
    assert len(rows_in(either, contacts_made)) == 2
    assert send(settings, either).handed_over == 0


def test_a_release_sends_nothing_that_is_too_old(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine, night_hold=hold())
    release(engine, hold().hold_id, "fine", MORNING + 3 * DAY)
    assert send(settings, engine, wall_now=MORNING + 3 * DAY).not_live
    assert mails(settings) == []


def test_a_message_hold_keeps_one_message_and_its_place(settings: Settings, either: Engine) -> None:
    decisions = seal_night(settings, either)
    message, account = decisions.row(0, named=True)["message_id"], decisions.row(0, named=True)["account_id"]
    found = add_hold(either, hold(scope="message", subject=message, rule="claims"))
    result = send(settings, either)
    assert (result.handed_over, result.held) == (2, {"doubtful": 1})
    assert f"{message}.eml" not in mails(settings)
    assert account not in {row["account_id"] for row in rows_in(either, contacts_made)}
    release(either, found.hold_id, "the claim is right", MORNING)
    assert send(settings, either).handed_over == 1
    assert len(rows_in(either, contacts_made)) == 3


def test_a_campaign_hold_keeps_both_arms_until_it_is_released(tmp_path, settings: Settings, engine: Engine) -> None:
    set_campaign(settings.folder, "slipping", holdout_share=0.2)
    shared = company(tmp_path)
    decisions = seal_night(shared, engine, many=2 * MANY)
    [found] = holds_of(engine, TUESDAY_NIGHT, 1)
    held = decisions.filter(pl.col("outcome") == "held").height
    assert (found.scope, found.subject, found.rule) == ("campaign", "slipping", "too_many")
    result = send(shared, engine)
    assert (result.handed_over, sum(result.held.values())) == (0, held)
    assert (rows_in(engine, contacts_made), rows_in(engine, assignments)) == ([], [])
    release(engine, found.hold_id, "first night of the campaign", MORNING)
    assert send(shared, engine).handed_over == held
    assert len(rows_in(engine, contacts_made)) == len(rows_in(engine, assignments)) == 2 * MANY


def test_releasing_the_night_lets_no_flood_through(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine, many=MANY, night_hold=hold())
    assert {one.scope for one in holds_of(engine, TUESDAY_NIGHT, 1)} == {"night", "campaign"}
    release(engine, hold().hold_id, "the source is fine", MORNING)
    result = send(settings, engine)
    assert (result.handed_over, sum(result.held.values())) == (0, MANY)


def test_what_was_held_and_has_lost_its_hold_stays(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine, night_hold=hold())
    with writing(engine) as connection:
        replace_holds(connection, TUESDAY_NIGHT, 1, [])
    assert (send(settings, engine).handed_over, mails(settings)) == (0, [])


def test_a_new_revision_ends_the_holds_of_the_old_one(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine, night_hold=hold())
    assert state_of(engine, hold()) == "open"
    seal_night(settings, engine, revision=2)
    assert state_of(engine, hold()) == "expired"
    with pytest.raises(ReleaseError, match="has expired"):
        release(engine, hold().hold_id, "fine", MORNING)


def test_a_release_wants_a_reason_and_a_hold(engine: Engine, settings: Settings) -> None:
    seal_night(settings, engine, night_hold=hold())
    with pytest.raises(ReleaseError, match="why this may leave"):
        release(engine, hold().hold_id, "  ", MORNING)
    with pytest.raises(ReleaseError, match="no hold 'ffff'"):
        release(engine, "ffff", "fine", MORNING)
    assert find_hold(engine, hold().hold_id).released_at is None


def test_the_first_reason_of_a_release_stays(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine, night_hold=hold())
    release(engine, hold().hold_id, "first", MORNING)
    release(engine, hold().hold_id, "second", MORNING + DAY)
    assert find_hold(engine, hold().hold_id).released_because == "first"
