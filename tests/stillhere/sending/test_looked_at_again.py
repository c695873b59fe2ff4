"""What is recorded after the night was decided is looked at again in the moment of handing over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from stillhere.operations import writing
from stillhere.operations.ledger import rows_of
from stillhere.operations.peace import Peace, do_not_disturb_until, record_erasure, record_objection
from stillhere.sending.senders import Bundle
from stillhere.sending.taking import HOURS_OVER, IN_PEACE, OBJECTED, Night, Taken, take

AS_OF = date(2026, 3, 3)
NOW = datetime(2026, 3, 4, 5, tzinfo=UTC)
OPENS, CLOSES = NOW + timedelta(hours=3), NOW + timedelta(hours=11)


def row(number: int, campaign: str = "note", **more: object) -> dict[str, object]:
    return {
        "message_id": f"{number:032x}",
        "campaign": campaign,
        "email": f"p{number}@x.example",
        "account_id": f"a{number}",
        "contact_id": f"c{number}",
        "occasion": f"o{number}",
        **more,
    }


def taken(engine: Engine, rows: list[dict[str, object]], now: datetime = NOW, **night: object) -> Taken:
    with writing(engine) as connection:
        about = Night(AS_OF, 1, NOW, **night)  # type: ignore[arg-type]
        return take(connection, Bundle(rows, NOW), about, "smtp", "live", f"claim {now}", now)


def ids(found: Taken) -> list[str]:
    return [one["email"] for one in found.rows]


def test_nobody_is_written_to_who_asked_for_peace_in_the_meantime(either: Engine) -> None:
    do_not_disturb_until(either, Peace("a1", date(2026, 3, 4), "a hard talk", "Ann"), NOW)
    do_not_disturb_until(either, Peace("P2@x.example", date(2026, 3, 4), "asked for it", "Ann"), NOW)
    do_not_disturb_until(either, Peace("a3", date(2026, 3, 3), "over by then", "Ann"), NOW)
    with writing(either) as connection:
        record_erasure(connection, "p4@x.example", AS_OF)
    found = taken(either, [row(number) for number in range(1, 6)])
    assert ids(found) == ["p3@x.example", "p5@x.example"]
    assert found.dropped == {IN_PEACE: 3}
    assert {one.detail for one in rows_of(either) if one.status == "dropped"} == {IN_PEACE}


def test_an_objection_ends_what_rests_on_use_and_no_service_mail(either: Engine) -> None:
    with writing(either) as connection:
        record_objection(connection, "a1", AS_OF, "test")
        record_objection(connection, "p2@x.example", AS_OF, "test")
    rows = [row(1), row(2, "payment"), row(3)]
    found = taken(either, rows, profiling=frozenset({"note"}))
    assert ids(found) == ["p2@x.example", "p3@x.example"]
    assert found.dropped == {OBJECTED: 1}


@pytest.mark.parametrize(
    ("hours_on", "left", "early", "late"), [(0, 1, 1, 0), (3, 2, 0, 0), (10.99, 2, 0, 0), (11, 1, 0, 1), (40, 1, 0, 1)]
)
def test_a_sender_that_keeps_nothing_waits_for_the_readers_hours_and_misses_none(
    either: Engine, hours_on: float, left: int, early: int, late: int
) -> None:
    rows = [row(1, send_at=OPENS, send_until=CLOSES), row(2, send_at=None, send_until=None)]
    found = taken(either, rows, NOW + timedelta(hours=hours_on), keeps_hours=True)
    assert (len(found.rows), found.others["early"], found.dropped[HOURS_OVER]) == (left, early, late)


def test_what_was_too_early_leaves_with_a_later_run(either: Engine) -> None:
    rows = [row(1, send_at=OPENS, send_until=CLOSES)]
    assert taken(either, rows, keeps_hours=True).rows == []
    assert rows_of(either) == []
    assert len(taken(either, rows, OPENS, keeps_hours=True).rows) == 1


def test_a_provider_that_keeps_messages_is_given_them_before_the_hours_begin(either: Engine) -> None:
    rows = [row(1, send_at=OPENS, send_until=CLOSES)]
    with writing(either) as connection:
        bundle = Bundle(rows, NOW, send_at=NOW + timedelta(minutes=30), batch_id="b")
        found = take(
            connection, bundle, Night(AS_OF, 1, NOW, keeps_hours=True, is_scheduled=True), "sendgrid", "live", "c", NOW
        )
    assert len(found.rows) == 1
    assert rows_of(either)[0].send_at == OPENS.replace(tzinfo=None)
