"""A small company whose models lie in a folder of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stillhere.settings import Settings, load_settings
from stillhere.settings.places import Places


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A contract company with the settings that need not be written."""
    folder = tmp_path / "company"
    folder.mkdir()
    (folder / "company.yml").write_text("{id: small, name: Small, kind: contract}\n")
    (folder / "sources.yml").write_text("sources: {log: {kind: csv, vendor: log, path: '*.csv', resources: {a: {}}}}\n")
    return replace(load_settings(folder, {}), places=Places(tmp_path))
