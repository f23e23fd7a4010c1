"""Bring the platform up: database and static files to this version, then server and worker."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from lineshaft.config.command import NOT_SET_UP
from lineshaft.config.server import answers, check_port
from lineshaft.config.supervise import Part, supervise
from lineshaft.kernel.errors import Unavailable
from lineshaft.plumbing.triggers import missing_triggers


def is_migrated() -> bool:
    """Whether the database has every table of this version of the program.

    Raises Unavailable for one that a development version has left on the way to the first release.
    """
    _refuse_half_way()
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _refuse_half_way() -> None:
    """Return unless the database has some but not all of the migrations that another replaces.

    Django would leave out the one that replaces them, without a word where nothing builds on it.
    """
    applied = MigrationRecorder(connections[DEFAULT_DB_ALIAS]).applied_migrations()
    loader = MigrationLoader(None, load=False)
    loader.load_disk()  # the files alone: what they make of such a database is not worth asking
    for migration in loader.disk_migrations.values():
        there = [key in applied for key in migration.replaces]
        if any(there) and not all(there):
            raise Unavailable(
                "This database is of a development version from before 0.1.0, and stops short of"
                " it. Migrate it with the last such version, or begin in another folder"
                " (LINESHAFT_VAR) or another database (DATABASE_URL)."
            )


def prepare_database() -> None:
    """Bring the database up to this version of the program, its triggers too."""
    if not is_migrated() or missing_triggers():
        call_command("migrate", interactive=False, verbosity=0)


def check_set_up() -> None:
    """Return if there are tables, of whatever version; raises Unavailable with the way there."""
    if not MigrationRecorder(connections[DEFAULT_DB_ALIAS]).applied_migrations():
        raise Unavailable(NOT_SET_UP)


def check_migrated() -> None:
    """Return if the database stands at this version; raises Unavailable with the way there."""
    check_set_up()
    if not is_migrated():
        raise Unavailable(
            "The database is older than the program. Run `lineshaft migrate`, then this again."
        )


def prepare_static() -> None:
    """Collect styles, scripts and pictures where those collected lack some or are older."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    made_at = manifest.stat().st_mtime if manifest.exists() else 0.0
    sources = (
        Path(storage.path(name))
        for finder in get_finders()
        for name, storage in finder.list(ignore_patterns=None)
    )
    if any(path.stat().st_mtime > made_at for path in sources):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)


def answering_name(allowed: Sequence[str]) -> str:
    """A host name that the patterns of ALLOWED_HOSTS let pass."""
    pattern = next(iter(allowed), "localhost")
    return "localhost" if pattern == "*" else pattern.removeprefix(".")


def run_platform(
    host: str,
    port: int,
    *,
    has_worker: bool,
    announce: Callable[[], None],
    say: Callable[[str], None],
) -> int:
    """Serve on `host`:`port` until asked to stop; return the exit status.

    Raises Unavailable if the port is taken. `announce` is called once the first page comes back.
    The database must stand at this version: `check_migrated` or `prepare_database` first.
    """
    check_port(host, port)
    prepare_static()
    connections.close_all()
    python = (sys.executable, "-m")
    sizes = (str(settings.SERVER_WORKERS), str(settings.SERVER_THREADS))
    server = (*python, "lineshaft.config.server", host, str(port), *sizes)
    parts = [Part("server", server, is_carrying=True)]
    if has_worker:
        command = (*python, "lineshaft", "worker", "--end-with-parent")
        parts.append(Part("worker", command, is_carrying=False))

    def when_started() -> bool:
        if not answers(host, port, name=answering_name(settings.ALLOWED_HOSTS)):
            return False
        announce()
        return True

    return supervise(parts, when_started=when_started, say=say)
