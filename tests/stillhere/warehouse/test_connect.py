"""What kind of file a new warehouse is."""

from pathlib import Path

import duckdb

from stillhere.warehouse.connect import FILE_FORMAT, open_warehouse

FORMAT_OF = "select tags['storage_version'] from duckdb_databases() where database_name = 'warehouse'"


def test_a_new_warehouse_has_the_format_that_writes_text_fast(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "data" / "warehouse.duckdb") as warehouse:
        assert warehouse.execute(FORMAT_OF).fetchone() == (f"{FILE_FORMAT}+",)


def test_whoever_opens_it_later_leaves_the_format(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with open_warehouse(file):
        pass
    with duckdb.connect(str(file)) as other:
        other.execute("create table t as select 1 as x; checkpoint")
    with open_warehouse(file, read_only=True) as warehouse:
        assert warehouse.execute(FORMAT_OF).fetchone() == (f"{FILE_FORMAT}+",)
