"""The registered models as people see them: measures, contest, and which one is in use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from models import registry
from models.contest import CONTEST_FILE, Contest, contest_from
from models.in_use import in_use_since, latest_change
from models.model import Card
from stillhere.champion import outdated_because
from stillhere.settings import Settings

Figures = dict[str, float | int | None]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model. `cannot_be_used` says why a night, or a person, can't choose it."""

    model_id: str
    trained_as_of: date
    kind: str
    rows: int
    leavers: int
    measures: Figures
    days_silent: Figures
    contest: Contest | None
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
    newest = max((card.trained_as_of for card in cards), default=None)
    return [_listed(card, settings, newest or card.trained_as_of) for card in reversed(cards)]


def _listed(card: Card, settings: Settings, today: date) -> ListedModel:
    folder = settings.places.models
    paper = registry.read_paper(folder, card.model_id, CONTEST_FILE)
    is_in_use = registry.current_id(folder) == card.model_id
    brought, latest = (in_use_since(folder), latest_change(folder)) if is_in_use else (None, None)
    return ListedModel(
        model_id=card.model_id,
        trained_as_of=card.trained_as_of,
        kind=card.kind,
        rows=card.rows,
        leavers=card.leavers,
        measures=card.measures,
        days_silent=card.baseline,
        contest=contest_from(paper) if paper else None,
        is_in_use=is_in_use,
        since=brought.on if brought else None,
        by=latest.by if latest else None,
        because=latest.because if latest else None,
        is_pinned=bool(latest and latest.is_pinned),
        cannot_be_used=outdated_because(card, settings, today),
    )
