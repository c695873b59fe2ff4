"""A run that is killed, a source that is down, a load that was refused: the next night has it all, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from stillhere.connectors import extract_source
from stillhere.settings import Places
from tests.stillhere.connectors.conftest import NIGHT, change

TOMORROW = NIGHT + timedelta(days=1)
COMPANIES = {"companies": {"key": ["id"], "cursor": "updated_at", "overlap_days": 3}}

# Stops the process for good right after the first rows are in the database, or in dlt's folder.
KILLED = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from stillhere.connectors import ConnectedSource, extract_source
from stillhere.settings import Places, Source
from dlt.destinations.impl.duckdb import duck
from dlt.pipeline.pipeline import Pipeline
folder, step = Path(sys.argv[1]), sys.argv[2]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if step == "after_rows":
    run = duck.DuckDbCopyJob.run
    def run_and_die(self):
        run(self)
        if "companies" in self._file_path:
            die()
    duck.DuckDbCopyJob.run = run_and_die
elif step == "after_extract":
    Pipeline.normalize = die
elif step == "after_normalize":
    Pipeline.load = die
resources = {"owners": {}, "companies": {"key": ["id"], "cursor": "updated_at", "overlap_days": 3}}
described = {"kind": "sql", "url": f"sqlite:///{folder}/crm.sqlite", "vendor": "demo", "resources": resources}
source = Source.model_validate(described)
extract_source(ConnectedSource("crm", source, folder, Places(root=folder / "data")), datetime(2026, 6, 30, tzinfo=UTC))
"""


@pytest.mark.parametrize("step", ["after_extract", "after_normalize", "after_rows"])
def test_a_run_killed_in_the_middle_leaves_no_half_load(step: str, crm: Path, tmp_path: Path, connect, raw) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), step], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources={**COMPANIES, "owners": {}})

    companies, owners = extract_source(source, NIGHT)

    assert (companies.rows, owners.rows) == (3, 2)
    assert raw("select id from crm.companies order by id") == [(1,), (2,), (3,)]
    assert raw("select count(*) from crm.owners") == [(2,)]
    assert raw("select load_id from crm._dlt_loads") == [(companies.load_id,)]


def test_dlt_leaves_nothing_behind_but_raw(crm: Path, tmp_path: Path) -> None:
    homes = [Path("/var/dlt"), tmp_path / "home"]  # where dlt writes as root, and as anyone else
    homes[1].mkdir()
    before = [sorted(home.rglob("*")) for home in homes]
    environment = {**os.environ, "HOME": str(homes[1])}

    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "never"], check=True, env=environment, cwd=tmp_path)

    assert [sorted(home.rglob("*")) for home in homes] == before
    assert [path.name for path in (tmp_path / "data").rglob("*") if path.is_file()] == ["raw.duckdb"]
    assert not (tmp_path / ".dlt").exists()


def test_a_load_that_no_gate_has_seen_is_told_again(crm: Path, connect) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources=COMPANIES)
    (lost,) = extract_source(source, NIGHT)  # and then the run dies before the hand-over

    cut_short, tonight = extract_source(source, NIGHT, accepted=[])

    assert (cut_short.load_id, cut_short.rows) == (lost.load_id, 3)
    assert tonight.rows == 0
    assert len(extract_source(source, NIGHT, accepted=[lost.load_id])) == 1


def test_rows_of_a_refused_load_come_again(crm: Path, connect, raw) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources={**COMPANIES, "owners": {}})
    refused = extract_source(source, NIGHT)[0].load_id

    companies, owners = extract_source(source, TOMORROW, refused=[refused])

    assert (companies.rows, owners.rows, companies.cursor_low) == (3, 2, None)
    assert raw("select count(*) from crm.companies") == [(6,)]


def test_files_of_a_refused_load_are_read_again(tmp_path: Path, connect) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n2\n")
    source = connect("shop", kind="csv", path="a.csv", resources={"a": {}})
    refused = extract_source(source, NIGHT)[0].load_id

    assert extract_source(source, TOMORROW, refused=[refused])[0].rows == 2


def test_a_source_that_is_down_costs_seconds_and_raises_nothing(tmp_path: Path, connect) -> None:
    url = f"postgresql://someone@/shop?host={tmp_path}"
    source = connect("shop", kind="sql", url=url, resources={"orders": {}, "customers": {}})
    started = time.perf_counter()

    outcomes = extract_source(source, NIGHT)

    assert {o.state for o in outcomes} == {"failed"}
    assert "No such file or directory" in outcomes[0].message
    assert 1 < time.perf_counter() - started < 8


def test_a_missing_sqlite_file_is_not_created(tmp_path: Path, connect) -> None:
    source = connect(kind="sql", url=f"sqlite:///{tmp_path}/crm.sqlite", resources={"companies": {}})

    assert extract_source(source, NIGHT)[0].state == "failed"
    assert not (tmp_path / "crm.sqlite").exists()


def test_a_cursor_far_in_the_future_does_not_hide_what_comes_after(crm: Path, connect) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources=COMPANIES)
    change(crm, "insert into companies values (9, 'Typing error', 1, '2206-06-29T00:00:00+00:00')")
    extract_source(source, NIGHT)
    change(crm, "insert into companies values (4, 'Dogwood', 1, '2026-06-30T09:00:00+00:00')")

    (companies,) = extract_source(source, TOMORROW)

    assert (companies.rows, companies.cursor_high) == (1, "2026-06-30T09:00:00+00:00")


def test_rows_older_than_the_freshness_limit_are_called_late(crm: Path, connect) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", freshness_hours=48, resources={**COMPANIES, "owners": {}})

    late = extract_source(source, NIGHT, clock=NIGHT + timedelta(days=2))
    in_time = extract_source(source, NIGHT, clock=NIGHT - timedelta(hours=1))

    assert [(o.state, o.message) for o in late] == [("late", "newest row is 90 hours old, 48 are allowed"), ("ok", "")]
    assert [o.state for o in in_time] == ["ok", "ok"]


def test_a_raw_database_that_another_process_holds_is_told_plainly(crm: Path, places: Places, connect) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources=COMPANIES)
    places.raw_database.parent.mkdir(parents=True)
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    arguments = [sys.executable, "-c", holding, str(places.raw_database)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(Exception, match=f"held by process {holder.pid}"):
            extract_source(source, NIGHT)
        holder.communicate(b"")
    with duckdb.connect(str(places.raw_database)) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]
