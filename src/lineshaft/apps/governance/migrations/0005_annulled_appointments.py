"""An appointment entered by mistake can be annulled: it stays on record, and frees its seat.

PostgreSQL's exclusion constraint leaves it out from then on; SQLite's half are triggers.
Backwards it would count again, so it goes back only while none was annulled.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError

NAME = "governance_appointment_no_overlap"
DROP = f"ALTER TABLE governance_appointment DROP CONSTRAINT {NAME}"
ADD = f"""
ALTER TABLE governance_appointment ADD CONSTRAINT {NAME} EXCLUDE USING gist (
    int8range(seat_id, seat_id, '[]') WITH &&,
    daterange(starts_on, ends_on) WITH &&
)"""


def leave_annulled_out(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)
        schema_editor.execute(f"{ADD} WHERE (annulled_at IS NULL)")


def count_all(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Refuse where an appointment was annulled, else put the constraint back as it was."""
    annulled = apps.get_model("governance", "Appointment").objects.filter(annulled_at__isnull=False)
    if count := annulled.count():
        raise IrreversibleError(
            f"{count} appointment(s) were annulled and would count again in an earlier release. Stay"
            " at this one, or restore a backup of that release."
        )
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)
        schema_editor.execute(ADD)


class Migration(migrations.Migration):
    dependencies = [("governance", "0004_revoked_adoptions")]

    is_beyond_models = True

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="annulled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="annulled at"),
        ),
        migrations.AddField(
            model_name="appointment",
            name="why_annulled",
            field=models.CharField(
                blank=True, default="", max_length=200, verbose_name="why it is annulled"
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("annulled_at__isnull", True), ("why_annulled", "")),
                    models.Q(
                        ("annulled_at__isnull", False),
                        models.Q(("why_annulled", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="governance_appointment_annulled_has_reason",
            ),
        ),
        migrations.RunPython(leave_annulled_out, count_all),
    ]
