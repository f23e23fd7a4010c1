"""Jobs tell nobody over how many applications they went; those that were run before told it.

Whoever an application is closed to reads jobs too. What is cleared is not brought back, so there is
nothing to do backwards.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KINDS = ("print_selection_letters", "remind_reviewers", "take_back_conflicted")
"""Kinds of work whose notes and progress counted letters, reviewers and assignments."""


def clear_counts(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Take notes and progress from every job of these kinds."""
    apps.get_model("jobs", "Job").objects.filter(kind__in=KINDS).update(
        note="", note_params={}, progress_done=0, progress_total=0
    )


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_tables")]

    operations = [migrations.RunPython(clear_counts, migrations.RunPython.noop)]
