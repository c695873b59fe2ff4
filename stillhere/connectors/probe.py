"""Looks at a source before a night does: reachable, tables and columns there, variables set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from stillhere.connectors.file_listing import list_files
from stillhere.connectors.files import columns_of_files
from stillhere.connectors.outcomes import Problem
from stillhere.connectors.retrying import plainly
from stillhere.connectors.source import ConnectedSource, SourceError, spelled
from stillhere.settings import Resource


def probe(source: ConnectedSource) -> list[Problem]:
    """Everything that would make the source fail tonight; empty when it is fine. Reads headings, not rows."""
    with ExitStack() as stack:
        if source.source.kind == "sql":
            from stillhere.connectors.sql import open_database

            try:
                reader = stack.enter_context(open_database(source.url))
            except Exception as error:  # whatever a driver raises is what the doctor shall tell
                return [_problem(source, None, error, "check url in sources.yml, and that the database is up")]
            return list(_problems(source, lambda name, resource: reader.columns(resource.table or name)))
        return list(_problems(source, lambda _, resource: _file_columns(source, resource)))


def _file_columns(source: ConnectedSource, resource: Resource) -> list[str]:
    return columns_of_files(source.source.kind, list_files(source.pattern(resource)), source.source.csv)


def _problems(source: ConnectedSource, columns_of: Callable[[str, Resource], list[str]]) -> Iterator[Problem]:
    for name, resource in source.source.resources.items():
        try:
            columns = columns_of(name, resource)
        except Exception as error:
            yield _problem(source, name, error, "correct it in sources.yml")
            continue
        for column, role in _named_columns(resource).items():
            try:
                spelled(columns, column)
            except SourceError as error:
                yield Problem(source.name, name, f"{role}: {error}", "correct its spelling in sources.yml")


def _problem(source: ConnectedSource, resource: str | None, error: Exception, action: str) -> Problem:
    text = plainly(error, source.password)
    if isinstance(error, SourceError) and "; " in text:
        text, _, action = text.rpartition("; ")
        action = action.removesuffix(" or run 'stillhere doctor'")
    return Problem(source.name, resource, text.removeprefix(f"sources.yml, sources.{source.name}: "), action)


def _named_columns(resource: Resource) -> dict[str, str]:
    """The columns a resource's description names, and as what."""
    named = dict.fromkeys(resource.key, "key")
    if resource.cursor:
        named.setdefault(resource.cursor, "cursor")
    for mapped in resource.maps:
        for target, origin in mapped.columns.items():
            if origin.from_column:
                named.setdefault(origin.from_column, f"maps.{mapped.to}.{target}")
        for column in mapped.where:
            named.setdefault(column, f"maps.{mapped.to}.where")
    return named
