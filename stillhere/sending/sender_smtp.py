"""The SMTP sender: at most once. What a broken connection leaves open is unknown, and a person looks."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from stillhere.mails.mail import build_mail
from stillhere.sending.senders import STOOD_STILL, Bundle, HandedOver, SenderNotReadyError
from stillhere.settings import Company

TIMEOUT_SECONDS = 30
DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
TRANSIENT = range(400, 500)


class SmtpSender:
    """One connection for a whole run: `smtps://` speaks TLS from the start, `smtp://` upgrades where the server can.

    A user and password are sent over TLS only.
    """

    name = "smtp"
    at_once = 1  # whatever is in hand when the process dies is unknown for good, so let it be one
    may_repeat = False
    is_scheduled = False
    call_back_minutes = 0

    def __init__(self, company: Company, url: str) -> None:
        """Raises SenderNotReadyError when STILLHERE_SMTP_URL is no SMTP address."""
        self._company = company
        self._url = urlsplit(url)
        if self._url.scheme not in DEFAULT_PORTS or not self._url.hostname:
            raise SenderNotReadyError(
                "STILLHERE_SMTP_URL: expected smtp://user:password@host:587 or smtps://user:password@host:465"
            )
        self._connection: smtplib.SMTP | None = None

    def send(self, bundle: Bundle) -> list[HandedOver]:
        """Hands the messages to the server, one after the other."""
        return [self._send(row, bundle) for row in bundle.rows]

    def open_batch(self) -> None:
        """Nothing can be called back: a mail server sends at once."""

    def _send(self, row: Mapping[str, Any], bundle: Bundle) -> HandedOver:
        mail = build_mail(row, self._company, bundle.planned_at)
        try:
            connection = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            # Nothing has left: the server was not reached, or did not let us in.
            return HandedOver("refused", f"no connection: {_plainly(error)}", no_connection=True)
        if not bundle.still_ours([row["message_id"]]):
            return STOOD_STILL
        try:
            connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            return HandedOver("refused", f"recipient refused, code {code}")
        except smtplib.SMTPResponseException as error:
            return HandedOver("refused", f"server refused, code {error.smtp_code}")
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return HandedOver("unknown", f"connection lost: {_plainly(error)}")
        return HandedOver("accepted", "taken by the server")

    def close(self) -> None:
        """Says goodbye; a connection that is gone already is no matter."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port or DEFAULT_PORTS[self._url.scheme]
        if self._url.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            connection = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=ssl.create_default_context())
        if self._url.username:
            if not isinstance(connection.sock, ssl.SSLSocket):
                raise smtplib.SMTPNotSupportedError("the server offers no TLS, so the password is not sent")
            connection.login(unquote(self._url.username), unquote(self._url.password or ""))
        return connection


def _plainly(error: Exception) -> str:
    """An error without addresses: its kind and, where it has one, its code."""
    code = getattr(error, "errno", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}"
