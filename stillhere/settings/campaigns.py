"""`campaigns/<id>.yml`: who hears what, and within which limits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillhere.settings.model import ConfigurationModel

CAMPAIGN_ID_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING_DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class Campaign(ConfigurationModel):
    """One campaign. `id` is the file's name without `.yml`; the words lie in `campaigns/<id>/<language>.md`."""

    id: str = Field(pattern=CAMPAIGN_ID_PATTERN)
    title: str = Field(min_length=1)
    segment: str
    what: Literal["mail", "call"]
    to: Literal["champion", "billing", "admin", "owner"] = "champion"
    priority: int = Field(ge=0, le=1000, description="higher wins")
    marketing: bool = Field(default=True, description="a service mail (payment failing) needs no marketing consent")
    owner: str | None = None
    holdout_share: float | None = Field(
        default=None, ge=0, lt=1, description="left alone to measure; left out: a half, and less once that is enough"
    )
    days: tuple[Weekday, ...] = WORKING_DAYS
    success_day: int = Field(default=60, ge=1)
    enabled: bool = True
    offer: str | None = None
    say: str | None = Field(default=None, description="for a call: what the caller may say")
