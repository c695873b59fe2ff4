"""Pages as responses: rendered on the server, without scripts, and closed to whatever is not theirs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stillhere.offboarding.words import STOP_WORDS, language_of, masked
from stillhere.settings import Company

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    # Nothing is loaded, nothing runs, nobody frames a page with a button on it.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address of the page is the key to it
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(
    template: str, company: Company, language: str, title: str, status: int = 200, **values: object
) -> HTMLResponse:
    """A page of the company's, in a language."""
    shown = _environment().get_template(f"{template}.html.j2")
    body = shown.render(
        company_name=company.name,
        language=language,
        title=title,
        style=Markup(STYLE),  # noqa: S704 - our own file
        **values,
    )
    return HTMLResponse(body, status, HEADERS)


def link_does_not_work(company: Company, wanted_language: str = "") -> HTMLResponse:
    """What a forged, cut-off or outdated link shows. It does not say which of these it was."""
    language = language_of(wanted_language, company.language)
    words = filled(STOP_WORDS[language], company)
    has_contact = company.sender.reply_to or company.sender.email
    message = words["invalid" if has_contact else "invalid_no_contact"]
    return page("message", company, language, words["invalid_title"], 404, message=message)


def try_again(company: Company) -> HTMLResponse:
    """What is shown when nothing could be stored. Mail programs try a one-click stop again."""
    language = language_of(company.language, company.language)
    words = STOP_WORDS[language]
    answer = page("message", company, language, words["busy_title"], 503, message=words["busy"])
    answer.headers["Retry-After"] = "60"
    return answer


def filled(words: Mapping[str, str], company: Company, email: str = "") -> dict[str, str]:
    """Every sentence with its names filled in; an address is shown masked."""
    sender = company.sender
    names = {
        "company": company.name,
        "address": masked(email) if email else "",
        "contact": sender.reply_to or sender.email or "",
    }
    return {name: text.format(**names) for name, text in words.items()}
