"""The wide account row that rules and stories read: `accounts` with tonight's cadence and risk beside it."""

from __future__ import annotations

import polars as pl

from stillhere.campaigns.fields import FIELDS, Kind

_TYPES: dict[Kind, pl.DataType] = {
    "number": pl.Float64(),
    "text": pl.String(),
    "day": pl.Date(),
    "truth": pl.Boolean(),
    "signs": pl.String(),
}
_SIGN = pl.List(pl.Struct({"code": pl.String}))


def wide_accounts(accounts: pl.DataFrame, cadence: pl.DataFrame, risk: pl.DataFrame) -> pl.DataFrame:
    """One row an account, by id: every column of `accounts`, then what only cadence and risk have, and `sign_codes`.

    An account that is not scored tonight has nulls in the columns of cadence and risk. A known field that no mart
    gives (an older warehouse) is there as nulls, so that a rule about it holds for nobody.
    """
    rows = _beside(_beside(accounts, cadence), risk)
    missing = [
        pl.lit(None, dtype=_TYPES[field.kind]).alias(name) for name, field in FIELDS.items() if name not in rows.columns
    ]
    extra = [
        pl.lit(None, dtype=pl.String).alias(name)
        for name in ("signs_words", "champion_contact_id", "rule")
        if name not in rows.columns
    ]
    known = [_typed(name, field.kind, rows.schema[name]) for name, field in FIELDS.items() if name in rows.columns]
    return rows.with_columns(known + missing + extra).with_columns(sign_codes=sign_codes()).sort("account_id")


def _typed(name: str, kind: Kind, found: pl.DataType) -> pl.Expr:
    """Whole numbers stay whole; decimals and columns of nothing but nulls become what a comparison can take."""
    return pl.col(name) if kind == "number" and found.is_integer() else pl.col(name).cast(_TYPES[kind])


def _beside(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    new = [name for name in right.columns if name not in left.columns]
    return left.join(right.select("account_id", *new), on="account_id", how="left")


def sign_codes() -> pl.Expr:
    """The codes of an account's signs as a list, from `signs` of the mart `risk`."""
    decoded = pl.col("signs").cast(pl.String).str.json_decode(_SIGN)
    return decoded.list.eval(pl.element().struct.field("code"))
