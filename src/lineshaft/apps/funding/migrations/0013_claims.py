"""Claims of cost share, and the contributions that are their lines."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0012_evidence_marks"),
        ("network", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CostShareClaim",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "number",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="own number"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="funding.agreement",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cost_share_claims",
                        to="network.organisation",
                        verbose_name="contributor",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim of cost share",
                "verbose_name_plural": "claims of cost share",
                "ordering": ["-starts_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="ClaimLine",
            fields=[
                (
                    "contribution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="line",
                        serialize=False,
                        to="funding.contribution",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funding.costshareclaim",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a claim",
                "verbose_name_plural": "lines of claims",
                "ordering": ["contribution_id"],
            },
        ),
        migrations.AddConstraint(
            model_name="costshareclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                name="funding_claim_ends_after_start",
            ),
        ),
    ]
