"""Extension centres stand beside the institutes, told apart by their kind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="institute",
            name="kind",
            field=models.CharField(default="institute", max_length=16, verbose_name="kind"),
        ),
        migrations.AddConstraint(
            model_name="institute",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["institute", "extension_centre"])),
                name="network_institute_kind",
            ),
        ),
    ]
