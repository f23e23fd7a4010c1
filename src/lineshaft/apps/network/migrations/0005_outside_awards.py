"""Awards that other agencies made, as their public registers say."""

import django.db.models.deletion
from django.db import migrations, models

import lineshaft.plumbing.sharing


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_tables"),
        ("network", "0004_index_of_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutsideAward",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=32, verbose_name="register")),
                ("number", models.CharField(max_length=200, verbose_name="award number")),
                ("title", models.CharField(max_length=500, verbose_name="title")),
                ("abstract", models.TextField(blank=True, default="", verbose_name="abstract")),
                ("agency_name", models.CharField(max_length=200, verbose_name="agency")),
                (
                    "office_name",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="office"),
                ),
                (
                    "programme",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="programme"
                    ),
                ),
                (
                    "instrument",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="instrument"
                    ),
                ),
                (
                    "phase",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="phase"),
                ),
                (
                    "investigator",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=200,
                        verbose_name="principal investigator",
                    ),
                ),
                (
                    "other_investigators",
                    models.CharField(
                        blank=True, default="", max_length=2000, verbose_name="other investigators"
                    ),
                ),
                (
                    "recipient",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="recipient"
                    ),
                ),
                (
                    "recipient_uei",
                    models.CharField(
                        blank=True, default="", max_length=32, verbose_name="UEI of the recipient"
                    ),
                ),
                (
                    "city",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="city"),
                ),
                (
                    "region",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="region"),
                ),
                (
                    "postal_code",
                    models.CharField(
                        blank=True, default="", max_length=16, verbose_name="postal code"
                    ),
                ),
                (
                    "country",
                    models.CharField(blank=True, default="", max_length=2, verbose_name="country"),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="starts on")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends on")),
                (
                    "year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year"),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="amount"),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
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
                        default=lineshaft.plumbing.sharing.SharingLevel["PUBLIC"],
                        max_length=16,
                        verbose_name="shared with",
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                ("digest", models.CharField(editable=False, max_length=64)),
                (
                    "source_name",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="file"),
                ),
                (
                    "source_sha256",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="hash of the file"
                    ),
                ),
                (
                    "source_row",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="row of the file"
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.agency",
                        verbose_name="agency in the network",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.organisation",
                        verbose_name="recipient in the network",
                    ),
                ),
                (
                    "recorded_in",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audit.auditevent",
                        verbose_name="audit event of the latest change",
                    ),
                ),
            ],
            options={
                "verbose_name": "award of another agency",
                "verbose_name_plural": "awards of other agencies",
                "indexes": [
                    models.Index(
                        fields=["-year", "title", "id"], name="network_outside_award_year"
                    ),
                    models.Index(fields=["title", "id"], name="network_outside_award_title"),
                    models.Index(
                        fields=["agency_name", "year"], name="network_outside_award_agency"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "number"), name="network_outside_award_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", ""), _negated=True),
                            models.Q(("number", ""), _negated=True),
                            models.Q(("title", ""), _negated=True),
                            models.Q(("agency_name", ""), _negated=True),
                        ),
                        name="network_outside_award_is_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("year__isnull", True),
                            models.Q(("year__gte", 1900), ("year__lte", 2199)),
                            _connector="OR",
                        ),
                        name="network_outside_award_in_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "level__in",
                                [
                                    lineshaft.plumbing.sharing.SharingLevel["PUBLIC"],
                                    lineshaft.plumbing.sharing.SharingLevel["NETWORK"],
                                    lineshaft.plumbing.sharing.SharingLevel["RESTRICTED"],
                                ],
                            )
                        ),
                        name="network_outside_award_level",
                    ),
                ],
            },
        ),
    ]
