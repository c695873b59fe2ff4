"""The strict base of every configuration model: unknown keys are mistakes, values do not change."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ConfigurationModel(BaseModel):
    """A part of the configuration: immutable, and strict about unknown keys."""

    # A wrong value may hold a password: it is not repeated in the error.
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)
