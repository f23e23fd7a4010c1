"""What an upgrade takes away from jobs that were finished before it."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lineshaft.plumbing.jobs import services
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.tests.factories import NOW, SYSTEM

pytestmark = pytest.mark.django_db

COUNTED = {
    "note": "Letters printed: %(made)s",
    "note_params": {"made": 8},
    "progress_done": 8,
    "progress_total": 12,
}
SILENT = {"note": "", "note_params": {}, "progress_done": 0, "progress_total": 0}
MIGRATION = "0002_notes_without_counts"


def finished(kind: str) -> Job:
    job = services.enqueue(SYSTEM, kind, {}, now=NOW)
    Job.objects.filter(pk=job.pk).update(**COUNTED)
    return job


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("print_selection_letters", SILENT),
        ("take_back_conflicted", SILENT),
        ("remind_reviewers", SILENT),
        ("propose_assignment", COUNTED),
    ],
)
def test_the_migration_takes_counts_of_applications_out_of_notes(
    kind: str, expected: dict[str, object]
) -> None:
    job, before = finished(kind), Job.objects.values().get()
    module = import_module(f"lineshaft.plumbing.jobs.migrations.{MIGRATION}")
    module.clear_counts(apps, None)
    assert Job.objects.values().get(pk=job.pk) == {**before, **expected}


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_leaves_notes_as_they_are() -> None:
    job = finished("remind_reviewers")
    executor = MigrationExecutor(connection)
    before = executor.loader.project_state(("jobs", MIGRATION), at_end=False)
    executor.unapply_migration(before, executor.loader.get_migration("jobs", MIGRATION))
    assert Job.objects.values(*COUNTED).get(pk=job.pk) == COUNTED
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("jobs"))
    assert Job.objects.values(*COUNTED).get(pk=job.pk) == SILENT
