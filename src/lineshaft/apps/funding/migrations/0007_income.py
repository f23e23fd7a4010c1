"""Programme income, what it was spent on, and the terms of reporting."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three tables beside the ledger; no row that stands is changed."""

    dependencies = [
        ("funding", "0006_costs"),
    ]

    operations = [
        migrations.CreateModel(
            name="IncomeUse",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="income_use",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                ("category", models.CharField(max_length=40, verbose_name="category")),
                ("description", models.CharField(max_length=300, verbose_name="description")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="income_uses",
                        to="funding.agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "use of programme income",
                "verbose_name_plural": "uses of programme income",
                "ordering": ["-transfer__occurred_on", "-transfer_id"],
            },
        ),
        migrations.CreateModel(
            name="ReportingTerms",
            fields=[
                (
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="reporting_terms",
                        serialize=False,
                        to="funding.agreement",
                    ),
                ),
                ("report_term", models.CharField(max_length=40, verbose_name="report term")),
                (
                    "basis",
                    models.CharField(
                        choices=[("cash", "Cash"), ("accrual", "Accrual")],
                        default="accrual",
                        max_length=8,
                        verbose_name="basis of accounting",
                    ),
                ),
                (
                    "income_method",
                    models.CharField(max_length=40, verbose_name="use of programme income"),
                ),
                (
                    "recipient_account",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=64,
                        verbose_name="recipient's account number",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of reporting",
                "verbose_name_plural": "terms of reporting",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("basis__in", ["cash", "accrual"])),
                        name="funding_reporting_basis_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Income",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="income",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                ("stream", models.CharField(max_length=40, verbose_name="stream")),
                ("payer", models.CharField(max_length=200, verbose_name="payer")),
                (
                    "description",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="description"
                    ),
                ),
                ("gross_minor", models.BigIntegerField(verbose_name="came in")),
                (
                    "cost_of_earning_minor",
                    models.BigIntegerField(default=0, verbose_name="costs of earning it"),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="income",
                        to="funding.agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme income",
                "verbose_name_plural": "programme income",
                "ordering": ["-transfer__occurred_on", "-transfer_id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cost_of_earning_minor__gte", 0),
                            ("cost_of_earning_minor__lt", models.F("gross_minor")),
                        ),
                        name="funding_income_leaves_something",
                    )
                ],
            },
        ),
    ]
