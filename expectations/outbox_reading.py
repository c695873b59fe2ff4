"""What a reader meets of each message, worked out once and kept beside the outbox: most of a mail is layout, and the
rules are many."""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.predicates import literal

# What a reader does not see of the HTML part.
UNSEEN_PATTERN = "(?is)<(style|head|!--).*?(</(style|head)>|-->)|<[^>]*>"
# Where the HTML part leads to, or loads from.
LEADS_PATTERN = r"""(?i)\b(href|src|background|action)\s*=\s*["']([^"']*)"""
LINK_PATTERN = r"(?i)(https?://|mailto:)[^\s<>\"]*"
# A link as the text part writes it out; above, even the beginning of one is none of what a message says.
WRITTEN_LINK_PATTERN = r"(?i)\b(https?://|mailto:)[^\s<>\"]+"
ENTITY_PATTERN = r"&#?\w+;"
IMAGE_PATTERN = r"(?i)<img\b[^>]*>"
ALT_PATTERN = r"""(?i)<img\b[^>]*\salt\s*=\s*("[^"]*[^"\s][^"]*"|'[^']*[^'\s][^']*')[^>]*>"""


def read_messages(database: Path) -> None:
    """Makes `readings`, `claims` and `links` beside `outbox`: one row a message, one a claim, one a link.

    Nobody else may hold the file. Raises duckdb.Error, for an outbox that lacks a column too.
    """
    with duckdb.connect(str(database), config={"autoinstall_known_extensions": "false"}) as connection:
        # However many messages, only some row groups of them are in memory then.
        connection.execute("set preserve_insertion_order = false")
        for statement in (READINGS, CLAIMS, LINKS):
            connection.execute(statement)


def _is_filled(text: str) -> str:
    without = f"regexp_replace({text}, {literal(PEOPLES_WORDS_PATTERN)}, '', 'g')"
    return f"not regexp_matches({without}, {literal(LEFT_OVER_PATTERN)})"


def _numbers(text: str) -> str:
    return f"list_distinct(regexp_extract_all({text}, {literal(NUMBER_PATTERN)}))"


def _addresses(text: str) -> str:
    return f"list_distinct(regexp_extract_all(lower({text}), {literal(ADDRESS_PATTERN)}))"


def _unescaped(sql: str) -> str:
    """Text with its entities as a reader sees them."""
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


# What a template leaves behind when a value was missing. Words that people use ("none of you") must pass.
LEFT_OVER_PATTERN = r"\{\{|\}\}|\{%|%\}|\b(None|nan|NaN|NaT|inf|null|undefined)\b"
PEOPLES_WORDS_PATTERN = r"\bNone of\b"
# "Hello ," is a blank name.
BLANK_PATTERN = r"\S [,.](\s|$)"
# "1,234.50" is one number, and "26." at the end of a sentence is 26.
NUMBER_PATTERN = r"\d+([.,\x{2019}\x{00a0}\x{202f}]\d+)*"
ADDRESS_PATTERN = r"[^@\s<>(),;:]+@[^@\s<>(),;:]+\.[a-z]{2,}"


# `html_shown` is the HTML part as its reader sees it, `html_links` where it leads. `said` is all that both parts say
# but links, which have rules of their own; an entity is a space there, or "&#8202;" would be a number.
READINGS = f"""
create or replace table readings as
with opened as (
    select *,
        regexp_replace(html, {literal(UNSEEN_PATTERN)}, ' ', 'g') as visible,
        regexp_extract_all(html, {literal(LEADS_PATTERN)}, 2) as leads,
        case when json_valid(claims_json)
            then array_to_string(json_extract_string(claims_json, '$.*.shown'), ' ') else '' end as claimed
    from outbox
),
seen as (
    select *,
        {_unescaped("visible")} as html_shown,
        case when len(leads) > 0 then string_split({_unescaped("array_to_string(leads, chr(10))")}, chr(10)) else [] end
            as html_links,
        regexp_replace(
            subject || ' ' || text || ' ' || regexp_replace(visible, {literal(ENTITY_PATTERN)}, ' ', 'g'),
            {literal(LINK_PATTERN)}, ' ', 'g'
        ) as said
    from opened
)
select message_id, campaign, language, email, account_id, subject, text, claims_json, html_shown, html_links,
    strlen(text) + strlen(html) as message_bytes,
    regexp_matches(text, '\\S') and regexp_matches(html, '\\S') as has_both_parts,
    {_is_filled("subject")} and not regexp_matches(subject, {literal(BLANK_PATTERN)}) as subject_is_filled,
    {_is_filled("text")} and not regexp_matches(text, {literal(BLANK_PATTERN)}) as text_is_filled,
    {_is_filled("html_shown")} as html_is_filled,
    {_numbers("said")} as numbers_said,
    {_numbers("claimed")} as numbers_claimed,
    {_addresses("said")} as addresses_said,
    {_addresses("claimed || ' ' || email")} as addresses_claimed,
    len(regexp_extract_all(html, {literal(IMAGE_PATTERN)})) as image_count,
    len(regexp_extract_all(html, {literal(ALT_PATTERN)})) as images_with_text
from seen
"""

# `used` as the message took the value, `shown` as its reader sees it, `expected` as the night has it.
CLAIMS = """
create or replace table claims as
with made as (
    select message_id, subject || ' ' || text as text_shown, html_shown, html_links, claim.key as name,
        json_extract_string(claim.value, '$.raw') as used, json_extract_string(claim.value, '$.shown') as shown
    from readings
    cross join lateral json_each(case when json_valid(claims_json) then claims_json else '{}' end) as claim
)
select made.message_id, made.name, made.used, made.shown,
    expected.kind, trim(expected.value) as expected, expected.unit,
    contains(text_shown, shown) or contains(html_shown, shown) or contains(array_to_string(html_links, ' '), shown)
        as is_in_the_message
from made
left join expected using (message_id, name)
"""

# What the HTML part leads to or loads, and what is written out in the text part.
LINKS = f"""
create or replace table links as
with found as (
    select message_id, unnest(
        list_concat(html_links, regexp_extract_all(text, {literal(WRITTEN_LINK_PATTERN)}))
    ) as link
    from readings
)
select message_id, trim(link) as link
from found
"""
