"""A campaign's mail for one account as it would be, and the cases that break layouts and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stillhere.mails.content import Content, ContentError, Layout, write_content
from stillhere.mails.values import LINK_NAMES, message_values
from stillhere.mails.words import Words, WordsError, words_for
from stillhere.settings import Settings

Row = Mapping[str, Any]

DEAD_LINK = "https://nowhere.invalid/this-is-a-test"
"""`.invalid` is reserved (RFC 2606): no such host can ever exist."""
AMOUNTS = ("mrr_minor", "value_minor")
COUNTS = ("days_silent", "usual_gap_days", "active_days_28", "people_active_28", "failed_payments_91")


@dataclass(frozen=True)
class Case:
    """Whom a preview is for: a wide account row, a row of `int_contacts`, a language, and what the case is called."""

    name: str
    account: Row
    person: Row
    language: str


@dataclass(frozen=True)
class Shown:
    """A case as written; `problem` says why the message would be held instead. `names` are the values it may show."""

    case: Case
    language: str
    content: Content | None
    problem: str = ""
    stand_ins: frozenset[str] = field(default_factory=frozenset)
    """Values that are missing and for which the words say something else."""


def show(case: Case, campaign: str, settings: Settings, layout: Layout) -> Shown:
    """Writes one case. Its way to stop is a dead link: nobody must stop a customer's mails from a preview."""
    company = settings.company
    try:
        words: Words = words_for(settings.folder, campaign, case.language, company.language)
    except WordsError as error:
        return Shown(case, case.language, None, str(error))
    values = message_values(case.account, case.person, company, words.language, goodbye=settings.goodbye)
    try:
        content = write_content(words, values, company, layout, DEAD_LINK, dict.fromkeys(LINK_NAMES, DEAD_LINK))
    except ContentError as error:
        return Shown(case, words.language, None, str(error))
    return Shown(case, words.language, content, stand_ins=words.optional_names - set(values) - LINK_NAMES)


def worst_cases(account: Row, person: Row, longest_names: tuple[str, str], settings: Settings) -> list[Case]:
    """The cases that show what is fragile: longest names, no first name, every other language, nothing but zeros.

    `longest_names` are the longest account name and first name there are.
    """
    own = settings.company.language
    long_account, long_person = (
        {**account, "account_name": longest_names[0]},
        {**person, "first_name": longest_names[1]},
    )
    zeros = dict.fromkeys((*AMOUNTS, *COUNTS), 0)
    others = [language for language in settings.company.languages if language != own]
    return [
        Case("longest-name", long_account, long_person, own),
        Case("no-first-name", account, {**person, "first_name": None}, own),
        *(Case(f"language-{language}", account, person, language) for language in others),
        Case("zero-amounts", {**account, **zeros}, person, own),
    ]
