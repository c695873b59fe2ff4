"""Lists arrive whole where marketers are; the mail about them holds counts and a link, and nobody's name."""

from __future__ import annotations

from datetime import UTC, datetime

import fsspec
import pytest

from stillhere.campaigns.segments import empty_members, members_tonight
from stillhere.lists.delivery import DeliveryError, deliver_lists, list_notice, notice_outbox
from stillhere.lists.lists import ListsNight, write_lists
from stillhere.operations.open import open_operations
from stillhere.sending.hand_over import Night, hand_over
from stillhere.sending.outgoing import Outgoing
from stillhere.sending.sender_files import FilesSender
from stillhere.settings.company import ListDelivery
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, segment, tiny_settings, wide


@pytest.fixture
def lists(tmp_path):
    rows = wide([{"account_id": "1", "account_name": "Secret Ltd"}, {"account_id": "2"}])
    members = members_tonight(rows, [segment()], empty_members(), TUESDAY_NIGHT)
    night = ListsNight(TUESDAY_NIGHT, "EUR", 60)
    return write_lists(tmp_path / "lists", [segment()], members, empty_members(), night)


def test_lists_are_copied_to_a_folder_of_the_night(lists, tmp_path) -> None:
    delivered = deliver_lists(lists, str(tmp_path / "marketing"), TUESDAY_NIGHT)
    folder = tmp_path / "marketing" / "2026-03-03"
    assert sorted(path.name for path in folder.iterdir()) == ["slipping.csv", "slipping.xlsx"]
    assert (folder / "slipping.csv").read_bytes() == lists[0].csv.read_bytes()
    assert delivered.place == str(folder)


def test_a_second_delivery_replaces_the_first(lists, tmp_path) -> None:
    deliver_lists(lists, str(tmp_path / "marketing"), TUESDAY_NIGHT)
    lists[0].csv.write_text("newer")
    deliver_lists(lists, str(tmp_path / "marketing"), TUESDAY_NIGHT)
    assert (tmp_path / "marketing" / "2026-03-03" / "slipping.csv").read_text() == "newer"


def test_a_bucket_is_reached_by_its_url(lists) -> None:
    deliver_lists(lists, "memory://bucket/lists", TUESDAY_NIGHT)
    stored = fsspec.filesystem("memory").cat("/bucket/lists/2026-03-03/slipping.csv")
    assert stored == lists[0].csv.read_bytes()


@pytest.mark.parametrize("place", ["nosuch://bucket", "/dev/null/lists"])
def test_a_place_that_cannot_be_written_is_told(lists, place) -> None:
    with pytest.raises(DeliveryError, match=r"company\.yml, lists\.deliver_to"):
        deliver_lists(lists, place, TUESDAY_NIGHT)


def test_no_place_and_no_readers_is_no_delivery(lists) -> None:
    assert deliver_lists(lists, None, TUESDAY_NIGHT) is None
    assert list_notice(lists, ListDelivery(), "Loopwise", TUESDAY_NIGHT, None) is None


def test_the_mail_has_counts_and_the_link_and_nothing_of_the_list(lists) -> None:
    delivery = ListDelivery(notify=("marketing@loopwise.example",), link="https://drive.example/lists")
    notice = list_notice(lists, delivery, "Loopwise", TUESDAY_NIGHT, "/somewhere")
    assert notice.subject == "Loopwise: 1 list, 2 new accounts on 3 March 2026"
    assert "Slipping: 2 accounts, 2 new" in notice.text
    assert "https://drive.example/lists" in notice.text
    assert "Secret" not in notice.text
    assert "owner@" not in notice.text


def test_the_mail_goes_out_once_however_often_the_night_is_run(lists, tmp_path) -> None:
    delivery = ListDelivery(notify=("marketing@loopwise.example", "Care@loopwise.example"))
    outbox = notice_outbox(list_notice(lists, delivery, "Loopwise", TUESDAY_NIGHT, "/somewhere"))
    engine = open_operations(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    company = tiny_settings(tmp_path).company
    morning = datetime(2026, 3, 4, 4, tzinfo=UTC)
    night = Night(as_of=TUESDAY_NIGHT, revision=1, planned_at=morning)
    sent = [
        hand_over(
            Outgoing.of(outbox), night, engine, FilesSender(company, tmp_path / "mail"), "live", lambda: morning
        ).handed_over
        for _ in range(2)
    ]
    assert sent == [2, 0]
    assert len(list((tmp_path / "mail").iterdir())) == 2
