"""Boards of extension centres are bodies of a kind of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0005_annulled_appointments")]

    operations = [
        migrations.AlterField(
            model_name="body",
            name="kind",
            field=models.CharField(
                choices=[
                    ("institute_board", "Board of an institute"),
                    ("leadership_council", "Network leadership council"),
                    ("advisory_board", "Advisory board"),
                    ("technical_council", "Technical council"),
                    ("extension_centre_board", "Board of an extension centre"),
                ],
                max_length=32,
                verbose_name="kind",
            ),
        ),
    ]
