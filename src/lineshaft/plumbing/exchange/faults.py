"""Faults of a file: collected row by row, or ending the reading at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from lineshaft.kernel.text import Amount, Day, Term, storable
from lineshaft.plumbing.audit.rules import plain
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


def stored_fault(fault: RowError) -> dict[str, Any]:
    """The fault in JSON's own types; `read_fault` gives it back."""
    stored: dict[str, Any] = _stored(plain(asdict(replace(fault, params={}))))
    return {**stored, "params": {key: _stored(value) for key, value in fault.params.items()}}


def read_fault(stored: Mapping[str, Any]) -> RowError:
    """The fault as it was, with what its reader's language still has to translate."""
    params = {key: _read(value) for key, value in stored["params"].items()}
    return RowError(**{**stored, "params": params})


def _stored(value: Any) -> Any:
    """A value for a message's place; of a term its kind, else it would no longer be translated."""
    match value:
        case Term():
            return {type(value).__name__: storable(value)}
        case str():
            return storable(value)
        case dict():
            return {key: _stored(part) for key, part in value.items()}
        case tuple():
            return [_stored(part) for part in value]
        case _:
            return plain(value)


def _read(value: Any) -> Any:
    match value:
        case list():
            return tuple(_read(part) for part in value)
        case dict() if len(value) == 1 and (kind := _TERMS.get(next(iter(value)))) is not None:
            return kind(next(iter(value.values())))
        case _:
            return value


_TERMS: Final = {kind.__name__: kind for kind in (Term, Amount, Day)}


def shortened(value: object) -> str:
    """A refused value as it is shown: on one line, and not longer than a line."""
    text = " ".join(str(value).split())
    if len(text) <= limits.VALUE_SHOWN_CHARACTERS:
        return text
    return text[: limits.VALUE_SHOWN_CHARACTERS - 1] + "…"
