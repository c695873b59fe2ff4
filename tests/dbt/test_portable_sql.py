"""No engine-only SQL outside the macros: a model's body says what is wanted, a macro says how an engine does it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.transform import PROJECT

ENGINE_ONLY = {
    r"\bround\s*\(": "halves go to even on PostgreSQL: rounded(), whole(), to_minor()",
    r"\b(date_?diff|date_?add|date_sub|to_(days|seconds|years))\s*\(": "days_between(), add_days()",
    r"\bdate_trunc\s*\(": "of a date it is a timestamp with a zone on PostgreSQL: month_of()",
    r"\bat\s+time\s+zone\b": "company_date(), to_utc(), instant_utc()",
    r"\b(now|today|getdate)\s*\(|\bcurrent_(date|timestamp|time)\b": "the present enters as as_of, once",
    r"\b(try_\w+|strptime|strftime|to_(char|date|timestamp)|make_\w+|epoch\w*)\s*\(": "parsed_time(), parsed_number()",
    r"\bregexp_\w+\s*\(|\bsimilar\s+to\b|~": "flags and defaults differ: matches(), digits()",
    r"\b(percentile_\w+|quantile\w*|median|mode|approx_\w+)\s*\(": "quantile()",
    r"\b(arg_max|arg_min|max_by|min_by|any_value|first|last)\s*\(": "order with row_number() instead",
    r"\b(list|array|string|struct|map|group|json)_\w+\s*\(|\blistagg\s*\(": "no engine has another's lists",
    r"\b(unnest|generate_series|range)\s*\(": "months_between(), or a table of days",
    r"\b(count_if|countif|ifnull|nvl|isnull|iff?|len|contains|hash)\s*\(": "count(*) filter, coalesce, case, length",
    r"\bqualify\b": "row_number() in a query of its own",
    r"\b(group|order)\s+by\s+all\b": "name the columns",
    r"\*\s*(exclude|replace|except)\b|\bcolumns\s*\(": "name the columns",
    r"\bdistinct\s+on\b|\b(asof|positional|semi|anti)\s+join\b|\bpivot\b": "plain joins and row_number()",
    r"::": "cast(… as …)",
    r"//": "integer division: cast a ratio, or days_between()",
    r"\bas\s+(double(?!\s+precision)|hugeint|u\w*int\w*|float\d?|string|datetime)\b": "types of one engine",
}


def sql_of(text: str) -> str:
    """A model's own SQL: without comments, and of what is given to macros only the SQL in quotes."""
    text = re.sub(r"{#.*?#}|--[^\n]*", "", text, flags=re.DOTALL)
    quoted = re.compile(r"'''(.*?)'''|\"([^\"]*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
    return re.sub(
        r"{{.*?}}|{%.*?%}",
        lambda block: " ".join("".join(groups) for groups in quoted.findall(block.group())),
        text,
        flags=re.DOTALL,
    ).lower()


def engine_only(text: str) -> list[str]:
    """What in a model's SQL only one engine knows, with what to write instead."""
    sql = sql_of(text)
    return [
        f"{found.group()!r}: {reason}" for pattern, reason in ENGINE_ONLY.items() if (found := re.search(pattern, sql))
    ]


def model_files() -> list[Path]:
    return sorted(PROJECT.glob("models/**/*.sql")) + sorted(PROJECT.glob("tests/**/*.sql"))


def test_no_model_names_what_only_one_engine_knows() -> None:
    assert len(model_files()) > 40
    found = {
        str(path.relative_to(PROJECT)): words for path in model_files() if (words := engine_only(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "sql",
    [
        "select round(amount, 2) from t",
        "select {{ ratio('round(a, 0)', 'b') }} from t",
        "select date_diff('day', a, b) from t",
        "select * exclude (a) from t",
        "select a::date from t",
        "select a from t qualify row_number() over (order by a) = 1",
        "select cast(a as double) from t",
    ],
)
def test_what_only_one_engine_knows_is_found(sql: str) -> None:
    assert engine_only(sql)


def test_what_a_macro_does_and_a_comment_says_is_not_held_against_a_model() -> None:
    assert engine_only("-- round() is wrong here\nselect {{ rounded('a', 2) }}, {{ quantile('b', 0.5) }} from t") == []
