"""docs/configuration.md names every setting there is, and none that isn't."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from stillhere.settings.campaigns import Campaign
from stillhere.settings.churn import Churn, Outreach
from stillhere.settings.company import CampaignLimits, Company
from stillhere.settings.environment import Environment
from stillhere.settings.goodbye import Goodbye, Reason
from stillhere.settings.offers import Offer
from stillhere.settings.segments import Segment
from stillhere.settings.sources import ColumnMap, CsvFormat, RelationMap, Resource, Source
from stillhere.settings.when import Budget, When

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "configuration.md").read_text()


@pytest.mark.parametrize(
    "model",
    [
        *(Company, CampaignLimits, Churn, Outreach, Source, Resource, RelationMap, ColumnMap, CsvFormat, Segment),
        *(Campaign, When, Budget, Offer, Goodbye, Reason),
    ],
    ids=lambda model: model.__name__,
)
def test_every_key_is_explained(model: type[BaseModel]) -> None:
    keys = {field.alias or name for name, field in model.model_fields.items()}
    missing = sorted(key for key in keys if f"`{key}`" not in PAGE)
    assert not missing


def test_every_variable_of_the_environment_is_explained_and_in_the_example() -> None:
    variables = {f"STILLHERE_{name.upper()}" for name in Environment.model_fields} | {"SENDGRID_API_KEY"}
    example = (ROOT / ".env.example").read_text()
    assert {name for name in variables if f"`{name}`" not in PAGE} == set()
    assert {name for name in variables if f"{name}=" not in example} == set()
    named = set(re.findall(r"`(STILLHERE_[A-Z_]+|SENDGRID_[A-Z_]+)`", PAGE))
    assert named <= variables
