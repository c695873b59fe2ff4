"""What the values of a column look like, over the whole file: counted in DuckDB, not sampled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stillhere.connectors.guess.dates import DateGuess, guess_date
from stillhere.connectors.names import raw_columns
from stillhere.connectors.raw import quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
# A number with either mark: 1234, 1.234,50, 1,234.50, with a currency's sign or code around it.
NUMBER = (
    r"^[-+(]?\s*([A-Za-z]{1,3}\.|[^\d\s.,()+-]{0,3})\s*[-+]?"
    r"\d[\d.,' \x{2019}\x{00a0}\x{202f}]*\s*([A-Za-z]{1,3}\.|[^\d.,()]{0,3})\)?$"
)
FALSE = (
    *("false", "no", "n", "nein", "0", "non", "f", "nie", "nee", "nej", "não"),
    *("falsch", "faux", "falso", "onwaar"),
)
TRUE = (
    *("true", "yes", "y", "ja", "j", "1", "oui", "si", "sí", "t", "x", "tak", "sim"),
    *("wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar"),
)
# A comma or point with one, two or more than three digits after it, or after the other mark, is the decimal one.
DECIMAL_COMMA = r",(\d{1,2}|\d{4,})\D*$|\.\d{3},"
DECIMAL_POINT = r"\.(\d{1,2}|\d{4,})\D*$|,\d{3}\."
MINOR = ("cent", "cents", "minor", "pence", "centimes", "centimos")
SURE = 0.98
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export, described by counts. Shares are of the filled values."""

    heading: str
    name: str
    rows: int
    filled: int
    distinct: int
    kind: str
    """DuckDB's type in the file; VARCHAR for text formats."""
    number_share: float
    comma_marks: int
    """Values whose last mark is a comma followed by one, two or more than three digits: a decimal comma."""
    point_marks: int
    email_share: float
    truth_share: float
    date: DateGuess | None
    examples: tuple[str, ...]
    signs: tuple[str, ...]
    """What stands around the numbers, such as € or EUR."""

    @property
    def is_number(self) -> bool:
        """Whether nearly all values are numbers."""
        return self.filled > 0 and self.number_share >= SURE

    @property
    def has_decimals(self) -> bool:
        """Whether any value has digits after a mark."""
        return self.kind in ("DOUBLE",) or self.kind.startswith("DECIMAL") or self.comma_marks + self.point_marks > 0

    @property
    def decimal(self) -> str:
        """The decimal mark."""
        return "," if self.comma_marks > self.point_marks else "."

    @property
    def is_minor(self) -> bool:
        """Whether its heading says that amounts are in cents or the like."""
        return any(word in MINOR for word in self.name.split("_"))

    @property
    def is_unique(self) -> bool:
        """Whether it is filled everywhere and never repeats."""
        return 0 < self.rows == self.filled == self.distinct


class Export:
    """A file's rows in DuckDB, as text where the file is text."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, headings: list[str]) -> None:
        self.connection = connection
        self.headings = headings
        self.names = raw_columns(headings)
        self.rows: int = connection.execute("select count(*) from export").fetchall()[0][0]
        self.columns = [self._profile(heading, name) for heading, name in zip(headings, self.names, strict=True)]

    def column(self, name: str) -> Column:
        """A column by its raw name."""
        return next(column for column in self.columns if column.name == name)

    def head(self, expressions: Iterable[str], rows: int = EXAMPLES) -> list[tuple[Any, ...]]:
        """The first rows, as SQL expressions give them."""
        return self.connection.execute(f"select {', '.join(expressions)} from export limit {rows}").fetchall()

    def ask(self, query: str) -> Any:
        """The first value of a query over `export`."""
        return self.connection.execute(query).fetchall()[0][0]

    def _profile(self, heading: str, name: str) -> Column:
        column = quoted(name)
        kind = str(self.ask(f"select typeof({column}) from export limit 1")) if self.rows else "VARCHAR"
        text = f"trim({column}::varchar)"
        counted = self.connection.execute(
            f"""
           select count(value), count(distinct value),
               count(*) filter (regexp_matches(value, ?)),
            count(*) filter (regexp_matches({without_word_points("value")}, ?)),
            count(*) filter (regexp_matches({without_word_points("value")}, ?)),
            count(*) filter (regexp_matches(value, ?)),
            count(*) filter (lower(value) in {TRUE + FALSE!r})
           from (select nullif({text}, '') as value from export)
           """,
            [NUMBER, DECIMAL_COMMA, DECIMAL_POINT, EMAIL],
        ).fetchall()[0]
        filled, distinct, numbers, commas, points, emails, truths = counted
        share = 1 / filled if filled else 0.0
        is_number = numbers * share >= SURE
        return Column(
            heading=heading,
            name=name,
            rows=self.rows,
            filled=filled,
            distinct=distinct,
            kind=kind,
            number_share=numbers * share,
            comma_marks=commas if is_number else 0,
            point_marks=points if is_number else 0,
            email_share=emails * share,
            truth_share=truths * share,
            date=guess_date(self.connection, column, kind, filled, distinct),
            examples=self._examples(text),
            signs=self._signs(text) if is_number else (),
        )

    def _examples(self, text: str) -> tuple[str, ...]:
        first = f"(select {text} as value from export limit 1000)"
        query = f"select distinct value from {first} where value <> '' limit {EXAMPLES}"
        return tuple(str(row[0]) for row in self.connection.execute(query).fetchall())

    def _signs(self, text: str) -> tuple[str, ...]:
        sign = f"trim(regexp_replace({text}, '[-+()\\d.,''\\s ]+', '', 'g'))"
        query = f"select {sign} as sign, count(*) from export group by 1 order by 2 desc limit 5"
        return tuple(str(row[0]) for row in self.connection.execute(query).fetchall() if row[0])


def without_word_points(text: str) -> str:
    """SQL that takes `kr.` and `Fr.` out of a text: their point is no decimal mark. Staging does the same."""
    return f"regexp_replace({text}, '[A-Za-z]+[.]', '', 'g')"


def open_export(tables: Iterable[pa.Table], headings: list[str]) -> Export:
    """An export over the rows of a file. `tables` have raw's names and text or plain types."""
    import duckdb
    import pyarrow as pa

    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute("set timezone = 'UTC'")
    given = list(tables)
    if given:
        whole = pa.concat_tables(given, promote_options="permissive")
    else:
        whole = pa.table({name: pa.array([], pa.string()) for name in raw_columns(headings)})
    connection.register("given", whole)
    connection.execute("create table export as select * from given")
    connection.unregister("given")
    return Export(connection, headings)
