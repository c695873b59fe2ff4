"""The rules on single messages and on single claims."""

from __future__ import annotations

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

# One row a claim: `used` as the message has it, `expected` as the night has it.
CLAIM_RULES = (
    RowCheck("claim_has_a_value", "trim(used) <> '' and lower(used) not in ('nan', 'none', 'null', 'nat')"),
    RowCheck("claim_is_known", "expected is not null"),
    RowCheck(
        "claim_is_true",
        "case when try_cast(used as double) is not null and try_cast(expected as double) is not null "
        f"then abs(try_cast(used as double) - try_cast(expected as double)) "
        f"<= {SAME_NUMBER} * greatest(1, abs(try_cast(expected as double))) else used = expected end",
    ),
)


def message_checks(request: OutboxRequest) -> tuple[RowCheck, ...]:
    """Rules on one message."""
    subject = "trim(subject)"
    stop = " or ".join(
        f"(contains(text, {literal(way)}) and contains(html, {literal(way)}))" for way in request.unsubscribe_links
    )
    return (
        RowCheck("has_message_id", "trim(message_id) <> ''"),
        RowCheck("has_account", "trim(account_id) <> ''"),
        RowCheck("email_shaped", f"regexp_matches(email, {literal(EMAIL_PATTERN)})"),
        RowCheck(
            "not_suppressed",
            "lower(trim(email)) not in (select lower(trim(email)) from suppressions where email is not null)",
        ),
        RowCheck("subject_fits", f"{subject} <> '' and length({subject}) <= {MAX_SUBJECT_CHARACTERS}"),
        RowCheck("subject_is_one_line", "not regexp_matches(subject, '[\\r\\n]')"),
        RowCheck("has_text_and_html", "trim(text) <> '' and trim(html) <> ''"),
        *(RowCheck(f"{part}_is_filled", _is_filled(part)) for part in ("subject", "text", "html")),
        RowCheck("has_unsubscribe", stop or "false"),
        RowCheck("has_postal_address", _has_address(request.postal_address)),
        RowCheck("is_small_enough", f"octet_length(encode(text)) + octet_length(encode(html)) <= {MAX_MESSAGE_BYTES}"),
        RowCheck("claims_readable", "json_valid(values_json)"),
    )


def _is_filled(part: str) -> str:
    if part == "html":
        # Only what people read counts: a style sheet may say `display: none`.
        unseen = literal("(?is)<(style|head|!--).*?(</(style|head)>|-->)|<[^>]*>")
        return _has_no_left_over(f"regexp_replace(html, {unseen}, ' ', 'g')")
    return f"{_has_no_left_over(part)} and not regexp_matches({part}, {literal(BLANK_PATTERN)})"


def _has_no_left_over(text: str) -> str:
    without = f"regexp_replace({text}, {literal(PEOPLES_WORDS_PATTERN)}, '', 'g')"
    return f"not regexp_matches({without}, {literal(LEFT_OVER_PATTERN)})"


def _has_address(address: str) -> str:
    """Every line of the address stands in both parts; layouts break lines as they like."""
    lines = [line.strip() for line in address.replace(",", "\n").splitlines() if line.strip()]
    return (
        " and ".join(f"contains(text, {literal(line)}) and contains(html, {literal(line)})" for line in lines)
        or "false"
    )
