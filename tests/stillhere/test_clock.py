"""One day enters a night, and it is the company's day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from stillhere.clock import NoDataYetError, default_as_of, end_of_day, night_now
from stillhere.settings import Company


def company(**values: object) -> Company:
    return Company.model_validate({"id": "x", "name": "X", "kind": "shop", **values})


def test_yesterday_is_yesterday_in_the_companys_zone() -> None:
    just_after_midnight_in_auckland = datetime(2026, 8, 31, 12, 30, tzinfo=UTC)
    day = default_as_of(company(timezone="Pacific/Auckland"), just_after_midnight_in_auckland, lambda: None)
    assert day == date(2026, 8, 31)


def test_the_data_clock_asks_the_data() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert default_as_of(company(clock="data"), now, lambda: date(2011, 12, 9)) == date(2011, 12, 9)
    given = company(clock="data", last_complete_day=date(2011, 12, 8))
    assert default_as_of(given, now, lambda: date(2011, 12, 9)) == date(2011, 12, 8)


def test_the_data_clock_without_data_says_what_to_do() -> None:
    with pytest.raises(NoDataYetError, match="last_complete_day"):
        default_as_of(company(clock="data"), datetime(2030, 1, 1, tzinfo=UTC), lambda: None)


def test_a_day_ends_at_the_companys_midnight_also_when_clocks_change() -> None:
    berlin = company(timezone="Europe/Berlin")
    assert end_of_day(date(2026, 3, 28), berlin) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert end_of_day(date(2026, 3, 29), berlin) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_on_the_data_clock_now_is_the_morning_after() -> None:
    now = night_now(
        company(clock="data", timezone="Europe/Berlin"), date(2026, 8, 31), datetime(2030, 1, 1, tzinfo=UTC)
    )
    assert now == datetime(2026, 9, 1, 2, tzinfo=UTC)
