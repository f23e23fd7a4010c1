"""Files that are opened by the page of what they belong to alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="is_sealed",
            field=models.BooleanField(
                default=False, verbose_name="is opened by its own page alone"
            ),
        ),
    ]
