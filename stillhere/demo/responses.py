"""How each customer answers being contacted: planted once, so that what campaigns do has a true size."""

from __future__ import annotations

import numpy as np

from stillhere.demo.accounts import Texts
from stillhere.demo.leaving import Leaving

PERSUADABLE, SURE_THING, LOST_CAUSE, DO_NOT_DISTURB = "persuadable", "sure_thing", "lost_cause", "do_not_disturb"
PERSUADABLE_SHARE = 0.5
"""Of those who would leave if left alone: they stay when a mail is opened, or a call reaches them."""
DO_NOT_DISTURB_SHARE = 0.04
"""Of those who would stay if left alone: they leave when reminded of the contract."""
OPENS = {PERSUADABLE: 0.85, SURE_THING: 0.55, LOST_CAUSE: 0.25, DO_NOT_DISTURB: 0.6}
REPLIES = {PERSUADABLE: 0.20, SURE_THING: 0.06, LOST_CAUSE: 0.02, DO_NOT_DISTURB: 0.0}
"""Of those who open."""


def draw_responses(rng: np.random.Generator, planned: Leaving) -> Texts:
    """One type a customer; `planned` is who leaves when nobody turns to them."""
    drawn = rng.random(len(planned.decided))
    of_leavers = np.where(drawn < PERSUADABLE_SHARE, PERSUADABLE, LOST_CAUSE)
    of_stayers = np.where(drawn < DO_NOT_DISTURB_SHARE, DO_NOT_DISTURB, SURE_THING)
    return np.where(planned.leaves, of_leavers, of_stayers)
