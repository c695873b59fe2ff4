"""One published night of the tiny company: a single quiet account, a mail that a cap refuses, and a call."""

from __future__ import annotations

from datetime import date

import polars as pl

from stillhere.campaigns.arbiter import decide
from stillhere.campaigns.published import PublishedNight
from stillhere.campaigns.segments import empty_members, members_tonight
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import (
    CADENCE_SCHEMA,
    TUESDAY_NIGHT,
    accounts,
    campaign,
    candidates,
    facts,
    frame,
    risk_rows,
    rules,
    wide,
)

ACCOUNT = {"account_id": "1", "account_name": "Blue Harbour", "value_minor": 1_200_000}
CADENCE = {"account_id": "1", "usual_gap_days": 6.0, "days_silent": 31, "last_active_date": date(2026, 1, 31)}
RISK = {"account_id": "1", "codes": ["quiet"], "is_flagged": True, "churn_probability": 0.23}


def quiet_night(settings: Settings, contacted_on: date) -> PublishedNight:
    """Writes and publishes the night; the account had a contact of another campaign on `contacted_on`."""
    folder = settings.places.night_folder(TUESDAY_NIGHT, 1)
    folder.mkdir(parents=True)
    rows = wide([ACCOUNT], [CADENCE], [RISK])
    missing = {"model_id": pl.lit("m"), "rule": pl.lit(None, dtype=pl.String)}
    history = [{"campaign": "note", "account_id": "1", "as_of": contacted_on}]
    marts = {
        "accounts": accounts(ACCOUNT),
        "account_cadence": frame([CADENCE], CADENCE_SCHEMA),
        "risk": risk_rows(RISK).with_columns(risk_rank=1, value_at_stake_minor=276_000, **missing),
        "segment_members": members_tonight(rows, settings.segments.segments, empty_members(), TUESDAY_NIGHT),
        "decisions": decide(
            candidates({"campaign": "slipping", "account_id": "1"}),
            facts(rows, history=history),
            rules(campaign("slipping", 1)),
            TUESDAY_NIGHT,
        ),
    }
    for name, mart in marts.items():
        mart.write_parquet(folder / f"{name}.parquet")
    settings.places.published.symlink_to(folder)
    return PublishedNight(folder, TUESDAY_NIGHT, 1)
