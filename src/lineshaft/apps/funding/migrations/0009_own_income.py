"""What an institute earns beside its sponsors' base money, by stream."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table; no row that stands is changed."""

    dependencies = [
        ("funding", "0008_financial_reports"),
        ("network", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnIncome",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("stream", models.CharField(max_length=40, verbose_name="stream")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("received_on", models.DateField(verbose_name="received on")),
                (
                    "payer",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="payer"),
                ),
                (
                    "description",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="description"
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="own number"
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "institute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_income",
                        to="network.institute",
                        verbose_name="institute",
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
                (
                    "reverses",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="funding.ownincome",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "own income",
                "verbose_name_plural": "own income",
                "ordering": ["-received_on", "-id"],
                "indexes": [
                    models.Index(
                        fields=["institute", "received_on"], name="funding_own_by_institute"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="funding_own_income_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reverses__isnull", True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="funding_own_income_reversal_says_why",
                    ),
                ],
            },
        ),
    ]
