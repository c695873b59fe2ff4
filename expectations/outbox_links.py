"""The rules on links: https, and to a place of ours; one that leads elsewhere is what phishing looks like."""

from __future__ import annotations

from expectations.engine import RowCheck
from expectations.predicates import literal
from expectations.requests import OutboxRequest

HOST = "lower(regexp_extract(link, '(?i)^https?://([^/:?#@]+)([/:?#]|$)', 1))"
"""Empty where a user stands before the host: `https://ours.example@theirs.example` leads to theirs."""


def link_checks(request: OutboxRequest) -> tuple[RowCheck, ...]:
    """Rules on one link. A mail to an address of ours and a place on the same page are links, too."""
    is_mail = "starts_with(lower(link), 'mailto:')"
    stop = " or ".join(f"starts_with(link, {literal(start)})" for start in request.unsubscribe_starts) or "false"
    domains = request.link_domains
    in_mail = "lower(regexp_extract(link, '(?i)^mailto:[^@?]+@([^?]+)', 1))"
    host = f"case when {is_mail} then {in_mail} else {HOST} end"
    ours = " or ".join(f"({host} = {literal(one)} or ends_with({host}, {literal('.' + one)}))" for one in domains)
    return (
        RowCheck("link_is_https", f"starts_with(lower(link), 'https://') or {is_mail} or ({stop})"),
        RowCheck("link_is_ours", f"{ours or 'true'} or ({stop})"),
    )
