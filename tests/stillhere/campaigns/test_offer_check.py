"""An offer that has ended is a mistake; one that begins later, or that billing has never shown, a doubt."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest
import yaml

from stillhere.campaigns.lint import check_campaigns
from stillhere.campaigns.offer_check import Billing, offer_doubts, offer_mistakes, read_billing
from stillhere.settings import Offer, Settings, load_settings
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.coupons import Coupon
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
    said = list(offer_doubts(later, TODAY, Billing(None, frozenset({"SAVE20"}))))
    assert [words.split(" ")[0] for words in said] == ["the", "no"]
    assert "from 2026-03-05 on" in said[0]
    assert "'STAY20'" in said[1]
    assert list(offer_doubts(later, TODAY + DAY, Billing(None, frozenset({"STAY20"})))) == []
    assert list(offer_doubts(later, TODAY + DAY, Billing())) == []
    assert list(offer_doubts(None, TODAY, Billing(None, frozenset()))) == []


@pytest.mark.parametrize(
    ("coupon", "words"),
    [
        (Coupon("STAY20"), None),
        (Coupon("STAY20", redeem_by_date=TODAY), None),
        (Coupon("stay20"), "billing has no coupon 'STAY20'"),
        (Coupon("STAY20", is_active=False), "billing has switched the coupon 'STAY20' off"),
        (Coupon("STAY20", redeem_by_date=TODAY - DAY), "in billing the coupon 'STAY20' ended on 2026-03-03"),
    ],
)
def test_a_code_that_billing_does_not_take_is_a_mistake(tmp_path, coupon: Coupon, words: str | None) -> None:
    settings = with_offer(tmp_path, TODAY + 9 * DAY)
    campaign = next(one for one in settings.campaigns if one.offer)
    found = list(offer_mistakes(settings, campaign, TODAY, Billing({coupon.code: coupon})))
    assert [one.expected for one in found] == ([words] if words else [])
    assert [(one.key, one.file.rpartition("/")[2]) for one in found] == [("stay.code", "offers.yml")] * len(found)


def test_a_coupon_that_ends_before_its_offer_or_begins_after_it_is_a_doubt() -> None:
    now = Offer.model_validate(offer(TODAY, TODAY + 9 * DAY))
    for coupon, words in (
        (Coupon("STAY20", redeem_by_date=TODAY + 3 * DAY), "until 2026-03-07 only"),
        (Coupon("STAY20", valid_from_date=TODAY + 2 * DAY), "from 2026-03-06 on"),
    ):
        (said,) = offer_doubts(now, TODAY, Billing({"STAY20": coupon}, frozenset()))
        assert words in said
    lasting = Coupon("STAY20", valid_from_date=TODAY, redeem_by_date=TODAY + 9 * DAY)
    assert list(offer_doubts(now, TODAY, Billing({"STAY20": lasting}, frozenset()))) == []


def test_billing_is_unknown_before_the_first_night_and_while_one_is_at_work(tmp_path) -> None:
    settings = tiny_settings(tmp_path)
    assert read_billing(settings) == Billing()
    with open_warehouse(settings.places.warehouse) as warehouse:
        warehouse.execute("create table t (x integer)")
    assert read_billing(settings) == Billing()
    with duckdb.connect(str(settings.places.warehouse)) as warehouse:
        warehouse.execute("create schema intermediate")
        warehouse.execute("create table intermediate.int_invoices as select unnest(['A', null, 'A', 'B']) as coupon")
    assert read_billing(settings) == Billing(None, frozenset({"A", "B"}))


MAPPED = """
sources:
  shop:
    kind: csv
    path: "*.csv"
    resources:
      coupons: {maps: [{to: coupons, columns: {code: {from: code}}}]}
"""


def test_where_coupons_are_mapped_they_are_what_billing_has(tmp_path) -> None:
    made = tiny_settings(tmp_path)
    (made.folder / "sources.yml").write_text(MAPPED)
    settings = load_settings(made.folder, {}, tmp_path / "data")
    with open_warehouse(settings.places.warehouse) as warehouse:
        warehouse.execute("create schema intermediate")
        warehouse.execute("create table intermediate.int_invoices (coupon varchar)")
        warehouse.execute(
            "create table intermediate.int_coupons as select 'A' as code, true as is_active, "
            "date '2026-01-01' as valid_from_date, null::date as redeem_by_date"
        )
    assert read_billing(settings) == Billing({"A": Coupon("A", True, date(2026, 1, 1), None)}, frozenset())
