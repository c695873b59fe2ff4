"""Extracts a company's sources into append-only raw, and looks at sources before a night does."""

from stillhere.connectors.extract import extract_source
from stillhere.connectors.latest import latest_event_day
from stillhere.connectors.names import raw_column
from stillhere.connectors.outcomes import Problem, ResourceOutcome
from stillhere.connectors.probe import probe
from stillhere.connectors.source import ConnectedSource, SourceError, connected_sources, unset_variables

__all__ = [
    "ConnectedSource",
    "Problem",
    "ResourceOutcome",
    "SourceError",
    "connected_sources",
    "extract_source",
    "latest_event_day",
    "probe",
    "raw_column",
    "unset_variables",
]
