"""Reading JSON: a list of flat objects, each one row. A row's number is its place in the list."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.faults import FileRefused, shortened
from lineshaft.plumbing.exchange.reading.csv_file import too_many_columns, too_many_rows
from lineshaft.plumbing.exchange.reading.source import MIB
from lineshaft.plumbing.exchange.reading.table import BadRow, RawRow, RawTable
from lineshaft.plumbing.exchange.spec import RowError

LIST_WANTED = gettext_noop('Send a list of objects: [{"name": "...", "city": "..."}, ...].')


def read_json(content: BinaryIO, size_bytes: int) -> RawTable:
    """The table of a JSON file. Raises FileRefused, also while the rows are drawn."""
    if size_bytes > limits.JSON_BYTES_MAX:
        raise FileRefused(
            gettext_noop("The JSON file has more than %(limit_mb)s MB."),
            gettext_noop("Split its rows over several files, or send CSV."),
            limit_mb=limits.JSON_BYTES_MAX // MIB,
        )
    objects = _parse(content.read())
    # An export of our own wraps its rows together with where they come from.
    if isinstance(objects, dict) and isinstance(objects.get("rows"), list):
        objects = objects["rows"]
    if not isinstance(objects, list):
        raise FileRefused(gettext_noop("The JSON file holds no list."), LIST_WANTED)
    if len(objects) > limits.ROWS_MAX:
        raise too_many_rows()
    headings: dict[str, None] = {}
    for number, item in enumerate(objects, 1):
        if not isinstance(item, dict):
            raise FileRefused(
                gettext_noop("Item %(number)s of the list is no object."),
                LIST_WANTED,
                row=number,
                number=number,
            )
        headings.update(dict.fromkeys(item))
        if len(headings) > limits.COLUMNS_MAX:
            raise too_many_columns(number)
    if not headings:
        raise FileRefused(gettext_noop("The JSON file holds an empty list."), LIST_WANTED)
    return RawTable(tuple(headings), _rows(objects, tuple(headings)))


def _parse(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
        return json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise FileRefused(
            gettext_noop("The JSON file is not UTF-8: byte %(byte)s stands for no character."),
            gettext_noop("Save it as UTF-8."),
            byte=error.start + 1,
        ) from error
    except json.JSONDecodeError as error:
        raise FileRefused(
            gettext_noop("Line %(line)s, character %(place)s is not JSON: %(reason)s."),
            LIST_WANTED,
            line=error.lineno,
            place=error.colno,
            reason=error.msg,
        ) from error
    except (RecursionError, ValueError, InvalidOperation) as error:
        raise FileRefused(
            gettext_noop("The JSON file is nested too deeply or holds a number that is too long."),
            LIST_WANTED,
        ) from error


def _refuse_constant(name: str) -> Any:
    raise FileRefused(
        gettext_noop("“%(name)s” is no number of JSON."),
        gettext_noop("Write null for a value that is not known."),
        name=name,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FileRefused(
            gettext_noop("An object holds the name “%(name)s” twice."),
            gettext_noop("Keep one of the two."),
            name=twice,
        )
    return built


def _rows(objects: list[dict[str, Any]], headings: tuple[str, ...]) -> Iterator[RawRow]:
    for number, item in enumerate(objects, 1):
        nested = [name for name, value in item.items() if isinstance(value, dict | list)]
        if nested:
            yield number, BadRow(tuple(_nested(number, name, item[name]) for name in nested))
            continue
        cells = [item.get(heading) for heading in headings]
        if any(cell.strip() if isinstance(cell, str) else cell is not None for cell in cells):
            yield number, cells


def _nested(number: int, name: str, value: object) -> RowError:
    return RowError(
        number,
        name,
        shortened(value),
        gettext_noop("The value is a list or an object."),
        gettext_noop("Give each value a name of its own; a cell holds one value."),
    )
