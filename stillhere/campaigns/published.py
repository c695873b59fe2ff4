"""Reads a night's marts from Parquet, as every reader does: the link is resolved once, and nothing else is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from stillhere.settings import Places, Settings, StillhereError


class NightNotFoundError(StillhereError):
    """There is no such night, or none yet."""

    exit_code = 2


class AccountNotFoundError(StillhereError):
    """No account, or more than one, goes by that id or name."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class PublishedNight:
    """One night's folder of marts."""

    folder: Path
    as_of: date
    revision: int

    def mart(self, name: str) -> pl.DataFrame:
        """A mart as the night wrote it. Raises NightNotFoundError if the night never came as far as to write it."""
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            raise NightNotFoundError(
                f"the night of {self.as_of} has no {name}, for it was not finished; "
                f"run 'stillhere nightly --as-of {self.as_of}'"
            )
        return pl.read_parquet(path)

    def has(self, name: str) -> bool:
        """Whether the night wrote a mart: an older Stillhere knew fewer of them."""
        return (self.folder / f"{name}.parquet").is_file()


def find_night(places: Places, as_of: date | None = None) -> PublishedNight:
    """The published night, or the newest revision of a given day. Raises NightNotFoundError."""
    if as_of is None:
        if not places.published.exists():
            raise NightNotFoundError("no night has been published yet; run 'stillhere nightly' first")
        return _night(places.published.resolve())
    revisions = sorted(
        (_night(folder) for folder in places.nights.glob(f"{as_of.isoformat()}-*")), key=lambda night: night.revision
    )
    if not revisions:
        days = sorted({_night(folder).as_of.isoformat() for folder in places.nights.glob("????-??-??-*")})
        known = f"nights there are: {', '.join(days[-5:])}" if days else "there are no nights yet"
        raise NightNotFoundError(f"no night of {as_of}; {known}; run 'stillhere nightly --as-of {as_of}'")
    return revisions[-1]


def newest_night_before(places: Places, as_of: date) -> PublishedNight | None:
    """The newest revision of the newest finished night before a day: whose lists tonight's membership rests on."""
    earlier = [_night(folder) for folder in places.nights.glob("????-??-??-*") if _is_finished(folder)]
    past = [night for night in earlier if night.as_of < as_of]
    return max(past, key=lambda night: (night.as_of, night.revision), default=None)


def find_account(accounts: pl.DataFrame, wanted: str) -> str:
    """The id of the account with this id, or with this in its name. Raises AccountNotFoundError."""
    if wanted in accounts["account_id"]:
        return wanted
    name = pl.col("account_name").str.to_lowercase()
    # The plain name is not a pattern: brackets and dots in it mean themselves.
    found = accounts.filter(name.str.contains(wanted.strip().lower(), literal=True)).sort("account_id")
    exact = found.filter(name == wanted.strip().lower())
    if exact.height == 1 or found.height == 1:
        return str((exact if exact.height == 1 else found)["account_id"][0])
    if found.is_empty():
        raise AccountNotFoundError(
            f"no account has the id {wanted!r}, or that in its name; 'stillhere lists' names some"
        )
    shown = [f"{account} ({name})" for account, name in found.select("account_id", "account_name").head(8).iter_rows()]
    more = f" and {found.height - 8} more" if found.height > 8 else ""
    raise AccountNotFoundError(
        f"{found.height} accounts have {wanted!r} in their name: {', '.join(shown)}{more}; give an id"
    )


def _night(folder: Path) -> PublishedNight:
    day, _, revision = folder.name.rpartition("-")
    return PublishedNight(folder, date.fromisoformat(day), int(revision))


def _is_finished(folder: Path) -> bool:
    return (folder / "segment_members.parquet").is_file()


def calls_of(settings: Settings, as_of: date) -> set[tuple[str, str]] | None:
    """Campaign and account of every call of a day's night, in any revision; None where the night is not kept."""
    calls = {campaign.id for campaign in settings.campaigns if campaign.what == "call"}
    found: set[tuple[str, str]] = set()
    folders = [folder for folder in settings.places.nights.glob(f"{as_of.isoformat()}-*") if _is_finished(folder)]
    for folder in folders:
        decided = _night(folder).mart("decisions").filter(pl.col("outcome").is_in(["call", "held"]))
        found |= set(decided.filter(pl.col("campaign").is_in(calls)).select("campaign", "account_id").iter_rows())
    return found if folders else None


def company_day(settings: Settings, now: datetime) -> date:
    """The company's day; on the data clock the day after the newest night. Raises NightNotFoundError."""
    if settings.company.clock == "wall":
        return now.astimezone(settings.company.zone).date()
    return find_night(settings.places).as_of + timedelta(days=1)
