"""What every fact that ships carries: where it is said, and how sure it is."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from importlib.resources import files

from lineshaft.kernel.datafile import DataTable, parse_table

_HERE = files("lineshaft.reference")


class Confidence(StrEnum):
    """High: seen in a named text. Medium: from memory of one, or in doubt. Low: a guess to
    check.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Sourced:
    """The source of one fact and the confidence in it; `note` says what a reader should know."""

    source: str
    confidence: Confidence
    note: str


def read_sourced(row: DataTable) -> Sourced:
    """Return what the row says of its source; raises Invalid where it says nothing."""
    return Sourced(
        source=row.text("source"),
        confidence=Confidence(row.one_of("confidence", [*Confidence])),
        note=row.optional_text("note"),
    )


def read_number(row: DataTable, name: str) -> Decimal:
    """Return the exact decimal that a text field holds."""
    try:
        number = Decimal(row.text(name))
    except InvalidOperation as error:
        raise row.wrong(name, "a number written as text") from error
    if not number.is_finite():
        raise row.wrong(name, "a number written as text")
    return number


def read_data_file(name: str) -> DataTable:
    """Return the root table of a file of this package."""
    return parse_table(_HERE.joinpath(name).read_text(encoding="utf-8"), name)
