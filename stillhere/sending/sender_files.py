"""The files sender: each message becomes `<message_id>.eml`. With --send that counts as a delivery."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from stillhere.mails.mail import build_mail
from stillhere.sending.senders import Bundle, HandedOver
from stillhere.settings import Company, StillhereError


class MailFolderError(StillhereError):
    """The folder of mails can't be written to: the disk is full, or it is not ours."""


class FilesSender:
    """Writes to a temporary name, then renames: a killed run leaves whole files or none."""

    name = "files"
    at_once = 200
    may_repeat = True
    is_scheduled = False
    call_back_minutes = 0

    def __init__(self, company: Company, folder: Path) -> None:
        self._company = company
        self._folder = folder

    def send(self, bundle: Bundle) -> list[HandedOver]:
        """Writes a file a message, the same bytes each time. Raises MailFolderError when it can't."""
        for row in bundle.rows:
            self._write(row, bundle.planned_at)
        return [HandedOver("accepted", "written")] * len(bundle.rows)

    def open_batch(self) -> None:
        """Nothing can be called back: it is there at once."""

    def close(self) -> None:
        """Nothing is open."""

    def _write(self, row: Mapping[str, Any], planned_at: datetime) -> None:
        target = self._folder / f"{row['message_id']}.eml"
        unfinished = target.with_suffix(f".unfinished-{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(build_mail(row, self._company, planned_at).as_bytes())
            unfinished.replace(target)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise MailFolderError(
                f"mails can't be written to {self._folder} ({error.strerror}); make room or correct its rights, "
                "then run the same command again: what is written already is not sent twice"
            ) from error
