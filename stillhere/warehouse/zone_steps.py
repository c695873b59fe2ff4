"""When a time zone's clocks change, as the warehouse's own calendar has it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import duckdb

# One row a day or a quarter of an hour of its span: how many seconds the zone's clocks are ahead of UTC.
AHEAD = """
select moment, epoch(((moment at time zone 'UTC') at time zone $zone) - moment)::bigint as ahead
from (select unnest(generate_series($first::timestamp, $last::timestamp, $step::interval)) as moment)
"""
CHANGES = f"""
select moment, ahead from ({AHEAD}) qualify ahead is distinct from lag(ahead) over (order by moment) order by moment
"""


@cache
def zone_steps(zone: str, first_day: str = "2000-01-01", end_day: str = "2041-01-01") -> tuple[tuple[str, int], ...]:
    """From which instant (UTC, as text) a zone's clocks are how many seconds ahead of UTC; the last entry is the end.

    To the quarter of an hour: no zone has changed its clocks between two of them since 2000.
    """
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute("set timezone = 'UTC'")

        def changes(first: str, last: str, step: str) -> list[tuple[datetime, int]]:
            span = {"zone": zone, "first": first, "last": last, "step": step}
            return connection.execute(CHANGES, span).fetchall()

        begin, *days = changes(first_day, end_day, "1 day")
        steps = [begin]
        for day, _ in days:  # changed since the day before
            steps += changes(f"{day - timedelta(days=1)}", f"{day}", "15 minutes")[1:]
    return (*((f"{at:%Y-%m-%d %H:%M:%S}", ahead) for at, ahead in steps), (f"{end_day} 00:00:00", steps[-1][1]))
