"""The tables of governance: common policies, and the bodies that decide."""

import django.db.models.deletion
from django.db import migrations, models

import lineshaft.apps.governance.rules.bodies
import lineshaft.apps.governance.rules.policies
import lineshaft.kernel.jurisdiction
import lineshaft.plumbing.sharing


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="CommonPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=64, unique=True, verbose_name="key")),
                (
                    "area",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.governance.rules.policies.PolicyArea[
                                    "SME_COLLABORATION"
                                ],
                                "Collaboration with small manufacturers",
                            ),
                            (
                                lineshaft.apps.governance.rules.policies.PolicyArea[
                                    "SHARED_SERVICES"
                                ],
                                "Shared services",
                            ),
                            (
                                lineshaft.apps.governance.rules.policies.PolicyArea[
                                    "INTELLECTUAL_PROPERTY"
                                ],
                                "Intellectual property",
                            ),
                            (
                                lineshaft.apps.governance.rules.policies.PolicyArea[
                                    "CONTRACT_RESEARCH"
                                ],
                                "Contract research",
                            ),
                            (
                                lineshaft.apps.governance.rules.policies.PolicyArea["OPERATIONS"],
                                "Operations",
                            ),
                            (
                                lineshaft.apps.governance.rules.policies.PolicyArea["FINANCE"],
                                "Finance",
                            ),
                            (
                                lineshaft.apps.governance.rules.policies.PolicyArea[
                                    "MARKET_AND_BRAND"
                                ],
                                "Market and brand",
                            ),
                        ],
                        max_length=32,
                        verbose_name="area",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "title_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="title in Chinese"
                    ),
                ),
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
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
            ],
            options={
                "verbose_name": "common policy",
                "verbose_name_plural": "common policies",
            },
        ),
        migrations.CreateModel(
            name="Body",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=64, unique=True, verbose_name="key")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.kernel.jurisdiction.BodyKind["INSTITUTE_BOARD"],
                                "Board of an institute",
                            ),
                            (
                                lineshaft.kernel.jurisdiction.BodyKind["LEADERSHIP_COUNCIL"],
                                "Network leadership council",
                            ),
                            (
                                lineshaft.kernel.jurisdiction.BodyKind["ADVISORY_BOARD"],
                                "Advisory board",
                            ),
                            (
                                lineshaft.kernel.jurisdiction.BodyKind["TECHNICAL_COUNCIL"],
                                "Technical council",
                            ),
                        ],
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="Chinese name"
                    ),
                ),
                (
                    "charter",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="charter"
                    ),
                ),
                ("established_on", models.DateField(verbose_name="established on")),
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
                (
                    "institute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bodies",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
            ],
            options={
                "verbose_name": "body",
                "verbose_name_plural": "bodies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", lineshaft.kernel.jurisdiction.BodyKind["INSTITUTE_BOARD"]),
                                _negated=True,
                            ),
                            ("institute__isnull", False),
                            _connector="OR",
                        ),
                        name="governance_body_board_has_institute",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("text", models.TextField(verbose_name="text")),
                (
                    "text_zh",
                    models.TextField(blank=True, default="", verbose_name="text in Chinese"),
                ),
                (
                    "changed",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="what changed"
                    ),
                ),
                (
                    "changed_zh",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=500,
                        verbose_name="what changed, in Chinese",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("adopted", "Adopted"),
                            ("withdrawn", "Withdrawn"),
                            ("replaced", "Replaced by a later draft"),
                        ],
                        default="draft",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                ("drafted_by", models.CharField(max_length=200, verbose_name="drafted by")),
                ("adopted_on", models.DateField(blank=True, null=True, verbose_name="adopted on")),
                (
                    "in_force_on",
                    models.DateField(blank=True, null=True, verbose_name="in force from"),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="decision"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="governance.commonpolicy",
                        verbose_name="policy",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a policy",
                "verbose_name_plural": "versions of policies",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("policy", "number"), name="governance_version_number_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")),
                        fields=("policy",),
                        name="governance_version_one_draft",
                    ),
                    models.UniqueConstraint(
                        fields=("policy", "in_force_on"), name="governance_version_day_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("adopted_on__isnull", False),
                                ("in_force_on__isnull", False),
                                ("state", "adopted"),
                            ),
                            models.Q(
                                models.Q(("state", "adopted"), _negated=True),
                                ("adopted_on__isnull", True),
                                ("in_force_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="governance_version_adopted_has_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("in_force_on__isnull", True),
                            ("in_force_on__gte", models.F("adopted_on")),
                            _connector="OR",
                        ),
                        name="governance_version_adopted_first",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="seat")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (lineshaft.kernel.jurisdiction.SeatKind["CHAIR"], "Chair"),
                            (
                                lineshaft.kernel.jurisdiction.SeatKind["EXECUTIVE"],
                                "Executive director",
                            ),
                            (lineshaft.kernel.jurisdiction.SeatKind["INDEPENDENT"], "Independent"),
                            (
                                lineshaft.kernel.jurisdiction.SeatKind["MEMBER"],
                                "Representative of members",
                            ),
                            (
                                lineshaft.kernel.jurisdiction.SeatKind["INSTITUTE_HEAD"],
                                "Head of an institute",
                            ),
                            (lineshaft.kernel.jurisdiction.SeatKind["AGENCY"], "Agency"),
                            (
                                lineshaft.kernel.jurisdiction.SeatKind["EXTENSION_CENTRE"],
                                "Extension centre",
                            ),
                            (
                                lineshaft.kernel.jurisdiction.SeatKind["SMALL_MANUFACTURER"],
                                "Small manufacturer",
                            ),
                            (
                                lineshaft.kernel.jurisdiction.SeatKind["COMMUNITY_COLLEGE"],
                                "Community college",
                            ),
                            (lineshaft.kernel.jurisdiction.SeatKind["OTHER"], "Other"),
                        ],
                        max_length=32,
                        verbose_name="kept for",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="open from")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed from")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="governance.body",
                        verbose_name="body",
                    ),
                ),
            ],
            options={
                "verbose_name": "seat",
                "verbose_name_plural": "seats",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("body", "number"), name="governance_seat_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_on__isnull", True),
                            ("closed_on__gt", models.F("opened_on")),
                            _connector="OR",
                        ),
                        name="governance_seat_span_has_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyPosition",
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
                                lineshaft.apps.governance.rules.policies.PositionKind["ADOPTS"],
                                "Adopts it",
                            ),
                            (
                                lineshaft.apps.governance.rules.policies.PositionKind["DEVIATES"],
                                "Deviates from it",
                            ),
                        ],
                        max_length=16,
                        verbose_name="position",
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("stated_on", models.DateField(verbose_name="stated on")),
                ("stated_at", models.DateTimeField(verbose_name="entered at")),
                ("stated_by", models.CharField(max_length=200, verbose_name="stated by")),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policy_positions",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="positions",
                        to="governance.policyversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "position on a policy",
                "verbose_name_plural": "positions on policies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind",
                                lineshaft.apps.governance.rules.policies.PositionKind["ADOPTS"],
                            ),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="governance_position_deviation_has_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyComment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("author", models.CharField(max_length=200, verbose_name="author")),
                ("text", models.TextField(verbose_name="comment")),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="governance.policyversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "comment on a policy",
                "verbose_name_plural": "comments on policies",
            },
        ),
        migrations.CreateModel(
            name="PolicyAttestation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField(verbose_name="fiscal year")),
                ("is_kept", models.BooleanField(verbose_name="kept to it")),
                ("remark", models.TextField(blank=True, default="", verbose_name="remark")),
                ("attested_at", models.DateTimeField(verbose_name="attested at")),
                ("attested_by", models.CharField(max_length=200, verbose_name="attested by")),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policy_attestations",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attestations",
                        to="governance.commonpolicy",
                        verbose_name="policy",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.policyversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "attestation of a policy",
                "verbose_name_plural": "attestations of policies",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("policy", "institute", "fiscal_year"),
                        name="governance_attestation_once_a_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_kept", True),
                            models.Q(("remark", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="governance_attestation_breach_has_remark",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.governance.rules.bodies.AppointmentWay["APPOINTED"],
                                "Appointed",
                            ),
                            (
                                lineshaft.apps.governance.rules.bodies.AppointmentWay["ELECTED"],
                                "Elected",
                            ),
                            (
                                lineshaft.apps.governance.rules.bodies.AppointmentWay["EX_OFFICIO"],
                                "By office",
                            ),
                        ],
                        max_length=16,
                        verbose_name="how",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until, not included"),
                ),
                (
                    "evidence",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="evidence"
                    ),
                ),
                ("entered_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="network.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="governance.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "appointment",
                "verbose_name_plural": "appointments",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gt", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="governance_appointment_span_has_days",
                    )
                ],
            },
        ),
    ]
