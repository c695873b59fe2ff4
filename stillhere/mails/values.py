"""The values a message may name, each taken from this night's marts and written as the reader's language writes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision

from stillhere.settings import Company, Goodbye
from stillhere.signs import sign_words

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """One value: where it comes from (`mart.column`), what it is there, and how the mail shows it."""

    origin: str
    raw: str
    shown: str


def message_values(
    account: Row,
    contact: Row,
    company: Company,
    language: str,
    names: Collection[str] | None = None,
    goodbye: Goodbye | None = None,
) -> dict[str, Value]:
    """Values by name for one message; what is unknown is left out, so that words which need it hold the message.

    `account` is a wide account row, `contact` a row of `int_contacts`. `names`, where given, are all that is asked for.
    """
    wanted = VALUES if names is None else [name for name in names if name in VALUES]
    found = {name: VALUES[name](account, contact, company, language) for name in wanted}
    if goodbye is not None and (names is None or "data_kept_days" in names):
        found["data_kept_days"] = _number("goodbye.yml", goodbye.data_kept_days, language)
    return {name: value for name, value in found.items() if value is not None}


def _text(origin: str, value: object) -> Value | None:
    text = str(value).strip() if value is not None else ""
    return Value(origin, text, text) if text else None


def _number(origin: str, value: float | None, language: str) -> Value | None:
    if value is None:
        return None
    return Value(origin, repr(value), _shown_number(round(value), language))


def _day(origin: str, value: date | None, language: str) -> Value | None:
    return None if value is None else Value(origin, value.isoformat(), _shown_day(value, language))


def _money(origin: str, minor: int | None, currency: str | None, language: str) -> Value | None:
    if minor is None or not currency:
        return None
    return Value(origin, str(minor), _shown_money(minor, currency, language))


# A night's mails show the same few numbers and days again and again, and Babel takes its time.
@lru_cache(maxsize=10_000)
def _shown_number(value: int, language: str) -> str:
    return format_decimal(value, locale=language)


@lru_cache(maxsize=10_000)
def _shown_day(value: date, language: str) -> str:
    return format_date(value, "long", locale=language)


@lru_cache(maxsize=10_000)
def _shown_money(minor: int, currency: str, language: str) -> str:
    return format_currency(minor / 10 ** get_currency_precision(currency), currency, locale=language)


def _first_sign(account: Row, company: Company, language: str) -> Value | None:
    listed = json.loads(account.get("signs") or "[]")
    if not listed:
        return None
    first = listed[0]
    try:
        words = sign_words(first["code"], first["values"], language=language, activity=company.words(language))
    except KeyError:
        # A sign of another version of the model lacks what its sentence needs: the message is held, the night goes on.
        return None
    return Value("risk.signs", first["code"], words)


Reader = Callable[[Row, Row, Company, str], Value | None]


def _cadence_number(column: str) -> Reader:
    return lambda account, _contact, _company, language: _number(
        f"account_cadence.{column}", account.get(column), language
    )


VALUES: dict[str, Reader] = {
    "first_name": lambda _account, contact, _company, _language: _text(
        "int_contacts.first_name", contact.get("first_name")
    ),
    "account_name": lambda account, _contact, _company, _language: _text(
        "accounts.account_name", account.get("account_name")
    ),
    "plan": lambda account, _contact, _company, _language: _text("accounts.plan", account.get("plan")),
    "days_silent": _cadence_number("days_silent"),
    "usual_gap_days": _cadence_number("usual_gap_days"),
    "active_days_28": _cadence_number("active_days_28"),
    "people_active_28": _cadence_number("people_active_28"),
    "last_active_date": lambda account, _contact, _company, language: _day(
        "account_cadence.last_active_date", account.get("last_active_date"), language
    ),
    "failed_payments_91": _cadence_number("failed_payments_91"),
    "mrr": lambda account, _contact, _company, language: _money(
        "accounts.mrr_minor", account.get("mrr_minor"), account.get("currency"), language
    ),
    "contract_ends_date": lambda account, _contact, _company, language: _day(
        "accounts.contract_ends_date", account.get("contract_ends_date"), language
    ),
    "sign": lambda account, _contact, company, language: _first_sign(account, company, language),
    "company_name": lambda _account, _contact, company, _language: Value("company.yml", company.name, company.name),
    "sender_name": lambda _account, _contact, company, _language: _text(
        "company.yml", company.sender.name or company.name
    ),
    "reply_to": lambda _account, _contact, company, _language: _text(
        "company.yml", company.sender.reply_to or company.sender.email
    ),
}

LINK_NAMES = frozenset({"goodbye_url"})
"""Links into our own pages: made for each message, and no claim about its reader."""

NAMES = (*VALUES, "data_kept_days", *sorted(LINK_NAMES))
"""Every name that words may use."""
