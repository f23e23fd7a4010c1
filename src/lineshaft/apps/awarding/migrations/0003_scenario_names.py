"""Names of scenarios are apart for each who makes them; of those made before, nobody's are taken.

Backwards each name stands once in a competition, and no scenario is written anew, so it goes back
only while no name was given more than once.
"""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError


def refuse_names_given_again(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    scenarios = apps.get_model("awarding", "SelectionScenario").objects.order_by()
    borne = scenarios.values("competition", "name").annotate(count=models.Count("pk"))
    again = borne.filter(count__gt=1).count()
    if again:
        raise IrreversibleError(
            f"{again} name(s) of scenarios are given more than once in a competition, which no"
            " earlier release allows. Stay at this one, or restore a backup of that release."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("awarding", "0002_new_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="selectionscenario",
            name="made_by_user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user who made it",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="selectionscenario",
            name="awarding_scenario_name_once",
        ),
        migrations.AddConstraint(
            model_name="selectionscenario",
            constraint=models.UniqueConstraint(
                fields=("competition", "made_by_user", "name"),
                name="awarding_scenario_name_once",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_names_given_again),
    ]
