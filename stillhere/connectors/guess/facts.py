"""What the events say about the company: its rhythm, its history, and what a valuable customer is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from stillhere.connectors.guess.understand import Understood
from stillhere.connectors.raw import quoted

VALUABLE = 0.8  # the best fifth of customers by a year's spend


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts over all events that count."""

    events: int
    accounts: int
    first_day: date | None
    last_day: date | None
    gap_p50: float | None
    gap_p90: float | None
    valuable_major: float | None
    unread_times: int
    negative_values: int
    days: dict[date, int]

    @property
    def history_days(self) -> int:
        """Days from the first event to the last, both included."""
        return (self.last_day - self.first_day).days + 1 if self.first_day and self.last_day else 0


def number_sql(name: str, decimal: str) -> str:
    """SQL that reads an amount as a double, whatever stands around it."""
    text = f"regexp_replace({quoted(name)}::varchar, '[^0-9,.()-]', '', 'g')"
    text = f"replace(replace({text}, '.', ''), ',', '.')" if decimal == "," else f"replace({text}, ',', '')"
    negative = f"if({quoted(name)}::varchar like '(%)', -1, 1)"
    return f"{negative} * try_cast(regexp_replace({text}, '[()]', '', 'g') as double)"


def facts_of(events: Understood) -> Facts:
    """The facts of an export of events."""
    value = events.columns.get("value")
    amount = number_sql(value.name, value.decimal) if value else "null::double"
    account = quoted(events.columns["account_id"].name)
    connection = events.export.connection
    connection.execute(
        f"create or replace temp table told as select trim({account}::varchar) as account, "
        f"{events.instant('occurred_at')} as happened, {amount} as amount from export where {events.filter}"
    )
    counted = connection.execute(
        "select count(*), count(distinct account), min(happened)::date, max(happened)::date, "
        "count(*) filter (happened is null), count(*) filter (amount < 0) from told"
    ).fetchall()[0]
    gaps = connection.execute(
        "select median(gap), quantile_cont(gap, 0.9) from ("
        "select day - lag(day) over (partition by account order by day) as gap from ("
        "select distinct account, happened::date as day from told where happened is not null))"
    ).fetchall()[0]
    valuable = connection.execute(
        "select quantile_cont(spend, ?) from (select sum(amount) as spend from told "
        "where happened > (select max(happened) from told) - interval 365 day group by account) where spend > 0",
        [VALUABLE],
    ).fetchall()[0][0]
    days = connection.execute(
        "select happened::date, count(*) from told where happened is not null group by 1 order by 1"
    ).fetchall()
    return Facts(
        events=counted[0],
        accounts=counted[1],
        first_day=counted[2],
        last_day=counted[3],
        gap_p50=gaps[0],
        gap_p90=gaps[1],
        valuable_major=valuable,
        unread_times=counted[4],
        negative_values=counted[5],
        days=dict(days),
    )
