"""A night's Parquet files, made from small seeded frames, for tests of the report and the screens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from expectations.report import GateReport, LoadDecision, Result
from expectations.requests import report_to_json
from models.model import Card
from stillhere.operations.gates import store_gate_report
from stillhere.operations.holds import Hold, replace_holds
from stillhere.operations.loads import Arrived, store_arrivals
from stillhere.operations.open import open_operations, writing
from stillhere.operations.runs import Mode
from stillhere.reports.facts import NightFacts, read_night
from stillhere.results.campaign_results import results_of
from stillhere.results.plans import Plan
from stillhere.settings import Settings, load_settings
from stillhere.signs import sign_words
from tests.stillhere.results.simulated_results import outcomes

AS_OF = date(2026, 8, 31)
NOW = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
CONFIG = Path(__file__).parents[3] / "config"
NAMES = ("Nordlicht", "Amber & Sons", "Kestrel", "Weber <Bau>", "Lumen", "Fjord", "Pine", "Ostwind", "Harbour", "Quill")
SOURCES = """
sources:
  crm:
    kind: sql
    url: sqlite:///{data}/sources/crm.sqlite
    vendor: demo_crm
    resources:
      companies: {table: companies, key: [id]}
"""
KINDS = ("Logistics", "Studio", "Health", "Media", "Foods")


def settings_of(tmp_path: Path) -> Settings:
    """The demo company with its state under `tmp_path`."""
    folder = tmp_path / "company"
    if not folder.exists():
        shutil.copytree(CONFIG, folder)
        (folder / "sources.yml").write_text(SOURCES, encoding="utf-8")
    return load_settings(folder, {}, tmp_path / "data")


def write_night(folder: Path, accounts: int = 400, seed: int = 3, *, model: bool = True) -> Path:
    """Writes every mart the report reads; `model` False writes what the stated rule leaves."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    cadence = _cadence(random, accounts)
    risk = _risk(random, cadence, model=model)
    frames = {
        "accounts": _accounts(random, accounts),
        "account_cadence": cadence,
        "account_weeks": _weeks(random, cadence),
        "risk": risk,
        "retention": pl.concat([_retention(random), _cohorts(random)], how="diagonal_relaxed"),
        "hamster_wheel": _wheel(),
        "habits": _habits(random),
        "campaign_results": _results(),
        "segment_members": _members(risk),
        "decisions": _decisions(random, risk),
        "exits": _exits(accounts),
        "exit_patterns": _patterns(),
    }
    for mart, frame in frames.items():
        frame.write_parquet(folder / f"{mart}.parquet")
    return folder


def facts_of(tmp_path: Path, holds: Sequence[Hold] = (), mode: Mode = "preview") -> NightFacts:
    """The facts of a full night of the demo company, read from its Parquet files and its operations database."""
    settings = settings_of(tmp_path)
    write_night(settings.places.night_folder(AS_OF, 1))
    engine = open_operations(settings.places.operations_url)
    for gate in gates():
        store_gate_report(engine, AS_OF, 1, gate.gate, report_to_json(gate))
    with writing(engine) as connection:
        replace_holds(connection, AS_OF, 1, holds)
        store_arrivals(connection, arrivals())
    return read_night(settings, engine, AS_OF, 1, mode, model_card())


def _ids(count: int) -> list[str]:
    return [f"A-{at:05d}" for at in range(1, count + 1)]


def _accounts(random: np.random.Generator, count: int) -> pl.DataFrame:
    scored = np.arange(count) % 9 != 0
    return pl.DataFrame(
        {
            "account_id": _ids(count),
            "account_name": [f"{NAMES[at % 10]} {KINDS[at % 5]} {at}" for at in range(count)],
            "stage": ["active" if at % 17 else "left" for at in range(count)],
            "is_internal": [False] * count,
            "plan": [("Starter", "Team", "Business")[at % 3] for at in range(count)],
            "tenure_days": random.integers(5, 900, count),
            "value_minor": random.integers(20_000, 6_000_000, count),
            "decides_on": [None if scored[at] else AS_OF + timedelta(days=200) for at in range(count)],
            "is_scored": scored,
            "owner_email": ["owner@loopwise.example"] * count,
        }
    )


