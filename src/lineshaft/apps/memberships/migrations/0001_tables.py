"""The tables of memberships as they stood at the first release, each made once with all that guards it."""

import django.db.models.deletion
from django.db import migrations, models

import lineshaft.apps.memberships.rules
import lineshaft.plumbing.sharing


class Migration(migrations.Migration):
    replaces = [
        ("memberships", "0001_initial"),
    ]

    initial = True

    dependencies = [
        ("audit", "0001_tables"),
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="MemberAgreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="member_agreements",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="member_agreements",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                ("tier", models.CharField(max_length=32, verbose_name="membership tier")),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="signed on")),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until, not included"),
                ),
                (
                    "ended_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            (lineshaft.apps.memberships.rules.EndReason["NOT_ENDED"], "Not ended"),
                            (
                                lineshaft.apps.memberships.rules.EndReason["TERM_ENDED"],
                                "The agreed term ended",
                            ),
                            (lineshaft.apps.memberships.rules.EndReason["LEFT"], "The member left"),
                            (
                                lineshaft.apps.memberships.rules.EndReason["DUES_UNPAID"],
                                "Dues were not paid",
                            ),
                            (
                                lineshaft.apps.memberships.rules.EndReason["BREACH"],
                                "Breach of the agreement",
                            ),
                            (
                                lineshaft.apps.memberships.rules.EndReason["INSTITUTE_ENDED"],
                                "The institute ended",
                            ),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="why it ended",
                    ),
                ),
                (
                    "waiver_reference",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=200,
                        verbose_name="reference of the waiver",
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
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                ("admitted_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "admitted_in",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audit.auditevent",
                        verbose_name="audit event of the admission",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership agreement",
                "verbose_name_plural": "membership agreements",
                "indexes": [
                    models.Index(
                        fields=["institute", "starts_on", "ends_on"],
                        name="memberships_agreement_span",
                    ),
                    models.Index(
                        fields=["organisation", "institute"], name="memberships_agreement_pair"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gt", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="memberships_agreement_span_has_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tier", ""), _negated=True),
                        name="memberships_agreement_has_tier",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_reason", ""), ("ends_on__isnull", False), _connector="OR"
                        ),
                        name="memberships_agreement_reason_has_end",
                    ),
                ],
            },
        ),
    ]
