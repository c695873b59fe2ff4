"""Settings that come from the environment: secrets, and where this machine keeps things."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_KEY = 32
"""Characters. Hexadecimal ones carry four bits each: 128 bits, as many as the signature."""


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
    sendgrid_sandbox: bool = False
    healthcheck_url: str | None = None
    web_key: SecretStr | None = None
    sendgrid_webhook_key: str | None = None
    webhook_max_age_seconds: int = Field(default=600, ge=1)

    @field_validator("web_key")
    @classmethod
    def _keys_are_long_enough(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None and any(len(key) < SHORTEST_KEY for key in _listed(keys)):
            raise ValueError(
                f"each key (several are separated by commas) needs {SHORTEST_KEY} random characters or more, "
                "as 'openssl rand -hex 32' makes them"
            )
        return keys

    @property
    def web_keys(self) -> tuple[bytes, ...]:
        """Keys that links are signed with: the first signs, all are accepted."""
        return tuple(key.encode() for key in _listed(self.web_key))


def _listed(several: SecretStr | None) -> list[str]:
    return [one.strip() for one in several.get_secret_value().split(",")] if several else []


class SendGridKey(BaseSettings):
    """SendGrid's own variable, named as its documentation names it."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    sendgrid_api_key: SecretStr | None = None
