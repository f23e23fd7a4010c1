"""Whether a person declared a conflict of theirs themselves is kept, not read off a name."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def mark_own(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Of what was declared before only the name of who declared it is known, and the name or the
    address of whom it is about.
    """
    conflicts = apps.get_model("competitions", "Conflict").objects
    by_name = models.Q(declared_by=models.F("person__user__name"))
    by_email = models.Q(person__user__name="", declared_by=models.F("person__user__email"))
    own = conflicts.filter(by_name | by_email, origin="declared").exclude(declared_by="")
    conflicts.filter(pk__in=list(own.values_list("pk", flat=True))).update(is_by_themselves=True)


class Migration(migrations.Migration):
    dependencies = [("competitions", "0005_lists")]

    operations = [
        migrations.AddField(
            model_name="conflict",
            name="is_by_themselves",
            field=models.BooleanField(
                default=False, verbose_name="declared by the person themselves"
            ),
        ),
        migrations.RunPython(mark_own, migrations.RunPython.noop),
    ]
