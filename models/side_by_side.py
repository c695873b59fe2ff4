"""Fits that don't need one another, side by side: one fit of boosting on some ten thousand rows gains little from a
second core, two fits gain a whole one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

T = TypeVar("T")
MOST_AT_ONCE = 4
"""Each has its own copy of the rows, binned."""


def side_by_side(works: Sequence[Callable[[], T]]) -> list[T]:
    """What each piece of work gives, in their order, as if they had been done one after the other.

    Threads do: scikit-learn fits without Python's lock. Raises what a piece of work raises.
    """
    threads = min(len(works), os.cpu_count() or 1, MOST_AT_ONCE)
    if threads <= 1:
        return [work() for work in works]
    # BLAS has one limit for all threads, which each fit would set and take back: it is set once, around them all.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(_on_one_core, works))


def _on_one_core(work: Callable[[], T]) -> T:
    """OpenMP's limit is each thread's own."""
    with threadpool_limits(1, user_api="openmp"):
        return work()
