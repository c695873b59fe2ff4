"""Memory between two models of one run of dbt: two threads share a warehouse that stays open, and one may wait."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from flows.transform import PROJECT

THREAD_THAT_WAITS = """
import ast, resource, sys, threading, time, duckdb
warehouse = duckdb.connect(sys.argv[1], config={"memory_limit": "400MB", **ast.literal_eval(sys.argv[2])})
built, end = threading.Event(), threading.Event()

def build() -> None:
    with warehouse.cursor() as cursor:
        cursor.execute("create table sorted as select hash(range)::varchar as id from range(2_000_000) order by id")
        cursor.execute("drop table sorted")
    built.set()
    end.wait()

def resident_kilobytes() -> int:
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * resource.getpagesize() // 1024

before = resident_kilobytes()
thread = threading.Thread(target=build, daemon=True)
thread.start()
built.wait(120)
taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
for _ in range(300):
    left = resident_kilobytes() - before
    if left < taken / 2:
        break
    time.sleep(0.1)
print(taken, left)
end.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="DuckDB's allocator is jemalloc on Linux only")
def test_what_a_model_took_is_given_back_while_its_thread_waits(tmp_path: Path) -> None:
    options = yaml.safe_load((PROJECT / "profiles.yml").read_text())["stillhere"]["outputs"]["night"]["config_options"]
    plain = {name: value for name, value in options.items() if "{{" not in str(value)}

    done = subprocess.run(
        [sys.executable, "-c", THREAD_THAT_WAITS, str(tmp_path / "warehouse.duckdb"), repr(plain)],
        capture_output=True,
        text=True,
        check=True,
    )

    taken, left = map(int, done.stdout.split())
    assert taken > 100_000, "too little for this to say anything"
    assert left < taken / 2