def _cadence(random: np.random.Generator, count: int) -> pl.DataFrame:
    gap = np.round(random.gamma(2.0, 2.5, count) + 1, 1)
    silent = np.floor(gap * random.exponential(1.2, count)).astype(int)
    month = np.maximum(0, np.round(28 / (gap + 1) * random.uniform(0.1, 1.1, count))).astype(int)
    before = np.round(28 / (gap + 1)).astype(int)
    return pl.DataFrame(
        {
            "account_id": _ids(count),
            "tenure_days": random.integers(20, 900, count),
            "active_days_28": month,
            "active_days_prev_28": before,
            "active_days_91": month + before * 2,
            "active_days_prev_91": before * 3,
            "usual_gap_days": gap,
            "gap_p90_days": np.round(gap * 1.8, 1),
            "days_silent": silent,
            "silence_ratio": np.round(silent / gap, 9),
            "last_active_date": [AS_OF - timedelta(days=int(days)) for days in silent],
            "expected_next_date": [AS_OF + timedelta(days=int(days)) for days in gap],
        }
    ).filter(pl.int_range(pl.len()) % 9 != 0)


def _weeks(random: np.random.Generator, cadence: pl.DataFrame) -> pl.DataFrame:
    digits = random.integers(0, 8, (cadence.height, 104)).astype(str)
    return cadence.select("account_id").with_columns(active_days_by_week=pl.Series(["".join(row) for row in digits]))


def _sign(code: str, row: dict[str, float]) -> dict[str, object]:
    values: dict[str, int | float | str | None] = {
        "usual_gap_days": row["usual_gap_days"],
        "days_silent": row["days_silent"],
        "active_days_28": row["active_days_28"],
        "usual_days_28": row["active_days_prev_28"],
        "failed_payments_91": 2,
        "price_rise_share_180": 0.12,
        "days_since_price_rise": 40,
    }
    return {"code": code, "words": sign_words(code, values, language="en"), "strength": 0.4, "values": values}


