"""Marks by which evidence is found again, and the pairs that look claimed on two awards."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0010_valuation"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContributionDuplicate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sign",
                    models.CharField(
                        choices=[
                            ("file", "the same file"),
                            ("reference", "the same record named as evidence"),
                            (
                                "content",
                                "the same amount, kind and contributor, about the same day",
                            ),
                        ],
                        max_length=16,
                        verbose_name="in common",
                    ),
                ),
                ("found_at", models.DateTimeField(verbose_name="found at")),
            ],
            options={
                "verbose_name": "contribution claimed twice",
                "verbose_name_plural": "contributions claimed twice",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="contributionevidence",
            name="mark",
            field=models.CharField(blank=True, default="", editable=False, max_length=220),
        ),
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                fields=["claimed_minor", "occurred_on"], name="funding_contrib_by_claim"
            ),
        ),
        migrations.AddIndex(
            model_name="contributionevidence",
            index=models.Index(fields=["mark"], name="funding_evidence_by_mark"),
        ),
        migrations.AddField(
            model_name="contributionduplicate",
            name="first",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="funding.contribution",
            ),
        ),
        migrations.AddField(
            model_name="contributionduplicate",
            name="second",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="funding.contribution",
            ),
        ),
        migrations.AddConstraint(
            model_name="contributionduplicate",
            constraint=models.UniqueConstraint(
                fields=("first", "second", "sign"), name="funding_duplicate_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="contributionduplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))),
                name="funding_duplicate_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="contributionduplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(("sign__in", ["file", "reference", "content"])),
                name="funding_duplicate_sign_known",
            ),
        ),
    ]
