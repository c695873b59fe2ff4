"""How long it takes to decide a million candidates and to write, check and reserve 200,000 mails, and where it goes.

.venv/bin/python -m benchmarks.campaigns decide --candidates 1000000
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import time
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from stillhere.campaigns.arbiter import decide
from stillhere.campaigns.candidates import CANDIDATES_SCHEMA
from stillhere.campaigns.facts import HISTORY_SCHEMA, SUPPRESSIONS_SCHEMA, Facts, Rules
from stillhere.campaigns.holdouts import ASSIGNMENTS_SCHEMA
from stillhere.settings import Campaign, Company

NIGHT = date(2026, 3, 3)
CAMPAIGNS = 5
ZONES = ("Europe/Berlin", "America/New_York", "Europe/London", "Europe/Paris", "Asia/Tokyo", "Australia/Sydney")
LOCALES = ("de-DE", "en-US", "en-GB", "fr-FR", "ja-JP", "en-AU")


def main() -> None:
    """Runs the part that was asked for and prints its figures as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    deciding = parts.add_parser("decide")
    deciding.add_argument("--candidates", type=int, default=1_000_000)
    deciding.add_argument("--profile", action="store_true")
    mailing = parts.add_parser("mail")
    mailing.add_argument("--mails", type=int, default=200_000)
    mailing.add_argument("--without-check", action="store_true", help="leave hand-over 3 out")
    arguments = parser.parse_args()
    if arguments.part == "decide":
        print(json.dumps(decide_part(arguments.candidates, profile=arguments.profile), indent=1))
    else:
        from benchmarks.campaign_mails import mail_part

        print(json.dumps(mail_part(arguments.mails, check=not arguments.without_check), indent=1))


def decide_part(count: int, *, profile: bool) -> dict[str, Any]:
    """Seconds to decide `count` candidates, beside a floor on the same frames."""
    rules = Rules(company=_company(), campaigns=_campaigns())
    candidates, facts = _world(count)
    floor_seconds = _floor(candidates, facts)
    tracer = cProfile.Profile() if profile else None
    began, worked = time.perf_counter(), time.process_time()
    if tracer:
        tracer.enable()
    decisions = decide(candidates, facts, rules, NIGHT)
    if tracer:
        tracer.disable()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    if tracer:
        pstats.Stats(tracer).sort_stats("cumulative").print_stats(25)
    codes = dict(decisions["reason_code"].value_counts(sort=True).iter_rows())
    return {
        "candidates": count,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "floor_seconds": round(floor_seconds, 2),
        "codes": codes,
    }


def _floor(candidates: pl.DataFrame, facts: Facts) -> float:
    """What nobody can go below: join the account's facts and sort by priority and value, and decide nothing."""
    began = time.perf_counter()
    joined = candidates.join(facts.accounts, on="account_id", how="left")
    joined.sort(
        ["campaign", "value_at_stake_minor", "account_id", "contact_rank"], descending=[False, True, False, False]
    )
    return time.perf_counter() - began


def _company() -> Company:
    caps = [{"days": 7, "contacts": 1}, {"days": 30, "contacts": 2}]
    campaigns = {"caps": caps, "budget": {"mails": 100_000, "call_hours": 40}}
    basis = {"id": "bench", "name": "Bench", "kind": "contract", "timezone": "Europe/Berlin"}
    return Company.model_validate({**basis, "languages": ["en", "de"], "campaigns": campaigns})


def _campaigns() -> list[Campaign]:
    basis = {"segment": "all", "holdout_share": 0.5}
    kinds = [{"what": "call" if at == 0 else "mail", "priority": 900 - at} for at in range(CAMPAIGNS)]
    return [
        Campaign.model_validate({"id": f"c{at}", "title": f"Campaign {at}", **basis, **kind})
        for at, kind in enumerate(kinds)
    ]


def _world(count: int) -> tuple[pl.DataFrame, Facts]:
    """Candidates of five campaigns, two people an account; a year of contacts, stops and stored arms."""
    rng = np.random.default_rng(7)
    per_account = CAMPAIGNS * 2
    accounts = count // per_account
    number = np.repeat(np.arange(accounts), per_account)
    within = np.tile(np.arange(per_account), accounts)
    person, campaign = within % 2, within // 2
    place = number % len(ZONES)
    frame = pl.DataFrame(
        {
            "campaign": np.char.add("c", campaign.astype(str)),
            "segment_id": np.full(len(number), "all"),
            "account_id": np.char.add("a", number.astype(str)),
            "contact_id": np.char.add(np.char.add("p", number.astype(str)), np.where(person, "b", "a")),
            "contact_rank": person,
            "consent": rng.random(len(number)) < 0.8,
            "locale": np.array(LOCALES)[place],
            "timezone": np.array(ZONES)[place],
        }
    )
    made = frame.with_columns(
        email=pl.col("contact_id") + "@customer.example",
        occasion=pl.format("{}:{}:2026-02-01", "campaign", "account_id"),
        contact_rank=pl.col("contact_rank").cast(pl.Int32),
    ).select(list(CANDIDATES_SCHEMA))
    return made.sample(fraction=1, shuffle=True, seed=1), _facts(rng, accounts)


def _facts(rng: np.random.Generator, count: int) -> Facts:
    ids = pl.Series("account_id", [f"a{number}" for number in range(count)])
    value = pl.Series(rng.integers(0, 5_000_000, count))
    accounts = pl.DataFrame({"account_id": ids, "value_minor": value, "value_at_stake_minor": value // 7}).with_columns(
        is_internal=pl.lit(value=False),
        tenure_days=pl.Series(rng.integers(0, 900, count)),
        last_talked_date=pl.Series([NIGHT - timedelta(days=int(days)) for days in rng.integers(0, 200, count)]),
        open_tickets=pl.Series((rng.random(count) < 0.05).astype(int)),
        days_since_left=pl.lit(None, dtype=pl.Int64),
        country=pl.Series(np.array(["DE", "US", "GB", "FR", "JP", "AU"])[np.arange(count) % 6]),
        timezone=pl.lit("Europe/Berlin"),
    )
    past = pl.DataFrame(
        {
            "campaign": [f"c{number}" for number in rng.integers(0, CAMPAIGNS, count)],
            "account_id": ids.gather(rng.integers(0, count, count)),
            "as_of": [NIGHT - timedelta(days=int(days)) for days in rng.integers(1, 365, count)],
        }
    ).with_columns(
        email="p" + pl.col("account_id").str.slice(1) + "a@customer.example",
        occasion=pl.format("{}:{}:older", "campaign", "account_id"),
        outcome=pl.lit("send"),
        offer_code=pl.lit(None, dtype=pl.String),
        offer_group=pl.lit(None, dtype=pl.String),
        offer_until=pl.lit(None, dtype=pl.Date),
    )
    stops = pl.DataFrame(
        {"email": [f"p{number}a@customer.example" for number in range(0, count, 50)], "reason": "unsubscribed"}
    )
    arms = past.select(
        "campaign", "account_id", arm=pl.lit("treated"), day_zero="as_of", holdout_share=0.5, universal_share=0.1
    )
    return Facts(
        accounts=accounts,
        suppressions=stops.cast(pl.Schema(SUPPRESSIONS_SCHEMA)),
        history=past.select(list(HISTORY_SCHEMA)),
        assignments=arms.unique(["campaign", "account_id"]).cast(pl.Schema(ASSIGNMENTS_SCHEMA)),
    )


if __name__ == "__main__":
    main()
