"""What a database holds, as one digest for each table: equal for equal contents.

Rows are compared without what differs between two runs of the same work: keys that the database or
the program draws, salts, and what is derived from either. A row that names another is compared by
that row's contents.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.apps import apps
from django.db import connection
from django.db.models import AutoField, Field, ForeignKey, Model, Q, UUIDField

from tests.emptying import holding

type State = dict[str, str]

APPS: Final = (
    *("access", "audit", "network", "governance", "memberships", "funding", "competitions"),
    *("reviewing", "insight", "search", "mail"),
)
"""Whose rows are records. Queues and batches keep a trace of each attempt, and may."""

EVERYTHING: Final = (*APPS, "files", "jobs", "exchange", "django_tasks_database")
"""With the queues and batches too."""

DRAWN: Final = frozenset(
    {
        ("audit.auditevent", "subject_id"),
        ("audit.auditevent", "salt"),
        ("audit.auditevent", "digest"),
        ("audit.auditseal", "previous_digest"),
        ("audit.auditseal", "digest"),
        ("governance.urnballot", "id"),
        ("governance.ballot", "id"),
        ("search.searchentry", "digest"),
        ("search.searchentry", "object_id"),
        ("search.searchentry", "organisation_id"),
        ("search.searchentry", "url"),
    }
)
"""Columns that are drawn anew, by model and column."""

TRACES: Final = {
    "audit.auditevent": (
        Q(verb="store_file", changes__purpose__startswith="import:")
        | Q(verb="run_import", changes__created=0, changes__updated=0)
    ),
}
"""Rows that are no records: an import keeps the file of each attempt before it begins, and notes
one that found everything there already.
"""


def state_of_database() -> State:
    """The digest of every table of records."""
    models = [model for label in APPS for model in apps.get_app_config(label).get_models()]
    full = _holding(apps.get_models())
    known: dict[type[Model], dict[Any, str]] = {
        model: {} for model in apps.get_models() if model not in full
    }
    return {
        model._meta.label_lower: _digest(sorted(_rows(model, known).values())) for model in models
    }


def stored_in_database() -> State:
    """A digest of every table's rows as they are stored, keys and salts too, but for traces: equal
    only where nothing was written.
    """
    models = [
        model
        for label in EVERYTHING
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    full = _holding(models)
    return {
        model._meta.db_table: _digest(
            sorted(map(repr, _stored_rows(model))) if model in full else ()
        )
        for model in models
    }


def _holding(models: Iterable[type[Model]]) -> set[type[Model]]:
    """Those of which there is a row, so that the many others are not asked one by one."""
    by_table = {model._meta.db_table: model for model in models}
    return {by_table[table] for table in holding(connection, sorted(by_table))}


def _stored_rows(model: type[Model]) -> list[Any]:
    traces = TRACES.get(model._meta.label_lower)
    if traces is not None:
        return list(model._base_manager.exclude(traces).values_list())
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')  # noqa: S608 -- our own table
        return list(cursor.fetchall())


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The tables in which two states differ."""
    return sorted(
        table for table in one.keys() | other.keys() if one.get(table) != other.get(table)
    )


def _rows(model: type[Model], known: dict[type[Model], dict[Any, str]]) -> dict[Any, str]:
    """The digest of each row of a table, by primary key.

    Of a field that leads back to a table whose digests are underway, it says whether it is filled.
    """
    if model in known:
        return known[model]
    known[model] = _Filled()
    fields = [field for field in model._meta.concrete_fields if _is_compared(field)]
    named = {
        field.attname: _rows(field.related_model, known)
        for field in fields
        if isinstance(field, ForeignKey) and field.related_model not in (model, "self")
    }
    names = [field.attname for field in fields]
    rows = {}
    records = model._base_manager.exclude(TRACES.get(model._meta.label_lower, Q(pk__in=())))
    for pk, *values in records.values_list("pk", *names):
        content = [
            named[name].get(value, "none") if name in named else value
            for name, value in zip(names, values, strict=True)
        ]
        rows[pk] = _digest([repr(content)])
    known[model] = rows
    return rows


class _Filled(dict[Any, str]):
    """What stands for the digests of a table while they are made."""

    def get(self, key: Any, default: Any = None) -> Any:
        return default if key is None else "some"


def _is_compared(field: Field[Any, Any]) -> bool:
    if (field.model._meta.label_lower, field.attname) in DRAWN:
        return False
    if field.remote_field is not None:
        return field.related_model is not field.model
    is_drawn_key = field.primary_key and (
        isinstance(field, AutoField) or (isinstance(field, UUIDField) and field.has_default())
    )
    return not is_drawn_key


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
