"""The tables of insight as they stood at the first release, each made once with all that guards it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("insight", "0001_initial"), ("insight", "0002_portfolio")]

    initial = True

    dependencies = [
        ("access", "0001_tables"),
        ("files", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("hash", models.CharField(max_length=64, verbose_name="hash")),
                ("taken_at", models.DateTimeField(verbose_name="taken at")),
                ("program", models.CharField(max_length=40, verbose_name="program")),
                ("rows", models.BigIntegerField(verbose_name="rows")),
                ("size_bytes", models.BigIntegerField(verbose_name="size in bytes")),
                ("first_year", models.IntegerField(verbose_name="first fiscal year")),
                ("last_year", models.IntegerField(verbose_name="last fiscal year")),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                ("is_kept", models.BooleanField(default=True, verbose_name="files are kept")),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken by",
                    ),
                ),
            ],
            options={
                "verbose_name": "snapshot",
                "verbose_name_plural": "snapshots",
                "ordering": ["-taken_at", "-id"],
                "indexes": [
                    models.Index(fields=["-taken_at", "-id"], name="insight_snapshot_newest")
                ],
            },
        ),
        migrations.CreateModel(
            name="FigureValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="insight.snapshot",
                    ),
                ),
                ("figure", models.CharField(max_length=80, verbose_name="figure")),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "institute",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="institute"
                    ),
                ),
                ("fiscal_year", models.IntegerField(verbose_name="fiscal year")),
                (
                    "dimension",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="dimension"
                    ),
                ),
                ("numerator", models.BigIntegerField(null=True, verbose_name="numerator")),
                ("denominator", models.BigIntegerField(null=True, verbose_name="denominator")),
            ],
            options={
                "verbose_name": "figure value",
                "verbose_name_plural": "figure values",
                "indexes": [
                    models.Index(
                        fields=["snapshot", "fiscal_year", "institute"],
                        name="insight_value_by_year",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("snapshot", "figure", "institute", "fiscal_year", "dimension"),
                        name="insight_value_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PortfolioCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cells",
                        to="insight.snapshot",
                    ),
                ),
                ("figure", models.CharField(max_length=80, verbose_name="figure")),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                ("agency", models.CharField(max_length=64, verbose_name="agency")),
                ("institute", models.CharField(max_length=64, verbose_name="institute")),
                (
                    "technology_areas",
                    models.CharField(
                        blank=True, default="", max_length=1000, verbose_name="technology areas"
                    ),
                ),
                (
                    "state",
                    models.CharField(blank=True, default="", max_length=16, verbose_name="state"),
                ),
                ("fiscal_year", models.IntegerField(verbose_name="fiscal year")),
                (
                    "part",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="part"),
                ),
                ("numerator", models.BigIntegerField(verbose_name="numerator")),
                ("denominator", models.BigIntegerField(null=True, verbose_name="denominator")),
            ],
            options={
                "verbose_name": "cell of the portfolio",
                "verbose_name_plural": "cells of the portfolio",
                "indexes": [
                    models.Index(fields=["snapshot", "fiscal_year"], name="insight_cell_by_year")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("snapshot", "figure", "fiscal_year", "agency", "institute", "part"),
                        name="insight_cell_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StateDenominator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("population", "Population"),
                            ("manufacturing_jobs", "Jobs in manufacturing"),
                        ],
                        max_length=32,
                        verbose_name="measure",
                    ),
                ),
                ("state", models.CharField(max_length=16, verbose_name="state")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("number", models.BigIntegerField(verbose_name="number")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
            ],
            options={
                "verbose_name": "denominator of a state",
                "verbose_name_plural": "denominators of states",
                "ordering": ["measure", "state", "year"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("measure", "state", "year"), name="insight_denominator_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gt", 0)), name="insight_denominator_above_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("measure__in", ["population", "manufacturing_jobs"])),
                        name="insight_denominator_measure_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metric", models.CharField(max_length=64, verbose_name="metric")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="Chinese name"
                    ),
                ),
                ("unit", models.CharField(max_length=32, verbose_name="unit")),
                ("period", models.CharField(max_length=32, verbose_name="period")),
                ("first_year", models.IntegerField(verbose_name="first year")),
                ("last_year", models.IntegerField(verbose_name="last year")),
                ("value", models.CharField(max_length=200, verbose_name="value")),
                (
                    "precision",
                    models.CharField(
                        blank=True, default="", max_length=32, verbose_name="precision"
                    ),
                ),
                (
                    "qualifier",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="qualifier"
                    ),
                ),
                ("note", models.TextField(blank=True, default="", verbose_name="note")),
                (
                    "figure_note",
                    models.TextField(
                        blank=True, default="", verbose_name="how it differs from the figure"
                    ),
                ),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("confidence", models.CharField(max_length=16, verbose_name="confidence")),
                ("position", models.PositiveIntegerField(verbose_name="position")),
            ],
            options={
                "verbose_name": "published value",
                "verbose_name_plural": "published values",
                "ordering": ["position"],
                "indexes": [
                    models.Index(fields=["metric", "first_year"], name="insight_published_metric")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("position",), name="insight_published_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportEdition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fiscal_year", models.IntegerField(verbose_name="fiscal year")),
                ("number", models.PositiveSmallIntegerField(verbose_name="edition")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Published"),
                            ("restated", "Restated"),
                        ],
                        default="draft",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.TextField(blank=True, default="", verbose_name="reason for restating"),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="editions",
                        to="insight.snapshot",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="published at"),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
                (
                    "sha256",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="SHA-256"),
                ),
            ],
            options={
                "verbose_name": "edition of the annual report",
                "verbose_name_plural": "editions of the annual report",
                "ordering": ["-fiscal_year", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fiscal_year", "number"), name="insight_edition_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")),
                        fields=("fiscal_year",),
                        name="insight_edition_one_draft",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")),
                        fields=("fiscal_year",),
                        name="insight_edition_one_published",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "published", "restated"])),
                        name="insight_edition_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("published_at__isnull", True), ("sha256", ""), ("state", "draft")
                            ),
                            models.Q(
                                models.Q(("state", "draft"), _negated=True),
                                ("published_at__isnull", False),
                                models.Q(("sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="insight_edition_published_is_sealed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number", 1), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="insight_edition_restated_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InstitutePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="insight.reportedition",
                    ),
                ),
                ("institute", models.CharField(max_length=64, verbose_name="institute")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Not attested"), ("attested", "Attested")],
                        default="draft",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "figures_digest",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="digest of the figures"
                    ),
                ),
                ("note", models.TextField(blank=True, default="", verbose_name="note")),
                (
                    "attested_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="attested at"),
                ),
                (
                    "attested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="attested by",
                    ),
                ),
                (
                    "attested_snapshot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="insight.snapshot",
                        verbose_name="snapshot that was attested",
                    ),
                ),
            ],
            options={
                "verbose_name": "institute's part",
                "verbose_name_plural": "institutes' parts",
                "ordering": ["institute"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "institute"), name="insight_part_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("attested_at__isnull", False),
                                ("attested_snapshot__isnull", False),
                                ("state", "attested"),
                            ),
                            models.Q(
                                ("attested_at__isnull", True),
                                ("attested_snapshot__isnull", True),
                                ("state", "draft"),
                            ),
                            _connector="OR",
                        ),
                        name="insight_part_attested_is_dated",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="insight.reportedition",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("json", "JSON"), ("pdf", "PDF"), ("xlsx", "XLSX")],
                        max_length=8,
                        verbose_name="format",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "en"), ("zh-hans", "zh-hans")],
                        max_length=16,
                        verbose_name="language",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="file",
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
            ],
            options={
                "verbose_name": "document of a report",
                "verbose_name_plural": "documents of a report",
                "ordering": ["edition_id", "format", "language"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "format", "language"), name="insight_document_once"
                    )
                ],
            },
        ),
    ]
