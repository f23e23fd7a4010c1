"""The tables of audit as they stood at the first release, each made once with all that guards it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("audit", "0001_initial")]

    initial = True

    dependencies = [
        ("access", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "actor_user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("actor_label", models.CharField(blank=True, max_length=200, verbose_name="who")),
                ("verb", models.CharField(max_length=64, verbose_name="verb")),
                ("subject_type", models.CharField(max_length=64, verbose_name="subject")),
                ("subject_id", models.CharField(max_length=64, verbose_name="subject id")),
                (
                    "institute",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="institute"
                    ),
                ),
                (
                    "agency",
                    models.CharField(blank=True, default="", max_length=32, verbose_name="agency"),
                ),
                ("count", models.PositiveIntegerField(default=1, verbose_name="records")),
                ("changes", models.JSONField(blank=True, default=dict, verbose_name="changes")),
                ("why", models.TextField(blank=True, default="", verbose_name="why")),
                ("salt", models.CharField(blank=True, max_length=32)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "audit event",
                "verbose_name_plural": "audit events",
                "indexes": [
                    models.Index(
                        fields=["subject_type", "subject_id", "id"], name="audit_event_subject"
                    ),
                    models.Index(fields=["institute", "id"], name="audit_event_institute"),
                    models.Index(fields=["actor_user", "id"], name="audit_event_actor"),
                    models.Index(fields=["verb", "id"], name="audit_event_verb"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("previous_digest", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("events", models.PositiveIntegerField(verbose_name="events")),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
            ],
            options={
                "verbose_name": "audit seal",
                "verbose_name_plural": "audit seals",
            },
        ),
        migrations.CreateModel(
            name="SealedEvent",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        serialize=False,
                        to="audit.auditevent",
                    ),
                ),
                (
                    "seal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="sealed",
                        to="audit.auditseal",
                    ),
                ),
            ],
            options={
                "verbose_name": "sealed event",
                "verbose_name_plural": "sealed events",
            },
        ),
    ]
