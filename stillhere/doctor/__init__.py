"""`stillhere doctor`: finds, before the night does, what would make it fail. Looks only; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stillhere.doctor.checks import Check
from stillhere.doctor.machine import check_data_folder, check_disk, check_packages, check_prefect_servers, check_python
from stillhere.doctor.mail_domain import check_mail_domain
from stillhere.doctor.model import check_model
from stillhere.doctor.reach import check_delivery, check_notify, check_sources
from stillhere.doctor.sending import check_sending, check_words
from stillhere.doctor.state import check_databases, check_lock, check_operations
from stillhere.settings import ConfigurationError, Settings

__all__ = ["Check", "examine", "examine_configuration"]


def examine_configuration(error: ConfigurationError) -> Iterator[Check]:
    """Every mistake of a configuration that can't be read, and what can be said without one."""
    yield from check_python()
    yield from check_packages()
    for mistake in error.mistakes:
        place = f"{mistake.file}, {mistake.key}" if mistake.key else mistake.file
        yield Check("configuration", "problem", f"{place}: {mistake.expected}", mistake.action)


def examine(settings: Settings, now: datetime) -> Iterator[Check]:
    """Everything a night leans on, one check after the other, so that a screen can show them as they come."""
    yield from check_python()
    yield from check_packages()
    yield Check("configuration", "fine", f"{settings.folder.name}: no mistakes")
    yield from check_words(settings)
    yield from check_data_folder(settings.places.root)
    yield from check_disk(settings.places)
    yield from check_lock(settings, now)
    yield from check_databases(settings.places)
    yield from check_operations(settings)
    yield from check_model(settings)
    yield from check_prefect_servers()
    yield from check_sources(settings)
    yield from check_delivery(settings)
    yield from check_notify(settings)
    yield from check_sending(settings)
    yield from check_mail_domain(settings)
