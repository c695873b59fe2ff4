"""Sealed nights: what a night read and decided, so that running it again gives the same."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, Row, func, select

from stillhere.operations.open import reading
from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import seals

LoadKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Seal:
    """One sealed night. Frames have the columns of the marts of the same name.

    `contents` is campaign to the hash of its content (see `campaigns.content`), which approvals are bound to.
    """

    as_of: date
    revision: int
    sealed_at: datetime
    model_id: str | None
    config_hash: str
    loads: tuple[LoadKey, ...]
    operations: Mapping[str, Sequence[Mapping[str, Any]]]
    scores_digest: str
    decisions_digest: str
    decisions: pl.DataFrame
    members: pl.DataFrame
    opened_occasions: pl.DataFrame
    contents: Mapping[str, str] = field(default_factory=dict)


def digest_of(frame: pl.DataFrame) -> str:
    """SHA-256 of a frame's rows as canonical text, in the order given. Doubles keep all their digits."""
    return hashlib.sha256(frame.write_json().encode()).hexdigest()


def find_seal(engine: Engine, as_of: date, revision: int | None = None) -> Seal | None:
    """The seal of a night: of its newest revision, or of the one named."""
    query = select(seals).where(seals.c.as_of == as_of).order_by(seals.c.revision.desc()).limit(1)
    if revision is not None:
        query = query.where(seals.c.revision == revision)
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return _seal(row) if row else None


def newest_sealed(engine: Engine) -> tuple[date, int] | None:
    """Day and revision of the newest sealed night."""
    query = select(seals.c.as_of, seals.c.revision).order_by(seals.c.as_of.desc(), seals.c.revision.desc()).limit(1)
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return (row.as_of, row.revision) if row else None


def newest_revision(engine: Engine, as_of: date) -> tuple[date, int] | None:
    """Day and newest sealed revision of a day."""
    with reading(engine) as connection:
        revision = connection.scalar(select(func.max(seals.c.revision)).where(seals.c.as_of == as_of))
    return (as_of, revision) if revision is not None else None


def sealed_nights(engine: Engine) -> list[tuple[date, int, datetime]]:
    """Day, revision and moment of sealing (UTC) of every sealed night, newest first."""
    columns = (seals.c.as_of, seals.c.revision, seals.c.sealed_at)
    query = select(*columns).order_by(seals.c.as_of.desc(), seals.c.revision.desc())
    with reading(engine) as connection:
        return [(row.as_of, row.revision, row.sealed_at) for row in connection.execute(query)]


def seal_before(engine: Engine, as_of: date) -> Seal | None:
    """The newest seal of an earlier day: what tonight's lists lean on."""
    with reading(engine) as connection:
        day = connection.scalar(select(func.max(seals.c.as_of)).where(seals.c.as_of < as_of))
    return find_seal(engine, day) if day else None


def write_seal(connection: Connection, seal: Seal) -> None:
    """Stores a seal; a second one for the same night and revision is refused by its key."""
    connection.execute(
        seals.insert().values(
            as_of=seal.as_of,
            revision=seal.revision,
            sealed_at=naive_utc(seal.sealed_at),
            model_id=seal.model_id,
            config_hash=seal.config_hash,
            loads=[list(load) for load in seal.loads],
            operations=_packed(seal.operations),
            scores_digest=seal.scores_digest,
            decisions_digest=seal.decisions_digest,
            decisions=_parquet(seal.decisions),
            members=_parquet(seal.members),
            opened_occasions=_parquet(seal.opened_occasions),
            contents=dict(seal.contents),
        )
    )


def _packed(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    text = json.dumps(rows, sort_keys=True, default=_tagged, ensure_ascii=False)
    return gzip.compress(text.encode(), mtime=0)


def _unpacked(packed: bytes) -> dict[str, list[dict[str, Any]]]:
    unpacked: dict[str, list[dict[str, Any]]] = json.loads(gzip.decompress(packed), object_hook=_untagged)
    return unpacked


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    raise TypeError(f"{type(value).__name__} can't be sealed")


def _untagged(value: dict[str, Any]) -> Any:
    if set(value) == {"$at"}:
        return datetime.fromisoformat(value["$at"])
    if set(value) == {"$day"}:
        return date.fromisoformat(value["$day"])
    return value


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _seal(row: Row[Any]) -> Seal:
    values = dict(row._mapping)
    values["loads"] = tuple((source, resource, load_id) for source, resource, load_id in values["loads"])
    values["operations"] = _unpacked(values["operations"])
    values["contents"] = values["contents"] or {}
    for name in ("decisions", "members", "opened_occasions"):
        values[name] = pl.read_parquet(io.BytesIO(values[name]))
    return Seal(**values)
