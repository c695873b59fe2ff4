"""The files sender: each message becomes `<message_id>.eml`. With --send that counts as a delivery."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from stillhere.campaigns.mail import build_mail
from stillhere.campaigns.senders import HandedOver
from stillhere.settings import Company


class FilesSender:
    """Writes to a temporary name, then renames: a killed run leaves whole files or none."""

    name = "files"
    may_repeat = True

    def __init__(self, company: Company, folder: Path) -> None:
        self._company = company
        self._folder = folder

    def send(self, row: Mapping[str, Any], planned_at: datetime) -> HandedOver:
        """Writes one file; the same message again gives the same bytes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / f"{row['message_id']}.eml"
        unfinished = target.with_suffix(f".unfinished-{os.getpid()}")
        unfinished.write_bytes(build_mail(row, self._company, planned_at).as_bytes())
        unfinished.replace(target)
        return HandedOver("accepted", target.name)

    def close(self) -> None:
        """Nothing is open."""
