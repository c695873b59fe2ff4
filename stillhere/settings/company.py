"""`company.yml`: who the company is, its clock, its money, its sender and its limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from stillhere.settings.model import ConfigurationModel
from stillhere.settings.when import Budget, Hours, HourSpan

COMPANY_ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"


class ActivityWords(ConfigurationModel):
    """How this company speaks of what its customers do, per language: "ordered every 6 days"."""

    noun: str = "use"
    verb: str = "was active"


class Sender(ConfigurationModel):
    """Who a mail comes from, and how its reader can stop it. A live sender needs all of it."""

    name: str | None = None
    email: str | None = None
    reply_to: str | None = None
    postal_address: str | None = None
    web_url: str | None = Field(default=None, description="where `stillhere serve` is reached from outside")
    unsubscribe_url: str | None = None
    unsubscribe_email: str | None = None
    dkim_selectors: tuple[str, ...] = Field(default=(), description="where the domain's DKIM keys lie, for doctor")
    link_domains: tuple[str, ...] = Field(default=(), description="domains besides our own that links may lead to")
    asm_group_id: int | None = Field(default=None, description="SendGrid's unsubscribe group, beside our own stop link")
    call_back_minutes: int = Field(
        default=30,
        ge=0,
        le=24 * 60,
        description="how long SendGrid keeps a mail, for 'stillhere pause' to call back; the last 10 are too late",
    )


class Staff(ConfigurationModel):
    """Who works here: the only people whom a test mail may reach."""

    domains: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    def has(self, email: str) -> bool:
        """Whether an address is one of ours; subdomains are not meant by a domain."""
        plain = email.strip().lower()
        named = {one.lower() for one in self.addresses}
        return plain in named or plain.rpartition("@")[2] in {one.lower() for one in self.domains}


class ListDelivery(ConfigurationModel):
    """Where segment lists go (an fsspec URL or folder), who is told, and the link that mail shows."""

    deliver_to: str | None = None
    notify: tuple[str, ...] = ()
    link: str | None = None


class Notify(ConfigurationModel):
    """Who hears of a failed, held or late night: mail addresses, a webhook, or both."""

    mail: tuple[str, ...] = ()
    webhook: str | None = None


class Keep(ConfigurationModel):
    """How many days nights and outputs are kept; both hold personal data."""

    nights_days: int = Field(default=400, ge=1)
    out_days: int = Field(default=90, ge=1)


class Cap(ConfigurationModel):
    """At most `contacts` mails and calls to one person in `days` days."""

    days: int = Field(ge=1, le=366)
    contacts: int = Field(ge=0)


class CampaignLimits(ConfigurationModel):
    """What holds for every campaign of the company."""

    max_age_days: int = Field(default=2, ge=0)
    universal_holdout_share: float = Field(default=0.10, ge=0, lt=1)
    holdout_salt: str = "stillhere"
    recently_talked_days: int = Field(default=14, ge=0)
    too_fresh_days: int = Field(default=14, ge=0)
    occasion_closes_after_days: int = Field(default=14, ge=1)
    max_share_of_base: float = Field(default=0.05, gt=0, le=1)
    first_nights: int = Field(default=14, ge=0, description="live nights that each need a person's yes; 0: none does")
    first_night_mails: int | None = Field(
        default=50, ge=1, description="mails of the first live night; doubles with each of the first nights"
    )
    silent_after_left_days: int = Field(default=210, ge=0)
    quiet_hours: Hours = HourSpan(20 * 60, 8 * 60)
    no_send_days: tuple[date, ...] = ()
    holidays_of: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    budget: Budget = Budget()
    caps: tuple[Cap, ...] = (Cap(days=7, contacts=1), Cap(days=30, contacts=2))


class Company(ConfigurationModel):
    """The whole of `company.yml`."""

    id: str = Field(pattern=COMPANY_ID_PATTERN)
    name: str = Field(min_length=1)
    kind: Literal["contract", "shop"]
    timezone: str = "UTC"
    currency: str = Field(default="EUR", pattern=CURRENCY_PATTERN)
    rates: dict[str, Decimal] = Field(default_factory=dict)
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    clock: Literal["wall", "data"] = "wall"
    last_complete_day: date | None = None
    acquisition_cost_minor: int | None = Field(default=None, ge=0)
    reactivation_days: int = Field(default=30, ge=0)
    closed_dates: tuple[date, ...] = ()
    month_close_days: int | None = Field(default=None, ge=0)
    activity_words: dict[str, ActivityWords] = Field(default_factory=dict)
    sender: Sender = Sender()
    staff: Staff = Staff()
    lists: ListDelivery = ListDelivery()
    notify: Notify = Notify()
    keep: Keep = Keep()
    campaigns: CampaignLimits = CampaignLimits()

    @field_validator("timezone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"{zone!r} is no time zone of the tz database, like Europe/Berlin")
        return zone

    @model_validator(mode="after")
    def _own_currency_has_rate_one(self) -> Company:
        if self.rates.get(self.currency, Decimal(1)) != 1:
            raise ValueError(f"rates.{self.currency} must be 1, for it is the reporting currency")
        if any(rate <= 0 for rate in self.rates.values()):
            raise ValueError("every rate must be above 0")
        return self

    @model_validator(mode="after")
    def _months_close_after_whoever_may_return(self) -> Company:
        if self.month_close_days is not None and self.month_close_days < self.reactivation_days:
            raise ValueError(
                f"month_close_days must be at least reactivation_days ({self.reactivation_days}): a month closed "
                "earlier would count as lost who comes back in time"
            )
        return self

    @property
    def days_to_close(self) -> int:
        """How many days after its end a month is closed: `month_close_days`, else `reactivation_days`."""
        return self.reactivation_days if self.month_close_days is None else self.month_close_days

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def all_rates(self) -> dict[str, Decimal]:
        """Units of the reporting currency per unit of each currency, the reporting currency included."""
        return {**self.rates, self.currency: Decimal(1)}

    def words(self, language: str) -> ActivityWords:
        """The company's words for activity in a language, its own language's, or the stock ones."""
        return self.activity_words.get(language) or self.activity_words.get(self.language) or ActivityWords()
