"""A company's folder as every command reads it: its settings, its lists' rules and its campaigns' words, checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stillhere.campaigns.check import list_and_campaign_mistakes
from stillhere.settings import Settings, load_settings


def read_company(
    company_dir: Path | None = None, environment: Mapping[str, str] | None = None, data_dir: Path | None = None
) -> Settings:
    """The settings of a company whose folder has no mistake. Raises ConfigurationError holding every one found."""
    return load_settings(company_dir, environment, data_dir, also=list_and_campaign_mistakes)
