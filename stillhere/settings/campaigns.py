"""`campaigns/<id>.yml`: who hears what, when, and within which limits."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from stillhere.settings.model import ConfigurationModel
from stillhere.settings.when import WORKING_DAYS, Budget, Weekday, When

__all__ = ["CAMPAIGN_ID_PATTERN", "WORKING_DAYS", "Campaign", "Weekday"]

CAMPAIGN_ID_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"


class Campaign(ConfigurationModel):
    """One campaign. `id` is the file's name without `.yml`; the words lie in `campaigns/<id>/<language>.md`."""

    # `from` is a word of Python: the field has a name of its own, the file has the plain one.
    model_config = ConfigDict(**ConfigurationModel.model_config, populate_by_name=True)

    id: str = Field(pattern=CAMPAIGN_ID_PATTERN)
    title: str = Field(min_length=1)
    segment: str = Field(description="whom: the id of a list in segments.yml")
    what: Literal["mail", "call"] = Field(description="a mail, or a task on the call list; either may carry an offer")
    to: Literal["champion", "billing", "admin", "owner"] = Field(
        default="champion", description="one person an account in this role; owner is our own who looks after it"
    )
    reply_to: Literal["sender", "owner"] = Field(
        default="sender", description="who gets the answers: the company's address, or the account's owner"
    )
    priority: int = Field(ge=0, le=1000, description="higher wins")
    marketing: bool = Field(default=True, description="a service mail (payment failing) needs no marketing consent")
    owner: str | None = Field(default=None, description="who answers for the campaign")
    when: When = When()
    from_date: date | None = Field(default=None, alias="from", description="first day on which it may reach anybody")
    until_date: date | None = Field(default=None, alias="until", description="last day on which it may")
    budget: Budget = Field(default=Budget(), description="its own share of a night's budget")
    again_after_days: int = Field(default=0, ge=0, description="an account hears it at most once in so many days")
    call_minutes: int = Field(default=15, ge=1, le=480, description="a person's time for one call")
    offer: str | None = Field(default=None, description="the id of an offer in offers.yml")
    holdout_share: float | None = Field(
        default=None, ge=0, lt=1, description="left alone to measure; left out: a half, and less once that is enough"
    )
    measured: bool = Field(
        default=True,
        description="false, for service mails: all on its list get it, the universal holdout too; no result",
    )
    success_day: int = Field(default=60, ge=1, description="still here on this day is success, and the only one")
    enabled: bool = True
    say: str | None = Field(default=None, description="for a call: what the caller may say")

    @model_validator(mode="after")
    def _dates_are_in_order(self) -> Self:
        if self.from_date and self.until_date and self.from_date > self.until_date:
            raise ValueError(f"until ({self.until_date}) is before from ({self.from_date})")
        return self

    @model_validator(mode="after")
    def _only_service_mails_go_unmeasured(self) -> Self:
        if self.measured:
            return self
        if self.what != "mail" or self.marketing or self.offer:
            raise ValueError("measured: false is for service mails; whatever is to keep a customer leaves some alone")
        if self.holdout_share:
            raise ValueError("measured: false leaves nobody alone: take it out, or holdout_share")
        return self

    @model_validator(mode="after")
    def _an_offer_is_marketing(self) -> Self:
        if self.offer and self.what == "mail" and not self.marketing:
            raise ValueError("a mail with an offer is marketing: take out 'marketing: false', or the offer")
        return self
