"""Names of scenarios are apart for each who makes them; of those made before, nobody's are taken."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


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
    ]
