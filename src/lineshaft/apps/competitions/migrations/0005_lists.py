"""What was handed in is listed by stage, and withdrawn applications are found, from an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("competitions", "0004_new_tables")]

    operations = [
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                fields=["competition", "state"], name="competitions_application_state"
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                fields=["stage", "application", "number"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="competitions_submission_counts",
            ),
        ),
    ]
