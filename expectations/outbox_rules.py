"""The rules on single messages and on single claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from expectations.engine import RowCheck
from expectations.predicates import EMAIL_PATTERN, literal
from expectations.requests import OutboxRequest

MAX_SUBJECT_CHARACTERS = 78  # RFC 5322, 2.1.1
MAX_MESSAGE_BYTES = 100_000  # Gmail cuts a message off at 102 kB, unsubscribe link and all
# Relative difference up to which two numbers are one (DESIGN.md, rule 10).
SAME_NUMBER = 1e-9
SUPPRESSED = "select lower(trim(email)) from suppressions where email is not null"

DIGITS = "regexp_replace(shown, '\\D', '', 'g')"
# What is left of an amount without digits, separators, sign and spaces: the currency, as `unit` has it.
IN_ITS_CURRENCY = r"regexp_replace(shown, '[-\x{2212}\d\s.,\x{2019}\x{00a0}\x{202f}]', '', 'g') = unit"
# How a value looks to its reader. Digits are the same in every language; money shows just the digits of minor units.
SHOWN_AS = {
    "text": "shown = expected",
    "number": f"{DIGITS} = abs(round_even(cast(expected as double), 0)::bigint)::varchar",
    "money": f"ltrim({DIGITS}, '0') = ltrim(abs(cast(expected as bigint))::varchar, '0') and {IN_ITS_CURRENCY}",
    "day": "contains(shown, year(cast(expected as date))::varchar) "
    "and regexp_matches(shown, '\\b0?' || day(cast(expected as date)) || '\\b')",
    "words": "trim(shown) <> '' and shown = unit",
}

# One row a claim: `used` as the message took it, `shown` as its reader sees it, `expected` as the night has it.
CLAIM_RULES = (
    RowCheck(
        "claim_has_a_value", "trim(used) <> '' and trim(shown) <> '' and lower(shown) not in ('nan', 'none', 'nat')"
    ),
    RowCheck("claim_is_known", "expected is not null"),
    RowCheck(
        "claim_is_true",
        "case when kind in ('number', 'money') then abs(try_cast(used as double) - try_cast(expected as double)) "
        f"<= {SAME_NUMBER} * greatest(1, abs(try_cast(expected as double))) else used = expected end",
    ),
    RowCheck(
        "claim_is_shown_as_it_is",
        "case kind " + " ".join(f"when {literal(kind)} then {same}" for kind, same in SHOWN_AS.items()) + " end",
    ),
    RowCheck("claim_is_in_the_message", "is_in_the_message"),
)

HTML_LINKS = "array_to_string(html_links, ' ')"


def message_checks(request: OutboxRequest) -> tuple[RowCheck, ...]:
    """Rules on one message."""
    subject = "trim(subject)"
    return (
        RowCheck("has_message_id", "trim(message_id) <> ''"),
        RowCheck("has_account", "trim(account_id) <> ''"),
        RowCheck("email_shaped", f"regexp_matches(email, {literal(EMAIL_PATTERN)})"),
        RowCheck("not_suppressed", f"lower(trim(email)) not in ({SUPPRESSED})"),
        RowCheck("subject_fits", f"{subject} <> '' and length({subject}) <= {MAX_SUBJECT_CHARACTERS}"),
        RowCheck("subject_is_one_line", "not regexp_matches(subject, '[\\r\\n]')"),
        RowCheck("has_text_and_html", "has_both_parts"),
        *(RowCheck(f"{part}_is_filled", f"{part}_is_filled") for part in ("subject", "text", "html")),
        RowCheck("has_unsubscribe", _has_one(request.unsubscribe_starts)),
        RowCheck("has_postal_address", _has_all(_lines(request.postal_address))),
        RowCheck("is_small_enough", f"message_bytes <= {MAX_MESSAGE_BYTES}"),
        RowCheck("claims_readable", "json_valid(claims_json)"),
        RowCheck("goes_to_its_contact", "lower(trim(email)) = known_email"),
        RowCheck("numbers_are_claimed", _is_said_with_leave("numbers")),
        RowCheck("addresses_are_claimed", _is_said_with_leave("addresses")),
        RowCheck("images_have_a_text", "image_count = images_with_text"),
        RowCheck("offer_is_valid_tomorrow", _is_valid_tomorrow(request.as_of)),
    )


def _is_valid_tomorrow(as_of: date) -> str:
    """A mail is read the morning after its night at the earliest: an offer that ends with the night is none."""
    tomorrow = f"date {literal((as_of + timedelta(days=1)).isoformat())}"
    lasts = f"coalesce(valid_from <= {tomorrow}, true) and coalesce(valid_to >= {tomorrow}, true)"
    return f"not has_offer or ({lasts})"


def _is_said_with_leave(kind: str) -> str:
    """All that is said stands in the approved words or in a claim."""
    return f"list_has_all(list_concat(coalesce({kind}, []), {kind}_claimed), {kind}_said)"


def _lines(address: str) -> list[str]:
    """An address piece by piece; layouts break lines as they like."""
    return [line.strip() for line in address.replace(",", "\n").splitlines() if line.strip()]


def _has_one(links: Sequence[str]) -> str:
    """At least one of them is in both parts; none is asked for where none is known."""
    return " or ".join(f"({_contains_both(HTML_LINKS, link)})" for link in links) or "true"


def _has_all(pieces: Sequence[str]) -> str:
    return " and ".join(_contains_both("html_shown", piece) for piece in pieces) or "true"


def _contains_both(of_html: str, piece: str) -> str:
    return f"contains(text, {literal(piece)}) and contains({of_html}, {literal(piece)})"
