"""The mail to our own people about the lists."""

from __future__ import annotations

import dataclasses

from sqlalchemy import Engine

from stillhere.campaigns.segments import empty_members
from stillhere.lists.lists import ListsNight, write_lists
from stillhere.operations.ledger import newest_live_day
from stillhere.sending.night_rows import night_rows
from stillhere.sending.notices import tell_lists
from stillhere.settings import Settings
from stillhere.settings.company import ListDelivery
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.mail_servers import smtp_server
from tests.stillhere.sending.nights import MORNING, as_live, company, mails, seal_night

TO = {"notify": ("marketing@tiny.example",), "link": "https://drive.example/lists"}


def tell(settings: Settings, engine: Engine) -> str | None:
    folder = settings.places.out_folder(TUESDAY_NIGHT) / "lists"
    about = ListsNight(TUESDAY_NIGHT, "EUR", 60)
    lists = write_lists(folder, settings.segments.segments, empty_members(), empty_members(), about)
    return tell_lists(settings, engine, (TUESDAY_NIGHT, 1), lists, None, lambda: MORNING)


def with_readers(settings: Settings) -> Settings:
    changed = settings.company.model_copy(update={"lists": ListDelivery(**TO)})
    return dataclasses.replace(settings, company=changed)


def test_people_are_told_once_and_no_night_counts_as_sent_for_it(tmp_path, settings: Settings, engine: Engine) -> None:
    with smtp_server() as (url, mailbox):
        told = with_readers(company(tmp_path, {"STILLHERE_SENDER": "smtp", "STILLHERE_SMTP_URL": url}))
        seal_night(told, engine)
        assert (tell(told, engine), tell(told, engine)) == (None, None)
        assert [mail["To"] for mail in mailbox.mails] == ["marketing@tiny.example"]
    assert newest_live_day(engine) is None
    assert [row.sent for row in night_rows(told, engine)] == [0]


def test_with_files_the_notice_lies_apart_from_the_mails_of_customers(settings: Settings, engine: Engine) -> None:
    assert tell(with_readers(settings), engine) is None
    assert len(list((settings.places.out_folder(TUESDAY_NIGHT) / "notices").glob("*.eml"))) == 1
    assert mails(settings) == []


def test_a_sender_that_is_not_ready_is_told_and_fails_nothing(settings: Settings, engine: Engine) -> None:
    words = tell(as_live(with_readers(settings), sender="smtp"), engine)
    assert "nobody was told" in (words or "")
