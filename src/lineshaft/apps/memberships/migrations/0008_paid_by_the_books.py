"""What was paid on an invoice, and where it stands by that, are derived from the books.

Backwards the columns are filled as the books say then; a refund that is due or made becomes
cancelled, which is the nearest that there was.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Sum

import lineshaft.apps.memberships.rules


def keep_closings(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    invoices = apps.get_model("memberships", "Invoice").objects
    invoices.filter(closing__in=["issued", "paid"]).update(closing="", closed_at=None)


def restore_states(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    invoices = apps.get_model("memberships", "Invoice").objects
    invoices.filter(closing="refund_due").update(closing="cancelled")
    invoices.filter(closing="").update(closing="issued")
    for invoice in invoices.filter(closing="issued").annotate(sum=Sum("payments__amount_minor")):
        taken = invoice.payments.aggregate(sum=Sum("income__reversals__amount_minor"))["sum"]
        paid_minor = (invoice.sum or 0) - (taken or 0)
        invoices.filter(pk=invoice.pk).update(paid_minor=paid_minor)
    paid = invoices.filter(closing="issued", paid_minor__gte=F("total_minor"))
    paid.update(closing="paid", closed_at=F("issued_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0001_tables"),
        ("memberships", "0007_documents"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="invoice", name="memberships_invoice_due"),
        migrations.RemoveConstraint(model_name="invoice", name="memberships_invoice_not_overpaid"),
        migrations.RemoveConstraint(model_name="invoice", name="memberships_invoice_paid_in_full"),
        migrations.RenameField(model_name="invoice", old_name="state", new_name="closing"),
        migrations.RunPython(keep_closings, restore_states),
        migrations.AlterField(
            model_name="invoice",
            name="closing",
            field=models.CharField(
                blank=True,
                choices=[
                    (lineshaft.apps.memberships.rules.Closing["NOT_CLOSED"], "Not closed"),
                    (lineshaft.apps.memberships.rules.Closing["CREDITED"], "Credited"),
                    (lineshaft.apps.memberships.rules.Closing["CANCELLED"], "Cancelled"),
                    (lineshaft.apps.memberships.rules.Closing["REFUND_DUE"], "Refund due"),
                ],
                default=lineshaft.apps.memberships.rules.Closing["NOT_CLOSED"],
                max_length=16,
                verbose_name="how it was closed",
            ),
        ),
        migrations.RemoveField(model_name="invoice", name="paid_minor"),
        migrations.AlterField(
            model_name="invoice",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="closed_reason",
            field=models.TextField(blank=True, default="", verbose_name="why it was closed"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["closing", "due_on"], name="memberships_invoice_due"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("closing", ""), ("closed_at__isnull", False), _connector="OR"),
                name="memberships_invoice_is_closed_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closing", "credited"), _negated=True),
                    ("total_minor__lt", 0),
                    _connector="OR",
                ),
                name="memberships_invoice_credit_is_less_than_nothing",
            ),
        ),
    ]
