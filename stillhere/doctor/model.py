"""Which risk model the next night would use, and whether anything about it should be known."""

from __future__ import annotations

from collections.abc import Iterator

from models import registry
from models.in_use import latest_change
from stillhere.doctor.checks import Check
from stillhere.scoring.champion import unfit_because
from stillhere.settings import Settings


def check_model(settings: Settings) -> Iterator[Check]:
    """A model that a person pinned is told, for nothing replaces it; so is one that today's code can't use."""
    folder = settings.places.models
    current = registry.current_id(folder)
    if current is None:
        yield Check("model", "fine", "none yet; a night trains one as soon as there are enough leavers")
        return
    unfit, latest = unfit_because(registry.read_card(folder / current), settings), latest_change(folder)
    if unfit:
        yield Check("model", "note", f"{current} can't score: {unfit}", "the next night trains another by itself")
    elif latest and latest.is_pinned:
        words = f"{current} is pinned since {latest.on} by {latest.by} ({latest.because}); no training replaces it"
        yield Check("model", "note", words, 'stillhere models unpin --because "..." lets contests decide again')
    else:
        yield Check("model", "fine", f"{current} is in use")
