"""Which model scores a night: the champion until it is beaten or outdated, and what a person chose before all."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from models import registry
from models.contest import CONTEST_FILE, contest_from
from models.in_use import changes, in_use_since
from stillhere.scoring.champion import model_in_use, training_is_due
from stillhere.scoring.model_choice import ModelChoiceError, roll_back, unpin_model, use_model
from stillhere.scoring.model_list import listed_models
from stillhere.scoring.risk import Training, score_night, train_model
from stillhere.settings import Settings
from tests.models.trained import marts, registered_models

AS_OF = date(2026, 6, 30)
WEEK = timedelta(days=7)
NOW = datetime(2026, 7, 8, 9, tzinfo=UTC)


def model_of(training: Training) -> str:
    assert training.card is not None
    return training.card.model_id


def test_a_challenger_that_is_no_better_leaves_the_model_in_use_and_the_nights_go_on_with_it(
    settings: Settings,
) -> None:
    champion = model_of(train_model(marts(AS_OF), settings, AS_OF))
    later = AS_OF + WEEK
    training = train_model(marts(later), settings, later)
    assert training.contest is not None
    assert training.contest.verdict == "not_better"
    assert registry.current_id(settings.places.models) == training.in_use == champion
    scores = score_night(marts(later + WEEK), settings, later + WEEK)
    assert scores.risk["model_id"].unique().to_list() == [champion]


def test_a_better_challenger_takes_over_and_its_contest_lies_beside_it(settings: Settings) -> None:
    train_model(marts(AS_OF, dealt_out=True), settings, AS_OF)
    later = AS_OF + WEEK
    training = train_model(marts(later), settings, later)
    folder = settings.places.models
    assert registry.current_id(folder) == training.in_use == model_of(training)
    assert contest_from((folder / model_of(training) / CONTEST_FILE).read_text()) == training.contest
    since = in_use_since(folder)
    assert since is not None
    assert (since.on, since.by) == (later, "training")
    assert "better than the model in use beyond noise" in since.because


def test_the_night_trains_once_a_week_and_keeps_the_champion_in_between(settings: Settings) -> None:
    first = score_night(marts(AS_OF), settings, AS_OF)
    assert first.training is not None
    assert not training_is_due(settings, AS_OF + WEEK)
    assert score_night(marts(AS_OF + WEEK), settings, AS_OF + WEEK).training is None
    day_eight = AS_OF + timedelta(days=8)
    assert training_is_due(settings, day_eight)
    eighth = score_night(marts(day_eight), settings, day_eight)
    assert eighth.training is not None
    assert eighth.card == first.card


@pytest.mark.parametrize(
    ("change", "words"),
    [({"horizon_days": 58}, "horizon_days 60, now 58"), ({"replace_after_days": 3}, "7 days old, more than the 3")],
)
def test_an_outdated_champion_is_replaced_without_a_contest(
    settings: Settings, change: dict[str, int], words: str
) -> None:
    train_model(marts(AS_OF), settings, AS_OF)
    changed = replace(settings, churn=settings.churn.model_copy(update=change))
    training = train_model(marts(AS_OF + WEEK), changed, AS_OF + WEEK)
    assert training.contest is not None
    assert (training.contest.verdict, training.in_use) == ("outdated", model_of(training))
    assert words in training.contest.words


def test_a_champion_whose_chances_no_longer_hold_is_replaced_without_a_contest(settings: Settings) -> None:
    train_model(marts(AS_OF), settings, AS_OF)
    later = AS_OF + timedelta(days=124)
    warehouse = marts(later)
    warehouse.execute(
        "update marts.account_cadence_panel set left_in_horizon = true where cutoff >= ? and hash(account_id) % 8 = 0",
        [AS_OF],
    )
    training = train_model(warehouse, settings, later)
    assert training.contest is not None
    assert (training.contest.verdict, training.in_use) == ("outdated", model_of(training))
    assert "the chances of the model in use no longer hold, of 660 accounts at 3 days" in training.contest.words


def test_learning_the_same_again_is_no_contest(settings: Settings) -> None:
    first = train_model(marts(AS_OF), settings, AS_OF)
    again = train_model(marts(AS_OF), settings, AS_OF)
    assert again.contest is not None
    assert (again.contest.verdict, again.in_use) == ("same", model_of(first))
    assert len(changes(settings.places.models)) == 1


def two_models(settings: Settings) -> tuple[str, str]:
    """A poor model, and the better one that has taken over a week later."""
    return registered_models(settings, AS_OF, AS_OF + WEEK)


def test_rollback_goes_back_and_the_next_training_does_not_undo_it(settings: Settings) -> None:
    poor, better = two_models(settings)
    folder = settings.places.models
    assert registry.current_id(folder) == better
    assert poor in roll_back(settings, "ann", "twice as many flagged", NOW)
    training = train_model(marts(AS_OF + 2 * WEEK), settings, AS_OF + 2 * WEEK)
    assert registry.current_id(folder) == training.in_use == poor
    assert training.contest is not None
    assert training.contest.verdict == "better"
    assert "ann pinned the model in use on 2026-07-08 (twice as many flagged)" in training.contest.words
    unpin_model(settings, "ann", "understood", NOW)
    after = train_model(marts(AS_OF + 3 * WEEK), settings, AS_OF + 3 * WEEK)
    assert registry.current_id(folder) == model_of(after)
    assert [(one.by, one.model_id, one.is_pinned) for one in changes(folder)] == [
        ("training", poor, False),
        ("training", better, False),
        ("ann", poor, True),
        ("ann", poor, False),
        ("training", model_of(after), False),
    ]


def test_a_pinned_model_that_is_outdated_is_replaced_all_the_same(settings: Settings) -> None:
    poor, _ = two_models(settings)
    use_model(settings, poor, "ann", "a try", NOW)
    changed = replace(settings, churn=settings.churn.model_copy(update={"horizon_days": 58}))
    training = train_model(marts(AS_OF + 2 * WEEK), changed, AS_OF + 2 * WEEK)
    assert training.in_use == model_of(training) == registry.current_id(settings.places.models)


def test_a_sealed_night_keeps_its_model_after_a_rollback(settings: Settings) -> None:
    poor, better = two_models(settings)
    night = AS_OF + WEEK
    sealed = score_night(marts(night), settings, night)
    roll_back(settings, "ann", "a try", NOW)
    assert score_night(marts(night), settings, night, model_id=better).risk.equals(sealed.risk)
    assert score_night(marts(night), settings, night).risk["model_id"][0] == poor


def test_models_that_are_not_there_or_do_not_fit_are_refused_in_words(settings: Settings) -> None:
    poor, better = two_models(settings)
    folder = settings.places.models
    with pytest.raises(ModelChoiceError, match="no model 'risk-0'"):
        use_model(settings, "risk-0", "ann", "a try", NOW)
    with pytest.raises(ModelChoiceError, match="say in a few words why"):
        use_model(settings, poor, "ann", "  ", NOW)
    with pytest.raises(ModelChoiceError, match="contests decide already"):
        unpin_model(settings, "ann", "a try", NOW)
    longer = replace(settings, churn=settings.churn.model_copy(update={"horizon_days": 90}))
    with pytest.raises(ModelChoiceError, match="horizon_days 60, now 90"):
        use_model(longer, poor, "ann", "a try", NOW)
    with pytest.raises(ModelChoiceError, match=f"{poor}: it was learned under other settings"):
        roll_back(longer, "ann", "a try", NOW)
    assert registry.current_id(folder) == better
    assert len(changes(folder)) == 2


def test_with_one_model_there_is_nothing_to_go_back_to(settings: Settings) -> None:
    train_model(marts(AS_OF), settings, AS_OF)
    with pytest.raises(ModelChoiceError, match="no other model has been in use"):
        roll_back(settings, "ann", "a try", NOW)


def test_an_older_night_uses_the_model_that_was_in_use_then(settings: Settings) -> None:
    poor, better = two_models(settings)
    assert model_in_use(settings, AS_OF + WEEK) == better
    assert model_in_use(settings, AS_OF + timedelta(days=2)) == poor
    assert model_in_use(settings, AS_OF - timedelta(days=1)) is None


def test_the_list_shows_every_model_with_its_contest_and_which_is_in_use(settings: Settings) -> None:
    poor, better = two_models(settings)
    listed = listed_models(settings)
    assert [(one.model_id, one.is_in_use) for one in listed] == [(better, True), (poor, False)]
    assert listed[0].since == AS_OF + WEEK
    facts = json.loads(json.dumps([one.as_dict() for one in listed]))
    assert facts[0]["contest"]["champion"] == poor
    assert facts[0]["contest"]["cutoffs"]
    assert facts[1]["contest"]["verdict"] == "first"
    assert facts[0]["outcomes"] == "what came of its chances can be told from 2026-09-08 on, while it is in use"


def test_a_champion_of_long_standing_shows_what_came_of_its_chances(settings: Settings) -> None:
    champion = model_of(train_model(marts(AS_OF), settings, AS_OF))
    use_model(settings, champion, "ann", "to see what comes of it", NOW)
    later = AS_OF + timedelta(days=124)
    training = train_model(marts(later), settings, later)
    assert training.in_use == champion
    [told] = [one.outcomes for one in listed_models(settings) if one.is_in_use]
    assert re.fullmatch(
        r"of 660 accounts at 3 days after its training it expected \d+ to \d+ to leave, and \d+ did", told
    )
