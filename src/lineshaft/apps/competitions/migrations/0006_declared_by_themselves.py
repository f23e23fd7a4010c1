"""Whether a person declared a conflict of theirs themselves is kept, not read off a name."""

from itertools import batched
from typing import Final

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AT_ONCE: Final = 500


def mark_own(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Who declared what was declared before stands in the trail; two people may have one name."""
    events = apps.get_model("audit", "AuditEvent").objects.filter(verb="declare_conflict")
    declared = {
        changes.get("conflict"): user
        for changes, user in events.values_list("changes", "actor_user_id")
    }
    conflicts = apps.get_model("competitions", "Conflict").objects
    about = conflicts.filter(origin="declared", person__user__isnull=False)
    own = [
        pk for pk, user in about.values_list("pk", "person__user_id") if declared.get(pk) == user
    ]
    for some in batched(own, AT_ONCE, strict=False):
        conflicts.filter(pk__in=some).update(is_by_themselves=True)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_tables"), ("competitions", "0005_lists")]

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
