"""That the migrations make the tables of the models, with which the tests run on SQLite.

On PostgreSQL they run with what the migrations made: its exclusion constraints stand in no model.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
from django.db import connection

from tests.tables import migrated_file

pytestmark = [pytest.mark.django_db, pytest.mark.long]

CACHE_TABLE = "lineshaft_cache"
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


def without_cache(found: Mapping[str, object]) -> dict[str, object]:
    """Without the table of the cache, which tests keep in memory."""
    return {name: text for name, text in found.items() if CACHE_TABLE not in name}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="tests on PostgreSQL run with migrations")
def test_migrations_make_the_tables_of_the_models_on_sqlite(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = migrated_file(tmp_path_factory)
    with closing(sqlite3.connect(file)) as migrated, connection.cursor() as cursor:
        assert without_cache(of_sqlite(migrated)) == of_sqlite(cursor.connection)
