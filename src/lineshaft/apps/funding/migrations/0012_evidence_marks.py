"""The marks of what stands; a migration of its own, since PostgreSQL alters no table with rows
changed in the same one.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lineshaft.apps.funding.rules import evidence_mark

ROWS_AT_A_TIME = 1_000


def mark_evidence(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # The append-only trigger stands in the way. It is installed anew after the migrations, as every
    # trigger is.
    table = "funding_contributionevidence"
    on = f' ON "{table}"' if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_update"{on}')
    evidence_model = apps.get_model("funding", "ContributionEvidence")
    changed = []
    for evidence in evidence_model.objects.select_related("file").iterator(ROWS_AT_A_TIME):
        sha256 = evidence.file.sha256 if evidence.file else ""
        evidence.mark = evidence_mark(reference=evidence.reference, sha256=sha256)
        changed.append(evidence)
    evidence_model.objects.bulk_update(changed, ["mark"], batch_size=ROWS_AT_A_TIME)


class Migration(migrations.Migration):
    dependencies = [("funding", "0011_duplicates")]

    operations = [migrations.RunPython(mark_evidence, migrations.RunPython.noop)]
