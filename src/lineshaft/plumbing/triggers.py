"""Database triggers that hold what no application code may break.

An app lists its triggers in `models.TRIGGERS`. They are installed anew after every migration, since
SQLite drops a table's triggers silently when it rebuilds the table, and compared by `lineshaft
verify`. On PostgreSQL each trigger carries a digest of its text and of its function's body, so
that a replaced function is found too. Only the test runner can lift them.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

REFUSE_FUNCTION: Final = "lineshaft_refuse_change"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One named trigger of a table, as complete statements for each database.

    `{fixed_columns}` in a statement stands for the table's columns less `updatable_columns`.
    An empty statement means that this database needs none. On PostgreSQL the text may hold
    several statements; the trigger's own name must be `name`.
    """

    name: str
    table: str
    sqlite: str
    postgresql: str
    updatable_columns: tuple[str, ...] = ()


def append_only(table: str, *, updatable_columns: tuple[str, ...] = ()) -> tuple[Trigger, ...]:
    """Triggers that refuse DELETE, TRUNCATE and every UPDATE of a column not listed."""
    message = f"{table} is append-only"

    def trigger(suffix: str, event_sqlite: str, event_postgresql: str, level: str) -> Trigger:
        name = f"{table}_{suffix}"
        sqlite = (
            f'CREATE TRIGGER "{name}" BEFORE {event_sqlite} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            if event_sqlite
            else ""
        )
        postgresql = (
            f'CREATE TRIGGER "{name}" BEFORE {event_postgresql} ON "{table}" '
            f"FOR EACH {level} EXECUTE FUNCTION {REFUSE_FUNCTION}('{message}')"
        )
        return Trigger(name, table, sqlite, postgresql, updatable_columns)

    update = "UPDATE OF {fixed_columns}" if updatable_columns else "UPDATE"
    return (
        trigger("no_update", update, update, "ROW"),
        trigger("no_delete", "DELETE", "DELETE", "ROW"),
        trigger("no_truncate", "", "TRUNCATE", "STATEMENT"),
    )


def no_overlap(
    name: str, table: str, *, same: tuple[str, ...], moving: tuple[str, ...], annulled: str = ""
) -> tuple[Trigger, ...]:
    """SQLite's triggers that keep spans apart: two rows alike in the columns `same` share no day.

    A span is `starts_on` up to, and without, `ends_on`, NULL for no end. `moving` are the columns
    whose update can bring two together. A row in which the column `annulled` is
    filled is kept apart from none. PostgreSQL has an exclusion constraint by a migration.
    """
    conditions = [f"other.{column} = NEW.{column}" for column in same]
    if annulled:
        conditions += [f"{row}.{annulled} IS NULL" for row in ("NEW", "other")]
    alike = " AND ".join(conditions)

    def trigger(suffix: str, event: str) -> Trigger:
        # Before an insert NEW.id is null or -1, so it spares no row.
        sqlite = (
            f'CREATE TRIGGER "{name}_{suffix}" BEFORE {event} ON "{table}" '  # noqa: S608 -- own text
            f"WHEN EXISTS (SELECT 1 FROM {table} AS other WHERE {alike}"
            " AND other.id IS NOT NEW.id"
            " AND (NEW.ends_on IS NULL OR other.starts_on < NEW.ends_on)"
            " AND (other.ends_on IS NULL OR NEW.starts_on < other.ends_on)) "
            f"BEGIN SELECT RAISE(ABORT, '{table} overlaps another span'); END"
        )
        return Trigger(f"{name}_{suffix}", table, sqlite, "")

    return (trigger("insert", "INSERT"), trigger("update", f"UPDATE OF {', '.join(moving)}"))


def filled_once(
    table: str, *, numbers: tuple[str, ...], texts: tuple[str, ...], while_true: str
) -> Trigger:
    """A trigger that lets columns be filled that are empty, and never changed after.

    Empty is NULL in a column of `numbers`, blank in one of `texts`. `while_true` is a condition on
    the row as it was (OLD), without which none may be filled.
    """
    changed = [
        f'(OLD."{name}" IS NOT NULL AND (NEW."{name}" IS NULL OR NEW."{name}" <> OLD."{name}"))'
        for name in numbers
    ] + [f'(OLD."{name}" <> \'\' AND NEW."{name}" <> OLD."{name}")' for name in texts]
    name = f"{table}_filled_once"
    columns = ", ".join(f'"{column}"' for column in (*numbers, *texts))
    head = f'CREATE TRIGGER "{name}" BEFORE UPDATE OF {columns} ON "{table}" FOR EACH ROW'
    when = f"WHEN (NOT ({while_true}) OR {' OR '.join(changed)})"
    message = f"{table} states its values once"
    return Trigger(
        name,
        table,
        f"{head} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END",
        f"{head} {when} EXECUTE FUNCTION {REFUSE_FUNCTION}('{message}')",
    )


