"""One message from words, layout and values: subject, HTML and text. What it claims is kept beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from jinja2 import Template

from stillhere.mails.layout import Filling, Layout
from stillhere.mails.signed_links import signed_token
from stillhere.mails.values import LINK_NAMES, NAMES, Value
from stillhere.mails.words import Words, words_environment
from stillhere.settings import Company, StillhereError

__all__ = ["Content", "ContentError", "Layout", "unsubscribe_link", "unsubscribe_mailto", "write_content"]

FOOTERS = {
    "en": {"why": "You get this mail as a contact of {account} at {company}.", "stop": "Unsubscribe"},
    "de": {"why": "Sie erhalten diese Mail als Kontakt von {account} bei {company}.", "stop": "Abmelden"},
}


class ContentError(StillhereError):
    """One message can't be written; it is held and the others go on."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one message says, and every value it claims (`name` → value)."""

    subject: str
    preview: str
    text: str
    html: str
    claims: Mapping[str, Value]

    @property
    def claims_json(self) -> str:
        """The claims as JSON: name → origin, raw value and the text shown."""
        listed = {name: {"origin": v.origin, "raw": v.raw, "shown": v.shown} for name, v in sorted(self.claims.items())}
        return json.dumps(listed, ensure_ascii=False)


def unsubscribe_link(company: Company, message_id: str, language: str, web_keys: Sequence[bytes] = ()) -> str | None:
    """How a reader stops these mails. No customer id is in it.

    In this order: our own page (`stillhere serve`), where its address and a key are known; the company's page; a mail
    to its stop address; None.
    """
    sender = company.sender
    if sender.web_url and web_keys:
        token = signed_token(web_keys, "stop", language, message_id)
        return f"{sender.web_url.rstrip('/')}/u/{token}"
    if sender.unsubscribe_url:
        joint = "&" if "?" in sender.unsubscribe_url else "?"
        return f"{sender.unsubscribe_url}{joint}m={message_id}"
    return unsubscribe_mailto(company, message_id)


def unsubscribe_mailto(company: Company, message_id: str) -> str | None:
    """The mail to the company's stop address, or None where it has none."""
    address = company.sender.unsubscribe_email
    return f"mailto:{address}?subject=unsubscribe%20{message_id}" if address else None


def goodbye_link(
    company: Company, message_id: str, language: str, web_keys: Sequence[bytes], until: date
) -> str | None:
    """Where a leaving customer answers the one question: our page, up to and with a day, or else a mail to us."""
    sender = company.sender
    if sender.web_url and web_keys:
        token = signed_token(web_keys, "goodbye", language, message_id, until.strftime("%Y%m%d"))
        return f"{sender.web_url.rstrip('/')}/g/{token}"
    address = sender.reply_to or sender.email
    return f"mailto:{address}" if address else None


def write_content(
    words: Words,
    values: Mapping[str, Value],
    company: Company,
    layout: Layout,
    stop_url: str | None,
    links: Mapping[str, str] | None = None,
) -> Content:
    """Fills one message; `stop_url` is its way out, `links` are values that make no claim (LINK_NAMES).

    Raises ContentError naming campaign, language and the value that is missing.
    """
    known_links = {name: link for name, link in (links or {}).items() if name in LINK_NAMES}
    unknown_stand_ins = {name for name in words.optional_names if name not in NAMES}
    missing = sorted((words.names - values.keys() - known_links.keys()) | unknown_stand_ins)
    if missing:
        unknown = [name for name in missing if name not in NAMES]
        what = f"no such value: {', '.join(unknown)}" if unknown else f"no value for {', '.join(missing)}"
        raise ContentError(f"campaigns/{words.campaign}/{words.language}.md: {what}")
    # The footer names the account, whatever the words say.
    named = words.names | words.optional_names | {"account_name"}
    claimed = {name: values[name] for name in sorted(named) if name in values}
    shown = {**{name: value.shown for name, value in claimed.items()}, **known_links}
    subject, preview, label, url, *paragraphs = _filled(words, shown)
    button = (label, url) if words.button and words.button_url else None
    account = values["account_name"].shown if "account_name" in values else company.name
    footer = FOOTERS.get(words.language, FOOTERS["en"])
    filling = Filling(
        language=words.language,
        subject=subject,
        preview=preview,
        paragraphs=tuple(paragraphs),
        button=button,
        why=footer["why"].format(account=account, company=company.name),
        stop_label=footer["stop"],
        stop_url=stop_url,
        company_name=company.name,
        postal_address=company.sender.postal_address or "",
    )
    return Content(subject, preview, _as_text(filling), layout.html(filling), claimed)


# Between the parts of a message while they are filled, all at once: Jinja takes longer to begin than to fill.
PART_END = "\x1e"


def _filled(words: Words, shown: Mapping[str, str]) -> list[str]:
    """Subject, preview, button's label and URL, and each paragraph."""
    if any(PART_END in value for value in shown.values()):
        named = ", ".join(sorted(name for name, value in shown.items() if PART_END in value))
        raise ContentError(f"campaigns/{words.campaign}/{words.language}.md: a control character in {named}")
    return [part.strip() for part in _template(words).render(shown).split(PART_END)]


@lru_cache(maxsize=256)
def _template(words: Words) -> Template:
    parts = (words.subject, words.preview, words.button or "", words.button_url or "", *words.paragraphs)
    return words_environment().from_string(PART_END.join(parts))


def _as_text(filling: Filling) -> str:
    parts = list(filling.paragraphs)
    if filling.button:
        parts.append(f"{filling.button[0]}: {filling.button[1]}")
    small = [filling.why, filling.postal_address]
    if filling.stop_url:
        small.append(f"{filling.stop_label}: {filling.stop_url}")
    return "\n\n".join(parts) + "\n\n-- \n" + "\n".join(line for line in small if line) + "\n"
