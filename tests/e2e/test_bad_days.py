"""What goes wrong around a night, and what people read then."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.e2e.household import NIGHT_SECONDS, Household, digests
from tests.e2e.prefect_api import runs_of
from tests.e2e.shop import Watched


def test_a_warehouse_held_by_another_process_is_told_also_to_on_call_and_nothing_is_published(watched: Watched) -> None:
    shop = watched.home
    shop.state.mkdir(parents=True)
    with duckdb.connect(shop.state / "warehouse.duckdb"):
        done = shop.run("nightly", expect=1)
    said = " ".join((done.stdout + done.stderr).split())
    assert "warehouse.duckdb" in said
    assert "Traceback" not in said
    assert not (shop.state / "published").exists()
    [message] = watched.told
    assert message["state"] == "open"
    assert message["incident"].startswith("night failed")
    assert message["runbook"] == "docs/runbooks/warehouse-locked.md"
    assert watched.pings == 0


@pytest.mark.skipif(shutil.which("unshare") is None, reason="a small disk is made with unshare, which Linux has")
@pytest.mark.parametrize("room", ["6m", "16m"], ids=["before anything is read", "in the midst of the night"])
def test_a_full_disk_is_told_and_nothing_is_half_published(room: str, watched: Watched) -> None:
    if subprocess.run(["unshare", "-rm", "true"], check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk of its own")
    shop = watched.home
    del shop.extra["PREFECT_API_URL"]  # a Prefect server of its own: it is the first to need room
    shop.data.mkdir(parents=True)
    script = f'mount -t tmpfs -o size={room} tmpfs "{shop.data}" && "$@"; code=$?; ls -R "{shop.data}"; exit $code'
    done = shop.run("nightly", expect=1, before=["unshare", "-rm", "sh", "-c", script, "sh"])
    said = " ".join((done.stdout + done.stderr).lower().split())
    assert "space" in said or "full" in said
    assert "traceback" not in said
    assert "published" not in done.stdout
    assert watched.pings == 0
    if "extract" in done.stdout:  # a night that has begun tells on-call, though it can't write that down
        assert {message["runbook"] for message in watched.told} == {"docs/runbooks/disk-full.md"}


def test_a_prefect_server_that_does_not_answer_is_told_before_anything_runs(shop: Household) -> None:
    shop.extra["PREFECT_API_URL"] = "http://127.0.0.1:9/api"  # nobody listens on the discard port
    done = shop.run("nightly", expect=1)
    assert "PREFECT_API_URL: http://127.0.0.1:9/api does not answer" in done.stderr
    assert not shop.state.exists()


def test_every_mistake_in_a_configuration_is_told_at_once_and_nothing_is_touched(
    shop: Household, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(shop.company, broken)
    company, churn = broken / "company.yml", broken / "churn.yml"
    company.write_text(company.read_text().replace("timezone: Europe/London", "timezone: Europe/Lonndon"))
    churn.write_text(churn.read_text().replace("horizon_days: 60", "horizon_days: many"))
    shop.company = broken
    done = shop.run("nightly", expect=2)
    said = done.stdout + done.stderr
    assert "company.yml" in said
    assert "timezone" in said
    assert "churn.yml" in said
    assert "horizon_days" in said
    assert not shop.data.exists()


def test_a_second_run_at_the_same_time_refuses_and_says_who_holds_the_night(shop: Household) -> None:
    first = shop.start("nightly")
    try:
        assert first.stdout is not None
        for line in first.stdout:
            if line.startswith("extract"):
                break
        first.send_signal(signal.SIGSTOP)  # a quick first night would be over before the second has started
        second = shop.run("nightly", expect=1)
        assert str(first.pid) in second.stdout + second.stderr
    finally:
        first.send_signal(signal.SIGCONT)
        rest, _ = first.communicate(timeout=NIGHT_SECONDS)
    assert first.returncode == 0, rest


HEAD = "account;when;amount\n"
SMALL = {
    "one_account": HEAD + "A1;2026-05-04 10:00;12.50\n",
    "no_history": HEAD + "".join(f"A{n};2026-05-{n % 28 + 1:02d} 10:00;{n}.00\n" for n in range(1, 60)),
}


@pytest.mark.parametrize("case", SMALL)
def test_a_company_with_hardly_any_data_gets_a_report_that_says_what_is_missing(
    case: str, own_company: Callable[..., Household]
) -> None:
    home = own_company(SMALL[case], "--zone", "UTC", "--currency", "EUR")
    done = home.run("nightly", expect=None)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    page = (home.out / "report.html").read_text()
    assert "too little" in page.lower() or "no account" in page.lower(), page[:3000]


def test_a_company_without_a_single_row_gets_a_report_that_says_so(
    own_company: Callable[..., Household], tmp_path: Path
) -> None:
    home = own_company(SMALL["one_account"], "--zone", "UTC", "--currency", "EUR")
    (tmp_path / "acme_export.csv").write_text(HEAD)
    # A day that no other test of this company has: all tests share one Prefect server.
    done = home.run("nightly", "--as-of", "2026-06-01", expect=3)
    assert runs_of(home)["acme 2026-06-01"] == "Held"
    assert "Traceback" not in done.stdout + done.stderr
    assert "no account" in (home.out / "report.html").read_text().lower()


def test_an_own_export_with_odd_headings_goes_to_a_report_with_no_file_edited(
    own_company: Callable[..., Household],
) -> None:
    orders = "Belegnr;Käufer;Bestelldatum;Nettobetrag\n" + "".join(
        f"{day}-{buyer};K-{buyer:03d};{day % 28 + 1:02d}.{day // 28 % 12 + 1:02d}.2025 09:30;1.0{buyer:02d},50\n"
        for day in range(330)
        for buyer in range(90)
        if (day + buyer) % (4 + buyer % 9) == 0 and not (buyer % 5 == 0 and day > 225 + buyer)
    )
    home = own_company(orders, "--zone", "Europe/Berlin", "--currency", "EUR", encoding="cp1252")
    home.run("nightly")
    assert "K-0" in (home.out / "report.html").read_text()
    assert digests(home.out / "lists")


@pytest.mark.parametrize(
    ("sender", "wanted"),
    [("", "unsubscribe"), (", unsubscribe_email: stop@shop.example", "suppress import")],
    ids=["a way to unsubscribe", "the old provider's stops"],
)
def test_a_live_sender_that_lacks_something_is_refused_before_anything_runs(
    sender: str, wanted: str, shop: Household, tmp_path: Path
) -> None:
    company = tmp_path / "silent"
    shutil.copytree(shop.company, company)
    identity = "name: Shop, email: care@shop.example, postal_address: 'Shop Ltd, 1 Street, London'"
    with (company / "company.yml").open("a") as file:
        file.write(f"sender: {{{identity}{sender}}}\n")
    shop.company = company
    shop.extra |= {"STILLHERE_SENDER": "smtp", "STILLHERE_SMTP_URL": "smtp://localhost:1"}
    done = shop.run("nightly", "--send", expect=2)
    assert wanted in done.stdout + done.stderr
    assert not shop.state.exists()
