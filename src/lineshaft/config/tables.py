"""The tables of a new database, made from the models in place of the migrations.

Migrations render every model anew for each table that they make, which takes some twenty times as
long. Those that make what stands in no model (`is_beyond_models`: exclusion constraints, the table
of the cache) run here too. A database made here says that it stands at the last migration, and is
what they make: tests compare columns, constraints, indexes, triggers and rows on both databases.
"""

from typing import cast

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration, RunPython
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import StateApps


def is_new(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether the database has no table at all."""
    return not connections[using].introspection.table_names()


def make_tables(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make every table of a new database, all of them or none, with triggers."""
    found = MigrationLoader(None, load=False)
    found.load_disk()
    every = found.disk_migrations
    emit_pre_migrate_signal(0, interactive=False, db=using)
    with connections[using].schema_editor(atomic=True) as editor:
        for config in apps.get_app_configs():
            for model in router.get_migratable_models(config, using):
                editor.create_model(model)
        editor.create_model(MigrationRecorder.Migration)
        for statement in editor.deferred_sql:
            editor.execute(statement)
        editor.deferred_sql.clear()
        for key in sorted(every):
            _run_beyond_models(every[key], editor)
        names = {*every, *(old for one in every.values() for old in one.replaces)}
        MigrationRecorder.Migration.objects.using(using).bulk_create(
            MigrationRecorder.Migration(app=app, name=name) for app, name in sorted(names)
        )
    emit_post_migrate_signal(0, interactive=False, db=using)


def _run_beyond_models(migration: Migration, editor: BaseDatabaseSchemaEditor) -> None:
    """Run the steps of a migration that make what stands in no model."""
    if getattr(migration, "is_beyond_models", False):
        for operation in migration.operations:
            if isinstance(operation, RunPython):
                operation.code(cast("StateApps", apps), editor)  # the models of this version
