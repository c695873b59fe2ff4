"""What is missing before `--send`: words for every campaign and language, identity, a way to unsubscribe, a server."""

from __future__ import annotations

from collections.abc import Iterator

from stillhere.doctor.checks import Check, State
from stillhere.doctor.reach import cannot_connect
from stillhere.mails.words import WordsError, read_words
from stillhere.operations.open import open_if_there
from stillhere.operations.stops import has_imported
from stillhere.sending.open_sender import missing_for_live
from stillhere.settings import Settings

SMTP_PORT = 587


def check_words(settings: Settings) -> Iterator[Check]:
    """Whether each mail campaign has its words in the company's own language, and which others it lacks."""
    company = settings.company
    others = [language for language in company.languages if language != company.language]
    read = 0
    for campaign in settings.campaigns:
        if campaign.what != "mail" or not campaign.enabled:
            continue
        for language in (company.language, *others):
            try:
                read_words(settings.folder, campaign.id, language)
                read += 1
            except WordsError as error:
                own = language == company.language
                fallback = "" if own else f"; these contacts get {company.language}"
                yield Check(
                    "words", "problem" if own else "note", f"{error}{fallback}", "write it, or disable the campaign"
                )
    yield Check("words", "fine", f"{read} texts of campaigns read")


def check_sending(settings: Settings) -> Iterator[Check]:
    """Whether a live sender would refuse. With the `files` sender what is missing is only worth knowing."""
    sender = settings.environment.sender
    missing = missing_for_live(settings)
    for words in missing:
        what, _, wanted = words.partition(": ")
        state: State = "note" if sender == "files" else "problem"
        yield Check("before --send", state, f"{what}: {wanted}", "set it before a live sender is used")
    if not missing:
        yield Check("before --send", "fine", f"sender '{sender}': identity and a way to unsubscribe are set")
    yield from _mail_server(settings)
    yield from _old_stops(settings)


def _mail_server(settings: Settings) -> Iterator[Check]:
    url = settings.environment.smtp_url
    if settings.environment.sender != "smtp" or url is None:
        return
    reason = cannot_connect(url.get_secret_value(), SMTP_PORT)
    if reason:
        yield Check("mail server", "problem", f"STILLHERE_SMTP_URL: {reason}", "check host and port, and that it is up")
    else:
        yield Check("mail server", "fine", "takes connections")


def _old_stops(settings: Settings) -> Iterator[Check]:
    try:
        imported = has_imported(open_if_there(settings.places.operations_url))
    except Exception:  # the check of the state says what is wrong with the database
        return
    if not imported:
        words = "the old provider's unsubscribes and bounces have not been imported"
        action = "stillhere suppress import FILE (the first live night asks for it)"
        yield Check("before --send", "note", words, action)
