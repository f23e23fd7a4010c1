"""Awards that overlap, and what was decided of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lineshaft.apps.network.rules.overlaps


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0005_outside_awards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AwardOverlap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapKind["SAME_WORK"],
                                "The same work",
                            ),
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapKind["CONTINUATION"],
                                "One continues the other",
                            ),
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapKind["COLLABORATION"],
                                "Parts of one work",
                            ),
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapKind["BOILERPLATE"],
                                "Passages that many share",
                            ),
                        ],
                        max_length=16,
                        verbose_name="looks like",
                    ),
                ),
                ("score_bp", models.PositiveSmallIntegerField(verbose_name="likeness")),
                (
                    "share_first_bp",
                    models.PositiveSmallIntegerField(verbose_name="share of the one text"),
                ),
                (
                    "share_second_bp",
                    models.PositiveSmallIntegerField(verbose_name="share of the other text"),
                ),
                ("facts", models.JSONField(default=list, verbose_name="what agrees")),
                ("passages", models.JSONField(default=list, verbose_name="shared passages")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapState["FOUND"],
                                "To be looked at",
                            ),
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapState["SAME_WORK"],
                                "The same work, paid twice",
                            ),
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapState["CONTINUATION"],
                                "One continues the other",
                            ),
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapState["COLLABORATION"],
                                "Parts of one work",
                            ),
                            (
                                lineshaft.apps.network.rules.overlaps.OverlapState["KEPT_APART"],
                                "Two works",
                            ),
                        ],
                        default="found",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "why",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="reason"),
                ),
                ("found_at", models.DateTimeField(verbose_name="found at")),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.outsideaward",
                        verbose_name="one award",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.outsideaward",
                        verbose_name="the other award",
                    ),
                ),
            ],
            options={
                "verbose_name": "overlap of awards",
                "verbose_name_plural": "overlaps of awards",
                "indexes": [
                    models.Index(fields=["state", "-score_bp", "id"], name="network_overlap_state")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("first", "second"), name="network_overlap_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="network_overlap_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("score_bp__lte", 10000),
                            ("share_first_bp__lte", 10000),
                            ("share_second_bp__lte", 10000),
                        ),
                        name="network_overlap_at_most_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", lineshaft.apps.network.rules.overlaps.OverlapState["FOUND"]),
                            models.Q(("why", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="network_overlap_decided_with_reason",
                    ),
                ],
            },
        ),
    ]
