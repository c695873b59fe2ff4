"""The registered models as people see them: measures, contest, and which one is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

from models import registry
from models.contest import CONTEST_FILE, Contest, contest_from
from models.in_use import in_use_since, latest_change
from models.model import Card
from stillhere.scoring.champion import outdated_because
from stillhere.settings import Settings

Figures = dict[str, float | int | None]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model. `cannot_be_used` says why a night, or a person, can't choose it.

    `outcomes` is what came of its chances, in words: expected and seen at days after its training.
    """

    model_id: str
    trained_as_of: date
    learned_by: tuple[str, ...]
    rows: int
    leavers: int
    measures: Figures
    days_silent: Figures
    contest: Contest | None
    outcomes: str
    is_in_use: bool
    since: date | None
    by: str | None
    because: str | None
    is_pinned: bool
    cannot_be_used: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: days as ISO text."""
        facts = asdict(self)
        facts["trained_as_of"] = self.trained_as_of.isoformat()
        facts["since"] = self.since.isoformat() if self.since else None
        if self.contest:
            facts["contest"]["cutoffs"] = [day.isoformat() for day in self.contest.cutoffs]
        return facts


def listed_models(settings: Settings) -> list[ListedModel]:
    """All registered models, the newest first."""
    cards = registry.registered(settings.places.models)
    contests = {card.model_id: _contest(settings, card.model_id) for card in cards}
    newest = max((card.trained_as_of for card in cards), default=None)
    return [_listed(card, settings, newest or card.trained_as_of, contests) for card in reversed(cards)]


def _contest(settings: Settings, model_id: str) -> Contest | None:
    paper = registry.read_paper(settings.places.models, model_id, CONTEST_FILE)
    return contest_from(paper) if paper else None


def _outcomes(card: Card, contests: Mapping[str, Contest | None]) -> str:
    """What the newest contest that it was champion in found; each looked at the outcomes known on its day."""
    told = [one.champion_outcomes for one in contests.values() if one and one.champion == card.model_id]
    known = [words for words in told if words]
    if known:
        return known[-1]
    first = card.trained_as_of + timedelta(weeks=ceil(card.horizon_days / 7))
    return f"what came of its chances can be told from {first} on, while it is in use"


def _listed(card: Card, settings: Settings, today: date, contests: Mapping[str, Contest | None]) -> ListedModel:
    folder = settings.places.models
    is_in_use = registry.current_id(folder) == card.model_id
    brought, latest = (in_use_since(folder), latest_change(folder)) if is_in_use else (None, None)
    return ListedModel(
        model_id=card.model_id,
        trained_as_of=card.trained_as_of,
        learned_by=card.learned_by,
        rows=card.rows,
        leavers=card.leavers,
        measures=card.measures,
        days_silent=card.baseline,
        contest=contests[card.model_id],
        outcomes=_outcomes(card, contests),
        is_in_use=is_in_use,
        since=brought.on if brought else None,
        by=latest.by if latest else None,
        because=latest.because if latest else None,
        is_pinned=bool(latest and latest.is_pinned),
        cannot_be_used=outdated_because(card, settings, today),
    )
