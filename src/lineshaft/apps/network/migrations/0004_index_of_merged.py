"""The index of merged organisations holds these alone; SQLite began lists at all that were not."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("network", "0003_keys_of_names")]

    operations = [
        migrations.AlterField(
            model_name="organisation",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="network.organisation",
                verbose_name="merged into",
            ),
        ),
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="network_organisation_merged",
            ),
        ),
    ]
