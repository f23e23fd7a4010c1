"""Storing many rows of one table without making a model of each.

For rows that the caller has checked already and needs no objects of: a dozen times the rows, a
model apiece costs more than the database does. The database's own constraints and triggers hold as
ever; a model's defaults do not, so every column has to be given.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection, models

PLAIN: Final = (
    models.BigIntegerField,
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.DecimalField,
    models.IntegerField,
    models.TextField,
)
"""Fields whose values both drivers take as they are."""


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Insert the rows, values in the order of `columns`: many by one COPY on PostgreSQL, else by an
    INSERT prepared once, as also with `ignore_conflicts`, which leaves out rows that are stored
    already.

    Raises ValueError unless every column of the table is named but a number that the database
    gives.
    """
    fields = _fields(model, columns)
    if not rows:
        return
    table = model._meta.db_table
    names = ", ".join(f'"{name}"' for name in columns)
    stored = _converted(rows, fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 1 and not ignore_conflicts:
            # Django translates the errors of execute, not those of copy.
            statement = f'COPY "{table}" ({names}) FROM STDIN'
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in stored:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            statement = f'INSERT INTO "{table}" ({names}) VALUES ({places})'  # noqa: S608 -- own names
            if ignore_conflicts:
                statement += " ON CONFLICT DO NOTHING"
            cursor.executemany(statement, list(stored))


def _fields(model: type[models.Model], columns: Sequence[str]) -> list[models.Field[Any, Any]]:
    by_column = {str(field.column): field for field in model._meta.concrete_fields}
    wanted = {name for name, field in by_column.items() if not isinstance(field, models.AutoField)}
    if set(columns) != wanted or len(set(columns)) != len(columns):
        message = f"{model._meta.label} has the columns {sorted(wanted)}, not {list(columns)}."
        raise ValueError(message)
    return [by_column[name] for name in columns]


def _converted(
    rows: Iterable[Sequence[Any]], fields: Sequence[models.Field[Any, Any]]
) -> Iterator[Sequence[Any]]:
    converters = [
        (place, convert) for place, field in enumerate(fields) if (convert := _converter(field))
    ]
    for row in rows:
        values = list(row)
        for place, convert in converters:
            values[place] = convert(values[place])
        yield values


def _converter(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """What makes a value of the field one of the driver's; None where it is that already."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.UUIDField):
        return None if connection.features.has_native_uuid_field else _hex
    if isinstance(field, models.DateTimeField):
        # A batch has one moment, or few.
        return functools.cache(connection.ops.adapt_datetimefield_value)
    if isinstance(field, PLAIN):
        return None
    return lambda value: field.get_db_prep_save(value, connection)


def _hex(value: UUID | None) -> str | None:
    return None if value is None else value.hex
