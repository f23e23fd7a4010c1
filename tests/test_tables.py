"""That a run of tests clears away what killed runs left on the server, and nothing else."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.server import databases_like, on_server
from tests.tables import TEMPLATE, drop_stale_templates, template_name

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to clear")
def test_templates_of_processes_that_are_gone_are_dropped() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    prefix = template_name().rsplit("_", 1)[0]
    stale, living = f"{prefix}_{gone.pid}", f"{prefix}_{os.getpid()}"
    elsewhere = f"{TEMPLATE}elsewhere_{gone.pid}"
    before = set(databases_like(TEMPLATE))
    for name in (stale, living, elsewhere):
        if name not in before:
            on_server(f'CREATE DATABASE "{name}"')
    try:
        drop_stale_templates()
        assert {living, elsewhere} <= set(databases_like(TEMPLATE))
        assert stale not in databases_like(TEMPLATE)
    finally:
        for name in {living, elsewhere} - before:
            on_server(f'DROP DATABASE IF EXISTS "{name}"')
