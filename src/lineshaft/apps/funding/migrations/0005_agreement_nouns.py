"""Budgets, amendments, waivers, reserve decisions, renewals and close-out of agreements."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0004_account_owners"),
        ("network", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BudgetPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budget_periods",
                        to="funding.agreement",
                        verbose_name="agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget period",
                "verbose_name_plural": "budget periods",
                "ordering": ["agreement_id", "starts_on"],
            },
        ),
        migrations.CreateModel(
            name="BudgetLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("category", models.CharField(max_length=40, verbose_name="category")),
                ("federal_minor", models.BigIntegerField(default=0, verbose_name="federal")),
                ("nonfederal_minor", models.BigIntegerField(default=0, verbose_name="non-federal")),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="funding.budgetperiod",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget line",
                "verbose_name_plural": "budget lines",
                "ordering": ["period_id", "id"],
            },
        ),
        migrations.CreateModel(
            name="CloseoutStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(max_length=40, verbose_name="item")),
                ("done_on", models.DateField(verbose_name="done on")),
                ("record", models.CharField(max_length=200, verbose_name="record")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "reopened_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="opened again at"),
                ),
                ("reopen_reason", models.TextField(blank=True, default="", verbose_name="reason")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closeout_steps",
                        to="funding.agreement",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reopened_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a close-out",
                "verbose_name_plural": "steps of close-outs",
                "ordering": ["agreement_id", "done_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Renewal",
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
                            ("under_review", "Under review"),
                            ("cure_period", "Time to cure"),
                            ("renewed", "Renewed"),
                            ("ineligible", "Not eligible"),
                        ],
                        default="under_review",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="review opened on")),
                (
                    "notified_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="deficiencies notified on"
                    ),
                ),
                (
                    "deficiencies",
                    models.TextField(blank=True, default="", verbose_name="deficiencies"),
                ),
                (
                    "cure_ends_on",
                    models.DateField(blank=True, null=True, verbose_name="time to cure ends on"),
                ),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="decided on")),
                (
                    "progress",
                    models.TextField(
                        blank=True, default="", verbose_name="progress on the standards"
                    ),
                ),
                (
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewal",
                        to="funding.agreement",
                    ),
                ),
                (
                    "renewed_by",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renews",
                        to="funding.agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "renewal",
                "verbose_name_plural": "renewals",
                "ordering": ["-opened_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ReserveDecision",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="reserve_decision",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                ("assessed_from", models.DateField(verbose_name="assessed from")),
                ("assessed_before", models.DateField(verbose_name="assessed before")),
                (
                    "rating",
                    models.CharField(
                        choices=[
                            ("exceeds", "Exceeds its standards"),
                            ("meets", "Meets its standards"),
                            ("below", "Below its standards"),
                        ],
                        max_length=16,
                        verbose_name="performance",
                    ),
                ),
                ("assessment", models.TextField(verbose_name="assessment")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reserve_decisions",
                        to="funding.agreement",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "decision on performance reserve",
                "verbose_name_plural": "decisions on performance reserve",
                "ordering": ["-decided_at", "-transfer_id"],
            },
        ),
        migrations.CreateModel(
            name="Waiver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule_id", models.CharField(max_length=16, verbose_name="rule")),
                ("ground", models.CharField(max_length=40, verbose_name="ground")),
                (
                    "share_bp",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="lowered share"
                    ),
                ),
                (
                    "excluded_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="amount left out"),
                ),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("granted", "Granted"),
                            ("denied", "Denied"),
                            ("revoked", "Revoked"),
                        ],
                        default="requested",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "decision_reason",
                    models.TextField(blank=True, default="", verbose_name="reason of the decision"),
                ),
                ("revoked_on", models.DateField(blank=True, null=True, verbose_name="revoked on")),
                (
                    "revoked_reason",
                    models.TextField(
                        blank=True, default="", verbose_name="reason of the revocation"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waivers",
                        to="funding.agreement",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "waiver",
                "verbose_name_plural": "waivers",
                "ordering": ["agreement_id", "-starts_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Amendment",
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
                            ("no_cost_extension", "No-cost extension"),
                            ("incremental_funding", "Incremental funding"),
                            ("scope", "Change of scope"),
                            ("termination_for_convenience", "Termination for convenience"),
                            ("termination_for_cause", "Termination for cause"),
                        ],
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("executed", "Executed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("effective_on", models.DateField(verbose_name="takes effect on")),
                (
                    "new_ends_on",
                    models.DateField(blank=True, null=True, verbose_name="new end of the term"),
                ),
                (
                    "added_federal_minor",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="federal money added"
                    ),
                ),
                (
                    "new_title",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="new scope"
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "decision_reason",
                    models.TextField(blank=True, default="", verbose_name="reason of the decision"),
                ),
                ("before", models.JSONField(blank=True, default=dict, verbose_name="before")),
                ("after", models.JSONField(blank=True, default=dict, verbose_name="after")),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="funding.agreement",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "amendment",
                "verbose_name_plural": "amendments",
                "ordering": ["agreement_id", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "number"), name="funding_amendment_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("added_federal_minor__isnull", True),
                            ("added_federal_minor__gt", 0),
                            _connector="OR",
                        ),
                        name="funding_amendment_adds_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "executed", "withdrawn"])),
                        name="funding_amendment_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "proposed")),
                            models.Q(
                                models.Q(("state", "proposed"), _negated=True),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="funding_amendment_decided_on_a_day",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="budgetperiod",
            constraint=models.UniqueConstraint(
                fields=("agreement", "number"), name="funding_budget_period_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="budgetperiod",
            constraint=models.UniqueConstraint(
                fields=("agreement", "starts_on"), name="funding_budget_period_start_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="budgetperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                name="funding_budget_period_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="budgetline",
            constraint=models.UniqueConstraint(
                fields=("period", "category"), name="funding_budget_line_category_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="budgetline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("federal_minor__gte", 0),
                    ("nonfederal_minor__gte", 0),
                    models.Q(
                        ("federal_minor__gt", 0), ("nonfederal_minor__gt", 0), _connector="OR"
                    ),
                ),
                name="funding_budget_line_plans_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="closeoutstep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reopened_at__isnull", True)),
                fields=("agreement", "item"),
                name="funding_closeout_item_done_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["under_review", "cure_period", "renewed", "ineligible"])
                ),
                name="funding_renewal_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("renewed_by__isnull", False), ("state", "renewed")),
                    models.Q(
                        models.Q(("state", "renewed"), _negated=True), ("renewed_by__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="funding_renewal_followed_only_if_renewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cure_ends_on__isnull", True), ("notified_on__isnull", True)),
                    models.Q(
                        ("cure_ends_on__gt", models.F("notified_on")),
                        ("notified_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="funding_renewal_cure_after_notice",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("assessed_before__gt", models.F("assessed_from"))),
                name="funding_reserve_assessed_over_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating__in", ["exceeds", "meets"])),
                name="funding_reserve_earned",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                name="funding_waiver_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("excluded_minor__isnull", True), ("share_bp__isnull", False)),
                    models.Q(("excluded_minor__gt", 0), ("share_bp__isnull", True)),
                    _connector="OR",
                ),
                name="funding_waiver_lifts_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["requested", "granted", "denied", "revoked"])),
                name="funding_waiver_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_on__isnull", False), ("state", "revoked")),
                    models.Q(
                        models.Q(("state", "revoked"), _negated=True), ("revoked_on__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="funding_waiver_revoked_on_a_day",
            ),
        ),
    ]
