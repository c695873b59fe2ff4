"""A small warehouse after dbt: 200 accounts tonight, the same at four past cut-offs, a year of monthly revenue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.requests import FeaturesRequest

AS_OF = date(2026, 8, 26)

CADENCE = """
select 'a' || n as account_id, {as_of} as as_of, 100 + n as tenure_days, 60 + n % 20 as active_days_total,
       10 + n % 5 as active_days_28, 30 + n % 9 as active_days_91, 60 + n % 20 as active_days_365,
       25 + n % 9 as events_28, 80 + n % 9 as events_91, 3.0::double + n % 4 as usual_gap_days, n % 6 as days_silent,
       n % 5 as silent_working_days,
       3 as kinds_28, 4 as people_active_28, 0.5::double as seat_share,
       0.25::double as champion_share_prev, 0::double as discount_share,
       0 as failed_payments_91, 1 as tickets_91, 5000 as mrr_minor, 60000 as spend_365_minor
from range(200) as numbers(n)
"""


@dataclass
class WarehouseWorld:
    """The file and what the night would ask about it."""

    database: Path
    request: FeaturesRequest

    def sql(self, statement: str) -> None:
        """Changes the marts."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(statement)


def warehouse_world(folder: Path) -> WarehouseWorld:
    """Everything is plausible."""
    world = WarehouseWorld(folder / "warehouse.duckdb", FeaturesRequest(folder / "warehouse.duckdb", AS_OF))
    panel = " union all ".join(CADENCE.format(as_of=f"date '2026-06-27' - {28 * back}") for back in range(4))
    world.sql(
        f"""
        create schema marts;
        create table marts.accounts as
            select 'a' || n as account_id, 'active' as stage, 60000 as value_minor, 5000 as mrr_minor
            from range(200) as numbers(n);
        create table marts.account_cadence as {CADENCE.format(as_of=f"date '{AS_OF}'")};
        create table marts.account_cadence_panel as
            select *, as_of as cutoff, account_id < 'a2' as left_in_horizon from ({panel});
        create table marts.mrr_movements as
            select 'a' || n as account_id, month::date as month, 'EUR' as currency,
                   case when month = date '2026-01-01' then 0 else 5000 end as opening_mrr_minor,
                   case when month = date '2026-01-01' then 6000 else 0 end as new_minor,
                   0 as expansion_minor,
                   case when month = date '2026-01-01' then -1000 else 0 end as contraction_minor,
                   0 as pause_minor, 0 as churn_minor, 0 as reactivation_minor, 0 as correction_minor,
                   5000 as closing_mrr_minor
            from range(200) as numbers(n),
                 generate_series(date '2026-01-01', date '2026-08-01', interval 1 month) as months(month)
        """
    )
    return world
