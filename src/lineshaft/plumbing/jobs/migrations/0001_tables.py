"""The tables of jobs as they stood at the first release, each made once with all that guards it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lineshaft.kernel.ids


class Migration(migrations.Migration):
    replaces = [("jobs", "0001_initial")]

    initial = True

    dependencies = [
        ("access", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
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
                ("payload", models.JSONField(blank=True, default=dict, verbose_name="payload")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        default="queued",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("progress_done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("progress_total", models.PositiveIntegerField(default=0, verbose_name="of")),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="note"),
                ),
                ("note_params", models.JSONField(blank=True, default=dict)),
                ("error", models.TextField(blank=True, default="", verbose_name="error")),
                ("error_params", models.JSONField(blank=True, default=dict)),
                ("trace", models.TextField(blank=True, default="", verbose_name="trace")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("attempts_max", models.PositiveSmallIntegerField(default=4)),
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
                ("run_after", models.DateTimeField(verbose_name="not before")),
                (
                    "started_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="started at"),
                ),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                (
                    "stop_requested_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="stop requested at"),
                ),
                (
                    "leased_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="leased until"),
                ),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                (
                    "worker",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="worker"),
                ),
                ("task_id", models.UUIDField(blank=True, null=True)),
                ("unique_key", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ["-requested_at", "-id"],
                "indexes": [
                    models.Index(fields=["state", "leased_until"], name="jobs_job_lease"),
                    models.Index(fields=["-requested_at", "-id"], name="jobs_job_newest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("leased_until__isnull", False), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                ("leased_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="jobs_job_lease_while_running",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state", "queued"), models.Q(("unique_key", ""), _negated=True)
                        ),
                        fields=("unique_key",),
                        name="jobs_job_queued_once",
                    ),
                ],
            },
        ),
    ]
