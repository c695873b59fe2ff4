"""An offer that has ended is a mistake; one that begins later, or that billing has never shown, a doubt."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest
import yaml

from stillhere.campaigns.lint import check_campaigns
from stillhere.campaigns.offer_check import codes_on_invoices, offer_doubts
from stillhere.settings import Offer, Settings, load_settings
from stillhere.warehouse.connect import open_warehouse
from tests.stillhere.campaigns.world import tiny_settings

TODAY = date(2026, 3, 4)
DAY = timedelta(days=1)


def offer(first: date, last: date) -> dict[str, object]:
    return {
        "id": "stay",
        "code": "STAY20",
        "terms": {"en": "20 % off"},
        "value_minor": 2000,
        "from": first,
        "until": last,
    }


def with_offer(tmp_path, last: date) -> Settings:
    made = tiny_settings(tmp_path)
    (made.folder / "offers.yml").write_text(yaml.safe_dump({"offers": [offer(date(2026, 1, 1), last)]}))
    file = next((made.folder / "campaigns").glob("*.yml"))
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "offer": "stay", "marketing": True}))
    return load_settings(made.folder, {}, tmp_path / "data")


@pytest.mark.parametrize(("last", "ended"), [(TODAY, False), (TODAY - DAY, True)])
def test_an_offer_that_has_ended_is_a_mistake_from_the_day_after_on(tmp_path, last: date, ended: bool) -> None:
    mistakes = check_campaigns(with_offer(tmp_path, last), None, TODAY).mistakes
    assert [one.expected for one in mistakes if one.key == "offer"] == [f"'stay' ended on {last}"] * ended


def test_an_offer_that_begins_later_and_a_code_no_invoice_has_shown_are_doubts() -> None:
    later = Offer.model_validate(offer(TODAY + DAY, TODAY + 9 * DAY))
    said = list(offer_doubts(later, TODAY, frozenset({"SAVE20"})))
    assert [words.split(" ")[0] for words in said] == ["the", "no"]
    assert "from 2026-03-05 on" in said[0]
    assert "'STAY20'" in said[1]
    assert list(offer_doubts(later, TODAY + DAY, frozenset({"STAY20"}))) == []
    assert list(offer_doubts(later, TODAY + DAY, None)) == []
    assert list(offer_doubts(None, TODAY, frozenset())) == []


def test_codes_are_read_from_invoices_and_unknown_while_a_night_is_at_work(tmp_path) -> None:
    places = tiny_settings(tmp_path).places
    assert codes_on_invoices(places) is None
    with open_warehouse(places.warehouse) as warehouse:
        warehouse.execute("create table t (x integer)")
    assert codes_on_invoices(places) is None
    with duckdb.connect(str(places.warehouse)) as warehouse:
        warehouse.execute("create schema intermediate")
        warehouse.execute("create table intermediate.int_invoices as select unnest(['A', null, 'A', 'B']) as coupon")
    assert codes_on_invoices(places) == {"A", "B"}
