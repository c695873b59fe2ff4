"""A live night with the files sender: what leaves, what stays, and what later nights find."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, select

from stillhere.campaigns.published import NightNotFoundError
from stillhere.operations import reading, writing
from stillhere.operations.ledger import counts, rows_of
from stillhere.operations.runs import naive_utc
from stillhere.operations.stops import EVERYTHING, Suppression, add_suppressions, pause, resume
from stillhere.operations.tables import assignments, contacts_made, exits, ledger, occasions
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import MORNING, company, mails, seal_night, send, set_campaign

DAY = timedelta(days=1)


def rows_in(engine: Engine, table) -> list:
    with reading(engine) as connection:
        return list(connection.execute(select(table)).mappings())


def stop(engine: Engine, *emails: str) -> None:
    with writing(engine) as connection:
        add_suppressions(connection, [Suppression(email, "unsubscribed", TUESDAY_NIGHT, "test") for email in emails])


def bytes_of(settings: Settings) -> dict[str, str]:
    folder = settings.places.out_folder(TUESDAY_NIGHT) / "mail"
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*")}


def test_a_live_night_hands_over_every_message_once(settings: Settings, either: Engine) -> None:
    decisions = seal_night(settings, either)
    result = send(settings, either)
    assert (result.handed_over, result.details()) == (3, [])
    assert mails(settings) == sorted(f"{one}.eml" for one in decisions["message_id"])
    assert {row.status for row in rows_of(either, TUESDAY_NIGHT, "live")} == {"accepted"}
    mail = message_from_bytes((settings.places.out_folder(TUESDAY_NIGHT) / "mail" / mails(settings)[0]).read_bytes())
    assert mail["X-Stillhere-Message-Id"] + ".eml" == mails(settings)[0]
    assert mail["List-Unsubscribe"].startswith("<mailto:stop@tiny.example")


def test_a_night_sent_twice_sends_nothing_twice(settings: Settings, either: Engine) -> None:
    seal_night(settings, either)
    send(settings, either)
    before, places = bytes_of(settings), rows_in(either, contacts_made)
    again = send(settings, either)
    assert (again.handed_over, again.already) == (0, 3)
    assert bytes_of(settings) == before
    assert rows_in(either, contacts_made) == places


def test_what_later_nights_lean_on_is_stored_before_anything_leaves(settings, engine, monkeypatch) -> None:
    seal_night(settings, engine)
    seen = []

    def send_and_look(self, bundle):
        seen.append([len(rows_in(engine, table)) for table in (occasions, assignments, contacts_made)])
        raise KeyboardInterrupt

    monkeypatch.setattr("stillhere.sending.sender_files.FilesSender.send", send_and_look)
    with pytest.raises(KeyboardInterrupt):
        send(settings, engine)
    assert seen == [[3, 3, 3]]


def test_a_preview_leaves_no_trace_for_later_nights(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine)
    result = send(settings, engine, live=False)
    assert (result.previewed, result.handed_over) == (3, 0)
    assert len(mails(settings)) == 3
    assert [rows_in(engine, table) for table in (occasions, assignments, contacts_made)] == [[], [], []]
    assert {row["mode"] for row in rows_in(engine, ledger)} == {"preview"}
    assert send(settings, engine).handed_over == 3


def test_a_preview_replaces_the_previews_of_an_earlier_revision_and_no_delivered_mail(settings, engine) -> None:
    seal_night(settings, engine, many=2)
    send(settings, engine, live=False)
    stop(engine, "a000@x.example")
    seal_night(settings, engine, many=2, revision=2)
    assert send(settings, engine, live=False, revision=2).previewed == 1
    assert len(mails(settings)) == 1
    send(settings, engine, revision=2)
    delivered = mails(settings)
    stop(engine, "a001@x.example")
    seal_night(settings, engine, many=2, revision=3)
    assert send(settings, engine, live=False, revision=3).previewed == 0
    assert mails(settings) == delivered


def test_a_stop_recorded_after_the_decision_is_honoured(settings: Settings, either: Engine) -> None:
    decisions = seal_night(settings, either)
    stop(either, "a001@x.example")
    result = send(settings, either)
    assert (result.handed_over, result.dropped) == (2, {"stopped since the night was decided": 1})
    assert counts(either, TUESDAY_NIGHT, "live") == {"accepted": 2, "dropped": 1}
    dropped = decisions.filter(pl.col("email") == "a001@x.example")["message_id"][0]
    assert f"{dropped}.eml" not in mails(settings)
    # Who got nothing has used up nothing.
    assert {row["account_id"] for row in rows_in(either, contacts_made)} == {"a000", "a002"}


def test_a_cancellation_recorded_after_the_decision_is_honoured(settings: Settings, either: Engine) -> None:
    known = {"account_id": "a000", "requested_at": naive_utc(datetime(2026, 3, 1, tzinfo=UTC)), "outcome": "undecided"}
    with writing(either) as connection:
        connection.execute(exits.insert().values(known))
    seal_night(settings, either)
    new = [
        {"account_id": "a001", "requested_at": naive_utc(datetime(2026, 3, 4, tzinfo=UTC)), "outcome": "undecided"},
        {"account_id": "a002", "requested_at": naive_utc(datetime(2026, 3, 4, tzinfo=UTC)), "outcome": "saved"},
    ]
    with writing(either) as connection:
        connection.execute(exits.insert(), new)
    result = send(settings, either)
    assert (result.handed_over, result.dropped) == (2, {"cancelled since the night was decided": 1})


def test_an_old_exit_that_another_tool_tells_of_later_drops_nobody(settings: Settings, either: Engine) -> None:
    seal_night(settings, either)
    days = {"a000": datetime(2025, 3, 1), "a001": datetime(2026, 3, 3, 22, 59)}  # noqa: DTZ001 - as the table keeps it
    with writing(either) as connection:
        connection.execute(
            exits.insert(), [{"account_id": who, "requested_at": day, "outcome": "left"} for who, day in days.items()]
        )
    result = send(settings, either)
    assert (result.handed_over, result.dropped) == (3, {})


def test_a_paused_campaign_sends_nothing_more(settings: Settings, either: Engine, monkeypatch) -> None:
    from stillhere.sending.sender_files import FilesSender

    seal_night(settings, either)
    real = FilesSender.send

    monkeypatch.setattr(FilesSender, "at_once", 1)

    def send_then_pause(self, bundle):
        outcome = real(self, bundle)
        pause(either, "slipping", "wrong price", MORNING)  # while the sender is at work
        return outcome

    monkeypatch.setattr(FilesSender, "send", send_then_pause)
    first = send(settings, either)
    assert (first.handed_over, first.paused) == (1, 2)
    monkeypatch.setattr(FilesSender, "send", real)
    assert (send(settings, either).handed_over, len(mails(settings))) == (0, 1)
    resume(either, "slipping")
    assert (send(settings, either).handed_over, len(mails(settings))) == (2, 3)
    assert len(rows_in(either, contacts_made)) == 3


def test_everything_paused_sends_nothing_and_previews_all_the_same(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine)
    pause(engine, EVERYTHING, "restoring", MORNING)
    assert (send(settings, engine).handed_over, mails(settings), rows_in(engine, contacts_made)) == (0, [], [])
    assert send(settings, engine, live=False).previewed == 3


def test_held_out_accounts_get_nothing_and_keep_their_place(tmp_path: Path, settings: Settings, engine: Engine) -> None:
    set_campaign(settings.folder, "slipping", holdout_share=0.5)
    halved = company(tmp_path)
    decisions = seal_night(halved, engine, many=40)
    held_out = decisions.filter(pl.col("outcome") == "holdout").height
    assert 0 < held_out < 40
    assert send(halved, engine).handed_over == 40 - held_out
    assert len(rows_in(engine, contacts_made)) == len(rows_in(engine, assignments)) == 40
    assert {row["day_zero"] for row in rows_in(engine, assignments)} == {TUESDAY_NIGHT}


def test_a_new_revision_writes_nobody_a_second_time_in_one_night(settings: Settings, either: Engine) -> None:
    seal_night(settings, either)
    send(settings, either)
    # The rules have changed: the same people are now to hear of a payment.
    decisions = seal_night(settings, either, revision=2, codes=("payment_failing",))
    assert set(decisions.filter(pl.col("outcome") == "send")["campaign"]) == {"payment"}
    result = send(settings, either, revision=2)
    assert (result.handed_over, result.dropped) == (0, {"had another message of this night already": 3})
    assert len(mails(settings)) == 3


def test_a_night_older_than_max_age_is_never_sent_live(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine)
    assert send(settings, engine, wall_now=MORNING + 3 * DAY).not_live.startswith("the night of 2026-03-03 is 3 days")
    assert mails(settings) == []
    assert send(settings, engine, live=False, wall_now=MORNING + 30 * DAY).previewed == 3
    assert send(settings, engine, wall_now=MORNING + 2 * DAY).handed_over == 3


@pytest.mark.parametrize(("last_day", "leaves"), [(None, 3), (date(2026, 3, 5), 3), (date(2026, 3, 6), 0)])
def test_on_the_data_clock_age_counts_from_the_last_day_of_data(tmp_path, last_day, leaves) -> None:
    from stillhere.operations import open_operations

    settings = company(tmp_path, clock="data", last_complete_day=last_day)
    engine = open_operations(settings.places.operations_url)
    seal_night(settings, engine)
    assert send(settings, engine, wall_now=MORNING + 900 * DAY).handed_over == leaves


def test_an_older_night_is_not_sent_after_a_newer_one(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine, TUESDAY_NIGHT, many=1)
    seal_night(settings, engine, TUESDAY_NIGHT + DAY, many=2)
    assert send(settings, engine, TUESDAY_NIGHT + DAY, wall_now=MORNING + DAY).handed_over == 2
    refused = send(settings, engine, TUESDAY_NIGHT, wall_now=MORNING + DAY)
    assert refused.not_live == "the night of 2026-03-04 was handed over already; an older one is never sent after it"


def test_a_night_that_was_never_decided_is_told(settings: Settings, engine: Engine) -> None:
    with pytest.raises(NightNotFoundError, match="is not sealed"):
        send(settings, engine)


def test_messages_that_are_gone_are_told(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine)
    (settings.places.night_folder(TUESDAY_NIGHT, 1) / "outbox.parquet").unlink()
    with pytest.raises(NightNotFoundError, match=r"2026-03-03-1/outbox\.parquet.*--redecide"):
        send(settings, engine)


def test_a_refused_message_may_go_on_a_later_night(settings: Settings, engine: Engine, monkeypatch) -> None:
    from stillhere.sending.senders import HandedOver

    seal_night(settings, engine, many=1)
    with monkeypatch.context() as broken:
        refusal = HandedOver("refused", "server refused, code 451")
        broken.setattr("stillhere.sending.sender_files.FilesSender.send", lambda *_: [refusal])
        assert send(settings, engine).refused == 1
    tomorrow = TUESDAY_NIGHT + DAY
    decided = seal_night(settings, engine, tomorrow, many=1)
    assert decided["outcome"].to_list() == ["send"]
    assert send(settings, engine, tomorrow, wall_now=MORNING + DAY).handed_over == 1
    assert [(row.as_of, row.status) for row in rows_of(engine)] == [(tomorrow, "accepted")]


def test_status_counts_what_waits_for_a_sender(settings: Settings, engine: Engine) -> None:
    from stillhere.oncall.unsent import not_sent

    decisions = seal_night(settings, engine)
    stop(engine, "a000@x.example")
    send(settings, engine)
    with writing(engine) as connection:
        connection.execute(ledger.delete().where(ledger.c.message_id == decisions["message_id"][1]))
    told = not_sent(settings.places.night_folder(TUESDAY_NIGHT, 1), rows_of(engine, TUESDAY_NIGHT, "live"))
    assert [(one.count, one.outcome) for one in told] == [(1, "dropped"), (1, "waiting")]
