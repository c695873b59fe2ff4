"""Which sender a run uses, and what a live one still lacks. A new sender is one file, and one line here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from stillhere.sending.sender_files import FilesSender
from stillhere.sending.senders import Sender, SenderNotReadyError
from stillhere.settings import Company, Settings

if TYPE_CHECKING:
    from stillhere.sending.sendgrid_client import SendGridClient


def open_sender(settings: Settings, mail_folder: Path, *, live: bool) -> Sender:
    """The sender of this run: previews always go to files, live mail to what STILLHERE_SENDER names.

    Raises SenderNotReadyError saying all that is missing.
    """
    kind = settings.environment.sender if live else "files"
    if kind == "files":
        return FilesSender(settings.company, mail_folder)
    missing = missing_for_live(settings)
    if missing:
        raise SenderNotReadyError(
            f"The sender {kind!r} refuses to send until this is set: "
            + "; ".join(missing)
            + ". Nothing was handed over."
        )
    if kind == "smtp":
        from stillhere.sending.sender_smtp import SmtpSender

        return SmtpSender(settings.company, _secret(settings.environment.smtp_url))
    from stillhere.sending.sender_sendgrid import SendGridSender

    return SendGridSender(settings.company, sendgrid_client(settings), sandbox=settings.environment.sendgrid_sandbox)


def sendgrid_client(settings: Settings) -> SendGridClient:
    """The company's access to SendGrid."""
    from stillhere.sending.sendgrid_client import SendGridClient

    return SendGridClient(_secret(settings.sendgrid_key.sendgrid_api_key), settings.environment.sendgrid_url)


def has_sendgrid(settings: Settings) -> bool:
    """Whether there is a key to ask SendGrid with, and it is what sends."""
    return settings.environment.sender == "sendgrid" and settings.sendgrid_key.sendgrid_api_key is not None


def missing_for_live(settings: Settings) -> list[str]:
    """What a live sender still needs, each as `where: what`."""
    environment = settings.environment
    missing = _missing_identity(settings.company) + _missing_for_links(settings)
    if environment.sender == "smtp" and environment.smtp_url is None:
        missing.append("STILLHERE_SMTP_URL: the mail server, like smtp://user:password@host:587")
    if environment.sender == "sendgrid" and settings.sendgrid_key.sendgrid_api_key is None:
        missing.append("SENDGRID_API_KEY: a key with mail-send rights")
    return missing


def _missing_identity(company: Company) -> list[str]:
    sender = company.sender
    needed = {
        "sender.name": sender.name,
        "sender.email": sender.email,
        "sender.postal_address": sender.postal_address,
        "sender.web_url, sender.unsubscribe_url or sender.unsubscribe_email": sender.web_url
        or sender.unsubscribe_url
        or sender.unsubscribe_email,
    }
    missing = [f"company.yml, {key}: not set" for key, value in needed.items() if not value]
    if sender.unsubscribe_url and not sender.unsubscribe_url.startswith("https://"):
        missing.append("company.yml, sender.unsubscribe_url: must begin with https://")
    return missing


def _missing_for_links(settings: Settings) -> list[str]:
    """What our own pages (`stillhere serve`) need before a mail may link to them."""
    web_url = settings.company.sender.web_url
    missing = []
    if web_url and not web_url.startswith("https://"):
        missing.append("company.yml, sender.web_url: must begin with https://")
    if web_url and not settings.environment.web_keys:
        missing.append("STILLHERE_WEB_KEY: links to sender.web_url are signed with it; 32 random characters or more")
    return missing


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else str(value.get_secret_value())
