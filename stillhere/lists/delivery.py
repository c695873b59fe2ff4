"""Puts a night's lists where marketers are: copies them to a folder or bucket, and writes the mail that says so.

The mail has counts and a link, never the list: a list holds personal data, and mail is kept for ever.
"""

from __future__ import annotations

import html
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from stillhere.campaigns.keys import message_id, person_key
from stillhere.campaigns.story import long_day
from stillhere.lists.lists import WrittenList
from stillhere.mails.outbox import OUTBOX_SCHEMA
from stillhere.settings import StillhereError
from stillhere.settings.company import ListDelivery

NOTICE_CAMPAIGN = "lists"
"""What the ledger files these mails under; they are no campaign and count for no cap."""


class DeliveryError(StillhereError):
    """The lists can't be put where `lists.deliver_to` says."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Where the lists are now: the folder or URL, and the files in it."""

    place: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail to our own people. `key` is the same whenever the night is run again, so that it goes out once."""

    key: str
    to: tuple[str, ...]
    subject: str
    text: str


def deliver_lists(lists: Sequence[WrittenList], deliver_to: str | None, as_of: date) -> Delivered | None:
    """Copies every list's CSV and XLSX to `<deliver_to>/<as_of>/`; None where no place is configured.

    `deliver_to` is a folder or any fsspec URL (`s3://…`, `gs://…`). On a local disk each file appears whole, by a
    rename; object stores show a file only once it is whole. Raises DeliveryError.
    """
    if not deliver_to:
        return None
    try:
        filesystem, root = url_to_fs(deliver_to)
        folder = posixpath.join(root, as_of.isoformat())
        filesystem.makedirs(folder, exist_ok=True)
        for path in _files(lists):
            _put(filesystem, path, posixpath.join(folder, path.name))
    except ImportError as error:
        # Drivers of single stores are not installed with Stillhere: most companies need one or none.
        raise DeliveryError(f"company.yml, lists.deliver_to: {deliver_to!r} needs a package: {error}") from error
    except (OSError, ValueError) as error:
        raise DeliveryError(
            f"company.yml, lists.deliver_to: the lists could not be written to {deliver_to!r} ({error}); check that it "
            "exists and may be written; the lists are in the night's out folder all the same"
        ) from error
    return Delivered(posixpath.join(deliver_to, as_of.isoformat()), tuple(path.name for path in _files(lists)))


def list_notice(
    lists: Sequence[WrittenList], delivery: ListDelivery, company: str, as_of: date, place: str | None
) -> Notice | None:
    """The mail to `lists.notify`: a count a list, what is new, what has changed, and the link; None without readers."""
    if not delivery.notify:
        return None
    new = sum(one.new_tonight for one in lists)
    lines = [f"The lists of {long_day(as_of)} are ready.", ""]
    lines += [f"- {_line(one)}" for one in lists]
    where = delivery.link or place
    if where:
        lines += ["", f"They are here: {where}"]
    return Notice(
        key=f"lists:{as_of.isoformat()}",
        to=tuple(delivery.notify),
        subject=f"{company}: {_count(len(lists), 'list')}, {_count(new, 'new account')} on {long_day(as_of)}",
        text="\n".join(lines) + "\n",
    )


def notice_outbox(notice: Notice) -> pl.DataFrame:
    """The notice as outbox rows, one a reader, for `hand_over`: the ledger sees to it that it goes out once."""
    rows = [
        {
            "message_id": message_id(NOTICE_CAMPAIGN, person_key(email, ""), notice.key),
            "campaign": NOTICE_CAMPAIGN,
            "email": person_key(email, ""),
            "account_id": "",
            "contact_id": None,
            "occasion": notice.key,
            "language": "en",
            "subject": notice.subject,
            "text": notice.text,
            "html": f"<pre>{html.escape(notice.text)}</pre>",
            "claims_json": "[]",
            "stop_url": None,
        }
        for email in sorted(set(notice.to))
    ]
    return pl.DataFrame(rows, schema=OUTBOX_SCHEMA)


def _line(one: WrittenList) -> str:
    words = f"{one.title}: {_count(one.members, 'account')}, {one.new_tonight} new"
    if one.previous_version:
        words += "; its rule has changed since last night"
    return words + ("; HELD, do not use it before the hold is released" if one.held else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _files(lists: Sequence[WrittenList]) -> list[Path]:
    return [path for one in lists for path in (one.csv, one.xlsx)]


def _put(filesystem: Any, path: Path, target: str) -> None:
    if not isinstance(filesystem, LocalFileSystem):
        filesystem.put_file(str(path), target)
        return
    unfinished = f"{target}.unfinished"
    filesystem.put_file(str(path), unfinished)
    Path(unfinished).replace(target)
