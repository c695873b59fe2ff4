"""A doubt about the model holds the campaigns that read it, and lets the others go on."""

from __future__ import annotations

import shutil

from stillhere.campaigns.dependence import (
    FREE_OF_USE,
    MODEL_FIELDS,
    WORDS_FREE_OF_USE,
    campaigns_reading,
    campaigns_resting_on_use,
    is_use_only,
)
from stillhere.campaigns.fields import FIELDS
from stillhere.company_folder import read_company
from stillhere.mails.values import NAMES
from tests.e2e.household import REPOSITORY


def test_a_payment_notice_does_not_rest_on_the_model(tmp_path) -> None:
    settings = read_company(REPOSITORY / "config", environment={}, data_dir=tmp_path)
    reading = campaigns_reading(settings, MODEL_FIELDS)
    assert set(reading) == {"slipping_note", "champion_handover", "high_value_call"}
    assert campaigns_reading(settings, {"failed_payments_28"}) == ("payment_notice",)
    assert campaigns_reading(settings, ()) == ()


def test_every_field_named_here_is_a_field_of_rules() -> None:
    assert set(FIELDS) >= MODEL_FIELDS | FREE_OF_USE
    assert set(NAMES) >= WORDS_FREE_OF_USE
    assert not MODEL_FIELDS & FREE_OF_USE


def test_all_but_payment_notices_rest_on_use(tmp_path) -> None:
    settings = read_company(REPOSITORY / "config", environment={}, data_dir=tmp_path)
    resting = {"slipping_note", "champion_handover", "high_value_call", "onboarding_rescue"}
    assert set(campaigns_resting_on_use(settings)) == resting


def test_a_payment_notice_whose_words_speak_of_use_rests_on_it(tmp_path) -> None:
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    words = tmp_path / "config" / "campaigns" / "payment_notice" / "de.md"
    words.write_text(words.read_text() + "\nZuletzt genutzt: {{ last_active_date }}\n")
    settings = read_company(tmp_path / "config", environment={}, data_dir=tmp_path)
    assert "payment_notice" in campaigns_resting_on_use(settings)


def test_only_a_source_that_brings_use_and_nothing_else_is_one_and_never_in_a_shop(tmp_path) -> None:
    demo = read_company(REPOSITORY / "config", environment={}, data_dir=tmp_path)
    assert [name for name in demo.sources.sources if is_use_only(demo, name)] == ["usage"]
    shop = read_company(REPOSITORY / "examples" / "online_retail", environment={}, data_dir=tmp_path)
    assert not [name for name in shop.sources.sources if is_use_only(shop, name)]
