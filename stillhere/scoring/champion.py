"""Which registered model a night is scored by, and when a newly trained one takes its place.

The rule: the model in use stays until a challenger is better beyond noise, or it is outdated. Outdated models are
replaced without a contest. A model that a person chose (`stillhere models use`) is pinned: challengers are compared
and none takes over, unless the pinned one is outdated.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from models import registry
from models.contest import Contest, compare, without_contest
from models.drift import outcome_words, outcomes_of
from models.features import feature_set_id
from models.in_use import TRAINING, Change, changes, latest_change, put_in_use
from models.model import MODEL_VERSION, Card, RiskModel, TrainingSettings
from models.panel import labelled
from stillhere.settings import Settings


def training_settings(settings: Settings) -> TrainingSettings:
    """What of `churn.yml` changes what is learned."""
    churn = settings.churn
    return TrainingSettings(churn.horizon_days, churn.min_leavers, churn.min_history_days)


def unfit_because(card: Card, settings: Settings) -> str | None:
    """Why a model can't score any night of today's code and settings, in words; None when it can."""
    if card.feature_set != feature_set_id():
        return "it reads other features than today's code"
    if card.version != MODEL_VERSION:
        return f"it was learned by code version {card.version}, today's is {MODEL_VERSION}"
    wanted = training_settings(settings).as_dict()
    changed = [name for name in wanted if card.settings.get(name) != wanted[name]]
    if changed or card.settings.keys() - wanted.keys():
        told = ", ".join(f"{name} {card.settings.get(name, 'unset')}, now {wanted[name]}" for name in changed)
        return f"it was learned under other settings of churn.yml ({told or 'some are gone'})"
    return None


def outdated_because(card: Card, settings: Settings, as_of: date) -> str | None:
    """Why a training on `as_of` replaces a model without a contest, in words; None when it has to be beaten."""
    age_days, limit = (as_of - card.trained_as_of).days, settings.churn.replace_after_days
    too_old = f"it is {age_days} days old, more than the {limit} of replace_after_days" if age_days > limit else None
    return unfit_because(card, settings) or too_old


def model_in_use(settings: Settings, as_of: date) -> str | None:
    """The id of the model that scores a night, or None where none can.

    The one in use; for a night before that model's training, the one in use before it, and so on. A model never scores
    a night before its own training day.
    """
    folder = settings.places.models
    cards = {card.model_id: card for card in registry.registered(folder)}
    current = registry.current_id(folder)
    noted = [one.model_id for one in reversed(changes(folder))]
    for model_id in (*([current] if current else []), *noted, *reversed(cards)):
        card = cards.get(model_id)
        if card and card.trained_as_of <= as_of and unfit_because(card, settings) is None:
            return model_id
    return None


def training_is_due(settings: Settings, as_of: date) -> bool:
    """Whether no model that fits was trained as of the night or within `retrain_days` before it."""
    return not any(
        0 <= (as_of - card.trained_as_of).days <= settings.churn.retrain_days
        for card in registry.registered(settings.places.models)
        if unfit_because(card, settings) is None
    )


def hold_contest(challenger: RiskModel, settings: Settings, as_of: date, panel: pl.DataFrame) -> Contest:
    """Whether a model trained as of the night takes over from the one that would score it; `panel` is the night's."""
    folder = settings.places.models
    champion = _champion(settings, as_of)
    if champion is None:
        return without_contest(challenger.card, None, "first", f"takes over: no model was in use on {as_of}")
    if champion.model_id == challenger.card.model_id:
        return without_contest(challenger.card, champion, "same", "is the model in use: nothing new was learned")
    if outdated := outdated_because(champion, settings, as_of):
        words = f"takes over without a contest: the model in use is outdated, for {outdated}"
        return without_contest(challenger.card, champion, "outdated", words)
    known, model = labelled(panel), registry.load(folder, champion.model_id)
    outcomes = outcomes_of(model, known)
    told = outcome_words(outcomes) if outcomes else None
    if outcomes and outcomes.is_off:
        words = f"takes over without a contest: the chances of the model in use no longer hold, {told}"
        return replace(without_contest(challenger.card, champion, "outdated", words), champion_outcomes=told)
    contest = replace(compare(challenger, model, known), champion_outcomes=told)
    pin = latest_change(folder)
    if contest.takes_over and pin and pin.is_pinned and pin.model_id == champion.model_id:
        words = f"stays out: {pin.by} pinned the model in use on {pin.on} ({pin.because}); else: {contest.words}"
        return replace(contest, takes_over=False, words=words)
    return contest


def _champion(settings: Settings, as_of: date) -> Card | None:
    """The card of the model that would score the night, or of one in use that today's code or settings put out."""
    folder = settings.places.models
    chosen = model_in_use(settings, as_of) or registry.current_id(folder)
    card = registry.read_card(folder / chosen) if chosen else None
    return card if card and card.trained_as_of <= as_of else None


def install(folder: Path, contest: Contest, as_of: date) -> None:
    """Puts a challenger that takes over in use, unless one of a later day is: an older night moves nothing newer."""
    current = registry.current_id(folder)
    if not contest.takes_over or (current and registry.read_card(folder / current).trained_as_of > as_of):
        return
    put_in_use(folder, Change(contest.challenger, as_of, TRAINING, contest.words))
