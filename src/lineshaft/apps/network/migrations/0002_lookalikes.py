"""Organisations that look alike: keys of their names, pairs, and which record was merged into which."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lineshaft.apps.network.rules.lookalikes


class Migration(migrations.Migration):
    dependencies = [
        ("access", "__first__"),
        ("audit", "0001_tables"),
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrganisationKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.BigIntegerField(db_index=True, verbose_name="key")),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lookalike_keys",
                        to="network.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "key of an organisation's name",
                "verbose_name_plural": "keys of organisations' names",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "key"), name="network_organisation_key_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationPair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.network.rules.lookalikes.PairState["FOUND"],
                                "Looks alike",
                            ),
                            (
                                lineshaft.apps.network.rules.lookalikes.PairState["PROPOSED"],
                                "Merge proposed",
                            ),
                            (lineshaft.apps.network.rules.lookalikes.PairState["MERGED"], "Merged"),
                            (
                                lineshaft.apps.network.rules.lookalikes.PairState["KEPT_APART"],
                                "Kept apart",
                            ),
                            (
                                lineshaft.apps.network.rules.lookalikes.PairState["UNDONE"],
                                "Merge undone",
                            ),
                        ],
                        default="found",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("score_bp", models.PositiveSmallIntegerField(default=0, verbose_name="likeness")),
                (
                    "reasons",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="why they look alike"
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
                        to="network.organisation",
                        verbose_name="one record",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.organisation",
                        verbose_name="the other record",
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.organisation",
                        verbose_name="record that stays",
                    ),
                ),
            ],
            options={
                "verbose_name": "pair of organisations that look alike",
                "verbose_name_plural": "pairs of organisations that look alike",
                "indexes": [
                    models.Index(fields=["state", "-score_bp", "id"], name="network_pair_state")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="network_pair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="network_pair_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("survivor__isnull", True),
                            ("survivor", models.F("first")),
                            ("survivor", models.F("second")),
                            _connector="OR",
                        ),
                        name="network_pair_survivor_is_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        lineshaft.apps.network.rules.lookalikes.PairState[
                                            "PROPOSED"
                                        ],
                                        lineshaft.apps.network.rules.lookalikes.PairState["MERGED"],
                                    ],
                                ),
                                _negated=True,
                            ),
                            ("survivor__isnull", False),
                            _connector="OR",
                        ),
                        name="network_pair_names_survivor",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="organisation",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="network.organisation",
                verbose_name="merged into",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="network_organisation_not_into_itself",
            ),
        ),
    ]
