"""Best against worst on planted truth: the planted habit comes first, and labels that are dealt out anew show none."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import duckdb
import pytest
from jinja2 import Template

from benchmarks.habits import find_habit
from flows.transform import PROJECT

SHUFFLES = 12


@pytest.mark.parametrize("seed", [21, 22])
def test_the_planted_habit_comes_first_and_shuffled_labels_show_none(seed: int, tmp_path: Path) -> None:
    """`python -m benchmarks.habits` says the same of 20 companies and 200 shuffles."""
    found = find_habit(seed, 4000, SHUFFLES, tmp_path)
    assert found.is_planted, found
    assert found.interval_low > 0
    assert found.words.endswith("an association, not a cause")
    # At one false alarm in twenty, three of twelve would come in one run of fifty; nearly all would without control.
    assert found.shuffles_with_a_habit <= 2


def test_the_normal_quantile_is_right_for_any_number_of_comparisons() -> None:
    macros = (PROJECT / "macros/habits.sql").read_text()
    sql = Template(macros + "{{ normal_quantile_above('(0.025 / nth)') }}").render()
    rows = duckdb.sql(f"select nth, {sql} from (select unnest(range(1, 1000)) as nth)").fetchall()
    normal = NormalDist()
    assert max(abs(found + normal.inv_cdf(0.025 / nth)) for nth, found in rows) < 1e-8
