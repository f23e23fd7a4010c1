"""Documents that institutes share with each other."""

import django.db.models.deletion
from django.db import migrations, models

import lineshaft.apps.memberships.rules.documents


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_tables"),
        ("memberships", "0006_directory"),
        ("network", "0003_keys_of_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.memberships.rules.documents.DocumentKind[
                                    "OPERATING_MODEL"
                                ],
                                "Operating model",
                            ),
                            (
                                lineshaft.apps.memberships.rules.documents.DocumentKind[
                                    "WORK_PLAN"
                                ],
                                "Work plan",
                            ),
                            (
                                lineshaft.apps.memberships.rules.documents.DocumentKind[
                                    "EXPERIENCE"
                                ],
                                "Experience",
                            ),
                            (
                                lineshaft.apps.memberships.rules.documents.DocumentKind["RESULT"],
                                "Result",
                            ),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("shared_at", models.DateTimeField(verbose_name="shared at")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at"),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="file",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shared_documents",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
            ],
            options={
                "verbose_name": "shared document",
                "verbose_name_plural": "shared documents",
                "indexes": [
                    models.Index(fields=["-shared_at", "id"], name="memberships_document_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True),
                        name="memberships_document_is_titled",
                    )
                ],
            },
        ),
    ]
