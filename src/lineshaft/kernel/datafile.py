"""Reading the TOML data that ships: typed values out, and a clear error that names file and field.

A data file is part of the program, but people write and change it. So each fault is told as one
sentence with the file, the path of the field (``tiers[2].dues_minor``) and what was wanted, and a
field that nobody reads is a fault as well: a misspelt key must not pass in silence.
"""

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lineshaft.kernel.errors import FieldError, Invalid
from lineshaft.kernel.text import gettext_noop

_NOT_TOML = gettext_noop("The data file %(file)s is not TOML: %(reason)s.")
_MISSING = gettext_noop("In the data file %(file)s the field %(field)s is missing.")
_WRONG = gettext_noop("In the data file %(file)s the field %(field)s is not %(wanted)s.")
_UNKNOWN = gettext_noop("In the data file %(file)s nothing reads the field %(field)s.")


def parse_table(text: str, file: str) -> "DataTable":
    """Return the root table of a TOML text; raises Invalid, code "data_file", where it is not
    TOML.
    """
    try:
        return DataTable(tomllib.loads(text), file)
    except tomllib.TOMLDecodeError as error:
        raise _fault(_NOT_TOML, file, "", reason=str(error)) from error


@dataclass(slots=True)
class DataTable:
    """One table of a data file; remembers what was read, so that `finish` can name what was not."""

    values: Mapping[str, Any]
    file: str
    path: str = ""
    _read: set[str] = field(default_factory=set)

    def text(self, name: str) -> str:
        """Return a text that is not empty."""
        return self._required(name, str, "a text that is not empty", bool)

    def optional_text(self, name: str) -> str:
        """Return a text, empty where the field is absent."""
        return self._optional(name, str, "a text") or ""

    def one_of(self, name: str, choices: Collection[str]) -> str:
        return self._required(
            name, str, "one of " + ", ".join(sorted(choices)), choices.__contains__
        )

    def whole(self, name: str, *, least: int = 0, most: int | None = None) -> int:
        wanted = f"a whole number of at least {least}" + (f" and at most {most}" if most else "")
        return self._required(
            name, int, wanted, lambda value: least <= value and (most is None or value <= most)
        )

    def optional_one_of(self, name: str, choices: Collection[str], default: str) -> str:
        """Return one of the choices; the default where the field is absent."""
        return self.one_of(name, choices) if name in self.values else default

    def optional_whole(self, name: str, *, least: int | None = None) -> int | None:
        value = self._optional(name, int, "a whole number")
        if value is not None and least is not None and value < least:
            raise self.wrong(name, f"a whole number of at least {least}")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; false where the field is absent."""
        return self._optional(name, bool, "true or false") or False

    def day(self, name: str) -> date:
        return self._required(name, date, "a date such as 2022-08-09")

    def optional_day(self, name: str) -> date | None:
        return self._optional(name, date, "a date such as 2022-08-09")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; empty where the field is absent."""
        values = self._optional(name, list, "a list of texts") or []
        if not all(isinstance(value, str) and value for value in values):
            raise self.wrong(name, "a list of texts")
        return tuple(values)

    def table(self, name: str) -> "DataTable":
        return DataTable(self._required(name, dict, "a table"), self.file, self._path_of(name))

    def tables(self, name: str) -> Iterator["DataTable"]:
        """Yield the tables of a list, at least one; each is finished before the next is begun."""
        rows = self._required(name, list, "a list of at least one table", bool)
        yield from self._rows(name, rows)

    def optional_tables(self, name: str) -> Iterator["DataTable"]:
        """Yield the tables of a list that may be absent or empty."""
        yield from self._rows(name, self._optional(name, list, "a list of tables") or [])

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return a table of texts as (key, text) in the order of the file; empty where it is
        absent.
        """
        values = self._optional(name, dict, "a table of texts") or {}
        if not all(isinstance(value, str) and value for value in values.values()):
            raise self.wrong(name, "a table of texts")
        return tuple(values.items())

    def finish(self) -> None:
        """Raise Invalid where the table has a field that nothing read."""
        for name in self.values:
            if name not in self._read:
                raise _fault(_UNKNOWN, self.file, self._path_of(name))

    def wrong(self, name: str, wanted: str) -> Invalid:
        """Return the error that says what the field should be."""
        return _fault(_WRONG, self.file, self._path_of(name), wanted=wanted)

    def _rows(self, name: str, rows: list[Any]) -> Iterator["DataTable"]:
        for place, values in enumerate(rows):
            path = f"{self._path_of(name)}[{place}]"
            if not isinstance(values, dict):
                raise _fault(_WRONG, self.file, path, wanted="a table")
            row = DataTable(values, self.file, path)
            yield row
            row.finish()

    def _required[T](
        self,
        name: str,
        kind: type[T],
        wanted: str,
        is_right: Callable[[T], bool] = lambda _value: True,
    ) -> T:
        value = self._optional(name, kind, wanted)
        if value is None:
            raise _fault(_MISSING, self.file, self._path_of(name))
        if not is_right(value):
            raise self.wrong(name, wanted)
        return value

    def _optional[T](self, name: str, kind: type[T], wanted: str) -> T | None:
        self._read.add(name)
        value = self.values.get(name)
        # `type is`, so that true is no whole number and a date with a time is no day
        if value is not None and type(value) is not kind:
            raise self.wrong(name, wanted)
        return value

    def _path_of(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def _fault(message: str, file: str, path: str, **params: str) -> Invalid:
    params = {"file": file, "field": path} | params
    return Invalid(
        (FieldError(path, message=message, params=params),),
        code="data_file",
        message=message,
        params=params,
    )
