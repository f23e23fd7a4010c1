"""What an award foresees for a year is foreseen of an agency; until now that was the leading one.

The leading agency of the competition drafted the award's agreement, so that it is the agreement's.
Backwards all of an award is the leading agency's, so it goes back only while none is shared.
"""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError

TABLE = "awarding_plannedobligation"
TRIGGER = f"{TABLE}_no_update"


def name_agencies(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Fill the agency in. The trigger that refuses it stands again once the migrations are done."""
    rows = apps.get_model("awarding", "PlannedObligation").objects.order_by()
    agencies = apps.get_model("funding", "Agreement").objects.filter(
        awards=models.OuterRef("award_id")
    )
    on_table = f' ON "{TABLE}"' if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f'DROP TRIGGER IF EXISTS "{TRIGGER}"{on_table}')
    rows.update(agency=models.Subquery(agencies.values("agency_id")[:1]))


def refuse_shared_awards(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("awarding", "PlannedObligation").objects.order_by()
    shared = rows.exclude(agency=models.F("award__agreement__agency"))
    if awards := shared.values("award").distinct().count():
        raise IrreversibleError(
            f"{awards} award(s) are given by several agencies, which no earlier release foresees."
            " Stay at this one, or restore a backup of that release."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("awarding", "0003_scenario_names"),
        ("funding", "0001_tables"),
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="plannedobligation",
            options={
                "ordering": ["year", "pk"],
                "verbose_name": "obligation foreseen",
                "verbose_name_plural": "obligations foreseen",
            },
        ),
        migrations.AddField(
            model_name="plannedobligation",
            name="agency",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="network.agency",
                verbose_name="agency",
            ),
        ),
        migrations.RunPython(name_agencies, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="plannedobligation",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="network.agency",
                verbose_name="agency",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="plannedobligation", name="awarding_obligation_once"
        ),
        migrations.AddConstraint(
            model_name="plannedobligation",
            constraint=models.UniqueConstraint(
                fields=("award", "agency", "year"), name="awarding_obligation_once"
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_shared_awards),
    ]
