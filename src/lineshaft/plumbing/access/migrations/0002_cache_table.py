"""Make the table of the shared cache, which counts failed sign-ins across server processes."""

from typing import Any

from django.core.management import call_command
from django.db import migrations


def create_cache_table(apps: Any, schema_editor: Any) -> None:
    call_command(
        "createcachetable",
        "lineshaft_cache",
        database=schema_editor.connection.alias,
        verbosity=0,
    )


def drop_cache_table(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE IF EXISTS lineshaft_cache")


class Migration(migrations.Migration):
    dependencies = [("access", "0001_tables")]

    is_beyond_models = True

    operations = [migrations.RunPython(create_cache_table, drop_cache_table)]
