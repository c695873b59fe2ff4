"""One checking process for all tests of this room: starting it costs 5–16 s."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from expectations.process import Checker


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    with Checker() as checker:
        yield checker
