"""Two appointments to one seat never share a day: PostgreSQL's half.

An exclusion constraint over two ranges. The id stands as a range of one number, since equality
would want the btree_gist extension, which not every server has. SQLite's half are triggers.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "governance_appointment_no_overlap"
ADD = f"""
ALTER TABLE governance_appointment ADD CONSTRAINT {NAME} EXCLUDE USING gist (
    int8range(seat_id, seat_id, '[]') WITH &&,
    daterange(starts_on, ends_on) WITH &&
)
"""


def add_constraint(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ADD)


def drop_constraint(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE governance_appointment DROP CONSTRAINT {NAME}")


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_tables")]

    is_beyond_models = True

    operations = [migrations.RunPython(add_constraint, drop_constraint)]