def _risk(random: np.random.Generator, cadence: pl.DataFrame, *, model: bool) -> pl.DataFrame:
    chance = np.round(random.beta(1.1, 14, cadence.height), 6)
    order = (-chance).argsort().argsort() + 1
    codes: Sequence[tuple[str, ...]] = (
        ("quiet", "fading"),
        ("fading",),
        ("payment_failing",),
        ("price_rise", "quiet"),
        (),
    )
    rows = list(cadence.iter_rows(named=True))
    signs = [[_sign(code, row) for code in codes[at % 5]] for at, row in enumerate(rows)]
    return cadence.select("account_id", "expected_next_date").with_columns(
        as_of=pl.lit(AS_OF),
        churn_probability=pl.Series(chance if model else [None] * cadence.height, dtype=pl.Float64),
        risk_rank=pl.Series(order, dtype=pl.Int32),
        is_flagged=pl.Series(order <= cadence.height // 10),
        signs=pl.Series([json.dumps(given) for given in signs]),
        signs_words=pl.Series(["; ".join(str(sign["words"]) for sign in given) for given in signs]),
        value_at_stake_minor=pl.Series(random.integers(1_000, 900_000, cadence.height)),
        model_id=pl.lit("20260831-abcdef" if model else None, dtype=pl.String),
        too_little_data=pl.lit(not model),
        rule=pl.lit(None if model else "silent at least 3 times its usual gap", dtype=pl.String),
    )


def _retention(random: np.random.Generator) -> pl.DataFrame:
    months = [date(2024 + at // 12, at % 12 + 1, 1) for at in range(8, 32)]
    won, lost = random.integers(1_500_000, 4_000_000, 24), random.integers(900_000, 4_200_000, 24)
    kept = np.round(random.uniform(0.965, 0.985, 24), 9)
    return pl.DataFrame(
        {
            "cohort_kind": ["all"] * 24,
            "cohort": ["all"] * 24,
            "month": months,
            "accounts_at_start": random.integers(2000, 3000, 24),
            "accounts_kept": random.integers(1900, 2000, 24),
            "logo_retention_share": kept,
            "gross_revenue_retention_share": kept - 0.006,
            "net_revenue_retention_share": kept + 0.018,
            "won_minor": won,
            "lost_minor": lost,
            "replaced_share": np.round(np.minimum(won, lost) / won, 9),
        }
    )


def _cohorts(random: np.random.Generator) -> pl.DataFrame:
    months = [date(2025 + at // 12, at % 12 + 1, 1) for at in range(8, 20)]
    made = [(cohort, age) for cohort in range(12) for age in range(12 - cohort)]
    return pl.DataFrame(
        {
            "cohort_kind": ["cohort"] * len(made),
            "cohort": [months[cohort].isoformat() for cohort, _ in made],
            "month": [months[cohort + age] for cohort, age in made],
            "age_months": [age for _, age in made],
            "accounts_at_end": [int(80 * 0.97**age) for _, age in made],
            "logo_since_start_share": [0.97**age for _, age in made],
        }
    )


def _wheel() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "month": [date(2026, 7, 1)],
            "months_counted": [12],
            "undone_months": [8.4],
            "leavers_counted": [412],
            "one_point_minor": [1_250_000],
            "one_point_low_minor": [1_100_000],
            "one_point_high_minor": [1_400_000],
            "one_point_verdict": ["estimate"],
        }
    )


def _habits(random: np.random.Generator) -> pl.DataFrame:
    made = [("active_days", 5, 14), ("active_days", 8, 28), ("people", 2, 14), ("people", 3, 14), ("kinds", 3, 28)]
    difference = np.array([0.31, 0.24, 0.19, 0.08, -0.03])
    return pl.DataFrame(
        {
            "habit": [habit for habit, _, _ in made],
            "milestone": [f"{habit}_{threshold}_by_day_{day}" for habit, threshold, day in made],
            "milestone_day": [day for _, _, day in made],
            "threshold": [threshold for _, threshold, _ in made],
            "is_milestone": [True, False, True, False, True],
            "habit_rank": [1, None, 2, None, 3],
            "verdict": ["difference", "difference", "difference", "cannot tell yet", "cannot tell yet"],
            "words": [f"{threshold} or more {habit} by day {day}: 91 % stay" for habit, threshold, day in made],
            "best_n": [310] * 5,
            "worst_n": [290] * 5,
            "best_share": 0.6 + difference / 2,
            "worst_share": 0.6 - difference / 2,
            "difference": difference,
            "interval_low": difference - random.uniform(0.05, 0.09, 5),
            "interval_high": difference + random.uniform(0.05, 0.09, 5),
            "n": [600] * 5,
        }
    )


def _results() -> pl.DataFrame:
    """One campaign is judged and kept accounts, one waits; the real results code says so."""
    began = AS_OF - timedelta(days=70)
    rows = [
        outcomes(arm, 200, kept, campaign=campaign, day_zero=began, revenue_minor=90_000, contacts=contacts)
        for campaign in ("slipping_note", "payment_notice")
        for arm, kept, contacts in (("treated", 180, 1), ("holdout", 150, 0))
    ]
    plans = [
        Plan("slipping_note", AS_OF - timedelta(days=5), cost_minor=500),
        Plan("payment_notice", AS_OF + timedelta(days=40), cost_minor=500),
    ]
    return results_of(pl.concat(rows), plans, AS_OF)


def _exits(count: int) -> pl.DataFrame:
    """Three reasons, some silent and a failed payment now and then, over a year and a half of months."""
    told = ("price", "price", "missing", "not given", "something_else", "price", "faults", "not given")
    days = [AS_OF - timedelta(days=at * 4) for at in range(130)]
    return pl.DataFrame(
        {
            "account_id": [_ids(count)[at * 7 % count] for at in range(130)],
            "requested_date": days,
            "month": [day.replace(day=1) for day in days],
            "reason": [told[at % 8] for at in range(130)],
            "outcome": ["left"] * 130,
            "kind": ["involuntary" if at % 25 == 3 else None for at in range(130)],
        }
    )


def _patterns() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "reason": ["price", "missing", "faults"],
            "answers": [49, 31, 16],
            "answers_needed": [30] * 3,
            "pictured": [44, 29, None],
            "sign": ["price_rise", None, None],
            "shown_share": [0.523, None, None],
            "stayed_share": [0.084, None, None],
            "active_accounts_like_it": [47, None, None],
            "verdict": ["pattern", "no pattern", "too few answers"],
        }
    )


def _members(risk: pl.DataFrame) -> pl.DataFrame:
    flagged = risk.filter("is_flagged").select("account_id")
    return flagged.with_columns(
        segment_id=pl.lit("slipping"),
        new_tonight=pl.int_range(pl.len()) % 3 == 0,
        status=pl.lit("in"),
        value_minor=pl.lit(100_000, dtype=pl.Int64),
    )


def _decisions(random: np.random.Generator, risk: pl.DataFrame) -> pl.DataFrame:
    accounts = risk.filter("is_flagged")["account_id"].to_list()
    kinds = (
        ("send", "chosen"),
        ("holdout", "holdout"),
        ("lost", "no_consent"),
        ("lost", "recently_talked"),
        ("lost", "lower_priority"),
        ("held", "too_many"),
    )
    campaigns = ("slipping_note", "payment_notice", "onboarding_rescue")
    picks = random.integers(0, len(kinds), len(accounts))
    return pl.DataFrame(
        {
            "account_id": accounts,
            "contact_id": [f"c-{account}" for account in accounts],
            "email": [f"person.{account.lower()}@customer.example" for account in accounts],
            "campaign": [campaigns[at % 3] for at in range(len(accounts))],
            "arm": ["treated"] * len(accounts),
            "outcome": [kinds[pick][0] for pick in picks],
            "reason_code": [kinds[pick][1] for pick in picks],
            "reason_words": [kinds[pick][1] for pick in picks],
            "message_id": [f"m-{account}" for account in accounts],
            "language": ["en"] * len(accounts),
        }
    )


def gates() -> list[GateReport]:
    """Hand-over 1 with a warning and quarantined rows, hand-over 2 clean."""
    fine = Result("amount_is_not_negative", "row", "ok", "amounts of 0 or more", "all", source="billing")
    warned = Result(
        rule="half_of_yesterday",
        scope="table",
        outcome="failed",
        expected="at least 5,100 rows, half of the usual day",
        observed="4,870 rows",
        severity="warn",
        source="usage",
        resource="events",
        unexpected_count=1,
    )
    load = LoadDecision("crm", "contacts", "1700000000.1", "accepted_with_quarantine", 120, 4)
    return [GateReport("raw", AS_OF, (fine, warned), (load,)), GateReport("features", AS_OF, (fine,))]


def arrivals() -> list[Arrived]:
    """One resource fine, one late."""
    return [
        Arrived("billing", "invoices", AS_OF, "late", 0, 1.5, "1788120000", "not reached after 3 tries", NOW),
        Arrived("crm", "contacts", AS_OF, "ok", 120, 0.8, "2026-08-31T20:10:00", "", NOW),
    ]


def send_hold() -> Hold:
    """A hold on the whole send."""
    words = "billing is 51 hours old; 48 are allowed"
    tomorrow = AS_OF + timedelta(days=1)
    return Hold(AS_OF, 1, "night", "*", "stale_source", words, 31, ("A-00003",), "data", NOW, tomorrow)


def model_card() -> Card:
    """A model card as training writes it."""
    return Card(
        model_id="20260831-abcdef",
        learned_by=("boosting",),
        trained_as_of=AS_OF,
        fit_cutoffs=(date(2025, 6, 1), date(2026, 3, 1)),
        calibration_cutoffs=(date(2026, 5, 1),),
        horizon_days=60,
        rows=41_200,
        leavers=1_830,
        base_rate=0.044,
        features=("days_silent",),
        empty_features=(),
        feature_set="f1",
        version=1,
        calibration="isotonic",
        measures={"roc_auc": 0.812, "lift_10": 4.1, "calibration_error": 0.006, "n": 8000},
        baseline={"roc_auc": 0.731, "lift_10": 2.9},
        settings={},
    )
