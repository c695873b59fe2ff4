"""How much of a machine's memory DuckDB may take when nobody says."""

import pytest

from flows.transform import duckdb_share

GIB = 2**30


@pytest.mark.parametrize(
    ("machine_gib", "share_gib"),
    [
        (64, 51.2),  # four fifths
        (8, 5.5),  # a fifth is too little for what else the process takes
        (4, 2),  # half at least
    ],
)
def test_what_else_the_process_takes_is_left_beside_duckdb(machine_gib: int, share_gib: float) -> None:
    assert duckdb_share(machine_gib * GIB) == int(share_gib * GIB)
