"""A new company never shares the state of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stillhere.init.conftest import Order, write_csv


@pytest.fixture
def export(orders: list[Order], tmp_path: Path) -> Path:
    rows = [(o.customer, f"{o.at:%Y-%m-%d}") for o in orders]
    return write_csv(tmp_path / "e.csv", [("customer", "date"), *rows])


@pytest.mark.parametrize("home", ["config", "examples/shop"])
def test_an_id_that_another_company_has_is_refused_and_nothing_is_written(
    home: str, export: Path, stillhere_init, tmp_path: Path
) -> None:
    (tmp_path / home).mkdir(parents=True)
    (tmp_path / home / "company.yml").write_text("id: demo_shop\n")

    for name in ("demo_shop", "Demo-Shop"):
        refused = stillhere_init(name, "--events", export, "--yes", "--force")

        assert refused.exit_code == 2
        assert f"{home}/company.yml" in refused.output
        assert "data/demo_shop" in refused.output
        assert not (tmp_path / name).exists()


def test_state_that_a_removed_company_left_is_not_taken_over_unasked(
    export: Path, stillhere_init, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "state"))
    (tmp_path / "state" / "acme").mkdir(parents=True)

    refused = stillhere_init("acme", "--events", export, "--yes")

    assert (refused.exit_code, (tmp_path / "acme").exists()) == (2, False)
    assert "--force" in refused.output
    assert stillhere_init("acme", "--events", export, "--yes", "--force").exit_code == 0
    assert stillhere_init("acme", "--events", export, "--yes", "--force").exit_code == 0  # its own folder is no other
