"""What messages claim: one row a claim, the value as the message took it (`used`) and as its reader sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "place": pl.UInt32,
    "name": pl.String,
    "used": pl.String,
    "shown": pl.String,
}


def claims_made(claims_json: pl.Series) -> pl.DataFrame:
    """The claims of some messages, by SCHEMA; `place` is the message's number. What can't be read claims nothing."""
    rows = [(place, *claim) for place, written in enumerate(claims_json) for claim in _claims(written)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def claims_met(claims: pl.DataFrame, readings: pl.DataFrame) -> pl.DataFrame:
    """Each claim with its `message_id` and whether it `is_in_the_message`: in a part, or in where a link leads."""
    met = pl.concat_str(
        "subject", "text", "html_shown", pl.col("html_links").list.join(" "), separator="\n", ignore_nulls=True
    )
    of_messages = readings.select("message_id", met=met).with_row_index("place")
    return claims.join(of_messages, on="place", maintain_order="left").select(
        "message_id",
        "name",
        "used",
        "shown",
        is_in_the_message=pl.col("met").str.contains(pl.col("shown"), literal=True),
    )


def _claims(claims_json: str | None) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Name, value used and value shown; what is no claim of ours is one without anything, and fails."""
    try:
        claims = json.loads(claims_json or "{}")
    except ValueError:
        return
    if not isinstance(claims, dict):
        yield None, None, None
        return
    for name, claim in claims.items():
        value = claim if isinstance(claim, dict) else {}
        yield name, _text(value.get("raw")), _text(value.get("shown"))


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
