"""docs/marts.md tells of every mart's columns what the contract says, in the same words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
CONTRACTS = yaml.safe_load((ROOT / "dbt_project/models/marts/_marts.yml").read_text())["models"]
SECTIONS = dict(
    part.split("\n", 1) for part in ("\n" + (ROOT / "docs/marts.md").read_text()).split("\n## ") if "\n" in part
)
SAME_AS_CADENCE = "account_cadence_panel"


@pytest.mark.parametrize("mart", CONTRACTS, ids=lambda mart: str(mart["name"]))
def test_the_page_has_every_column_in_the_contracts_words(mart: dict[str, object]) -> None:
    section = SECTIONS[str(mart["name"])]
    assert str(mart["description"]) in section
    columns = mart["columns"]
    assert isinstance(columns, list)
    of_cadence = SECTIONS["account_cadence"] if mart["name"] == SAME_AS_CADENCE else ""
    for column in columns:
        row = f"| `{column['name']}` | {column['data_type']} | {column['description']} |"
        assert row in section or f"| `{column['name']}` |" in of_cadence
