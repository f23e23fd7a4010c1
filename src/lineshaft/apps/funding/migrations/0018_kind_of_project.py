"""The kind of project that an award is for, which decides the share that energy law asks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0017_day_sums")]

    operations = [
        migrations.AddField(
            model_name="reportingterms",
            name="activity",
            field=models.CharField(
                blank=True,
                choices=[
                    ("research_project", "Research and development"),
                    ("demonstration_project", "Demonstration and commercial application"),
                ],
                default="",
                max_length=24,
                verbose_name="kind of project",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportingterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("activity__in", ["", "research_project", "demonstration_project"])
                ),
                name="funding_reporting_activity_known",
            ),
        ),
    ]
