"""Costs, what moved them, and what proves it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three tables beside the ledger; no row that stands is changed."""

    dependencies = [
        ("files", "0001_initial"),
        ("funding", "0005_agreement_nouns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Cost",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="cost",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                ("category", models.CharField(max_length=40, verbose_name="category")),
                ("payee", models.CharField(max_length=200, verbose_name="payee")),
                (
                    "description",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="description"
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="date")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("is_encumbrance", models.BooleanField(verbose_name="encumbrance")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("incurred_minor", models.BigIntegerField(default=0, verbose_name="incurred")),
                ("paid_minor", models.BigIntegerField(default=0, verbose_name="paid")),
                (
                    "external_id",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="own number"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="costs",
                        to="funding.agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "cost",
                "verbose_name_plural": "costs",
                "ordering": ["-occurred_on", "-transfer_id"],
            },
        ),
        migrations.CreateModel(
            name="CostMovement",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="cost_movement",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                (
                    "cost",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="funding.cost",
                    ),
                ),
            ],
            options={
                "verbose_name": "movement of a cost",
                "verbose_name_plural": "movements of costs",
                "ordering": ["transfer_id"],
            },
        ),
        migrations.CreateModel(
            name="CostEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reference"
                    ),
                ),
                ("attached_at", models.DateTimeField(verbose_name="attached at")),
                (
                    "attached_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "movement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="funding.costmovement",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence of a cost",
                "verbose_name_plural": "evidence of costs",
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="cost",
            index=models.Index(
                fields=["agreement", "occurred_on"], name="funding_cost_by_agreement"
            ),
        ),
        migrations.AddConstraint(
            model_name="cost",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="funding_cost_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="cost",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("incurred_minor__lte", models.F("amount_minor")),
                    ("paid_minor__gte", 0),
                    ("paid_minor__lte", models.F("incurred_minor")),
                ),
                name="funding_cost_paid_within_incurred",
            ),
        ),
        migrations.AddConstraint(
            model_name="costevidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("file__isnull", False),
                    models.Q(("reference", ""), _negated=True),
                    _connector="OR",
                ),
                name="funding_cost_evidence_is_something",
            ),
        ),
    ]
