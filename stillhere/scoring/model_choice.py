"""A person's choice of the model in use: it is noted with who, when and why, and pinned against trainings."""

from __future__ import annotations

from datetime import date, datetime

from models import registry
from models.in_use import Change, earlier_models, latest_change, put_in_use
from stillhere.scoring.champion import outdated_because
from stillhere.settings import Settings, StillhereError


class ModelChoiceError(StillhereError):
    """The model can't be put in use; nothing was changed."""

    exit_code = 2


def use_model(settings: Settings, model_id: str, by: str, because: str, now: datetime) -> str:
    """Puts a registered model in use and pins it; gives what was done, in words. Raises ModelChoiceError."""
    folder, reason = settings.places.models, _reason(because)
    cards = {card.model_id: card for card in registry.registered(folder)}
    if model_id not in cards:
        raise ModelChoiceError(f"no model {model_id!r}; 'stillhere models' lists those there are. Nothing was changed.")
    newest = max(card.trained_as_of for card in cards.values())
    if outdated := outdated_because(cards[model_id], settings, newest):
        raise ModelChoiceError(f"{model_id} can't be used: {outdated}. Nothing was changed.")
    put_in_use(folder, Change(model_id, _day(settings, now), by, reason, is_pinned=True))
    return (
        f"{model_id} is in use from the next night on, and pinned: no training replaces it until "
        "'stillhere models unpin'. Sealed nights keep their model."
    )


def roll_back(settings: Settings, by: str, because: str, now: datetime) -> str:
    """Puts the model in use that was before the present one. Raises ModelChoiceError where there was none that can."""
    folder, refused = settings.places.models, []
    cards = {card.model_id: card for card in registry.registered(folder)}
    newest = max((card.trained_as_of for card in cards.values()), default=None)
    for model_id in earlier_models(folder):
        card = cards.get(model_id)
        if newest is None or card is None:
            refused.append(f"{model_id} is no longer there")
        elif outdated := outdated_because(card, settings, newest):
            refused.append(f"{model_id}: {outdated}")
        else:
            return use_model(settings, model_id, by, because, now)
    why = "; ".join(refused) or "no other model has been in use"
    raise ModelChoiceError(f"There is no model to go back to: {why}. Nothing was changed.")


def unpin_model(settings: Settings, by: str, because: str, now: datetime) -> str:
    """Lets contests decide again. Raises ModelChoiceError where nothing is pinned."""
    folder, reason = settings.places.models, _reason(because)
    latest = latest_change(folder)
    if latest is None or not latest.is_pinned:
        raise ModelChoiceError("No model is pinned: contests decide already. Nothing was changed.")
    put_in_use(folder, Change(latest.model_id, _day(settings, now), by, reason))
    return f"{latest.model_id} stays in use until a challenger is better beyond noise."


def _reason(because: str) -> str:
    if not because.strip():
        raise ModelChoiceError("--because: say in a few words why; it is kept with the change. Nothing was changed.")
    return because.strip()


def _day(settings: Settings, now: datetime) -> date:
    return now.astimezone(settings.company.zone).date()
