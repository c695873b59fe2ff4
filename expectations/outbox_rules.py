"""The rules on single messages and on single claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from expectations.engine import RowCheck
from expectations.predicates import EMAIL_PATTERN, literal
from expectations.requests import OutboxRequest

MAX_SUBJECT_CHARACTERS = 78  # RFC 5322, 2.1.1
MAX_MESSAGE_BYTES = 100_000  # Gmail cuts a message off at 102 kB, unsubscribe link and all
# What a template leaves behind when a value was missing. Words that people use ("none of you") must pass.
LEFT_OVER_PATTERN = r"\{\{|\}\}|\{%|%\}|\b(None|nan|NaN|NaT|inf|null|undefined)\b"
PEOPLES_WORDS_PATTERN = r"\bNone of\b"
# "Hello ," is a blank name.
BLANK_PATTERN = r"\S [,.](\s|$)"
# Relative difference up to which two numbers are one (DESIGN.md, rule 10).
SAME_NUMBER = 1e-9
SUPPRESSED = "select lower(trim(email)) from suppressions where email is not null"


def _unescaped() -> str:
    sql = "html"
    for written, meant in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#34;", '"'),
        ("&#39;", "'"),
        ("&#x27;", "'"),
    ):
        sql = f"replace({sql}, {literal(written)}, {literal(meant)})"
    return f"replace({sql}, '&amp;', '&')"


HTML_TEXT = _unescaped()
"""The HTML part with its entities as a reader sees them."""

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
    RowCheck("claim_is_in_the_message", f"contains(read, shown) or contains({HTML_TEXT}, shown)"),
)


# What a reader sees of the HTML part, and all of both parts but links: those have rules of their own.
UNSEEN_PATTERN = "(?is)<(style|head|!--).*?(</(style|head)>|-->)|<[^>]*>"
VISIBLE = f"regexp_replace(html, {literal(UNSEEN_PATTERN)}, ' ', 'g')"
LINK_PATTERN = r"(?i)(https?://|mailto:)[^\s<>\"]*"
ENTITY_PATTERN = r"&#?\w+;"
SAID = (
    f"regexp_replace(subject || ' ' || text || ' ' || regexp_replace({VISIBLE}, {literal(ENTITY_PATTERN)}, ' ', 'g'), "
    f"{literal(LINK_PATTERN)}, ' ', 'g')"
)
# "1,234.50" is one number, and "26." at the end of a sentence is 26.
NUMBER_PATTERN = r"\d+([.,\x{2019}\x{00a0}\x{202f}]\d+)*"
ADDRESS_PATTERN = r"[^@\s<>(),;:]+@[^@\s<>(),;:]+\.[a-z]{2,}"
SHOWN = "case when json_valid(claims_json) then array_to_string(json_extract_string(claims_json, '$.*.shown'), ' ') end"
NUMBERS_SAID = f"regexp_extract_all({SAID}, {literal(NUMBER_PATTERN)})"
MAY_SAY_NUMBERS = f"list_concat(coalesce(numbers, []), regexp_extract_all({SHOWN}, {literal(NUMBER_PATTERN)}))"
ADDRESSES_SAID = f"regexp_extract_all(lower({SAID}), {literal(ADDRESS_PATTERN)})"
MAY_SAY_ADDRESSES = (
    "list_concat(coalesce(addresses, []), "
    f"regexp_extract_all(lower(coalesce({SHOWN}, '') || ' ' || email), {literal(ADDRESS_PATTERN)}))"
)
IMAGE_PATTERN = r"(?i)<img\b[^>]*>"
ALT_PATTERN = r"""(?i)<img\b[^>]*\salt\s*=\s*("[^"]*[^"\s][^"]*"|'[^']*[^'\s][^']*')[^>]*>"""
IMAGES = f"regexp_extract_all(html, {literal(IMAGE_PATTERN)})"
IMAGES_WITH_TEXT = f"regexp_extract_all(html, {literal(ALT_PATTERN)})"


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
        RowCheck("has_text_and_html", "trim(text) <> '' and trim(html) <> ''"),
        *(RowCheck(f"{part}_is_filled", _is_filled(part)) for part in ("subject", "text", "html")),
        RowCheck("has_unsubscribe", _has_one(request.unsubscribe_starts)),
        RowCheck("has_postal_address", _has_all(_lines(request.postal_address))),
        RowCheck("is_small_enough", f"octet_length(encode(text)) + octet_length(encode(html)) <= {MAX_MESSAGE_BYTES}"),
        RowCheck("claims_readable", "json_valid(claims_json)"),
        RowCheck("goes_to_its_contact", "lower(trim(email)) = known_email"),
        RowCheck("numbers_are_claimed", f"list_has_all({MAY_SAY_NUMBERS}, {NUMBERS_SAID})"),
        RowCheck("addresses_are_claimed", f"list_has_all({MAY_SAY_ADDRESSES}, {ADDRESSES_SAID})"),
        RowCheck("images_have_a_text", f"len({IMAGES}) = len({IMAGES_WITH_TEXT})"),
        RowCheck("offer_is_valid_tomorrow", _is_valid_tomorrow(request.as_of)),
    )


def _is_valid_tomorrow(as_of: date) -> str:
    """A mail is read the morning after its night at the earliest: an offer that ends with the night is none."""
    tomorrow = f"date {literal((as_of + timedelta(days=1)).isoformat())}"
    lasts = f"coalesce(valid_from <= {tomorrow}, true) and coalesce(valid_to >= {tomorrow}, true)"
    return f"not has_offer or ({lasts})"


def _is_filled(part: str) -> str:
    if part == "html":
        # Only what people read counts: a style sheet may say `display: none`.
        return _has_no_left_over(VISIBLE)
    return f"{_has_no_left_over(part)} and not regexp_matches({part}, {literal(BLANK_PATTERN)})"


def _has_no_left_over(text: str) -> str:
    without = f"regexp_replace({text}, {literal(PEOPLES_WORDS_PATTERN)}, '', 'g')"
    return f"not regexp_matches({without}, {literal(LEFT_OVER_PATTERN)})"


def _lines(address: str) -> list[str]:
    """An address piece by piece; layouts break lines as they like."""
    return [line.strip() for line in address.replace(",", "\n").splitlines() if line.strip()]


def _is_in_both(piece: str) -> str:
    return f"contains(text, {literal(piece)}) and contains({HTML_TEXT}, {literal(piece)})"


def _has_one(pieces: Sequence[str]) -> str:
    """At least one of them is in both parts; none is asked for where none is known."""
    return " or ".join(f"({_is_in_both(piece)})" for piece in pieces) or "true"


def _has_all(pieces: Sequence[str]) -> str:
    return " and ".join(_is_in_both(piece) for piece in pieces) or "true"
