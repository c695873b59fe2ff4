"""Fits side by side are the fits one after the other."""

from __future__ import annotations

import os
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from models.fit import fit_members
from models.side_by_side import side_by_side


def limits() -> list[int]:
    return [one["num_threads"] for one in threadpool_info()]


def test_results_come_in_the_order_of_the_work() -> None:
    assert side_by_side([partial(pow, 2, n) for n in range(9)]) == [2**n for n in range(9)]
    assert side_by_side([]) == []


def test_what_a_piece_of_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side([partial(divmod, 1, one) for one in (1, 0, 2)])


def test_the_same_members_come_of_one_core_and_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    features = rng.normal(size=(4_000, 6))
    left = features[:, 0] + rng.normal(size=4_000) > 1
    before = limits()
    scores = []
    for cores in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        scores.append(fit_members(features, left, ("boosting", "logistic"), bags=3).scores(features))
    assert all(np.array_equal(scores[0][name], scores[1][name]) for name in ("boosting", "logistic"))
    assert limits() == before
