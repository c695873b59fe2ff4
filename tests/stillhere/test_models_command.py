"""`stillhere models`: the list, a choice, and the way back, through the real command line."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from models import registry
from stillhere.company_folder import read_company
from stillhere.doctor.model import check_model
from tests.e2e.household import REPOSITORY, Household
from tests.models.trained import registered_models

AS_OF = date(2026, 6, 30)


@pytest.fixture
def home(tmp_path: Path) -> Household:
    """The demo company with two models: a poor one, and the better one that has taken over."""
    return Household(tmp_path)


@pytest.fixture
def two_models(home: Household) -> tuple[str, str]:
    settings = read_company(REPOSITORY / "config", environment={}, data_dir=home.data)
    return registered_models(settings, AS_OF, AS_OF + timedelta(days=7))


def test_the_list_says_which_is_in_use_since_when_and_why(home: Household, two_models: tuple[str, str]) -> None:
    poor, better = two_models
    said = home.run("models").stdout
    assert said.index(better) < said.index(poor)
    assert f"{better}  AUC" in said
    assert "<- in use" in said
    assert "in use since 2026-07-07, by training" in said
    assert "takes over: better than the model in use beyond noise (log loss" in said
    assert [one["is_in_use"] for one in home.facts("models")["models"]] == [True, False]


def test_rollback_is_one_command_and_shows_in_the_list(home: Household, two_models: tuple[str, str]) -> None:
    poor, better = two_models
    said = home.run("models", "rollback", "--because", "twice as many flagged").stdout
    assert f"{poor} is in use from the next night on, and pinned" in said
    assert registry.current_id(home.state / "models") == poor
    assert ", pinned: twice as many flagged" in home.run("models").stdout
    home.run("models", "use", better, "--because", "the flags were right")
    home.run("models", "unpin", "--because", "contests may decide")
    listed = home.facts("models")["models"]
    assert [(one["is_in_use"], one["is_pinned"]) for one in listed] == [(True, False), (False, False)]


def test_the_doctor_tells_of_a_pin_that_nobody_may_remember(home: Household, two_models: tuple[str, str]) -> None:
    poor, _ = two_models
    settings = read_company(REPOSITORY / "config", environment={}, data_dir=home.data)
    [fine] = check_model(settings)
    home.run("models", "rollback", "--because", "twice as many flagged")
    [pinned] = check_model(settings)
    assert (fine.state, pinned.state) == ("fine", "note")
    assert pinned.words.startswith(f"{poor} is pinned since ")
    assert "(twice as many flagged); no training replaces it" in pinned.words


def test_what_is_refused_is_refused_in_words_with_exit_code_2(home: Household, two_models: tuple[str, str]) -> None:
    unknown = home.run("models", "use", "risk-0", "--because", "a try", expect=2)
    assert "no model 'risk-0'; 'stillhere models' lists those there are. Nothing was changed." in unknown.stderr
    home.run("models", "unpin", "--because", "a try", expect=2)
    home.run("models", "rollback", expect=2)


def test_before_the_first_model_the_list_says_so(home: Household) -> None:
    assert "No model has been trained yet" in home.run("models").stdout
    assert home.facts("models") == {"models": []}
    refused = home.run("models", "rollback", "--because", "a try", expect=2)
    assert "There is no model to go back to" in refused.stderr
