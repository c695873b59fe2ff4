"""Hands Arrow tables to dlt, which writes them to raw: one pipeline run a source, one table a resource."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillhere.connectors.raw import open_raw
from stillhere.settings import Places

if TYPE_CHECKING:
    import pyarrow as pa

# dlt reads these from the environment. Telemetry off; one worker, for DuckDB has one writer; dlt adds its load id to
# Arrow tables only when told; the row ids are ours, for its own are made one by one in Python.
DLT_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "DLT_DISABLE_PLUGINS": "true",
    "LOAD__WORKERS": "1",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_ID": "false",
}


def load_tables(places: Places, source: str, tables: Mapping[str, Iterable[pa.Table]]) -> str:
    """Appends tables to `raw.<source>.<name>` as one dlt load; gives its id.

    Whatever an earlier run left half-done in dlt's working folder is dropped first: dlt takes schema and state from
    the database, and rows come again from the source.
    """
    os.environ.update(DLT_SETTINGS, DLT_DATA_DIR=str(places.dlt), DLT_PROJECT_DIR=str(places.dlt))
    pipelines = places.dlt / "pipelines"
    shutil.rmtree(pipelines / source, ignore_errors=True)
    try:
        return _run(places, source, tables, pipelines)
    finally:
        # Its files hold customers' rows; raw is the one place for these.
        shutil.rmtree(pipelines / source, ignore_errors=True)


def _run(places: Places, source: str, tables: Mapping[str, Iterable[pa.Table]], pipelines: Path) -> str:
    import dlt
    from dlt.pipeline import trace

    # Even with telemetry off, its trackers write an id file into the home folder (as root into /var).
    trace.TRACKING_MODULES = []
    if not places.raw_database.exists():
        with open_raw(places.raw_database):
            pass  # dlt would make it in DuckDB's oldest format
    pipeline = dlt.pipeline(
        pipeline_name=source,
        destination=dlt.destinations.duckdb(str(places.raw_database)),
        dataset_name=source,
        pipelines_dir=str(pipelines),
        progress=None,
    )
    resources = [_resource(dlt, name, batches) for name, batches in tables.items()]
    info = pipeline.run(dlt.source(lambda: resources, name=source)())
    info.raise_on_failed_jobs()
    return str(info.loads_ids[0])


def _resource(dlt: Any, name: str, batches: Iterable[pa.Table]) -> Any:
    def rows() -> Iterable[Any]:
        for batch in batches:
            # Without a hint dlt makes every naive time a UTC instant; a vendor's local time must stay as it is.
            naive = [f.name for f in batch.schema if str(f.type).startswith("timestamp") and f.type.tz is None]
            hints = {column: {"name": column, "data_type": "timestamp", "timezone": False} for column in naive}
            yield dlt.mark.with_hints(batch, dlt.mark.make_hints(columns=hints)) if hints else batch

    return dlt.resource(rows, name=name, write_disposition="append")
