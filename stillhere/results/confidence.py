"""How sure an interval is. Apart from the intervals, for sending reads it too and needs no numpy."""

from __future__ import annotations

from statistics import NormalDist

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
