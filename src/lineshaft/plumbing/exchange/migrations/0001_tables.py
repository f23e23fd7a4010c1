"""The tables of exchange as they stood at the first release, each made once with all that guards it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lineshaft.kernel.ids


class Migration(migrations.Migration):
    replaces = [("exchange", "0001_initial")]

    initial = True

    dependencies = [
        ("access", "0001_tables"),
        ("files", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lineshaft.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(max_length=64, verbose_name="kind")),
                (
                    "mapping",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="mapping"
                    ),
                ),
                ("mapping_text", models.TextField(blank=True, default="")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="file",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="exchange.importbatch",
                        verbose_name="dry run before it",
                    ),
                ),
                ("is_dry_run", models.BooleanField(verbose_name="is a dry run")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("checked", "Checked"),
                            ("refused", "Refused"),
                            ("applied", "Imported"),
                        ],
                        default="waiting",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
                ("actor_label", models.CharField(max_length=200, verbose_name="who")),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                ("job_id", models.UUIDField(blank=True, null=True)),
                ("rows_read", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("rows_filtered", models.PositiveIntegerField(default=0, verbose_name="left out")),
                ("created", models.PositiveIntegerField(default=0, verbose_name="new")),
                ("updated", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("unchanged", models.PositiveIntegerField(default=0, verbose_name="unchanged")),
                ("errors", models.JSONField(blank=True, default=list, verbose_name="errors")),
                ("errors_more", models.PositiveIntegerField(default=0, verbose_name="more errors")),
                (
                    "ignored_columns",
                    models.JSONField(blank=True, default=list, verbose_name="columns not read"),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-requested_at", "-id"],
                "indexes": [
                    models.Index(fields=["-requested_at", "-id"], name="exchange_batch_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_dry_run", True), ("state", "applied"), _negated=True
                        ),
                        name="exchange_dry_run_writes_nothing",
                    )
                ],
            },
        ),
    ]
