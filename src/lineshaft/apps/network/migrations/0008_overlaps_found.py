"""Awards that are compared with each other: their keys, what was compared, what is common."""

import hashlib
from itertools import batched

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.state import StateApps

BATCH = 500


def digest_texts(apps: StateApps, _schema_editor: object) -> None:
    """Tell of every award and every overlap which texts they have now."""
    award = apps.get_model("network", "OutsideAward")
    overlap = apps.get_model("network", "AwardOverlap")
    ids = list(award.objects.order_by("pk").values_list("pk", flat=True))
    for part in batched(ids, BATCH, strict=False):
        rows = list(award.objects.filter(pk__in=part).only("pk", "abstract"))
        for row in rows:
            text = row.abstract.encode("utf-8", "surrogatepass")
            row.text_digest = hashlib.sha256(text).hexdigest()
        award.objects.bulk_update(rows, ["text_digest"])
    for place in ("first", "second"):
        held = award.objects.filter(pk=models.OuterRef(f"{place}_id")).values("text_digest")
        overlap.objects.update(**{f"{place}_digest": models.Subquery(held[:1])})


class Migration(migrations.Migration):
    dependencies = [("network", "0007_weighed_pairs")]

    operations = [
        migrations.AddField(
            "outsideaward",
            "compared_digest",
            models.CharField(blank=True, default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            "outsideaward",
            "text_digest",
            models.CharField(default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            "awardoverlap",
            "first_digest",
            models.CharField(default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            "awardoverlap",
            "second_digest",
            models.CharField(default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="AwardKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key",
                        "award_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.BigIntegerField(verbose_name="key")),
                (
                    "award",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="network.outsideaward",
                    ),
                ),
            ],
            options={"verbose_name": "key of an award", "verbose_name_plural": "keys of awards"},
        ),
        migrations.CreateModel(
            name="CommonPhrases",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shingles", models.BinaryField()),
                ("awards", models.PositiveIntegerField(verbose_name="awards compared")),
                ("compared_at", models.DateTimeField(verbose_name="compared at")),
            ],
            options={
                "verbose_name": "common phrases of awards",
                "verbose_name_plural": "common phrases of awards",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="network_common_phrases_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerAwardText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                (
                    "abstract",
                    models.TextField(blank=True, default="", verbose_name="abstract"),
                ),
                (
                    "award",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="network.outsideaward",
                    ),
                ),
            ],
            options={
                "verbose_name": "former text of an award",
                "verbose_name_plural": "former texts of awards",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("award", "digest"), name="network_former_award_text_once"
                    )
                ],
            },
        ),
        migrations.RunPython(digest_texts, migrations.RunPython.noop),
    ]
