"""What the lines of a certified report follow from is kept with it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0020_order_of_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="FinancialReportSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=24, verbose_name="code")),
                (
                    "corrects_code",
                    models.CharField(
                        blank=True, max_length=24, verbose_name="code of what is corrected"
                    ),
                ),
                (
                    "debit_kind",
                    models.CharField(max_length=16, verbose_name="kind of the account debited"),
                ),
                (
                    "credit_kind",
                    models.CharField(max_length=16, verbose_name="kind of the account credited"),
                ),
                ("transfers", models.BigIntegerField(verbose_name="number of transfers")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sums",
                        to="funding.financialreport",
                    ),
                ),
            ],
            options={
                "verbose_name": "sum behind a financial report",
                "verbose_name_plural": "sums behind financial reports",
                "ordering": ["report", "code", "corrects_code", "id"],
            },
        ),
    ]
