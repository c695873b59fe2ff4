"""One export understood: its shape, which column is what, how times and amounts are written, its key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from stillhere.connectors.file_listing import Rejects, list_files
from stillhere.connectors.files import columns_of_files, read_files
from stillhere.connectors.guess.asking import Asker, UnansweredError
from stillhere.connectors.guess.headings import heading_score
from stillhere.connectors.guess.months import refuse_months_in_words
from stillhere.connectors.guess.profile import FALSE, Column, Export, open_export
from stillhere.connectors.guess.roles import TARGETS, TIMES, fits, guess_roles
from stillhere.connectors.guess.shape import FileShape, UnreadableError, shape_of
from stillhere.connectors.raw import quoted
from stillhere.connectors.source import SourceError, spelled
from stillhere.connectors.times import time_sql

WORDS = {
    "account_id": "the customer",
    "occurred_at": "the time of the event",
    "value": "the amount",
    "valid_from": "the day a subscription's terms begin",
    "mrr_minor": "the monthly amount",
    "issued_at": "the invoice's date",
    "amount_minor": "the invoice's amount",
}
HINTS = "The first line must name the columns, and the file must be the right one; mend the export and try again"
MOST_KEY_COLUMNS = 3


@dataclass(slots=True)
class Understood:
    """An export and what it means."""

    relation: str
    pattern: Path
    shape: FileShape
    export: Export
    columns: dict[str, Column]
    where: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    rejects: Rejects = field(default_factory=Rejects)

    def accounts(self) -> set[str]:
        """Distinct account ids, as text."""
        column = quoted(self.columns["account_id"].name)
        query = f"select distinct trim({column}::varchar) from export where {column} is not null"
        return {str(row[0]) for row in self.export.connection.execute(query).fetchall()}

    @property
    def filter(self) -> str:
        """The rows that count, as an SQL condition."""
        return " and ".join(f"{quoted(name)}::varchar = '{value}'" for name, value in self.where.items()) or "true"

    def instant(self, target: str) -> str:
        """SQL that reads a time column of the export as a timestamp."""
        column = self.columns[target]
        return time_sql(f"trim({quoted(column.name)}::varchar)", column.date.written if column.date else None)


def understand(
    relation: str,
    pattern: Path,
    asker: Asker,
    told: Mapping[str, str],
    date_format: str | None = None,
    known_accounts: Collection[str] | None = None,
) -> Understood:
    """Reads an export and decides what it means; `told` names columns by target, and is not questioned.

    Raises UnreadableError, UnansweredError or SourceError with what to do.
    """
    rejects = Rejects()
    shape, export = _read(pattern, rejects)
    if export.rows == 0 and rejects.lines:
        raise UnreadableError(
            f"{pattern}, line {shape.csv.skip_lines + 1}: names {len(export.headings)} columns, and no line below has "
            f"as many (first: {rejects.first}); remove what stands above the headings and try again"
        )
    if export.rows == 0:
        raise UnreadableError(f"{pattern}: has headings and no rows; export it again")
    given = {target: _told(export, pattern, column) for target, column in told.items()}
    roles = guess_roles(export, relation, given, known_accounts)
    for target, candidates in roles.open.items():
        roles.columns[target] = _ask_column(export, pattern, target, candidates, asker)
    found = {target: roles.columns[target] for target in TARGETS[relation] if target in roles.columns}
    columns = {t: _dated(c, asker, pattern, date_format) if t in TIMES else c for t, c in found.items()}
    understood = Understood(relation, pattern, shape, export, columns, rejects=rejects)
    if relation == "activity":
        understood.where = _not_cancelled(export)
    understood.key = _key(understood)
    return understood


def _read(pattern: Path, rejects: Rejects) -> tuple[FileShape, Export]:
    import duckdb

    try:
        files = list_files(pattern.absolute())
    except SourceError:
        raise UnreadableError(f"{pattern}: no such file; check the path") from None
    try:
        shape = shape_of(next(iter(files)))
        headings = columns_of_files(shape.kind, files, shape.csv)
        return shape, open_export(read_files(shape.kind, files, shape.csv, rejects), headings)
    except OSError as error:
        raise UnreadableError(f"{pattern}: {error.strerror or error}; check who may read it") from error
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise UnreadableError(f"{pattern}: can't be read ({said}); export it again") from error


def _told(export: Export, pattern: Path, column: str) -> Column:
    try:
        heading = spelled(export.headings, column)
    except SourceError as error:
        raise UnansweredError(f"{pattern.name}: {error}") from None
    return export.column(export.names[export.headings.index(heading)])


def _ask_column(export: Export, pattern: Path, target: str, candidates: list[Column], asker: Asker) -> Column:
    option = {"account_id": "--account-column", "occurred_at": "--time-column", "value": "--value-column"}.get(target)
    fitting = [column for column in candidates if fits(target, column)]
    if not fitting and target in TIMES:
        refuse_months_in_words(export, pattern.name)
    if not fitting:
        seen = ", ".join(export.headings)
        raise UnansweredError(
            f"{pattern.name}: no column can be {WORDS.get(target, target)}; there are: {seen}. {HINTS}"
        )
    choices = [(column.heading, f"{column.heading} ({', '.join(column.examples[:3])})") for column in fitting]
    only = fitting[0].heading if len(fitting) == 1 else None
    question = f"{pattern.name}: which column is {WORDS.get(target, target)}?"
    chosen = asker.choose(question, choices, only, option or f"a clearer heading, such as {target}")
    return _told(export, pattern, chosen)


def _dated(column: Column, asker: Asker, pattern: Path, date_format: str | None) -> Column:
    """The column with its date format settled: the data decide, then the option, then a person."""
    date = column.date
    if date is None or not date.ambiguous or date.format is None or date.other is None:
        return column
    if date_format in (date.format, date.other):
        return replace(column, date=replace(date, format=date_format, other=None, ambiguous=False))
    example = column.examples[0]
    choices = [(form, f"{_order(form)}: {example} is read by {form}") for form in (date.format, date.other)]
    question = f"{pattern.name}, {column.heading}: is {example} day first or month first?"
    chosen = asker.choose(question, choices, None, "--date-format")
    return replace(column, date=replace(date, format=chosen, other=None, ambiguous=False))


def _order(form: str) -> str:
    return "day first" if form.index("%d") < form.index("%m") else "month first"


def _not_cancelled(export: Export) -> dict[str, str]:
    """A filter on a column that marks cancelled rows: its value for "no"."""
    for column in export.columns:
        if heading_score(column.heading, "cancelled") > 0.5 and column.truth_share >= 0.95:
            values = f"select distinct {quoted(column.name)}::varchar from export"
            no = [str(row[0]) for row in export.connection.execute(values).fetchall() if str(row[0]).lower() in FALSE]
            if len(no) == 1:
                return {column.name: no[0]}
    return {}


def _could_be_id(column: Column) -> bool:
    """Neither a measure nor a time; numbers that might be epochs or a spreadsheet's days are ids just as well."""
    return not column.has_decimals and (column.date is None or column.date.epoch is not None)


def _key(understood: Understood) -> tuple[str, ...]:
    """The fewest columns that tell every row apart, the id's own column first; none when rows repeat."""
    export = understood.export
    own = {"activity": "event_id", "subscriptions": "subscription_id", "invoices": "invoice_id"}.get(
        understood.relation
    )
    unique = [column for column in export.columns if column.is_unique and _could_be_id(column)]
    if unique:
        return (max(unique, key=lambda column: heading_score(column.heading, own) if own else 0).name,)
    ids = [c.name for c in export.columns if own and heading_score(c.heading, own) >= 0.5]
    roles = [column.name for column in understood.columns.values()]
    names = list(dict.fromkeys([*ids, *roles]))
    for size in range(2, MOST_KEY_COLUMNS + 1):
        for chosen in combinations(names, size):
            listed = ", ".join(quoted(name) for name in chosen)
            if export.ask(f"select count(*) from (select distinct {listed} from export)") == export.rows:
                return chosen
    return ()
