"""The tables of funding as they stood at the first release, each made once with all that guards it."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("funding", "0001_initial"),
        ("funding", "0002_sponsors"),
        ("funding", "0003_open_accounts"),
        ("funding", "0004_account_owners"),
        ("funding", "0005_agreement_nouns"),
        ("funding", "0006_costs"),
        ("funding", "0007_income"),
        ("funding", "0008_financial_reports"),
        ("funding", "0009_own_income"),
        ("funding", "0010_valuation"),
        ("funding", "0011_duplicates"),
        ("funding", "0012_evidence_marks"),
        ("funding", "0013_claims"),
        ("funding", "0014_commitments"),
        ("funding", "0015_reconciliation"),
        ("funding", "0016_proposals_and_closings"),
        ("funding", "0017_day_sums"),
        ("funding", "0018_kind_of_project"),
        ("funding", "0019_sums_of_contributions_and_costs"),
        ("funding", "0020_order_of_lists"),
        ("funding", "0021_sums_of_certified_reports"),
    ]

    initial = True

    dependencies = [
        ("access", "0001_tables"),
        ("files", "0001_tables"),
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=64, unique=True, verbose_name="number")),
                (
                    "title",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="title"),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="network.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("signed_on", models.DateField(verbose_name="signed on")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                ("federal_total_minor", models.BigIntegerField(verbose_name="federal total")),
                (
                    "cost_share_required_minor",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="cost share required"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("ended", "Ended"),
                            ("terminated", "Terminated"),
                        ],
                        default="draft",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("close_reason", models.TextField(blank=True, default="", verbose_name="reason")),
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
                        default="public",
                        max_length=16,
                        verbose_name="shared with",
                    ),
                ),
            ],
            options={
                "verbose_name": "cooperative agreement",
                "verbose_name_plural": "cooperative agreements",
                "ordering": ["institute_id", "-starts_on", "number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="funding_agreement_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("federal_total_minor__gt", 0)),
                        name="funding_agreement_has_total",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cost_share_required_minor__isnull", True),
                            ("cost_share_required_minor__gte", 0),
                            _connector="OR",
                        ),
                        name="funding_agreement_cost_share_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "active", "ended", "terminated"])
                        ),
                        name="funding_agreement_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementSponsor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sponsors",
                        to="funding.agreement",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sponsored_agreements",
                        to="network.agency",
                        verbose_name="agency",
                    ),
                ),
                ("federal_total_minor", models.BigIntegerField(verbose_name="federal total")),
            ],
            options={
                "verbose_name": "sponsor of an agreement",
                "verbose_name_plural": "sponsors of agreements",
                "ordering": ["agreement_id", "agency__key"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "agency"), name="funding_sponsor_once_for_an_agreement"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("federal_total_minor__gt", 0)),
                        name="funding_sponsor_has_part",
                    ),
                ],
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
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="funding.agreement",
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
                    "new_title",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="new scope"
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
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
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
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
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "decision_reason",
                    models.TextField(blank=True, default="", verbose_name="reason of the decision"),
                ),
                ("before", models.JSONField(blank=True, default=dict, verbose_name="before")),
                ("after", models.JSONField(blank=True, default=dict, verbose_name="after")),
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
        migrations.CreateModel(
            name="Account",
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
                            ("appropriation", "Appropriation"),
                            ("award", "Award"),
                            ("reserve", "Performance reserve"),
                            ("drawn", "Drawn"),
                            ("source", "Contributor"),
                            ("cash", "Cash contribution"),
                            ("in_kind", "In-kind contribution"),
                            ("cost_source", "Costs"),
                            ("incurred", "Costs incurred"),
                            ("paid", "Costs paid"),
                            ("income_source", "Source of programme income"),
                            ("income", "Programme income"),
                            ("income_used", "Programme income used"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="funding.agreement",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="network.agency",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="network.organisation",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("debits_must_not_exceed_credits", models.BooleanField(default=False)),
                ("credits_must_not_exceed_debits", models.BooleanField(default=False)),
                ("is_closed", models.BooleanField(default=False)),
                (
                    "closed_through",
                    models.DateField(blank=True, null=True, verbose_name="books closed through"),
                ),
                (
                    "debits_pending",
                    models.BigIntegerField(default=0, verbose_name="debits pending"),
                ),
                ("debits_posted", models.BigIntegerField(default=0, verbose_name="debits posted")),
                (
                    "credits_pending",
                    models.BigIntegerField(default=0, verbose_name="credits pending"),
                ),
                (
                    "credits_posted",
                    models.BigIntegerField(default=0, verbose_name="credits posted"),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credits_pending__gte", 0),
                            ("credits_posted__gte", 0),
                            ("debits_pending__gte", 0),
                            ("debits_posted__gte", 0),
                        ),
                        name="funding_account_sums_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("debits_must_not_exceed_credits", False),
                            (
                                "credits_posted__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("debits_pending"), "+", models.F("debits_posted")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="funding_account_debits_must_not_exceed_credits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credits_must_not_exceed_debits", False),
                            (
                                "debits_posted__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("credits_pending"), "+", models.F("credits_posted")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="funding_account_credits_must_not_exceed_debits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("agency__isnull", False),
                                ("agreement__isnull", True),
                                ("kind", "appropriation"),
                                ("organisation__isnull", True),
                            ),
                            models.Q(
                                ("agency__isnull", True),
                                ("agreement__isnull", False),
                                ("kind", "source"),
                                ("organisation__isnull", False),
                            ),
                            models.Q(
                                ("agency__isnull", True),
                                ("agreement__isnull", False),
                                (
                                    "kind__in",
                                    [
                                        "cash",
                                        "in_kind",
                                        "cost_source",
                                        "incurred",
                                        "paid",
                                        "income_source",
                                        "income",
                                        "income_used",
                                    ],
                                ),
                                ("organisation__isnull", True),
                            ),
                            models.Q(
                                ("agency__isnull", False),
                                ("agreement__isnull", False),
                                ("kind__in", ["award", "drawn", "reserve"]),
                                ("organisation__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_account_belongs_to_its_owner",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("agency__isnull", True),
                            ("agreement__isnull", False),
                            ("organisation__isnull", True),
                        ),
                        fields=("agreement", "kind"),
                        name="funding_account_one_of_a_kind",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("agency__isnull", False), ("agreement__isnull", False)),
                        fields=("agreement", "kind", "agency"),
                        name="funding_account_one_of_a_kind_for_each_sponsor",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("agency__isnull", False), ("agreement__isnull", True)),
                        fields=("agency", "currency"),
                        name="funding_account_one_appropriation",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("organisation__isnull", False)),
                        fields=("agreement", "organisation"),
                        name="funding_account_one_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="funding.agreement",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("direct", "Direct"),
                            ("pending", "Pending"),
                            ("post", "Posted"),
                            ("void", "Voided"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("authorise", "Authorisation"),
                            ("obligate", "Obligation"),
                            ("draw", "Drawdown"),
                            ("release", "Release"),
                            ("return", "Return"),
                            ("withhold", "Held back as performance reserve"),
                            ("release_reserve", "Release of performance reserve"),
                            ("encumber", "Encumbrance"),
                            ("liquidate", "Liquidation"),
                            ("release_encumbrance", "Release of encumbrance"),
                            ("incur", "Cost"),
                            ("pay", "Payment of costs"),
                            ("earn_income", "Programme income"),
                            ("use_income", "Use of programme income"),
                            ("contribute_cash", "Cash contribution"),
                            ("contribute_in_kind", "In-kind contribution"),
                            ("accept", "Acceptance"),
                            ("refuse", "Refusal"),
                            ("withdraw", "Withdrawal"),
                            ("correct", "Correction"),
                        ],
                        max_length=24,
                        verbose_name="code",
                    ),
                ),
                (
                    "debit_account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debits",
                        to="funding.account",
                    ),
                ),
                (
                    "credit_account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="funding.account",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("occurred_on", models.DateField(verbose_name="date")),
                (
                    "pending",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="funding.transfer",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="funding.transfer",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="reference"
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "transfer",
                "verbose_name_plural": "transfers",
                "ordering": ["-occurred_on", "-id"],
                "indexes": [
                    models.Index(
                        fields=["agreement", "occurred_on", "code", "id"],
                        name="funding_transfer_by_day",
                    ),
                    models.Index(fields=["occurred_on", "id"], name="funding_transfer_in_order"),
                    models.Index(
                        condition=models.Q(("pending__isnull", False)),
                        fields=["pending"],
                        name="funding_transfer_by_pending",
                    ),
                    models.Index(
                        condition=models.Q(("corrects__isnull", False)),
                        fields=["corrects"],
                        name="funding_transfer_by_corrects",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="funding_transfer_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("debit_account", models.F("credit_account")), _negated=True
                        ),
                        name="funding_transfer_two_accounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["post", "void"]), ("pending__isnull", False)),
                            models.Q(
                                ("kind__in", ["direct", "pending"]), ("pending__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="funding_transfer_settles_a_pending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", "correct"), ("corrects__isnull", False)),
                            models.Q(
                                models.Q(("code", "correct"), _negated=True),
                                ("corrects__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_transfer_correction_names_the_old",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="hold",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                ("remaining_minor", models.BigIntegerField(verbose_name="still pending")),
            ],
            options={
                "verbose_name": "hold",
                "verbose_name_plural": "holds",
                "indexes": [
                    models.Index(
                        condition=models.Q(("remaining_minor__gt", 0)),
                        fields=["transfer"],
                        name="funding_hold_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("remaining_minor__gte", 0)),
                        name="funding_hold_not_overdrawn",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="contribution",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="funding.agreement",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="network.organisation",
                        verbose_name="contributor",
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("is_cash", models.BooleanField(verbose_name="cash")),
                (
                    "is_federal_origin",
                    models.BooleanField(default=False, verbose_name="of federal origin"),
                ),
                (
                    "other_award",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="other award"
                    ),
                ),
                (
                    "units",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=14, null=True, verbose_name="units"
                    ),
                ),
                ("rate_minor", models.BigIntegerField(blank=True, null=True, verbose_name="rate")),
                (
                    "fringe_bp",
                    models.IntegerField(blank=True, null=True, verbose_name="fringe benefits"),
                ),
                (
                    "market_value_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="fair market value"),
                ),
                (
                    "book_value_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="book value"),
                ),
                (
                    "base_minor",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="base of the indirect rate"
                    ),
                ),
                (
                    "approved_rate_bp",
                    models.IntegerField(
                        blank=True, null=True, verbose_name="approved indirect rate"
                    ),
                ),
                (
                    "charged_rate_bp",
                    models.IntegerField(
                        blank=True, null=True, verbose_name="indirect rate charged"
                    ),
                ),
                (
                    "appraisal",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="independent appraisal"
                    ),
                ),
                (
                    "approval",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="prior approval"
                    ),
                ),
                (
                    "basis_of_value",
                    models.TextField(blank=True, default="", verbose_name="basis of value"),
                ),
                ("occurred_on", models.DateField(verbose_name="date")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("claimed_minor", models.BigIntegerField(verbose_name="claimed")),
                ("accepted_minor", models.BigIntegerField(default=0, verbose_name="accepted")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("recorded", "Recorded"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="recorded",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="own number"
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
                        default="restricted",
                        max_length=16,
                        verbose_name="shared with",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "decision_reason",
                    models.TextField(blank=True, default="", verbose_name="reason"),
                ),
            ],
            options={
                "verbose_name": "contribution",
                "verbose_name_plural": "contributions",
                "ordering": ["-occurred_on", "-transfer_id"],
                "indexes": [
                    models.Index(
                        fields=["agreement", "occurred_on"], name="funding_contrib_by_agreement"
                    ),
                    models.Index(
                        fields=["occurred_on", "transfer"], name="funding_contrib_in_order"
                    ),
                    models.Index(fields=["state", "occurred_on"], name="funding_contrib_by_state"),
                    models.Index(
                        fields=["claimed_minor", "occurred_on"], name="funding_contrib_by_claim"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("claimed_minor__gt", 0)),
                        name="funding_contribution_claims_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_minor__gte", 0),
                            ("accepted_minor__lte", models.F("claimed_minor")),
                        ),
                        name="funding_contribution_accepted_within_claim",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "accepted"), ("accepted_minor", 0), _connector="OR"
                        ),
                        name="funding_contribution_counts_only_accepted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["recorded", "accepted", "refused", "withdrawn"])
                        ),
                        name="funding_contribution_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_federal_origin", True), ("state", "accepted"), _negated=True
                        ),
                        name="funding_contribution_federal_never_counts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("units__isnull", True), ("units__gt", 0), _connector="OR"),
                            models.Q(
                                ("rate_minor__isnull", True), ("rate_minor__gt", 0), _connector="OR"
                            ),
                            models.Q(
                                ("market_value_minor__isnull", True),
                                ("market_value_minor__gt", 0),
                                _connector="OR",
                            ),
                            models.Q(
                                ("book_value_minor__isnull", True),
                                ("book_value_minor__gt", 0),
                                _connector="OR",
                            ),
                            models.Q(
                                ("base_minor__isnull", True), ("base_minor__gt", 0), _connector="OR"
                            ),
                            models.Q(
                                ("fringe_bp__isnull", True), ("fringe_bp__gte", 0), _connector="OR"
                            ),
                            models.Q(
                                ("approved_rate_bp__isnull", True),
                                ("approved_rate_bp__gte", 0),
                                _connector="OR",
                            ),
                            models.Q(
                                ("charged_rate_bp__isnull", True),
                                ("charged_rate_bp__gte", 0),
                                _connector="OR",
                            ),
                        ),
                        name="funding_contribution_valuation_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContributionEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="funding.contribution",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reference"
                    ),
                ),
                ("mark", models.CharField(blank=True, default="", editable=False, max_length=220)),
                (
                    "attached_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("attached_at", models.DateTimeField(verbose_name="attached at")),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["mark"], name="funding_evidence_by_mark")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("file__isnull", False),
                            models.Q(("reference", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="funding_evidence_is_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CostShareClaim",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="funding.agreement",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cost_share_claims",
                        to="network.organisation",
                        verbose_name="contributor",
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="own number"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
            ],
            options={
                "verbose_name": "claim of cost share",
                "verbose_name_plural": "claims of cost share",
                "ordering": ["-starts_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="funding_claim_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimLine",
            fields=[
                (
                    "contribution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="line",
                        serialize=False,
                        to="funding.contribution",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funding.costshareclaim",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a claim",
                "verbose_name_plural": "lines of claims",
                "ordering": ["contribution_id"],
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
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closeout_steps",
                        to="funding.agreement",
                    ),
                ),
                ("item", models.CharField(max_length=40, verbose_name="item")),
                ("done_on", models.DateField(verbose_name="done on")),
                ("record", models.CharField(max_length=200, verbose_name="record")),
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
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "reopened_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="opened again at"),
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
                ("reopen_reason", models.TextField(blank=True, default="", verbose_name="reason")),
            ],
            options={
                "verbose_name": "step of a close-out",
                "verbose_name_plural": "steps of close-outs",
                "ordering": ["agreement_id", "done_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reopened_at__isnull", True)),
                        fields=("agreement", "item"),
                        name="funding_closeout_item_done_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BooksClosing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="books_closings",
                        to="network.institute",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[("close", "Closed"), ("reopen", "Opened again")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "through",
                    models.DateField(blank=True, null=True, verbose_name="books closed through"),
                ),
                (
                    "transfer_count",
                    models.BigIntegerField(verbose_name="transfers in the closed span"),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "closing of books",
                "verbose_name_plural": "closings of books",
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("institute__isnull", False)),
                        fields=("institute", "number"),
                        name="funding_closing_one_of_a_number",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("institute__isnull", True)),
                        fields=("number",),
                        name="funding_closing_one_of_a_number_in_network",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "close"), ("through__isnull", False)),
                            models.Q(("kind", "reopen"), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="funding_closing_says_what",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="funding.agreement",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="network.organisation",
                        verbose_name="contributor",
                    ),
                ),
                ("is_cash", models.BooleanField(verbose_name="cash")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("promised_on", models.DateField(verbose_name="promised on")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("reference", models.CharField(max_length=200, verbose_name="letter")),
                ("released_minor", models.BigIntegerField(default=0, verbose_name="released")),
                (
                    "released_on",
                    models.DateField(blank=True, null=True, verbose_name="released on"),
                ),
                ("release_reason", models.TextField(blank=True, default="", verbose_name="reason")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "commitment of cost share",
                "verbose_name_plural": "commitments of cost share",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(fields=["agreement", "due_on"], name="funding_commitment_by_due")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="funding_commitment_promises_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_minor__gte", 0),
                            ("released_minor__lte", models.F("amount_minor")),
                        ),
                        name="funding_commitment_released_within_promise",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_minor", 0), ("released_on__isnull", True)),
                            models.Q(("released_minor__gt", 0), ("released_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="funding_commitment_released_on_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("promised_on"))),
                        name="funding_commitment_due_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        name="funding_commitment_has_letter",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cost",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="cost",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="costs",
                        to="funding.agreement",
                    ),
                ),
                ("category", models.CharField(max_length=40, verbose_name="category")),
                ("payee", models.CharField(max_length=200, verbose_name="payee")),
                (
                    "description",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="description"
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="date")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("is_encumbrance", models.BooleanField(verbose_name="encumbrance")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("incurred_minor", models.BigIntegerField(default=0, verbose_name="incurred")),
                ("paid_minor", models.BigIntegerField(default=0, verbose_name="paid")),
                (
                    "external_id",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="own number"
                    ),
                ),
            ],
            options={
                "verbose_name": "cost",
                "verbose_name_plural": "costs",
                "ordering": ["-occurred_on", "-transfer_id"],
                "indexes": [
                    models.Index(
                        fields=["agreement", "occurred_on"], name="funding_cost_by_agreement"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="funding_cost_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("incurred_minor__lte", models.F("amount_minor")),
                            ("paid_minor__gte", 0),
                            ("paid_minor__lte", models.F("incurred_minor")),
                        ),
                        name="funding_cost_paid_within_incurred",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CostMovement",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="cost_movement",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                (
                    "cost",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="funding.cost",
                    ),
                ),
            ],
            options={
                "verbose_name": "movement of a cost",
                "verbose_name_plural": "movements of costs",
                "ordering": ["transfer_id"],
            },
        ),
        migrations.CreateModel(
            name="CostEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "movement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="funding.costmovement",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reference"
                    ),
                ),
                (
                    "attached_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("attached_at", models.DateTimeField(verbose_name="attached at")),
            ],
            options={
                "verbose_name": "evidence of a cost",
                "verbose_name_plural": "evidence of costs",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("file__isnull", False),
                            models.Q(("reference", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="funding_cost_evidence_is_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DaySum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_sums",
                        to="funding.agreement",
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="date")),
                ("code", models.CharField(max_length=24, verbose_name="code")),
                (
                    "corrects_code",
                    models.CharField(
                        blank=True, max_length=24, verbose_name="code of what is corrected"
                    ),
                ),
                (
                    "debit_kind",
                    models.CharField(max_length=16, verbose_name="kind of the account debited"),
                ),
                (
                    "credit_kind",
                    models.CharField(max_length=16, verbose_name="kind of the account credited"),
                ),
                ("transfers", models.BigIntegerField(verbose_name="number of transfers")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "sum of a day",
                "verbose_name_plural": "sums of days",
                "ordering": ["agreement", "occurred_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "agreement",
                            "occurred_on",
                            "code",
                            "corrects_code",
                            "debit_kind",
                            "credit_kind",
                        ),
                        name="funding_daysum_one_of_a_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("transfers__gt", 0)),
                        name="funding_daysum_counts_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContributionSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contribution_sums",
                        to="funding.agreement",
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="date")),
                ("is_cash", models.BooleanField(verbose_name="cash")),
                ("is_other", models.BooleanField(verbose_name="of federal origin")),
                ("contributions", models.BigIntegerField(verbose_name="number of contributions")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "sum of a day's contributions",
                "verbose_name_plural": "sums of days' contributions",
                "ordering": ["agreement", "occurred_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "occurred_on", "is_cash", "is_other"),
                        name="funding_contributionsum_one_of_a_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0), ("contributions__gte", 0)),
                        name="funding_contributionsum_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContributorSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributor_sums",
                        to="funding.agreement",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.organisation",
                    ),
                ),
                ("is_cash", models.BooleanField(verbose_name="cash")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "sum of a contributor",
                "verbose_name_plural": "sums of contributors",
                "ordering": ["agreement", "organisation", "is_cash"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "organisation", "is_cash"),
                        name="funding_contributorsum_one_of_a_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0)),
                        name="funding_contributorsum_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CostSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cost_sums",
                        to="funding.agreement",
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="date")),
                ("category", models.CharField(max_length=40, verbose_name="category")),
                ("code", models.CharField(max_length=24, verbose_name="code")),
                (
                    "corrects_code",
                    models.CharField(
                        blank=True, max_length=24, verbose_name="code of what is corrected"
                    ),
                ),
                ("movements", models.BigIntegerField(verbose_name="number of movements")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "sum of a day's costs",
                "verbose_name_plural": "sums of days' costs",
                "ordering": ["agreement", "occurred_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "occurred_on", "category", "code", "corrects_code"),
                        name="funding_costsum_one_of_a_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("movements__gt", 0)),
                        name="funding_costsum_counts_something",
                    ),
                ],
            },
        ),
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
                    "first",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.contribution",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.contribution",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("first", "second", "sign"), name="funding_duplicate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="funding_duplicate_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sign__in", ["file", "reference", "content"])),
                        name="funding_duplicate_sign_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportingTerms",
            fields=[
                (
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="reporting_terms",
                        serialize=False,
                        to="funding.agreement",
                    ),
                ),
                ("report_term", models.CharField(max_length=40, verbose_name="report term")),
                (
                    "basis",
                    models.CharField(
                        choices=[("cash", "Cash"), ("accrual", "Accrual")],
                        default="accrual",
                        max_length=8,
                        verbose_name="basis of accounting",
                    ),
                ),
                (
                    "income_method",
                    models.CharField(max_length=40, verbose_name="use of programme income"),
                ),
                (
                    "recipient_account",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=64,
                        verbose_name="recipient's account number",
                    ),
                ),
                (
                    "activity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("research_project", "Research and development"),
                            ("demonstration_project", "Demonstration and commercial application"),
                        ],
                        default="",
                        max_length=24,
                        verbose_name="kind of project",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of reporting",
                "verbose_name_plural": "terms of reporting",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("basis__in", ["cash", "accrual"])),
                        name="funding_reporting_basis_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("activity__in", ["", "research_project", "demonstration_project"])
                        ),
                        name="funding_reporting_activity_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Income",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="income",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="income",
                        to="funding.agreement",
                    ),
                ),
                ("stream", models.CharField(max_length=40, verbose_name="stream")),
                ("payer", models.CharField(max_length=200, verbose_name="payer")),
                (
                    "description",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="description"
                    ),
                ),
                ("gross_minor", models.BigIntegerField(verbose_name="came in")),
                (
                    "cost_of_earning_minor",
                    models.BigIntegerField(default=0, verbose_name="costs of earning it"),
                ),
            ],
            options={
                "verbose_name": "programme income",
                "verbose_name_plural": "programme income",
                "ordering": ["-transfer__occurred_on", "-transfer_id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cost_of_earning_minor__gte", 0),
                            ("cost_of_earning_minor__lt", models.F("gross_minor")),
                        ),
                        name="funding_income_leaves_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomeUse",
            fields=[
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="income_use",
                        serialize=False,
                        to="funding.transfer",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="income_uses",
                        to="funding.agreement",
                    ),
                ),
                ("category", models.CharField(max_length=40, verbose_name="category")),
                ("description", models.CharField(max_length=300, verbose_name="description")),
            ],
            options={
                "verbose_name": "use of programme income",
                "verbose_name_plural": "uses of programme income",
                "ordering": ["-transfer__occurred_on", "-transfer_id"],
            },
        ),
        migrations.CreateModel(
            name="IndirectRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indirect_rates",
                        to="funding.agreement",
                    ),
                ),
                (
                    "rate_type",
                    models.CharField(
                        choices=[
                            ("provisional", "Provisional"),
                            ("predetermined", "Predetermined"),
                            ("final", "Final"),
                            ("fixed", "Fixed"),
                        ],
                        max_length=16,
                        verbose_name="type of rate",
                    ),
                ),
                ("rate_bp", models.PositiveIntegerField(verbose_name="rate")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                ("reference", models.CharField(max_length=120, verbose_name="rate agreement")),
            ],
            options={
                "verbose_name": "indirect rate",
                "verbose_name_plural": "indirect rates",
                "ordering": ["starts_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__gt", models.F("starts_on")), ("rate_bp__gt", 0)
                        ),
                        name="funding_indirect_rate_possible",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FinancialReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="financial_reports",
                        to="funding.agreement",
                    ),
                ),
                ("term", models.CharField(max_length=40, verbose_name="report type")),
                (
                    "basis",
                    models.CharField(
                        choices=[("cash", "Cash"), ("accrual", "Accrual")],
                        max_length=8,
                        verbose_name="basis of accounting",
                    ),
                ),
                ("period_end", models.DateField(verbose_name="period end")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("edition", models.PositiveSmallIntegerField(verbose_name="edition")),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="funding.financialreport",
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("content", models.JSONField(verbose_name="content")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("remarks", models.TextField(blank=True, default="", verbose_name="remarks")),
                (
                    "certified_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="certified by",
                    ),
                ),
                ("certified_at", models.DateTimeField(verbose_name="certified at")),
            ],
            options={
                "verbose_name": "financial report",
                "verbose_name_plural": "financial reports",
                "ordering": ["-period_end", "term", "-edition"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "term", "period_end", "edition"),
                        name="funding_report_one_of_an_edition",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("edition", 1), ("supersedes__isnull", True)),
                            models.Q(
                                ("edition__gt", 1),
                                ("supersedes__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_report_says_why_it_replaces",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FinancialReportDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="funding.financialreport",
                    ),
                ),
                ("kind", models.CharField(max_length=8, verbose_name="format")),
                (
                    "language",
                    models.CharField(
                        blank=True, default="", max_length=16, verbose_name="language"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
            ],
            options={
                "verbose_name": "document of a financial report",
                "verbose_name_plural": "documents of financial reports",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "kind", "language"), name="funding_report_document_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FinancialReportSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sums",
                        to="funding.financialreport",
                    ),
                ),
                ("code", models.CharField(max_length=24, verbose_name="code")),
                (
                    "corrects_code",
                    models.CharField(
                        blank=True, max_length=24, verbose_name="code of what is corrected"
                    ),
                ),
                (
                    "debit_kind",
                    models.CharField(max_length=16, verbose_name="kind of the account debited"),
                ),
                (
                    "credit_kind",
                    models.CharField(max_length=16, verbose_name="kind of the account credited"),
                ),
                ("transfers", models.BigIntegerField(verbose_name="number of transfers")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "sum behind a financial report",
                "verbose_name_plural": "sums behind financial reports",
                "ordering": ["report", "code", "corrects_code", "id"],
            },
        ),
        migrations.CreateModel(
            name="OwnIncome",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "institute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_income",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                ("stream", models.CharField(max_length=40, verbose_name="stream")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("received_on", models.DateField(verbose_name="received on")),
                (
                    "payer",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="payer"),
                ),
                (
                    "description",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="description"
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="own number"
                    ),
                ),
                (
                    "reverses",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="funding.ownincome",
                        verbose_name="reverses",
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "own income",
                "verbose_name_plural": "own income",
                "ordering": ["-received_on", "-id"],
                "indexes": [
                    models.Index(
                        fields=["institute", "received_on"], name="funding_own_by_institute"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="funding_own_income_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reverses__isnull", True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="funding_own_income_reversal_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferProposal",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="funding.agreement",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("authorise", "Authorisation"),
                            ("obligate", "Obligation"),
                            ("draw", "Drawdown"),
                            ("release", "Release"),
                            ("return", "Return"),
                            ("withhold", "Held back as performance reserve"),
                            ("release_reserve", "Release of performance reserve"),
                            ("encumber", "Encumbrance"),
                            ("liquidate", "Liquidation"),
                            ("release_encumbrance", "Release of encumbrance"),
                            ("incur", "Cost"),
                            ("pay", "Payment of costs"),
                            ("earn_income", "Programme income"),
                            ("use_income", "Use of programme income"),
                            ("contribute_cash", "Cash contribution"),
                            ("contribute_in_kind", "In-kind contribution"),
                            ("accept", "Acceptance"),
                            ("refuse", "Refusal"),
                            ("withdraw", "Withdrawal"),
                            ("correct", "Correction"),
                        ],
                        max_length=24,
                        verbose_name="code",
                    ),
                ),
                (
                    "debit_account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.account",
                    ),
                ),
                (
                    "credit_account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.account",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("occurred_on", models.DateField(verbose_name="date")),
                (
                    "pending",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.transfer",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.transfer",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="reference"
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for a second person"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "decision_reason",
                    models.TextField(blank=True, default="", verbose_name="reason of the decision"),
                ),
            ],
            options={
                "verbose_name": "proposed transfer",
                "verbose_name_plural": "proposed transfers",
                "ordering": ["-proposed_at", "-id"],
                "indexes": [
                    models.Index(fields=["state", "proposed_at"], name="funding_proposal_by_state"),
                    models.Index(
                        fields=["agreement", "proposed_at"], name="funding_proposal_by_agreement"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="funding_proposal_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "approved", "rejected", "withdrawn"])
                        ),
                        name="funding_proposal_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", "correct"), ("corrects__isnull", False)),
                            models.Q(
                                models.Q(("code", "correct"), _negated=True),
                                ("corrects__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_proposal_correction_names_the_old",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("state", "proposed"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by", models.F("proposed_by")),
                                ("state", "withdrawn"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state__in", ["approved", "rejected"]),
                                models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_proposal_takes_two_persons",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "source",
                    models.CharField(
                        choices=[("payment", "Payment file"), ("bank", "Bank statement")],
                        max_length=8,
                        verbose_name="source",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_lines",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_lines",
                        to="funding.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_lines",
                        to="network.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "account",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="account"
                    ),
                ),
                ("booked_on", models.DateField(verbose_name="booked on")),
                ("value_on", models.DateField(blank=True, null=True, verbose_name="value date")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "counterparty",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="counterparty"
                    ),
                ),
                (
                    "text",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="text"),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="reference"
                    ),
                ),
                ("ordinal", models.PositiveIntegerField(default=1)),
                (
                    "origin",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="came in"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "line of a statement",
                "verbose_name_plural": "lines of statements",
                "ordering": ["-booked_on", "-id"],
                "indexes": [
                    models.Index(
                        fields=["institute", "source", "booked_on"],
                        name="funding_line_by_institute",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True),
                        name="funding_line_amount_not_zero",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("agency__isnull", False),
                                ("agreement__isnull", False),
                                ("source", "payment"),
                            ),
                            models.Q(
                                ("agency__isnull", True),
                                ("source", "bank"),
                                models.Q(("account", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_line_belongs_to_its_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineMatch",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=8, verbose_name="source")),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="line_matches",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("reference", "the same reference and amount"),
                            ("reference_sum", "one reference, the same sum"),
                            ("amount", "the same amount about the same day, no other like it"),
                            ("sum", "several that sum to one"),
                            ("corrected", "taken back by its correction"),
                            ("by_hand", "matched by hand"),
                            ("explained", "explained"),
                        ],
                        max_length=16,
                        verbose_name="rule",
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
                (
                    "undone_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="undone at"),
                ),
                (
                    "undo_reason",
                    models.TextField(blank=True, default="", verbose_name="why undone"),
                ),
            ],
            options={
                "verbose_name": "match of lines",
                "verbose_name_plural": "matches of lines",
                "ordering": ["-made_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("undone_at__isnull", True),
                            models.Q(("undo_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="funding_match_undone_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rule", "explained"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="funding_match_explained_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "match",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="funding.linematch",
                    ),
                ),
                ("source", models.CharField(max_length=8, verbose_name="source")),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="match_parts",
                        to="funding.statementline",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="match_parts",
                        to="funding.transfer",
                    ),
                ),
                (
                    "own_income",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="match_parts",
                        to="funding.ownincome",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("is_open", models.BooleanField(default=True, verbose_name="stands")),
            ],
            options={
                "verbose_name": "part of a match",
                "verbose_name_plural": "parts of matches",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("line__isnull", False),
                                ("own_income__isnull", True),
                                ("transfer__isnull", True),
                            ),
                            models.Q(
                                ("line__isnull", True),
                                ("own_income__isnull", True),
                                ("transfer__isnull", False),
                            ),
                            models.Q(
                                ("line__isnull", True),
                                ("own_income__isnull", False),
                                ("transfer__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_match_part_is_one_thing",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)),
                        fields=("line",),
                        name="funding_line_matched_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)),
                        fields=("transfer", "source"),
                        name="funding_transfer_matched_once_a_source",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)),
                        fields=("own_income", "source"),
                        name="funding_own_income_matched_once",
                    ),
                ],
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
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewal",
                        to="funding.agreement",
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["under_review", "cure_period", "renewed", "ineligible"])
                        ),
                        name="funding_renewal_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("renewed_by__isnull", False), ("state", "renewed")),
                            models.Q(
                                models.Q(("state", "renewed"), _negated=True),
                                ("renewed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_renewal_followed_only_if_renewed",
                    ),
                    models.CheckConstraint(
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
                ],
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
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reserve_decisions",
                        to="funding.agreement",
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
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
            ],
            options={
                "verbose_name": "decision on performance reserve",
                "verbose_name_plural": "decisions on performance reserve",
                "ordering": ["-decided_at", "-transfer_id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("assessed_before__gt", models.F("assessed_from"))),
                        name="funding_reserve_assessed_over_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rating__in", ["exceeds", "meets"])),
                        name="funding_reserve_earned",
                    ),
                ],
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
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waivers",
                        to="funding.agreement",
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
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
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
            ],
            options={
                "verbose_name": "waiver",
                "verbose_name_plural": "waivers",
                "ordering": ["agreement_id", "-starts_on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="funding_waiver_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("excluded_minor__isnull", True), ("share_bp__isnull", False)),
                            models.Q(("excluded_minor__gt", 0), ("share_bp__isnull", True)),
                            _connector="OR",
                        ),
                        name="funding_waiver_lifts_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["requested", "granted", "denied", "revoked"])
                        ),
                        name="funding_waiver_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoked_on__isnull", False), ("state", "revoked")),
                            models.Q(
                                models.Q(("state", "revoked"), _negated=True),
                                ("revoked_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="funding_waiver_revoked_on_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budget_periods",
                        to="funding.agreement",
                        verbose_name="agreement",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
            ],
            options={
                "verbose_name": "budget period",
                "verbose_name_plural": "budget periods",
                "ordering": ["agreement_id", "starts_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "number"), name="funding_budget_period_number_once"
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "starts_on"), name="funding_budget_period_start_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="funding_budget_period_ends_after_start",
                    ),
                ],
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
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="funding.budgetperiod",
                    ),
                ),
                ("category", models.CharField(max_length=40, verbose_name="category")),
                ("federal_minor", models.BigIntegerField(default=0, verbose_name="federal")),
                ("nonfederal_minor", models.BigIntegerField(default=0, verbose_name="non-federal")),
            ],
            options={
                "verbose_name": "budget line",
                "verbose_name_plural": "budget lines",
                "ordering": ["period_id", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("period", "category"), name="funding_budget_line_category_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("federal_minor__gte", 0),
                            ("nonfederal_minor__gte", 0),
                            models.Q(
                                ("federal_minor__gt", 0),
                                ("nonfederal_minor__gt", 0),
                                _connector="OR",
                            ),
                        ),
                        name="funding_budget_line_plans_something",
                    ),
                ],
            },
        ),
    ]
