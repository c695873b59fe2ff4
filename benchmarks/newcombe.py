"""The peer that our intervals' width is measured against, written from its source and from nothing of ours.

R. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998),
873-890, method 10: two Wilson intervals put together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Z = 1.959963984540054


def newcombe_width(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], accounts: int
) -> npt.NDArray[np.float64]:
    """Width of the 95 % interval of the difference of two shares, `first` and `second` of `accounts` each."""
    p, q = first / accounts, second / accounts
    (p_low, p_high), (q_low, q_high) = _wilson(p, accounts), _wilson(q, accounts)
    below = np.sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    above = np.sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return np.asarray(below + above)


def _wilson(share: npt.NDArray[np.float64], accounts: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    below = 1 + Z**2 / accounts
    middle = (share + Z**2 / (2 * accounts)) / below
    half = Z / below * np.sqrt(share * (1 - share) / accounts + Z**2 / (4 * accounts**2))
    return middle - half, middle + half
