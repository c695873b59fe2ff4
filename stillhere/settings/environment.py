"""Settings that come from the environment: secrets, and where this machine keeps things."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """What `.env.example` lists. Secrets come from here and nowhere else."""

    model_config = SettingsConfigDict(env_prefix="STILLHERE_", extra="ignore", frozen=True)

    data: str = "data"
    company: str = "config"
    duckdb_memory: str | None = Field(default=None, pattern=r"^[0-9]+(\.[0-9]+)? ?([KMGT]i?B)$")
    operations_url: str | None = None
    sender: Literal["files", "smtp", "sendgrid"] = "files"
    smtp_url: SecretStr | None = None
    sendgrid_url: str | None = None
    healthcheck_url: str | None = None


class SendGridKey(BaseSettings):
    """SendGrid's own variable, named as its documentation names it."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    sendgrid_api_key: SecretStr | None = None
