"""`offers.yml`: what may be offered to a customer, and for how long."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from stillhere.settings.model import ConfigurationModel

OFFER_ID_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"


class Offer(ConfigurationModel):
    """One offer. Amounts in minor units of the reporting currency."""

    model_config = ConfigDict(**ConfigurationModel.model_config, populate_by_name=True)

    id: str = Field(pattern=OFFER_ID_PATTERN)
    code: str = Field(min_length=1, max_length=64, description="the coupon as billing knows it")
    terms: dict[str, str] = Field(min_length=1, description="what the customer gets, in words, by language")
    value_minor: int = Field(ge=0, description="what it costs the company when it is taken up")
    from_date: date = Field(alias="from", description="first day on which it can be taken up")
    until_date: date = Field(alias="until", description="last day on which it can")
    stacking_group: str = Field(default="any", description="an account has one open offer of a group")
    once_in_months: int = Field(default=12, ge=1, le=120, description="an account gets an offer of the group once in")

    @model_validator(mode="after")
    def _dates_are_in_order(self) -> Self:
        if self.from_date > self.until_date:
            raise ValueError(f"until ({self.until_date}) is before from ({self.from_date})")
        return self


class Offers(ConfigurationModel):
    """The whole of `offers.yml`."""

    offers: tuple[Offer, ...] = ()

    @model_validator(mode="after")
    def _ids_and_codes_are_unique(self) -> Self:
        for what, found in (("ids", [one.id for one in self.offers]), ("codes", [one.code for one in self.offers])):
            twice = sorted({name for name in found if found.count(name) > 1})
            if twice:
                raise ValueError(f"offer {what} must be unique: {', '.join(twice)}")
        return self

    def get(self, offer_id: str | None) -> Offer | None:
        """The offer with an id, or None."""
        return next((one for one in self.offers if one.id == offer_id), None)
