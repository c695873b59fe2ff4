"""Reads what a browser's form sends, within limits, with nothing but the standard library."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import Request

LONGEST_FORM_BYTES = 65_536
MOST_FIELDS = 20


class FormError(ValueError):
    """What came is no form of ours."""


async def read_form(request: Request) -> dict[str, str]:
    """Each field's last value. Raises FormError for what is too long, or no form."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in ("", "application/x-www-form-urlencoded"):
        raise FormError("no form")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM_BYTES:
            raise FormError("too long")
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise FormError("too many fields") from error
    # PostgreSQL holds no NUL.
    return {name: values[-1].replace("\x00", "") for name, values in fields.items()}
