"""A doubt about the model holds the campaigns that read it, and lets the others go on."""

from __future__ import annotations

from stillhere.campaigns.dependence import MODEL_FIELDS, campaigns_reading
from stillhere.campaigns.fields import FIELDS
from stillhere.company_folder import read_company
from tests.e2e.household import REPOSITORY


def test_a_payment_notice_does_not_rest_on_the_model(tmp_path) -> None:
    settings = read_company(REPOSITORY / "config", environment={}, data_dir=tmp_path)
    reading = campaigns_reading(settings, MODEL_FIELDS)
    assert set(reading) == {"slipping_note", "champion_handover", "high_value_call"}
    assert campaigns_reading(settings, {"failed_payments_28"}) == ("payment_notice",)
    assert campaigns_reading(settings, ()) == ()


def test_every_field_named_here_is_a_field_of_rules() -> None:
    assert set(FIELDS) >= MODEL_FIELDS
