"""`stillhere serve` as it is run: it says what works, serves, and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from stillhere.operations import open_operations, reading
from stillhere.operations.tables import suppressions
from tests.stillhere.offboarding.web import KEY, delivered, stop_path, web_company
from tests.stillhere.sending.nights import seal_night, send

STILLHERE = [str(Path(sys.executable).parent / "stillhere"), "serve"]


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "STILLHERE_COMPANY": str(folder / "tiny"),
        "STILLHERE_DATA": str(folder / "data"),
        **more,
    }


def test_the_command_serves_and_a_stop_made_through_it_stays(tmp_path: Path) -> None:
    settings = web_company(tmp_path)
    engine = open_operations(settings.places.operations_url)
    seal_night(settings, engine)
    send(settings, engine)
    given = surroundings(tmp_path, STILLHERE_WEB_KEY=KEY)
    server = subprocess.Popen([*STILLHERE, "--port", "0", "--json"], env=given, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        told = json.loads(server.stdout.readline())
        assert told["offers"][0] == {"what": "unsubscribe", "path": "/u/…", "lacks": [], "is_needed": True}
        path = stop_path(delivered(settings)[0])
        answer = httpx.post(told["address"] + path, data={"List-Unsubscribe": "One-Click"}, timeout=60)
        assert answer.status_code == 200
        with reading(engine) as connection:
            assert connection.scalars(select(suppressions.c.email)).all() == ["a000@x.example"]
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
    engine.dispose()


def run(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*STILLHERE, *arguments], env=env, capture_output=True, text=True, timeout=120, check=False)


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path) -> None:
    web_company(tmp_path, sender={"name": "Tiny"})
    found = run("--check", env=surroundings(tmp_path, STILLHERE_WEB_KEY=""))
    assert found.returncode == 2
    assert "STILLHERE_WEB_KEY" in found.stdout
    assert "company.yml, sender.web_url" in found.stdout


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_an_address_that_is_taken_is_a_usage_error(tmp_path: Path, json_too: list[str]) -> None:
    web_company(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        found = run("--port", port, *json_too, env=surroundings(tmp_path, STILLHERE_WEB_KEY=KEY))
    assert found.returncode == 2
    assert f"--port {port}: cannot listen there" in found.stderr
