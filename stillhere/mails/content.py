"""One message from words, layout and values: subject, HTML and text. What it claims is kept beside it."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import mrml
from jinja2 import Environment, StrictUndefined

from stillhere.mails.signed_links import signed_token
from stillhere.mails.values import NAMES, Value
from stillhere.mails.words import Words, words_environment
from stillhere.settings import Company, StillhereError

LAYOUT = Path("templates") / "layout.mjml"
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


@dataclass(frozen=True, slots=True)
class Layout:
    """The company's MJML layout, read once a night."""

    source: str

    @classmethod
    def of(cls, company_folder: Path) -> Layout:
        """The layout of a company, or the stock one when it has none."""
        own = company_folder / LAYOUT
        stock = Path(__file__).parent / "layout.mjml"
        return cls((own if own.is_file() else stock).read_text(encoding="utf-8"))


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


def write_content(
    words: Words, values: Mapping[str, Value], company: Company, layout: Layout, stop_url: str | None
) -> Content:
    """Fills one message; `stop_url` is its way out. Raises ContentError naming campaign, language and missing value."""
    unknown_stand_ins = {name for name in words.optional_names if name not in NAMES}
    missing = sorted({name for name in words.names if name not in values} | unknown_stand_ins)
    if missing:
        unknown = [name for name in missing if name not in NAMES]
        what = f"no such value: {', '.join(unknown)}" if unknown else f"no value for {', '.join(missing)}"
        raise ContentError(f"campaigns/{words.campaign}/{words.language}.md: {what}")
    claimed = {name: values[name] for name in sorted(words.names | words.optional_names) if name in values}
    shown = {name: value.shown for name, value in claimed.items()}
    environment = words_environment()

    def fill(text: str) -> str:
        return environment.from_string(text).render(shown).strip()

    subject, preview = fill(words.subject), fill(words.preview)
    paragraphs = [fill(paragraph) for paragraph in words.paragraphs]
    button = (fill(words.button), fill(words.button_url)) if words.button and words.button_url else None
    account = values["account_name"].shown if "account_name" in values else company.name
    footer = _footer(words.language, account, company)
    return Content(
        subject=subject,
        preview=preview,
        text=_as_text(paragraphs, button, footer, company, stop_url),
        html=_as_html(layout, words.language, (subject, preview), paragraphs, button, footer, company, stop_url),
        claims=claimed,
    )


def _footer(language: str, account: str, company: Company) -> dict[str, str]:
    footer = FOOTERS.get(language, FOOTERS["en"])
    return {"why": footer["why"].format(account=account, company=company.name), "stop": footer["stop"]}


def _as_text(
    paragraphs: list[str], button: tuple[str, str] | None, footer: dict[str, str], company: Company, stop: str | None
) -> str:
    parts = list(paragraphs)
    if button:
        parts.append(f"{button[0]}: {button[1]}")
    small = [footer["why"], company.sender.postal_address or ""]
    if stop:
        small.append(f"{footer['stop']}: {stop}")
    return "\n\n".join(parts) + "\n\n-- \n" + "\n".join(line for line in small if line) + "\n"


def _as_html(
    layout: Layout,
    language: str,
    heads: tuple[str, str],
    paragraphs: list[str],
    button: tuple[str, str] | None,
    footer: dict[str, str],
    company: Company,
    stop: str | None,
) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    filled = environment.from_string(layout.source).render(
        language=language,
        subject=heads[0],
        preview=heads[1],
        paragraphs=paragraphs,
        button={"label": button[0], "url": button[1]} if button else None,
        why=footer["why"],
        stop_label=footer["stop"],
        stop_url=stop,
        company_name=company.name,
        postal_address=company.sender.postal_address or "",
    )
    rendered: str = mrml.to_html(filled).content
    return rendered.replace("<html ", f'<html lang="{html.escape(language)}" ', 1)
