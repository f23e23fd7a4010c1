"""Joining: applications and signatures, invoices and payments, people and their invitations."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lineshaft.apps.memberships.rules.access
import lineshaft.apps.memberships.rules.agreements
import lineshaft.apps.memberships.rules.applications
import lineshaft.apps.memberships.rules.invoices


class Migration(migrations.Migration):
    dependencies = [
        ("access", "__first__"),
        ("files", "0001_tables"),
        ("funding", "0001_tables"),
        ("memberships", "0003_tier_terms"),
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.AlterField(
            model_name="memberagreement",
            name="ended_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    (
                        lineshaft.apps.memberships.rules.agreements.EndReason["NOT_ENDED"],
                        "Not ended",
                    ),
                    (
                        lineshaft.apps.memberships.rules.agreements.EndReason["TERM_ENDED"],
                        "The agreed term ended",
                    ),
                    (
                        lineshaft.apps.memberships.rules.agreements.EndReason["LEFT"],
                        "The member left",
                    ),
                    (
                        lineshaft.apps.memberships.rules.agreements.EndReason["DUES_UNPAID"],
                        "Dues were not paid",
                    ),
                    (
                        lineshaft.apps.memberships.rules.agreements.EndReason["BREACH"],
                        "Breach of the agreement",
                    ),
                    (
                        lineshaft.apps.memberships.rules.agreements.EndReason["INSTITUTE_ENDED"],
                        "The institute ended",
                    ),
                    (
                        lineshaft.apps.memberships.rules.agreements.EndReason["TIER_CHANGED"],
                        "Another tier follows",
                    ),
                ],
                default="",
                max_length=16,
                verbose_name="why it ended",
            ),
        ),
        migrations.CreateModel(
            name="MembershipApplication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "is_new_organisation",
                    models.BooleanField(default=False, verbose_name="entered with the application"),
                ),
                ("tier", models.CharField(max_length=32, verbose_name="membership tier")),
                ("purpose", models.TextField(blank=True, default="", verbose_name="what for")),
                (
                    "language",
                    models.CharField(
                        default="en", max_length=16, verbose_name="language of the agreement"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.memberships.rules.applications.ApplicationState[
                                    "SUBMITTED"
                                ],
                                "Submitted",
                            ),
                            (
                                lineshaft.apps.memberships.rules.applications.ApplicationState[
                                    "APPROVED"
                                ],
                                "Approved",
                            ),
                            (
                                lineshaft.apps.memberships.rules.applications.ApplicationState[
                                    "SIGNED"
                                ],
                                "Signed",
                            ),
                            (
                                lineshaft.apps.memberships.rules.applications.ApplicationState[
                                    "ADMITTED"
                                ],
                                "Admitted",
                            ),
                            (
                                lineshaft.apps.memberships.rules.applications.ApplicationState[
                                    "DECLINED"
                                ],
                                "Declined",
                            ),
                            (
                                lineshaft.apps.memberships.rules.applications.ApplicationState[
                                    "WITHDRAWN"
                                ],
                                "Withdrawn",
                            ),
                        ],
                        default=lineshaft.apps.memberships.rules.applications.ApplicationState[
                            "SUBMITTED"
                        ],
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("submitted_at", models.DateTimeField(verbose_name="submitted at")),
                (
                    "approved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="approved at"),
                ),
                (
                    "signed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="signed at"),
                ),
                (
                    "admitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="admitted at"),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="declined or withdrawn at"
                    ),
                ),
                (
                    "closed_reason",
                    models.TextField(
                        blank=True, default="", verbose_name="why it was declined or withdrawn"
                    ),
                ),
                (
                    "starts_on",
                    models.DateField(blank=True, null=True, verbose_name="membership from"),
                ),
                (
                    "dues_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="dues a year"),
                ),
                (
                    "in_kind_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="in kind a year"),
                ),
                (
                    "term_months",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="months of a term"
                    ),
                ),
                (
                    "document_sha256",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=64,
                        verbose_name="SHA-256 of the document",
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "agreement",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="application",
                        to="memberships.memberagreement",
                        verbose_name="membership agreement",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="applied by",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="agreement document",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership application",
                "verbose_name_plural": "membership applications",
                "indexes": [
                    models.Index(
                        fields=["institute", "state", "submitted_at"],
                        name="memberships_application_list",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["submitted", "approved", "signed"])),
                        fields=("institute", "organisation"),
                        name="memberships_application_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["approved", "signed"]), _negated=True),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("document__isnull", False),
                                ("starts_on__isnull", False),
                                ("dues_minor__gte", 0),
                                ("in_kind_minor__gte", 0),
                                ("term_months__gte", 1),
                                models.Q(("document_sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="memberships_application_has_a_document",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "signed"), _negated=True),
                            ("signed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="memberships_application_is_signed_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "admitted"), _negated=True),
                            models.Q(("admitted_at__isnull", False), ("agreement__isnull", False)),
                            _connector="OR",
                        ),
                        name="memberships_application_is_admitted_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["declined", "withdrawn"]), _negated=True),
                            ("closed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="memberships_application_is_closed_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationPerson",
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
                                lineshaft.apps.memberships.rules.access.Way["CONTACT"],
                                "Applied for the organisation",
                            ),
                            (
                                lineshaft.apps.memberships.rules.access.Way["INVITATION"],
                                "By invitation",
                            ),
                            (
                                lineshaft.apps.memberships.rules.access.Way["DOMAIN"],
                                "By e-mail domain",
                            ),
                        ],
                        max_length=16,
                        verbose_name="how",
                    ),
                ),
                ("joined_at", models.DateTimeField(verbose_name="since")),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken off at"),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_people",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="belongs_to",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "person of an organisation",
                "verbose_name_plural": "people of organisations",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("organisation", "user"),
                        name="memberships_person_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreedTerms",
            fields=[
                (
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="agreed",
                        serialize=False,
                        to="memberships.memberagreement",
                        verbose_name="membership agreement",
                    ),
                ),
                ("dues_minor", models.BigIntegerField(verbose_name="dues a year")),
                ("in_kind_minor", models.BigIntegerField(verbose_name="in kind a year")),
                ("term_months", models.PositiveSmallIntegerField(verbose_name="months of a term")),
                ("agreed_at", models.DateTimeField(verbose_name="agreed at")),
                (
                    "follows",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="memberships.memberagreement",
                        verbose_name="follows",
                    ),
                ),
            ],
            options={
                "verbose_name": "agreed terms",
                "verbose_name_plural": "agreed terms",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dues_minor__gte", 0),
                            ("in_kind_minor__gte", 0),
                            ("term_months__gte", 1),
                        ),
                        name="memberships_agreed_not_negative",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "may_act",
                    models.BooleanField(default=False, verbose_name="may act for the organisation"),
                ),
                ("secret_digest", models.CharField(max_length=64, unique=True)),
                ("invited_at", models.DateTimeField(verbose_name="invited at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="accepted at"),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "indexes": [models.Index(fields=["email"], name="memberships_invitation_email")],
            },
        ),
        migrations.CreateModel(
            name="MailDomain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain", models.CharField(max_length=190, verbose_name="domain")),
                ("address", models.EmailField(max_length=254, verbose_name="code sent to")),
                ("code_digest", models.CharField(max_length=64)),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, verbose_name="wrong entries"),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "verified_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="verified at"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mail_domains",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail domain",
                "verbose_name_plural": "e-mail domains",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "domain"), name="memberships_domain_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("verified_at__isnull", False)),
                        fields=("domain",),
                        name="memberships_domain_verified_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveIntegerField(verbose_name="running number")),
                ("number", models.CharField(max_length=80, unique=True, verbose_name="number")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.memberships.rules.invoices.InvoiceState["ISSUED"],
                                "Issued",
                            ),
                            (
                                lineshaft.apps.memberships.rules.invoices.InvoiceState["PAID"],
                                "Paid",
                            ),
                            (
                                lineshaft.apps.memberships.rules.invoices.InvoiceState["CREDITED"],
                                "Credited",
                            ),
                            (
                                lineshaft.apps.memberships.rules.invoices.InvoiceState["CANCELLED"],
                                "Cancelled",
                            ),
                        ],
                        default=lineshaft.apps.memberships.rules.invoices.InvoiceState["ISSUED"],
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("total_minor", models.BigIntegerField(verbose_name="total")),
                ("paid_minor", models.BigIntegerField(default=0, verbose_name="paid")),
                ("issued_on", models.DateField(verbose_name="issued on")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="paid or cancelled at"
                    ),
                ),
                (
                    "closed_reason",
                    models.TextField(blank=True, default="", verbose_name="why it was cancelled"),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="memberships.memberagreement",
                        verbose_name="membership agreement",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="document",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="memberships.membershipapplication",
                        verbose_name="membership application",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice",
                "verbose_name_plural": "invoices",
                "indexes": [
                    models.Index(fields=["state", "due_on"], name="memberships_invoice_due")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institute", "sequence"), name="memberships_invoice_sequence"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("paid_minor", 0),
                            models.Q(
                                ("paid_minor__gt", 0), ("paid_minor__lte", models.F("total_minor"))
                            ),
                            _connector="OR",
                        ),
                        name="memberships_invoice_not_overpaid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("application__isnull", False),
                            ("agreement__isnull", False),
                            _connector="OR",
                        ),
                        name="memberships_invoice_is_for_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "paid"), _negated=True),
                            ("total_minor__lte", 0),
                            ("paid_minor", models.F("total_minor")),
                            _connector="OR",
                        ),
                        name="memberships_invoice_paid_in_full",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.memberships.rules.applications.Side["ORGANISATION"],
                                "For the organisation",
                            ),
                            (
                                lineshaft.apps.memberships.rules.applications.Side["INSTITUTE"],
                                "For the institute",
                            ),
                        ],
                        max_length=16,
                        verbose_name="side",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("signed_on", models.DateField(verbose_name="signed on")),
                (
                    "sha256",
                    models.CharField(max_length=64, verbose_name="SHA-256 of what was signed"),
                ),
                ("signed_at", models.DateTimeField(verbose_name="signed at")),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="memberships.membershipapplication",
                        verbose_name="membership application",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature of an agreement",
                "verbose_name_plural": "signatures of agreements",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "side", "sha256"), name="memberships_signature_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (lineshaft.apps.memberships.rules.invoices.LineKind["DUES"], "Dues"),
                            (
                                lineshaft.apps.memberships.rules.invoices.LineKind["CREDIT"],
                                "Credit for the rest of the year",
                            ),
                            (
                                lineshaft.apps.memberships.rules.invoices.LineKind["CHARGE"],
                                "Charge for the rest of the year",
                            ),
                            (
                                lineshaft.apps.memberships.rules.invoices.LineKind["CARRIED"],
                                "Credit carried over",
                            ),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("tier", models.CharField(max_length=32, verbose_name="membership tier")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until, not included")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "carries",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_by",
                        to="memberships.invoice",
                        verbose_name="carries the credit of",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="memberships.invoice",
                        verbose_name="invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of an invoice",
                "verbose_name_plural": "lines of invoices",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("invoice", "position"), name="memberships_invoice_line_position"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="memberships_invoice_line_has_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoicePayment",
            fields=[
                (
                    "income",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="invoice_payment",
                        serialize=False,
                        to="funding.ownincome",
                        verbose_name="entry of own income",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("received_on", models.DateField(verbose_name="received on")),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="reference"
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="memberships.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment on an invoice",
                "verbose_name_plural": "payments on invoices",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="memberships_payment_is_positive",
                    )
                ],
            },
        ),
    ]
