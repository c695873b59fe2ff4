"""The values a message may name, each taken from this night's marts and written as the reader's language writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision

from stillhere.settings import Company
from stillhere.signs import sign_words

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """One value: where it comes from (`mart.column`), what it is there, and how the mail shows it."""

    origin: str
    raw: str
    shown: str


def message_values(account: Row, contact: Row, company: Company, language: str) -> dict[str, Value]:
    """Values by name for one message; what is unknown is left out, so that words which need it hold the message.

    `account` is a wide account row, `contact` a row of `int_contacts`.
    """
    found: dict[str, Value | None] = {
        "first_name": _text("int_contacts.first_name", contact.get("first_name")),
        "account_name": _text("accounts.account_name", account.get("account_name")),
        "plan": _text("accounts.plan", account.get("plan")),
        "days_silent": _number("account_cadence.days_silent", account.get("days_silent"), language),
        "usual_gap_days": _number("account_cadence.usual_gap_days", account.get("usual_gap_days"), language),
        "active_days_28": _number("account_cadence.active_days_28", account.get("active_days_28"), language),
        "people_active_28": _number("account_cadence.people_active_28", account.get("people_active_28"), language),
        "last_active_date": _day("account_cadence.last_active_date", account.get("last_active_date"), language),
        "failed_payments_91": _number(
            "account_cadence.failed_payments_91", account.get("failed_payments_91"), language
        ),
        "mrr": _money("accounts.mrr_minor", account.get("mrr_minor"), account.get("currency"), language),
        "contract_ends_date": _day("accounts.contract_ends_date", account.get("contract_ends_date"), language),
        "sign": _first_sign(account, company, language),
        "company_name": Value("company.yml", company.name, company.name),
        "sender_name": _text("company.yml", company.sender.name or company.name),
        "reply_to": _text("company.yml", company.sender.reply_to or company.sender.email),
    }
    return {name: value for name, value in found.items() if value is not None}


NAMES = (
    "first_name",
    "account_name",
    "plan",
    "days_silent",
    "usual_gap_days",
    "active_days_28",
    "people_active_28",
    "last_active_date",
    "failed_payments_91",
    "mrr",
    "contract_ends_date",
    "sign",
    "company_name",
    "sender_name",
    "reply_to",
)
"""Every name that words may use."""


def _text(origin: str, value: object) -> Value | None:
    text = str(value).strip() if value is not None else ""
    return Value(origin, text, text) if text else None


def _number(origin: str, value: float | None, language: str) -> Value | None:
    if value is None:
        return None
    return Value(origin, repr(value), format_decimal(round(value), locale=language))


def _day(origin: str, value: date | None, language: str) -> Value | None:
    return None if value is None else Value(origin, value.isoformat(), format_date(value, "long", locale=language))


def _money(origin: str, minor: int | None, currency: str | None, language: str) -> Value | None:
    if minor is None or not currency:
        return None
    amount = minor / 10 ** get_currency_precision(currency)
    return Value(origin, str(minor), format_currency(amount, currency, locale=language))


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
