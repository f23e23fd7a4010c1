"""Two agreements of one organisation with one institute never share a day: PostgreSQL's half.

An exclusion constraint over three ranges. The ids stand as ranges of one number, since equality
would want the btree_gist extension, which not every server has. SQLite's half are triggers.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "memberships_agreement_no_overlap"
ADD = f"""
ALTER TABLE memberships_memberagreement ADD CONSTRAINT {NAME} EXCLUDE USING gist (
    int8range(organisation_id, organisation_id, '[]') WITH &&,
    int8range(institute_id, institute_id, '[]') WITH &&,
    daterange(starts_on, ends_on) WITH &&
)
"""


def add_constraint(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ADD)


def drop_constraint(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE memberships_memberagreement DROP CONSTRAINT {NAME}")


class Migration(migrations.Migration):
    dependencies = [("memberships", "0001_tables")]

    is_beyond_models = True

    operations = [migrations.RunPython(add_constraint, drop_constraint)]
