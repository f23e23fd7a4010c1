"""The PostgreSQL server that the tests run on.

Imported without pytest, whose presence changes the settings of the program.
"""

from contextlib import closing
from typing import Final
from urllib.parse import quote

import psycopg
from django.db import connection

SQLITE_FILE: Final = "lineshaft.sqlite3"


def server_address(database: str = "postgres") -> str:
    """The address of a database on the PostgreSQL server that the tests run on."""
    described = connection.settings_dict
    login = quote(str(described["USER"] or ""), safe="")
    if described["PASSWORD"]:
        login += ":" + quote(str(described["PASSWORD"]), safe="")
    host = quote(str(described["HOST"] or ""), safe="")
    port = f":{described['PORT']}" if described["PORT"] else ""
    return f"postgres://{login}@{host}{port}/{database}"


def on_server(statement: str) -> None:
    """Run a statement about databases."""
    with closing(psycopg.connect(server_address(), autocommit=True)) as server:
        server.execute(statement.encode())


def databases_like(prefix: str) -> list[str]:
    """The names of the server's databases that begin so."""
    with closing(psycopg.connect(server_address(), autocommit=True)) as server:
        rows = server.execute("SELECT datname FROM pg_database ORDER BY datname")
        return [name for (name,) in rows if name.startswith(prefix)]
