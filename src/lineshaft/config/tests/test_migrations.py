"""That a new database, made from the models, is what the migrations make, on both databases."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from lineshaft.config.tables import is_new
from tests.server import SQLITE_FILE, on_server, server_address
from tests.tables import migrated_file, migrated_template

pytestmark = [pytest.mark.django_db]

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
STEP_BY_STEP = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineshaft.config.settings")
import django
django.setup()
from django.core.management import call_command
from django.core.management.commands.migrate import Command
call_command(Command(), verbosity=0)
"""
# Django numbers its own table of groups, which nothing here uses, by an integer of either size.
CATALOGUE = {
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity,
               character_maximum_length, numeric_precision, numeric_scale, collation_name
        FROM information_schema.columns WHERE table_schema = 'public'
          AND table_name <> 'auth_group_permissions'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal
    """,
}
COLUMNS = re.compile(r"\bOF ([^()]+?) ON\b")
"""Of a trigger, in the order of the table, which the migrations may have filled in another."""


def of_sqlite(database: sqlite3.Connection) -> dict[str, object]:
    """Every table by its columns and constraints in any order, every index and trigger."""
    found: dict[str, object] = {}
    for kind, name, text in database.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    ):
        flat = re.sub(r"\s+", " ", text)
        match kind:
            case "table":
                found[f"{kind} {name}"] = sorted(parts_of(flat))
            case "trigger":
                found[f"{kind} {name}"] = COLUMNS.sub(in_order, flat)
            case _:
                found[f"{kind} {name}"] = flat
    return found


def in_order(columns: re.Match[str]) -> str:
    return " ".join(["OF", *sorted(re.split(r",\s*", columns[1])), "ON"])


def parts_of(text: str) -> Iterator[str]:
    """What stands between the outermost commas of a CREATE TABLE."""
    depth, part = 0, ""
    for sign in text[text.index("(") + 1 : text.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += sign
    yield part.strip()


def rows_of_sqlite(database: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table holds."""
    names = [name for (name,) in database.execute(TABLES).fetchall()]
    return {
        name: database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in names
    }


def of_server(database: psycopg.Connection[Any]) -> dict[str, list[tuple[str, ...]]]:
    """Columns, constraints, indexes and triggers of the program's schema, each in order."""
    return {
        name: sorted(tuple(map(as_compared, row)) for row in database.execute(query).fetchall())
        for name, query in CATALOGUE.items()
    }


def as_compared(value: Any) -> str:
    return COLUMNS.sub(in_order, str(value))


def rows_of_server(database: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table holds."""
    names = {name for name, *_column in database.execute(CATALOGUE["columns"]).fetchall()}
    counted = {
        name: database.execute(sql.SQL("SELECT COUNT(*) FROM {}").format(sql.Identifier(name)))
        for name in sorted(names)
    }
    return {name: found.fetchall()[0][0] for name, found in counted.items()}


def step_by_step(folder: Path, address: str = "") -> None:
    """Run the migrations one after the other, as Django's own command does."""
    done = subprocess.run(
        [sys.executable, "-c", STEP_BY_STEP],
        env={**os.environ, "LINESHAFT_VAR": str(folder), "DATABASE_URL": address},  # noqa: TID251
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into files of SQLite")
def test_a_new_file_is_what_the_migrations_make(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    step_by_step(tmp_path)
    made = migrated_file(tmp_path_factory)
    with closing(sqlite3.connect(tmp_path / SQLITE_FILE)) as one:
        with closing(sqlite3.connect(made)) as other:
            assert of_sqlite(one) == of_sqlite(other)
            assert rows_of_sqlite(one) == rows_of_sqlite(other)
        with connection.cursor() as cursor:  # the tests' own is made in the same way
            assert of_sqlite(one) == of_sqlite(cursor.connection)


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks the server")
def test_a_new_database_is_what_the_migrations_make(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    template = migrated_template(tmp_path_factory)
    name = f"{template}_steps"
    on_server(f'CREATE DATABASE "{name}"')
    try:
        step_by_step(tmp_path, server_address(name))
        places = (server_address(name), server_address(template))
        with closing(psycopg.connect(places[0])) as one, closing(psycopg.connect(places[1])) as two:
            assert of_server(one) == of_server(two)
            assert rows_of_server(one) == rows_of_server(two)
    finally:
        on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_what_is_no_new_database_is_migrated() -> None:
    assert not is_new()
    with pytest.raises(CommandError):
        call_command("migrate", "no_such_app", verbosity=0)