def declared_triggers(app_config: AppConfig | None = None) -> list[Trigger]:
    """The triggers of one app, or of all installed apps, in the order they are declared."""
    configs = [app_config] if app_config else list(apps.get_app_configs())
    found: list[Trigger] = []
    for config in configs:
        found.extend(getattr(config.models_module, "TRIGGERS", ()))
    return found


def install_triggers(sender: AppConfig, **kwargs: Any) -> None:
    """Install the sender's triggers; connected to post_migrate."""
    connection = connections[kwargs.get("using", DEFAULT_DB_ALIAS)]
    triggers = declared_triggers(sender)
    if not triggers:
        return
    tables = set(connection.introspection.table_names())
    for trigger in triggers:
        if trigger.table in tables:
            _drop(connection, trigger)
            _create(connection, trigger)


def missing_triggers(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of declared triggers that the database lacks, has disabled, or has in another form."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    return [
        trigger.name
        for trigger in declared_triggers()
        if trigger.table not in tables
        or (_statement(connection, trigger) and not _stands(connection, trigger))
    ]


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Within the block no trigger stands. For the test runner alone: refused elsewhere."""
    lift_triggers(using)
    try:
        yield
    finally:
        for config in apps.get_app_configs():
            install_triggers(config, using=using)


def lift_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop every declared trigger. For the test runner alone."""
    if not settings.IS_TESTING:
        message = "Triggers can be lifted by the test runner alone."
        raise RuntimeError(message)
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    for trigger in declared_triggers():
        if trigger.table in tables:
            _drop(connection, trigger)


def _statement(connection: BaseDatabaseWrapper, trigger: Trigger) -> str:
    text = trigger.postgresql if connection.vendor == "postgresql" else trigger.sqlite
    if "{fixed_columns}" not in text:
        return text
    with connection.cursor() as cursor:
        # Django's introspection parses the table's whole text for what is not asked here.
        cursor.execute(f'SELECT * FROM "{trigger.table}" LIMIT 0')  # noqa: S608 -- a declared name
        columns = [column[0] for column in cursor.description]
    fixed = [f'"{name}"' for name in columns if name not in trigger.updatable_columns]
    return text.replace("{fixed_columns}", ", ".join(fixed))


def _drop(connection: BaseDatabaseWrapper, trigger: Trigger) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}" ON "{trigger.table}"')
        else:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"')


def _create(connection: BaseDatabaseWrapper, trigger: Trigger) -> None:
    statement = _statement(connection, trigger)
    if not statement:
        return
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(statement)
            return
        cursor.execute(_REFUSE_SQL)
        cursor.execute(statement)
        comment = _postgresql_digest(cursor, trigger, statement)
        cursor.execute(f'COMMENT ON TRIGGER "{trigger.name}" ON "{trigger.table}" IS \'{comment}\'')


def _stands(connection: BaseDatabaseWrapper, trigger: Trigger) -> bool:
    statement = _statement(connection, trigger)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s",
                [trigger.name],
            )
            row = cursor.fetchone()
            return bool(row and row[0] == statement)
        cursor.execute(
            "SELECT obj_description(t.oid, 'pg_trigger') FROM pg_trigger t"
            " WHERE t.tgname = %s AND t.tgrelid = %s::regclass AND t.tgenabled = 'O'",
            [trigger.name, trigger.table],
        )
        row = cursor.fetchone()
        return bool(row and row[0] == _postgresql_digest(cursor, trigger, statement))


def _postgresql_digest(cursor: Any, trigger: Trigger, statement: str) -> str:
    cursor.execute(
        "SELECT pg_get_triggerdef(t.oid) || pg_get_functiondef(t.tgfoid) FROM pg_trigger t"
        " WHERE t.tgname = %s AND t.tgrelid = %s::regclass",
        [trigger.name, trigger.table],
    )
    (definition,) = cursor.fetchone()
    return hashlib.sha256(f"{statement}\n{definition}".encode()).hexdigest()


_REFUSE_SQL: Final = f"""
CREATE OR REPLACE FUNCTION {REFUSE_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END
$body$
"""
