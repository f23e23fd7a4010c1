"""Participation: screenings, owners, reviews, decisions, commitments, re-checks."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0004_joining"),
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScreeningSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("answers", models.JSONField(verbose_name="answers")),
                ("findings", models.JSONField(verbose_name="findings")),
                ("countries", models.JSONField(verbose_name="countries of ownership")),
                (
                    "registered_in",
                    models.CharField(blank=True, max_length=2, verbose_name="country of ownership"),
                ),
                ("is_review_needed", models.BooleanField(verbose_name="needs a review")),
                (
                    "why",
                    models.CharField(
                        blank=True, default="", max_length=2000, verbose_name="reason"
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                ("screened_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="screenings",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="screenings",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "screening",
                "verbose_name_plural": "screenings",
            },
        ),
        migrations.CreateModel(
            name="OwnerLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                ("share_bp", models.PositiveSmallIntegerField(verbose_name="share")),
                ("has_control", models.BooleanField(verbose_name="controls")),
                ("holds_in", models.PositiveSmallIntegerField(verbose_name="holds in")),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owners",
                        to="memberships.screeningsheet",
                    ),
                ),
            ],
            options={
                "verbose_name": "owner",
                "verbose_name_plural": "owners",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sheet", "number"), name="memberships_owner_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share_bp__gte", 1), ("share_bp__lte", 10000)),
                        name="memberships_owner_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("holds_in__lt", models.F("number"))),
                        name="memberships_owner_below_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParticipationDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("approved", "Approved"),
                            ("conditional", "Approved with conditions"),
                            ("denied", "Denied"),
                            ("closed", "Closed: nothing to decide"),
                        ],
                        max_length=16,
                        verbose_name="decision",
                    ),
                ),
                (
                    "ownership_country",
                    models.CharField(blank=True, max_length=2, verbose_name="country of ownership"),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until, not included"),
                ),
                (
                    "grounds",
                    models.JSONField(blank=True, default=list, verbose_name="grounds of waiver"),
                ),
                ("citations", models.JSONField(blank=True, default=list, verbose_name="rules")),
                (
                    "files_up_to",
                    models.CharField(
                        blank=True, default="", max_length=16, verbose_name="files up to"
                    ),
                ),
                ("may_search", models.BooleanField(default=True, verbose_name="may search")),
                ("may_export", models.BooleanField(default=True, verbose_name="may export")),
                (
                    "barred_bookings",
                    models.JSONField(blank=True, default=list, verbose_name="not to be booked"),
                ),
                ("projects", models.JSONField(blank=True, null=True, verbose_name="projects")),
                ("institutes", models.JSONField(blank=True, null=True, verbose_name="institutes")),
                ("why", models.CharField(max_length=2000, verbose_name="reason")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="memberships.screeningsheet",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision on participation",
                "verbose_name_plural": "decisions on participation",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gt", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="memberships_decision_span_has_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "conditional"),
                            models.Q(
                                ("files_up_to", ""), ("may_export", True), ("may_search", True)
                            ),
                            _connector="OR",
                        ),
                        name="memberships_decision_limits_are_conditions",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["approved", "conditional"]), _negated=True),
                            ("ends_on__isnull", False),
                            _connector="OR",
                        ),
                        name="memberships_decision_approval_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParticipationReview",
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
                            ("requested", "Waits for the sponsor"),
                            ("reopened", "Re-opened"),
                            ("approved", "Approved"),
                            ("conditional", "Approved with conditions"),
                            ("denied", "Denied"),
                            ("closed", "Closed: nothing to decide"),
                        ],
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "waits_since",
                    models.DateField(blank=True, null=True, verbose_name="waits since"),
                ),
                (
                    "recheck_on",
                    models.DateField(blank=True, null=True, verbose_name="to be checked again by"),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="memberships.participationdecision",
                        verbose_name="last decision",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participation_reviews",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participation_reviews",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="memberships.screeningsheet",
                        verbose_name="screening",
                    ),
                ),
            ],
            options={
                "verbose_name": "review of participation",
                "verbose_name_plural": "reviews of participation",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "institute"), name="memberships_review_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["requested", "reopened"]),
                                ("waits_since__isnull", False),
                            ),
                            models.Q(
                                models.Q(("state__in", ["requested", "reopened"]), _negated=True),
                                ("waits_since__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="memberships_review_waits_undecided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["requested", "reopened"]),
                            ("decision__isnull", False),
                            _connector="OR",
                        ),
                        name="memberships_review_decided_by_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recheck_on__isnull", True),
                            ("state__in", ["approved", "conditional"]),
                            _connector="OR",
                        ),
                        name="memberships_review_recheck_of_approval",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParticipationCommitment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                ("text", models.CharField(max_length=2000, verbose_name="commitment")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("met_on", models.DateField(blank=True, null=True, verbose_name="met on")),
                (
                    "evidence",
                    models.CharField(
                        blank=True, default="", max_length=2000, verbose_name="evidence"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="memberships.participationdecision",
                    ),
                ),
            ],
            options={
                "verbose_name": "commitment",
                "verbose_name_plural": "commitments",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("evidence", ""), ("met_on__isnull", True)),
                            models.Q(
                                ("met_on__isnull", False), models.Q(("evidence", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="memberships_commitment_met_with_evidence",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ParticipationRecheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("checked_on", models.DateField(verbose_name="checked on")),
                ("next_on", models.DateField(verbose_name="to be checked again by")),
                ("why", models.CharField(max_length=2000, verbose_name="reason")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rechecks",
                        to="memberships.participationdecision",
                    ),
                ),
            ],
            options={
                "verbose_name": "re-check",
                "verbose_name_plural": "re-checks",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("next_on__gt", models.F("checked_on"))),
                        name="memberships_recheck_is_ahead",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="ParticipationDecision",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="memberships.participationreview",
            ),
        ),
        migrations.AddConstraint(
            model_name="ParticipationDecision",
            constraint=models.UniqueConstraint(
                fields=("review", "number"), name="memberships_decision_number"
            ),
        ),
    ]
