"""What messages claim: one row a claim, the value as the message took it (`used`) and as its reader sees it."""

from __future__ import annotations

import polars as pl

CLAIMS = """
case
    when not json_valid(coalesce(claims_json, '')) then []
    when json_type(claims_json) <> 'OBJECT' then [null]
    -- A name that stands twice would end the query.
    when len(json_keys(claims_json)) <> len(list_distinct(json_keys(claims_json))) then [null]
    else map_entries(try_cast(
        cast(claims_json as json) as map(varchar, struct(origin varchar, raw varchar, shown varchar))
    ))
end
"""
"""SQL: a message's claims as a list of (key: its name, value: origin, raw, shown). What can't be read claims nothing;
what is no claim of ours is null, and fails."""


def claims_made(claims: pl.Series) -> pl.DataFrame:
    """The claims of some messages (CLAIMS), one row each; `place` is the message's number among them."""
    listed = pl.DataFrame({"claim": claims}).with_row_index("place").explode("claim", empty_as_null=False)
    claim = pl.col("claim").struct
    value = claim.field("value").struct
    return listed.select("place", name=claim.field("key"), used=value.field("raw"), shown=value.field("shown"))


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
