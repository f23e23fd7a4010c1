"""Emptying the database after a transactional test: only the tables that hold something.

Django's own way truncates every table and runs what follows a migration, which on PostgreSQL takes
seconds each time. It is still the way where a test has touched the triggers or asks for sequences
to begin anew.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

from lineshaft.plumbing import triggers

TEARDOWN: Final = "_fixture_teardown"
"""The method of `TransactionTestCase` that empties the database; it has no public name."""

KEPT: Final = frozenset({"django_content_type", "auth_permission"})
"""What the migrations themselves fill; a test finds it as they left it."""

_TRIGGERS_SQL: Final = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": (
        "SELECT t.tgname, t.tgenabled, pg_get_triggerdef(t.oid), p.prosrc,"
        " obj_description(t.oid, 'pg_trigger')"
        " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal ORDER BY t.tgrelid, t.tgname"
    ),
}

type Teardown = Callable[[TransactionTestCase], None]


class Emptying:
    """What stands in for that method; `whole` is Django's own."""

    def __init__(self, whole: Teardown) -> None:
        self._whole = whole
        self._triggers: list[Any] | None = None

    def remember(self) -> None:
        """Take the triggers as they stand now for those of an untouched database."""
        if self._triggers is None:
            self._triggers = _triggers_of(connection)

    def after(self, case: TransactionTestCase) -> None:
        """Empty the database of the test that has ended."""
        if case.reset_sequences or _triggers_of(connection) != self._triggers:
            triggers.lift_triggers()
            self._whole(case)  # ends in post_migrate, which installs them again
        else:
            empty(connection)


def empty(database: BaseDatabaseWrapper) -> None:
    """Delete every row but those in `KEPT`, in one transaction and past the triggers."""
    names = database.introspection.django_table_names(only_existing=True, include_views=False)
    full = holding(database, sorted(set(names) - KEPT))
    if not full:
        return
    with _triggers_silent(database, full), transaction.atomic(), database.cursor() as cursor:
        for table in full:
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 -- names of our own tables


def _triggers_of(database: BaseDatabaseWrapper) -> list[Any]:
    with database.cursor() as cursor:
        cursor.execute(_TRIGGERS_SQL[database.vendor])
        return list(cursor.fetchall())


def holding(database: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    """Those of the tables that hold a row."""
    each = [
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")"  # noqa: S608 -- as above
        for table in tables
    ]
    with database.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return [name for (name,) in cursor.fetchall()]


@contextmanager
def _triggers_silent(database: BaseDatabaseWrapper, tables: list[str]) -> Iterator[None]:
    if database.vendor == "sqlite":
        option = sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER
        database.connection.setconfig(option, False)  # noqa: FBT003 -- its own form
        yield
        database.connection.setconfig(option, True)  # noqa: FBT003 -- as above
        return
    _alter(database, tables, "DISABLE")
    yield
    _alter(database, tables, "ENABLE")


def _alter(database: BaseDatabaseWrapper, tables: list[str], how: str) -> None:
    statements = (f'ALTER TABLE "{table}" {how} TRIGGER USER' for table in tables)
    with database.cursor() as cursor:
        cursor.execute("; ".join(statements))
