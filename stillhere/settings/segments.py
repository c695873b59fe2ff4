"""`segments.yml`: the lists that marketers get, by stable id."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from stillhere.settings.model import ConfigurationModel

SEGMENT_ID_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"


class Segment(ConfigurationModel):
    """One list: every condition of `all` holds and, where `any` is given, at least one of it.

    A condition is `field: comparison`, as in `churn_probability: ">= 0.3"`.
    """

    id: str = Field(pattern=SEGMENT_ID_PATTERN)
    title: str = Field(min_length=1)
    description: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    stay_days: int = Field(default=0, ge=0, le=366)
    all: dict[str, str] = Field(default_factory=dict)
    any: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_rule(self) -> Self:
        if not self.all and not self.any:
            raise ValueError("needs at least one condition under 'all' or 'any'")
        return self


class Segments(ConfigurationModel):
    """The whole of `segments.yml`."""

    segments: tuple[Segment, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [segment.id for segment in self.segments]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"segment ids must be unique: {', '.join(twice)}")
        return self
