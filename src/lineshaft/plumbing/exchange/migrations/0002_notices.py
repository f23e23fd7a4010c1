"""What somebody should look at before an import: rows that hinder nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="notices",
            field=models.JSONField(blank=True, default=list, verbose_name="rows to look at"),
        ),
    ]
