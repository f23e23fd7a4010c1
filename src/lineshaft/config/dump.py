"""The database as files, and files as the database, for both kinds of database.

SQLite is copied page by page through its backup interface, beside readers and writers. From
PostgreSQL every table is copied out in one read-only snapshot; on the way back the tables are
created by the migrations that the dump was made under, filled in one transaction, and only then
brought up to the program. Triggers come last, so nothing stands in the way of a row that is.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from lineshaft.kernel.errors import Invalid

type MigrationKey = tuple[str, str]

SQLITE_FILE: Final = "lineshaft.sqlite3"
MADE_BY_MIGRATE: Final = frozenset({"django_migrations", "lineshaft_cache"})
"""Tables that a dump leaves out: the first is written by migrating, the second holds no record."""


def applied_migrations() -> list[MigrationKey]:
    """The migrations of this version that the database stands at, in order of their names.

    In the place of those of before the first release stand those that replace them.
    """
    loader = MigrationLoader(connection)
    return sorted(key for key in loader.applied_migrations if key in loader.graph.nodes)


def unknown_migrations(keys: Sequence[MigrationKey]) -> list[MigrationKey]:
    """Those that this version of the program does not have."""
    known = MigrationExecutor(connection).loader.graph.nodes
    return [(app, name) for app, name in keys if (app, name) not in known]


def dump_database(folder: Path) -> None:
    """Write the database into `folder` as of one moment."""
    folder.mkdir()
    if connection.vendor == "postgresql":
        _dump_postgresql(folder)
    else:
        _dump_sqlite(folder / SQLITE_FILE)


def check_dump(folder: Path) -> None:
    """Return if the dump can be read back. Raises Invalid where SQLite finds its pages damaged."""
    path = folder / SQLITE_FILE
    if path.exists() and (state := _sqlite_state(path)) != "ok":
        raise Invalid(
            message="The database in the backup is damaged: %(state)s.", params={"state": state}
        )


def restore_database(folder: Path, migrations: Sequence[MigrationKey]) -> None:
    """Put the dump in `folder` in the place of whatever the database holds; then migrate.

    Raises Invalid, with the database as it was, where the dump does not hold together.
    """
    if connection.vendor == "postgresql":
        executor = MigrationExecutor(connection)
        _refuse_other_tables(folder, executor.loader, migrations)
        _drop_tables()
        executor = MigrationExecutor(connection)
        executor.migrate(_last_of(executor.loader.graph, migrations))
        _fill_postgresql(folder)
    else:
        _restore_sqlite(folder / SQLITE_FILE)
    call_command("migrate", interactive=False, verbosity=0)
    if connection.vendor == "postgresql":
        _advance_sequences()


def _refuse_other_tables(
    folder: Path, loader: MigrationLoader, migrations: Sequence[MigrationKey]
) -> None:
    models = loader.project_state(list(migrations)).apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table for model in models if model._meta.can_migrate(connection)}
    if {path.stem for path in folder.glob("*.copy")} != tables - MADE_BY_MIGRATE:
        raise Invalid(message="The tables in the backup are not those of its migrations.")


def _last_of(
    graph: MigrationGraph, migrations: Sequence[MigrationKey]
) -> list[tuple[str, str | None]]:
    """Those that none of the others builds on: to stand at them is to stand at all."""
    keys = set(migrations)
    return [
        (app, name)
        for app, name in migrations
        if not any(child.key in keys for child in graph.node_map[app, name].children)
    ]


def _dump_sqlite(target: Path) -> None:
    with closing(_open_sqlite()) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _restore_sqlite(source_path: Path) -> None:
    connections.close_all()
    with closing(sqlite3.connect(source_path)) as source, closing(_open_sqlite()) as target:
        source.backup(target)


def _sqlite_state(path: Path) -> str:
    try:
        with closing(sqlite3.connect(path)) as database:
            (state,) = database.execute("PRAGMA integrity_check").fetchone()
            return str(state)
    except sqlite3.DatabaseError as error:
        return str(error)


def _open_sqlite() -> sqlite3.Connection:
    return sqlite3.connect(connection.settings_dict["NAME"], timeout=30)


def _dump_postgresql(folder: Path) -> None:
    # A connection of its own: the snapshot must be the first thing in its transaction.
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    own.settings_dict = connection.settings_dict
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            for table in _tables(own):
                statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
                    sql.Identifier(table), _columns(cursor, table)
                )
                with (folder / f"{table}.copy").open("wb") as file, cursor.copy(statement) as rows:
                    for block in rows:
                        file.write(block)
    finally:
        own.close()


def _fill_postgresql(folder: Path) -> None:
    tables = _tables(connection)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            # A migration may have left rows of its own; those of the dump include them.
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table in tables:
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table), _columns(cursor, table)
            )
            with (folder / f"{table}.copy").open("rb") as file, cursor.copy(statement) as rows:
                while block := file.read(1 << 20):
                    rows.write(block)


def _drop_tables() -> None:
    with connection.cursor() as cursor:
        for table in [*_tables(connection), *sorted(MADE_BY_MIGRATE)]:
            statement = sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(table))
            cursor.execute(statement)


def _advance_sequences() -> None:
    models = apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _tables(database: BaseDatabaseWrapper) -> list[str]:
    names = set(database.introspection.django_table_names(only_existing=True))
    return sorted(names - MADE_BY_MIGRATE)


def _columns(cursor: Any, table: str) -> sql.Composed:
    """The columns that are stored as given, in order; generated ones follow from them."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'"
        " ORDER BY ordinal_position",
        [table],
    )
    return sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())
