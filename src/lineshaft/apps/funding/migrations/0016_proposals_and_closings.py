"""Transfers that wait for a second person, and how far books are closed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0015_reconciliation"),
        ("network", "0002_recipient_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BooksClosing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
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
            name="TransferProposal",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
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
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("occurred_on", models.DateField(verbose_name="date")),
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
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "decision_reason",
                    models.TextField(blank=True, default="", verbose_name="reason of the decision"),
                ),
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
                    "credit_account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.account",
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
                    "proposed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
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
    ]
