"""The letters of decisions on participation."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_tables"),
        ("memberships", "0008_paid_by_the_books"),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=16, verbose_name="language")),
                (
                    "sha256",
                    models.CharField(max_length=64, verbose_name="SHA-256 of the document"),
                ),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="memberships.participationdecision",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="document",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter of a decision",
                "verbose_name_plural": "letters of decisions",
            },
        ),
        migrations.AddConstraint(
            model_name="decisionletter",
            constraint=models.UniqueConstraint(
                fields=("decision", "language"), name="memberships_letter_once"
            ),
        ),
    ]
