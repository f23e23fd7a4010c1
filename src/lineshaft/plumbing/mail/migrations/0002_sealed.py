"""Messages that are read by their recipient alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="is_sealed",
            field=models.BooleanField(default=False, verbose_name="is read by its recipient alone"),
        ),
    ]
