"""Emptying a table so that what lay in it does not stay in the database's own files.

How far that goes: on SQLite what is deleted is written over (`secure_delete`, for every connection,
see the settings); the write-ahead log keeps it until its space is used again. PostgreSQL leaves
deleted rows in the table's file, so an emptied table gets a new file and the old one is removed;
its log keeps what it was told until it is recycled or archived. No backup or copy is reached.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models


@contextmanager
def wiped(model: type[models.Model]) -> Iterator[None]:
    """Within it rows of the model are deleted; if none is left then, nothing of them is.

    In a transaction, and before it touches the table otherwise: on PostgreSQL the table is locked
    against everybody else until its end, so that no row is lost that comes at the same time.
    """
    if connection.vendor != "postgresql":
        yield
        return
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        if not model._default_manager.exists():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # none may wait for a truncated table
            cursor.execute(f"TRUNCATE TABLE {table}")
