"""Hand-over 2, table by table: keys, ranges, identities, and enough rows against last night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from expectations.engine import Engine, Figure, Measured, RowCheck
from expectations.figures import PlacedFigure
from expectations.first_looks import keys_come_once, months_come_once_and_follow
from expectations.predicates import identifier
from expectations.report import Result, Severity
from expectations.requests import FeaturesRequest

WAREHOUSE = "warehouse"
# A base does not lose a fifth of its accounts in a night; below 20 rows a fifth is chance.
LEAST_SHARE_OF_LAST_NIGHT = 0.8
LEAST_EARLIER_ROWS = 20
NONE = "0"
"""The figure of what a first look has shown not to be there."""

CADENCE = (
    RowCheck("account_id_present", "trim(account_id) <> ''"),
    RowCheck("days_not_negative", "least(tenure_days, coalesce(days_silent, 0), active_days_total) >= 0"),
    RowCheck("usual_gap_at_least_a_day", "usual_gap_days is null or usual_gap_days >= 1"),
    RowCheck("active_days_within_window", "active_days_28 between 0 and 28 and active_days_91 between 0 and 91"),
    RowCheck("windows_nested", "active_days_28 <= active_days_91 and active_days_91 <= active_days_365"),
    RowCheck("events_at_least_active_days", "events_28 >= active_days_28 and events_91 >= active_days_91"),
    RowCheck("counts_not_negative", "least(kinds_28, people_active_28, failed_payments_91, tickets_91) >= 0"),
    RowCheck("mrr_not_negative", "coalesce(mrr_minor, 0) >= 0"),
    # More people than seats can be active (a seat is handed on), so this share has no upper end.
    RowCheck("seat_share_not_negative", "coalesce(seat_share, 0) >= 0 and isfinite(coalesce(seat_share, 0))"),
    RowCheck(
        "shares_within_0_and_1",
        "coalesce(champion_share_prev, 0) between 0 and 1 and coalesce(discount_share, 0) between 0 and 1",
    ),
)
# Movements are stated as positive or as negative numbers; either way what left is what left.
MRR_IDENTITY = (
    "opening_mrr_minor + new_minor + expansion_minor + reactivation_minor + correction_minor + pause_minor "
    "- abs(contraction_minor) - abs(churn_minor) = closing_mrr_minor"
)


def row_results(engine: Engine, request: FeaturesRequest) -> list[Result]:
    """Rules on single rows of the marts; an empty mart fails by its row count."""
    night = RowCheck("as_of_is_the_night", f"as_of = date '{request.as_of}'")
    past = RowCheck("cutoff_is_past", f"as_of < date '{request.as_of}'")
    needs_people: Severity = "hold" if request.model_learns else "warn"
    accounts = (
        RowCheck("account_id_present", "trim(account_id) <> ''"),
        RowCheck("mrr_not_negative", "coalesce(mrr_minor, 0) >= 0"),
        RowCheck("stage_known", "stage in ('onboarding', 'active', 'cancelling', 'suspended', 'left', 'internal')"),
    )
    movements = (
        RowCheck("account_id_present", "trim(account_id) <> '' and month is not null"),
        RowCheck("mrr_adds_up", MRR_IDENTITY),
    )
    return [
        *_rows(engine, "accounts", accounts, "hold"),
        *_rows(engine, "account_cadence", (*CADENCE, night), needs_people),
        *_rows(engine, "account_cadence_panel", (*CADENCE, past), needs_people),
        *_rows(engine, "mrr_movements", movements, None),
    ]


def _rows(engine: Engine, mart: str, checks: Sequence[RowCheck], if_empty: Severity | None) -> list[Result]:
    """`if_empty`: what an empty mart means; None: nothing (a shop has no monthly revenue)."""
    measured = engine.check_rows(f"select * from marts.{identifier(mart)}", "account_id", checks)
    results = [_row_result(mart, check.name, measured[check.name]) for check in checks]
    if if_empty is not None or measured["has_rows"].outcome == "could_not_check":
        results.insert(0, _has_rows(mart, measured, if_empty or "hold"))
    return results


def _row_result(mart: str, rule: str, measured: Measured) -> Result:
    bad = int(measured.observed or 0)
    return Result(
        rule=rule,
        scope="table",
        outcome=measured.outcome,
        expected="no row that breaks it",
        observed=measured.problem or f"{bad:,} rows",
        source=WAREHOUSE,
        resource=mart,
        unexpected_count=bad,
        example_ids=measured.example_ids,
        seconds=measured.seconds,
    )


def _has_rows(mart: str, measured: Mapping[str, Measured], severity: Severity) -> Result:
    rows = measured["has_rows"]
    return Result(
        rule="has_rows",
        scope="table",
        outcome=rows.outcome,
        expected="at least 1 row",
        observed=rows.problem or f"{int(rows.observed or 0):,} rows",
        severity=severity,
        source=WAREHOUSE,
        resource=mart,
        seconds=rows.seconds,
    )


def table_figures(engine: Engine, request: FeaturesRequest) -> list[PlacedFigure]:
    """Rules on whole marts."""
    has_good_months = engine.is_true(
        months_come_once_and_follow(
            "marts.mrr_movements", "account_id, currency", "month", "opening_mrr_minor", "closing_mrr_minor"
        )
    )
    return [
        *(_one_row_each(engine, mart, key) for mart, key in UNIQUE.items()),
        _one_row_a_month(is_known=has_good_months),
        _month_follows_month(is_known=has_good_months),
        *_both_labels(request),
        *(_as_many_as_before(mart, rows) for mart, rows in request.earlier_rows.items() if rows >= LEAST_EARLIER_ROWS),
    ]


UNIQUE = {
    "accounts": "account_id",
    "account_cadence": "account_id",
    "account_cadence_panel": "account_id, as_of",
}


def _one_row_each(engine: Engine, mart: str, key: str) -> PlacedFigure:
    return _unique(mart, key, is_known=engine.is_true(keys_come_once(f"marts.{identifier(mart)}", key)))


def _one_row_a_month(*, is_known: bool) -> PlacedFigure:
    return _unique("mrr_movements", "account_id, month, currency", is_known=is_known)


def _unique(mart: str, key: str, *, is_known: bool) -> PlacedFigure:
    """`is_known`: a first look has said that no key comes twice."""
    twice = f"select count(*) from (select 1 from marts.{identifier(mart)} group by {key} having count(*) > 1)"
    result = Result("one_row_each", "table", "ok", f"one row per {key}", "", source=WAREHOUSE, resource=mart)
    figure = Figure(f"unique|{mart}", NONE if is_known else twice, maximum=0)
    return PlacedFigure(figure, result, "keys more than once")


def _month_follows_month(*, is_known: bool) -> PlacedFigure:
    """`is_known`: a first look has said that every month opens as the one before it closed."""
    otherwise = (
        "select count(*) from (select opening_mrr_minor, lag(closing_mrr_minor) over months as before, "
        "lag(month) over months + interval 1 month = month as follows from marts.mrr_movements "
        "window months as (partition by account_id, currency order by month)) "
        "where follows and before is distinct from opening_mrr_minor"
    )
    result = Result(
        "opening_is_closing_before", "table", "ok", "no month that opens otherwise than the one before closed", "",
        source=WAREHOUSE, resource="mrr_movements",
    )  # fmt: skip
    return PlacedFigure(Figure("months", NONE if is_known else otherwise, maximum=0), result, "such months")


def _both_labels(request: FeaturesRequest) -> list[PlacedFigure]:
    if not request.model_learns:
        return []
    placed = []
    for name, label in (("left", "left_in_horizon"), ("stayed", "not left_in_horizon")):
        scalar = f"select count(*) from marts.account_cadence_panel where {label}"
        result = Result(
            f"some_{name}", "table", "ok", f"at least 1 past row of an account that {name}", "",
            source=WAREHOUSE, resource="account_cadence_panel",
        )  # fmt: skip
        placed.append(PlacedFigure(Figure(f"label|{name}", scalar, minimum=1), result, "rows"))
    return placed


def _as_many_as_before(mart: str, rows: int) -> PlacedFigure:
    least = rows * LEAST_SHARE_OF_LAST_NIGHT
    scalar = f"select count(*) from marts.{identifier(mart)}"
    expected = f"at least {least:,.0f} rows, four fifths of last night's {rows:,}"
    result = Result("as_many_as_last_night", "table", "ok", expected, "", source=WAREHOUSE, resource=mart)
    return PlacedFigure(Figure(f"rows|{mart}", scalar, minimum=least), result, "rows")
