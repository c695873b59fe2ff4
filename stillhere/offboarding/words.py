"""What our pages say, in the languages that stock mails are written in."""

from __future__ import annotations

STOP_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Mails from {company}",
        "ask": "Do you want to get no more mails from {company} at {address}?",
        "ask_button": "Stop these mails",
        "nothing_yet": "Nothing has changed so far.",
        "stopped": "You get no more mails from {company} at {address}.",
        "stopped_detail": "This holds from now on, for everything that is planned too.",
        "undo": "Was that a slip? You can undo it until tomorrow.",
        "undo_button": "Get mails again",
        "undone": "You get mails from {company} at {address} again, as before.",
        "profiling": "{company} looks at how your team uses the product to decide whom to write to. You can object.",
        "object_link": "How we decide whom to write to, and how to object",
        "object_button": "Do not use my data for this",
        "objected": "Your objection is noted: data about you is no longer used to decide whom to write to.",
        "withdraw_button": "Take the objection back",
        "withdrawn": "Your objection is taken back.",
        "invalid_title": "This link does not work",
        "invalid": "It may have been cut off. Nothing has changed. Copy the whole link from the mail, "
        "or write to {contact}.",
        "invalid_no_contact": "It may have been cut off. Nothing has changed. Copy the whole link from the mail, "
        "or answer the mail.",
        "busy_title": "Please try again in a minute",
        "busy": "Your request could not be stored just now. Nothing has changed.",
    },
    "de": {
        "title": "Mails von {company}",
        "ask": "Möchten Sie unter {address} keine Mails von {company} mehr bekommen?",
        "ask_button": "Mails abbestellen",
        "nothing_yet": "Bisher hat sich nichts geändert.",
        "stopped": "Sie bekommen unter {address} keine Mails von {company} mehr.",
        "stopped_detail": "Das gilt ab sofort, auch für alles, was schon geplant ist.",
        "undo": "War das ein Versehen? Bis morgen können Sie es rückgängig machen.",
        "undo_button": "Mails wieder bekommen",
        "undone": "Sie bekommen unter {address} wieder Mails von {company}, wie zuvor.",
        "profiling": "{company} sieht sich an, wie Ihr Team das Produkt nutzt, um zu entscheiden, wem geschrieben "
        "wird. Sie können widersprechen.",
        "object_link": "Wie wir entscheiden, wem wir schreiben, und wie Sie widersprechen",
        "object_button": "Meine Daten dafür nicht verwenden",
        "objected": "Ihr Widerspruch ist vermerkt: Daten über Sie werden nicht mehr verwendet, um zu entscheiden, "
        "wem geschrieben wird.",
        "withdraw_button": "Widerspruch zurücknehmen",
        "withdrawn": "Ihr Widerspruch ist zurückgenommen.",
        "invalid_title": "Dieser Link funktioniert nicht",
        "invalid": "Vielleicht wurde er abgeschnitten. Es hat sich nichts geändert. Kopieren Sie den ganzen Link aus "
        "der Mail, oder schreiben Sie an {contact}.",
        "invalid_no_contact": "Vielleicht wurde er abgeschnitten. Es hat sich nichts geändert. Kopieren Sie den ganzen "
        "Link aus der Mail, oder antworten Sie auf die Mail.",
        "busy_title": "Bitte versuchen Sie es in einer Minute noch einmal",
        "busy": "Ihre Anfrage konnte gerade nicht gespeichert werden. Es hat sich nichts geändert.",
    },
}


def language_of(wanted: str, company_language: str) -> str:
    """The language of a page: the mail's, else the company's, else English."""
    return next((one for one in (wanted, company_language) if one in STOP_WORDS), "en")


def masked(email: str) -> str:
    """An address as its owner knows it again, and nobody learns it who only has the link: `a…@x.example`."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"
