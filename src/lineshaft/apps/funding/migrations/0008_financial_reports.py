"""Certified financial reports with their documents, and indirect rates."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three tables; no row that stands is changed."""

    dependencies = [
        ("files", "0001_initial"),
        ("funding", "0007_income"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FinancialReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("term", models.CharField(max_length=40, verbose_name="report type")),
                (
                    "basis",
                    models.CharField(
                        choices=[("cash", "Cash"), ("accrual", "Accrual")],
                        max_length=8,
                        verbose_name="basis of accounting",
                    ),
                ),
                ("period_end", models.DateField(verbose_name="period end")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("edition", models.PositiveSmallIntegerField(verbose_name="edition")),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("content", models.JSONField(verbose_name="content")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("remarks", models.TextField(blank=True, default="", verbose_name="remarks")),
                ("certified_at", models.DateTimeField(verbose_name="certified at")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="financial_reports",
                        to="funding.agreement",
                    ),
                ),
                (
                    "certified_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="certified by",
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="funding.financialreport",
                    ),
                ),
            ],
            options={
                "verbose_name": "financial report",
                "verbose_name_plural": "financial reports",
                "ordering": ["-period_end", "term", "-edition"],
            },
        ),
        migrations.CreateModel(
            name="FinancialReportDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=8, verbose_name="format")),
                (
                    "language",
                    models.CharField(
                        blank=True, default="", max_length=16, verbose_name="language"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="funding.financialreport",
                    ),
                ),
            ],
            options={
                "verbose_name": "document of a financial report",
                "verbose_name_plural": "documents of financial reports",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="IndirectRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rate_type",
                    models.CharField(
                        choices=[
                            ("provisional", "Provisional"),
                            ("predetermined", "Predetermined"),
                            ("final", "Final"),
                            ("fixed", "Fixed"),
                        ],
                        max_length=16,
                        verbose_name="type of rate",
                    ),
                ),
                ("rate_bp", models.PositiveIntegerField(verbose_name="rate")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                ("reference", models.CharField(max_length=120, verbose_name="rate agreement")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indirect_rates",
                        to="funding.agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "indirect rate",
                "verbose_name_plural": "indirect rates",
                "ordering": ["starts_on", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="financialreport",
            constraint=models.UniqueConstraint(
                fields=("agreement", "term", "period_end", "edition"),
                name="funding_report_one_of_an_edition",
            ),
        ),
        migrations.AddConstraint(
            model_name="financialreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("edition", 1), ("supersedes__isnull", True)),
                    models.Q(
                        ("edition__gt", 1),
                        ("supersedes__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="funding_report_says_why_it_replaces",
            ),
        ),
        migrations.AddConstraint(
            model_name="financialreportdocument",
            constraint=models.UniqueConstraint(
                fields=("report", "kind", "language"), name="funding_report_document_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="indirectrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gt", models.F("starts_on")), ("rate_bp__gt", 0)),
                name="funding_indirect_rate_possible",
            ),
        ),
    ]
