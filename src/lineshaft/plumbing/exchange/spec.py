"""What an app says about an import: its columns, and the one function that writes the rows.

An app's `exchange.py` holds `IMPORTS: dict[str, ImportSpec]`. This module reads the file, maps its
columns, checks every cell and hands `apply` all rows at once, typed; `apply` calls the same service
that a page calls, so an import has no rules of its own. Invariants: `apply` is called inside one
transaction, at most once per run, and only when no cell was refused.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Translate, fill, untranslated
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import Permission

type Value = str | int | Decimal | bool | dt.date | Money | None


class ColumnKind(StrEnum):
    """What a column holds, and so which Python value a row carries for it."""

    TEXT = "text"  # str, "" where blank
    INT = "int"  # int | None
    DECIMAL = "decimal"  # Decimal | None
    MONEY = "money"  # Money | None, in the import's currency
    DATE = "date"  # datetime.date | None
    CHOICE = "choice"  # str out of `choices`, "" where blank
    BOOLEAN = "boolean"  # bool | None: yes/no, true/false, 1/0, 是/否


@dataclass(frozen=True, slots=True)
class Column:
    """One column that an import understands.

    `aliases` are other headings under which it is found without a mapping (letter case, accents,
    spaces and underscores never matter). `is_identifier` refuses a value that stands twice in the
    file. Money below zero is refused unless `is_signed`; `minimum` and `maximum` bound INT and
    DECIMAL, both included. `help` is an English msgid shown on the import page.
    """

    name: str
    kind: ColumnKind = ColumnKind.TEXT
    is_required: bool = False
    choices: tuple[str, ...] = ()
    help: str = ""
    aliases: tuple[str, ...] = ()
    is_identifier: bool = False
    is_signed: bool = False
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    max_length: int = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One row, every cell checked and typed; `number` is the row as its author sees it.

    The typed getters answer the blank of their kind ("" or None); asking a column of another kind
    is a programmer's mistake and raises TypeError, an unknown column KeyError.
    """

    number: int
    values: Mapping[str, Value]

    def __getitem__(self, column: str) -> Value:
        return self.values[column]

    def text(self, column: str) -> str:
        return _expect(self.values[column], str, column) or ""

    def integer(self, column: str) -> int | None:
        return _expect(self.values[column], int, column)

    def decimal(self, column: str) -> Decimal | None:
        return _expect(self.values[column], Decimal, column)

    def money(self, column: str) -> Money | None:
        return _expect(self.values[column], Money, column)

    def date(self, column: str) -> dt.date | None:
        return _expect(self.values[column], dt.date, column)

    def boolean(self, column: str) -> bool | None:
        return _expect(self.values[column], bool, column)


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one cell, one row (`column` empty) or the whole file (`row` 0) is refused.

    `message` says what is wrong, `remedy` how to mend it: English msgids with `%(name)s` filled
    from `params` after translation. `value` is what stood there, shortened.
    """

    row: int
    column: str
    value: str
    message: str
    remedy: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_text(self, translate: Translate = untranslated) -> str:
        """Both sentences in the reader's language."""
        parts = (self.message, self.remedy)
        return " ".join(fill(part, self.params, translate) for part in parts if part)


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What `apply` may know about the run. `source_sha256` names the file, as evidence."""

    now: dt.datetime
    is_dry_run: bool
    currency: str
    source_name: str
    source_sha256: str
    mapping: str
    report: Callable[[int, int, str], None]

    @property
    def today(self) -> dt.date:
        return self.now.date()

    @property
    def why(self) -> str:
        """The reason for the audit trail: which file, by name and hash."""
        return f"import of {self.source_name} (sha256 {self.source_sha256[:16]})"


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What `apply` did. With any error nothing is kept, whatever was already written.

    `notices` are what somebody should look at before the import, and what hinders nothing.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: tuple[RowError, ...] = ()
    notices: tuple[RowError, ...] = ()


type Apply = Callable[[Actor, Sequence[Row], ImportContext], ImportOutcome]


@dataclass(frozen=True, slots=True)
class ImportSpec:
    """One kind of import. `title`, `help`: English msgids; `permission`: who may open the page
    (over the network, or over any institute), the service that `apply` calls decides row by row.
    `mappings` is the folder of mapping files that ship with the app.
    """

    kind: str
    columns: tuple[Column, ...]
    apply: Apply
    title: str = ""
    help: str = ""
    permission: Permission | None = None
    mappings: Path | None = None

    def column(self, name: str) -> Column:
        """The column of that name; KeyError for none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a run found and did; `is_applied` is False for a dry run and for a refused file.

    `errors` holds the first 200; `errors_more` counts the rest. `ignored_columns` are headings of
    the file that nothing was read from. `rows_filtered` left out by the mapping's filters.
    """

    kind: str
    source_name: str
    source_sha256: str
    mapping: str
    is_dry_run: bool
    rows_read: int = 0
    rows_filtered: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: tuple[RowError, ...] = ()
    errors_more: int = 0
    notices: tuple[RowError, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    batch_id: str = ""

    @property
    def is_refused(self) -> bool:
        return bool(self.errors)

    @property
    def is_applied(self) -> bool:
        return not self.is_dry_run and not self.errors

    @property
    def changes_nothing(self) -> bool:
        """True when every row was there already: the same file a second time."""
        return not self.errors and not self.created and not self.updated


def _expect[T](value: Value, kind: type[T], column: str) -> T | None:
    if value is None:
        return None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        message = f"Column {column} holds {type(value).__name__}, not {kind.__name__}."
        raise TypeError(message)
    return value
