"""A source with everything around it that reading needs: its name, the company's folder, the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stillhere.connectors.names import raw_column
from stillhere.settings import Mistake, Places, Resource, Settings, Source, StillhereError

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


PASSWORD = re.compile(r"://[^:/@]*:([^@]+)@")


class SourceError(StillhereError):
    """A source cannot be read; the text says what, where and what to do next."""


@dataclass(frozen=True, slots=True)
class ConnectedSource:
    """One entry of `sources.yml`, ready to be read."""

    name: str
    source: Source
    folder: Path
    """The company's folder: relative paths start here."""
    places: Places
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def fill(self, text: str) -> str:
        """`{data}` and `${VARIABLE}` replaced. Raises SourceError naming the variables that are not set."""
        missing = [name for name in VARIABLE.findall(text) if not self.environment.get(name)]
        if missing:
            raise SourceError(
                f"sources.yml, sources.{self.name}: {', '.join(missing)} not set; "
                f"export {missing[0]} or run 'stillhere doctor'"
            )
        text = VARIABLE.sub(lambda match: self.environment[match.group(1)], text)
        return text.replace("{data}", self.places.root.as_posix())

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL, filled in; may hold a password. Raises SourceError for an unset variable."""
        return self.fill(self.source.url or "")

    @property
    def password(self) -> str:
        """The URL's password, for hiding it in texts; empty when there is none."""
        found = PASSWORD.search(self.source.url or "")
        return VARIABLE.sub(lambda match: self.environment.get(match.group(1), ""), found[1]) if found else ""

    def pattern(self, resource: Resource) -> Path:
        """The absolute path or glob of a resource's files."""
        return self.folder / self.fill(resource.path or self.source.path or "")

    def time_of(self, resource: Resource) -> tuple[str | None, str | None]:
        """Column and text format that tell how new a row is: the cursor, or the time its events are mapped from."""
        mapped = [m.columns["occurred_at"] for m in resource.maps if "occurred_at" in m.columns]
        formats = {when.from_column: when.format for when in mapped}
        column = resource.cursor or next((when.from_column for when in mapped if when.from_column), None)
        return column, formats.get(column)


def unset_variables(settings: Settings, environment: Mapping[str, str] | None = None) -> list[Mistake]:
    """One mistake for each variable that a source names and the environment does not set."""
    variables = os.environ if environment is None else environment
    places = [
        (f"sources.{name}.{place}", text or "")
        for name, source in settings.sources.sources.items()
        for place, text in (
            ("url", source.url),
            ("path", source.path),
            *((f"resources.{resource}.path", found.path) for resource, found in source.resources.items()),
        )
    ]
    file = f"{settings.folder.name}/sources.yml"
    return [
        Mistake(file, key, f"{variable} not set", f"export {variable} or run 'stillhere doctor'")
        for key, text in places
        for variable in VARIABLE.findall(text)
        if not variables.get(variable)
    ]


def connected_sources(settings: Settings, environment: Mapping[str, str] | None = None) -> tuple[ConnectedSource, ...]:
    """All sources of a company, in the order of `sources.yml`."""
    variables = dict(os.environ if environment is None else environment)
    return tuple(
        ConnectedSource(name, source, settings.folder, settings.places, variables)
        for name, source in settings.sources.sources.items()
    )


def spelled(columns: Iterable[str], wanted: str) -> str:
    """The vendor's spelling of a column named in `sources.yml`, as the vendor or as raw writes it.

    Raises SourceError naming the columns there are.
    """
    known = list(columns)
    if wanted in known:
        return wanted
    by_raw = {raw_column(column): column for column in known}
    if raw_column(wanted) not in by_raw:
        raise SourceError(f"no column {wanted!r}; there are: {', '.join(known)}")
    return by_raw[raw_column(wanted)]
