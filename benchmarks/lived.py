"""Whether the whole product measures what happened: companies live on, night after night, and the world keeps a record.

For each seed a demo company is built, its campaigns are approved, and it lives 90 days: `nightly --send`, then `demo
--advance`, which answers what was delivered. After the last night every row of what the product knows is held against
what the world wrote down:

- assignment: who had a mail was drawn to have one, who was left alone had none, and every arm is the hash's;
- exposure: contacts of each account by day D are those of the world's record;
- outcome: still here on day D is what the world's contracts say;
- answers: what leavers said to the goodbye is kept, and stands among the exits, word for word;
- returns: who came back is no more among those who left, and had no win-back from that day on.

    .venv/bin/python -m benchmarks.lived --seeds 1,2,3 --days 90 --every 7
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
from sqlalchemy import select

from stillhere.campaigns.holdouts import share_of, unmeasured_campaigns
from stillhere.company_folder import read_company
from stillhere.demo.answering import UNPAID_BEFORE_DAYS
from stillhere.demo.record import read_record
from stillhere.operations import open_operations
from stillhere.operations.open import reading
from stillhere.operations.tables import assignments, exit_answers
from stillhere.settings import Settings

REPOSITORY = Path(__file__).parents[1]
STILLHERE = str(Path(sys.executable).with_name("stillhere"))


def main() -> int:
    """Lives through every seed; 1 where a row differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--every", type=int, default=7, help="days between nights")
    parser.add_argument("--accounts", type=int, default=1000)
    options = parser.parse_args()
    print(
        "| seed | nights | drawn | delivered | kept | lost | said why | came back | rows held against the record "
        "| differ | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    differ = 0
    for seed in (int(one) for one in options.seeds.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            differ += live(Path(folder), seed, options)
    return 1 if differ else 0


def live(folder: Path, seed: int, options: argparse.Namespace) -> int:
    """One company's days; prints its line, and each row that differs. Gives how many do."""
    began, config = time.monotonic(), folder / "config"
    shutil.copytree(REPOSITORY / "config", config)
    company = config / "company.yml"
    # Its first live nights, which need a yes each, lie behind it.
    company.write_text(company.read_text().replace("\ncampaigns:\n", "\ncampaigns:\n  first_nights: 0\n"))
    environment = {**os.environ, "STILLHERE_DATA": str(folder / "data"), "STILLHERE_COMPANY": str(config)}

    def run(*words: str) -> None:
        done = subprocess.run([STILLHERE, *words], env=environment, cwd=REPOSITORY, capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise SystemExit(f"stillhere {' '.join(words)} ended {done.returncode}:\n{done.stdout}\n{done.stderr}")

    run("demo", "--accounts", str(options.accounts), "--seed", str(seed))
    run("campaigns", "approve", "--all", "--by", "the benchmark")
    days = [options.every] * (options.days // options.every)
    days += [options.days - sum(days)] if sum(days) < options.days else []
    run("nightly", "--send")
    for nth, step in enumerate(days, start=1):
        run("demo", "--advance", str(step))
        run("nightly", "--send")
        print(f"seed {seed}: night {nth + 1} of {len(days) + 1}, {time.monotonic() - began:.0f} s", file=sys.stderr)
    os.environ["STILLHERE_DATA"] = environment["STILLHERE_DATA"]
    told = compare(read_company(config))
    print(
        f"| {seed} | {len(days) + 1} | {told.drawn} | {told.delivered} | {told.kept} | {told.lost} | {told.said} "
        f"| {told.returned} | {told.rows} | {len(told.differ)} | {time.monotonic() - began:.0f} |",
        flush=True,
    )
    for words in told.differ[:20]:
        print(f"  {words}", file=sys.stderr)
    return len(told.differ)


class Told:
    """Counts of one company's life, and every row that the product and the world tell differently."""

    def __init__(self, record: pl.DataFrame, drawn: int) -> None:
        self.drawn = drawn
        self.delivered = record.filter(kind="mail").height + record.filter(kind="call").height
        self.said = record["exit_reason"].count()
        self.returned = 0
        self.kept = record.filter(effect="kept").height
        self.lost = record.filter(effect="lost").height
        self.rows = 0
        self.differ: list[str] = []

    def hold(self, frame: pl.DataFrame, what: str, is_same: pl.Expr) -> None:
        """Counts rows, and keeps those that are not the same."""
        self.rows += frame.height
        wrong = frame.filter(~is_same.fill_null(value=False))
        self.differ += [f"{what}: {row}" for row in wrong.to_dicts()]


def compare(settings: Settings) -> Told:
    """Holds what the product knows against the world's record, row by row."""
    places = settings.places
    truth = pl.read_parquet(places.truth / "accounts.parquet")
    with duckdb.connect(str(places.warehouse), read_only=True) as warehouse:
        outcomes = warehouse.execute("select * from intermediate.int_campaign_outcomes").pl()
        as_of = warehouse.execute("select as_of from night.night").fetchall()[0][0]
        reached = warehouse.execute(
            "select account_id, activity_date from intermediate.int_dealings where kind = 'call'"
        ).pl()
        stages = warehouse.execute("select account_id, stage from marts.accounts").pl()
        exits = warehouse.execute("select account_id, reason as told_reason from intermediate.int_exits").pl()
    # The last night's own deliveries come after it: neither side has them yet.
    record = read_record(places.truth, as_of).filter(pl.col("as_of") < as_of)
    with reading(open_operations(places.operations_url)) as connection:
        stored = pl.DataFrame([dict(row) for row in connection.execute(select(assignments)).mappings()])
        said = [dict(row) for row in connection.execute(select(exit_answers)).mappings()]
    told = Told(record, stored.height)
    _assignment(told, settings, stored, record)
    _exposure(told, outcomes, record, reached, stored)
    _answers(told, record, said, exits)
    _returns(told, settings, record.filter(pl.col("effect_on") < as_of), stages)
    _outcome(told, outcomes.filter(pl.col("day_zero") + pl.duration(days="day") <= as_of), truth)
    return told


def _assignment(told: Told, settings: Settings, stored: pl.DataFrame, record: pl.DataFrame) -> None:
    """Every arm is the hash's, and exactly those drawn to be contacted ever were."""
    limits = settings.company.campaigns

    def arm_of(row: dict[str, object]) -> str:
        account, campaign, share = str(row["account_id"]), str(row["campaign"]), float(str(row["holdout_share"]))
        if share_of(limits.holdout_salt, "universal", account) < limits.universal_holdout_share:
            return "universal_holdout"
        return "holdout" if share_of(limits.holdout_salt, f"campaign:{campaign}", account) < share else "treated"

    expected = stored.with_columns(expected=pl.Series([arm_of(row) for row in stored.to_dicts()]))
    told.hold(expected, "arm", pl.col("arm") == pl.col("expected"))
    measured = ~pl.col("campaign").is_in(sorted(unmeasured_campaigns(settings.campaigns)))
    delivered = record.filter(measured & (pl.col("kind") != "return")).select("campaign", "account_id", "kind", "as_of")
    arms = delivered.join(stored, on=["campaign", "account_id"], how="left")
    told.hold(arms, "delivered", (pl.col("arm") == "treated") & (pl.col("day_zero") <= pl.col("as_of")))


def _exposure(
    told: Told, outcomes: pl.DataFrame, record: pl.DataFrame, reached: pl.DataFrame, stored: pl.DataFrame
) -> None:
    """Contacts up to day D: mails delivered, and tasks of the call list after which the CRM shows a call in a week."""
    tasks = record.filter(kind="call").select("campaign", "account_id", "as_of")
    week = (pl.col("activity_date") > pl.col("as_of")) & (
        pl.col("activity_date") <= pl.col("as_of") + timedelta(days=7)
    )
    calls = tasks.join(reached, on="account_id").filter(week)
    calls = calls.group_by("campaign", "account_id", "as_of").agg(on=pl.col("activity_date").min())
    mails = record.filter(kind="mail").select("campaign", "account_id", on="as_of")
    touched = pl.concat([mails, calls.select("campaign", "account_id", "on")])
    # Of the whole programme are contacts of campaigns that draw arms.
    of_all = touched.join(stored, on=["campaign", "account_id"], how="semi").with_columns(campaign=pl.lit("*"))
    touched = pl.concat([touched, of_all])
    inside = (pl.col("on") >= pl.col("day_zero")) & (
        pl.col("on") <= pl.col("day_zero") + pl.duration(days=pl.col("day"))
    )
    key = ["campaign", "account_id", "day"]
    counts = outcomes.join(touched, on=["campaign", "account_id"]).filter(inside).group_by(key).len("in_record")
    both = outcomes.join(counts, on=key, how="left").with_columns(pl.col("in_record").fill_null(0))
    told.hold(both, "contacts", pl.col("contacts") == pl.col("in_record"))


def _answers(told: Told, record: pl.DataFrame, said: list[dict[str, object]], exits: pl.DataFrame) -> None:
    """Answers are kept as they were given, no others are there, and each stands among the exits."""
    columns = ("account_id", "reason", "comment", "may_quote")
    stored = {row["message_id"]: [row[name] for name in columns] for row in said}
    given = record.filter(pl.col("exit_reason").is_not_null())
    kept = [
        stored.pop(row["message_id"], None)
        == [row["account_id"], row["exit_reason"], row["exit_comment"], row["may_quote"]]
        for row in given.to_dicts()
    ]
    told.hold(given.with_columns(kept=pl.Series(kept, dtype=pl.Boolean)), "answer", pl.col("kept"))
    told.hold(pl.DataFrame({"message_id": sorted(map(str, stored))}), "answer nobody gave", pl.lit(value=False))
    reasons = exits.group_by("account_id").agg("told_reason")
    shown = given.join(reasons, on="account_id", how="left")
    told.hold(shown, "exit", pl.col("told_reason").list.contains(pl.col("exit_reason")))


def _returns(told: Told, settings: Settings, record: pl.DataFrame, stages: pl.DataFrame) -> None:
    """Who is back counts as a customer, and hears no more of what those who left hear."""
    back = record.filter(effect="returned").select("account_id", "effect_on")
    told.returned = back.height
    told.hold(back.join(stages, on="account_id", how="left"), "back", pl.col("stage") != "left")
    lists = {one.id for one in settings.segments.segments if one.all.get("stage") == "= left"}
    win_backs = sorted(one.id for one in settings.campaigns if one.segment in lists)
    sent = record.filter(pl.col("campaign").is_in(win_backs)).select("account_id", "campaign", "as_of")
    both = sent.join(back, on="account_id")
    told.hold(both, "win-back after a return", pl.col("as_of") < pl.col("effect_on"))


def _outcome(told: Told, outcomes: pl.DataFrame, truth: pl.DataFrame) -> None:
    """Still here on day D: not decided by then, not without access for want of payment; or back by then."""
    gone_on = (
        pl.when(pl.col("cause") == "payment_failure")
        .then(pl.col("left_on") - timedelta(days=UNPAID_BEFORE_DAYS))
        .otherwise("decided_on")
    )
    world = truth.select("account_id", "has_billing", "returned_on", gone_on=gone_on)
    judged_on = pl.col("day_zero") + pl.duration(days="day")
    both = outcomes.join(world, on="account_id", how="left").with_columns(
        in_record=pl.col("has_billing")
        & (
            pl.col("gone_on").is_null()
            | (pl.col("gone_on") > judged_on)
            | (pl.col("returned_on") <= judged_on).fill_null(value=False)
        )
    )
    told.hold(both, "still here", pl.col("is_still_here") == pl.col("in_record"))


if __name__ == "__main__":
    sys.exit(main())
