"""What lies outside: sources, the place lists go to, and whoever is told when a night goes wrong."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from stillhere.doctor.checks import Check
from stillhere.doctor.machine import nearest_folder
from stillhere.settings import Settings, StillhereError

CONNECT_SECONDS = 5
DEMO_VENDOR = "demo_"
"""How the vendors of the demo company's sources begin."""


def check_sources(settings: Settings) -> Iterator[Check]:
    """Whether every source answers and has the tables and columns that `sources.yml` names."""
    # Connectors bring dlt along, which takes a second to import.
    from stillhere.connectors import connected_sources, probe

    for source in connected_sources(settings):
        if source.source.vendor.startswith(DEMO_VENDOR) and not settings.places.sources.exists():
            yield Check("sources", "problem", "the demo company's data is not there yet", "stillhere demo")
            return
        what = f"source {source.name}"
        try:
            problems = probe(source)
        except StillhereError as error:
            words, _, action = str(error).partition("; ")
            yield Check(what, "problem", words, action)
            continue
        for problem in problems:
            place = f"sources.yml, sources.{problem.source}"
            place += f".resources.{problem.resource}" if problem.resource else ""
            yield Check(what, "problem", f"{place}: {problem.what}", problem.action)
        if not problems:
            yield Check(what, "fine", f"{len(source.source.resources)} resources answer")


def check_delivery(settings: Settings) -> Iterator[Check]:
    """Whether lists can be put where `lists.deliver_to` says."""
    place = settings.company.lists.deliver_to
    if not place:
        return
    try:
        from fsspec.core import url_to_fs
        from fsspec.implementations.local import LocalFileSystem

        filesystem, root = url_to_fs(place)
    except (ImportError, ValueError) as error:
        yield Check("lists", "problem", f"company.yml, lists.deliver_to: {error}", "install its driver or correct it")
        return
    if not isinstance(filesystem, LocalFileSystem):
        yield Check("lists", "note", f"lists go to {place}; a bucket is only tried when a night writes to it")
        return
    if os.access(nearest_folder(Path(root)), os.W_OK):
        yield Check("lists", "fine", f"lists go to {root}")
    else:
        yield Check(
            "lists", "problem", f"company.yml, lists.deliver_to: {root} can't be written to", "change its owner"
        )


def check_notify(settings: Settings) -> Iterator[Check]:
    """Whether somebody is told when a night goes wrong, and whether silence alarms."""
    notify, environment = settings.company.notify, settings.environment
    if notify.mail and environment.smtp_url is None:
        words = "company.yml, notify.mail is set, but STILLHERE_SMTP_URL is not"
        yield Check("notify", "problem", words, "export STILLHERE_SMTP_URL, or name a webhook instead")
    elif notify.mail or notify.webhook:
        yield Check("notify", "fine", f"{len(notify.mail)} by mail{', a webhook' if notify.webhook else ''}")
    else:
        yield Check("notify", "note", "nobody is told when a night fails", "set notify in company.yml")
    url = environment.healthcheck_url
    if url and urlsplit(url).scheme not in ("http", "https"):
        yield Check("health check", "problem", "STILLHERE_HEALTHCHECK_URL: no http or https address", "correct it")
    elif url:
        yield Check("health check", "fine", f"{urlsplit(url).hostname} is pinged after a published night")
    else:
        yield Check("health check", "note", "silence alarms nobody", "set STILLHERE_HEALTHCHECK_URL")


def cannot_connect(url: str, default_port: int) -> str | None:
    """Why a host does not take connections, in words without user or password; None when it does."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or default_port), CONNECT_SECONDS):
            return None
    except (OSError, ValueError) as error:
        return f"{parts.hostname}: {getattr(error, 'strerror', None) or error}"
