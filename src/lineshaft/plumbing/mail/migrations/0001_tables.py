"""The tables of mail as they stood at the first release, each made once with all that guards it."""

from django.db import migrations, models

import lineshaft.kernel.ids


class Migration(migrations.Migration):
    replaces = [("mail", "0001_initial"), ("mail", "0002_secret_messages")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="OutboxMessage",
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
                ("recipient", models.EmailField(max_length=254, verbose_name="to")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("body", models.TextField(verbose_name="text")),
                ("is_secret", models.BooleanField(default=False, verbose_name="is secret")),
                (
                    "about_type",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="about"),
                ),
                ("about_id", models.CharField(blank=True, default="", max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("dropped", "Dropped"),
                        ],
                        default="queued",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="written at")),
                ("not_before", models.DateTimeField(verbose_name="not before")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("error", models.TextField(blank=True, default="", verbose_name="last error")),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["state", "not_before"], name="mail_message_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(
                                models.Q(("state", "sent"), _negated=True),
                                ("sent_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="mail_message_sent_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_secret", False),
                            ("state", "queued"),
                            models.Q(("body", ""), ("state__in", ["sent", "dropped"])),
                            _connector="OR",
                        ),
                        name="mail_message_secret_is_dropped",
                    ),
                ],
            },
        ),
    ]
