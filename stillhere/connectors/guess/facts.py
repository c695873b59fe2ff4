"""What the events say about the company: its rhythm, its history, and what a valuable customer is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from stillhere.connectors.guess.profile import Column, without_word_points
from stillhere.connectors.guess.rhythm import stray_days
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
    strays: set[date]
    """Days left out of `days`, as typing errors."""

    @property
    def history_days(self) -> int:
        """Days from the first event to the last, both included."""
        return (self.last_day - self.first_day).days + 1 if self.first_day and self.last_day else 0


def amount_sql(column: Column) -> str:
    """SQL that reads an amount in major units as a double; 12,50- and (12,50) are below 0."""
    text = f"regexp_replace({without_word_points(f'{quoted(column.name)}::varchar')}, '[^0-9,.()-]', '', 'g')"
    text = f"replace(replace({text}, '.', ''), ',', '.')" if column.decimal == "," else f"replace({text}, ',', '')"
    negative = f"if({text} like '%-%' or {text} like '(%)', -1, 1)"
    number = f"{negative} * try_cast(regexp_replace({text}, '[()-]', '', 'g') as double)"
    return f"({number}) / 100" if column.is_minor else number


def facts_of(events: Understood) -> Facts:
    """The facts of an export of events."""
    value = events.columns.get("value")
    amount = amount_sql(value) if value else "null::double"
    account = quoted(events.columns["account_id"].name)
    connection = events.export.connection
    connection.execute(
        f"create or replace temp table told as select trim({account}::varchar) as account, "
        f"{events.instant('occurred_at')} as happened, {amount} as amount from export where {events.filter}"
    )
    counted = connection.execute(
        "select count(*), count(distinct account), "
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
    strays = stray_days(dict(days))
    usual = {day: rows for day, rows in days if day not in strays}
    return Facts(
        events=counted[0],
        accounts=counted[1],
        first_day=min(usual, default=None),
        last_day=max(usual, default=None),
        gap_p50=gaps[0],
        gap_p90=gaps[1],
        valuable_major=valuable,
        unread_times=counted[2],
        negative_values=counted[3],
        days=usual,
        strays=strays,
    )
