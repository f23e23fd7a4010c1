"""Promises of cost share."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0013_claims"),
        ("network", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("is_cash", models.BooleanField(verbose_name="cash")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("promised_on", models.DateField(verbose_name="promised on")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("reference", models.CharField(max_length=200, verbose_name="letter")),
                ("released_minor", models.BigIntegerField(default=0, verbose_name="released")),
                (
                    "released_on",
                    models.DateField(blank=True, null=True, verbose_name="released on"),
                ),
                ("release_reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="funding.agreement",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="network.organisation",
                        verbose_name="contributor",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "commitment of cost share",
                "verbose_name_plural": "commitments of cost share",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(fields=["agreement", "due_on"], name="funding_commitment_by_due")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="funding_commitment_promises_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_minor__gte", 0),
                            ("released_minor__lte", models.F("amount_minor")),
                        ),
                        name="funding_commitment_released_within_promise",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_minor", 0), ("released_on__isnull", True)),
                            models.Q(("released_minor__gt", 0), ("released_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="funding_commitment_released_on_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("promised_on"))),
                        name="funding_commitment_due_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        name="funding_commitment_has_letter",
                    ),
                ],
            },
        ),
    ]
