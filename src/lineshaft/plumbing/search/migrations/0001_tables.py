"""The tables of search as they stood at the first release, each made once with all that guards it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("search", "0001_initial")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=64, verbose_name="kind")),
                ("object_id", models.CharField(max_length=64, verbose_name="id")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                (
                    "title_zh",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="Chinese title"
                    ),
                ),
                ("title_folded", models.CharField(max_length=300)),
                (
                    "summary",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="summary"
                    ),
                ),
                (
                    "summary_zh",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="Chinese summary"
                    ),
                ),
                ("url", models.CharField(max_length=300, verbose_name="address")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("network", "Network"),
                            ("institute", "Members of the institute"),
                            ("participants", "Participants"),
                            ("restricted", "Restricted"),
                        ],
                        max_length=16,
                        verbose_name="shared with",
                    ),
                ),
                (
                    "institute",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="institute"
                    ),
                ),
                (
                    "organisation_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="organisation"),
                ),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "search entry",
                "verbose_name_plural": "search entries",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "object_id"), name="search_entry_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="search.searchentry",
                    ),
                ),
                ("token", models.CharField(db_index=True, max_length=40, verbose_name="token")),
                ("weight", models.PositiveSmallIntegerField(verbose_name="weight")),
            ],
            options={
                "verbose_name": "search token",
                "verbose_name_plural": "search tokens",
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "token"), name="search_token_once")
                ],
            },
        ),
    ]
