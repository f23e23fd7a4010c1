"""Faults of a file: collected row by row, or ending the reading at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.spec import RowError


class FileRefused(Exception):
    """The file as a whole can't be read; `fault` says why and how to mend it."""

    def __init__(
        self, message: str, remedy: str = "", *, row: int = 0, column: str = "", **params: Any
    ) -> None:
        super().__init__(message)
        self.fault = RowError(row, column, "", message, remedy, params)


class CellRefused(Exception):
    """One value can't be taken; the caller knows its row and column, and its text where `text`
    is empty.
    """

    def __init__(self, message: str, remedy: str = "", *, text: str = "", **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.remedy = remedy
        self.params: Mapping[str, Any] = params


@dataclass(slots=True)
class FaultList:
    """The first faults of a run, and how many more there were."""

    kept: list[RowError] = field(default_factory=list)
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.kept)

    def add(self, fault: RowError) -> None:
        if len(self.kept) < limits.ERRORS_MAX:
            self.kept.append(fault)
        else:
            self.more += 1


def shortened(value: object) -> str:
    """A refused value as it is shown: on one line, and not longer than a line."""
    text = " ".join(str(value).split())
    if len(text) <= limits.VALUE_SHOWN_CHARACTERS:
        return text
    return text[: limits.VALUE_SHOWN_CHARACTERS - 1] + "…"
