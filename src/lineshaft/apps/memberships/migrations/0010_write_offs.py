"""What an institute gives up of an invoice; and with which agreement a membership began."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 500


def follow_back(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Name in each agreement that follows another the first of them all."""
    terms = apps.get_model("memberships", "AgreedTerms").objects.filter(follows__isnull=False)
    agreements = apps.get_model("memberships", "MemberAgreement")
    first: dict[int, int] = {}
    for pk, follows in terms.order_by("agreement__starts_on", "pk").values_list("pk", "follows_id"):
        first[pk] = first.get(follows, follows)
    agreements.objects.bulk_update(
        [agreements(pk=pk, began_with_id=began_with) for pk, began_with in first.items()],
        ["began_with"],
        batch_size=BATCH,
    )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("memberships", "0009_decision_letters"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvoiceWriteOff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("reason", models.TextField(verbose_name="why it was written off")),
                ("written_off_at", models.DateTimeField(verbose_name="written off at")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_offs",
                        to="memberships.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "written_off_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written off by",
                    ),
                ),
            ],
            options={
                "verbose_name": "amount written off",
                "verbose_name_plural": "amounts written off",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="memberships_write_off_is_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="memberships_write_off_has_reason",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="memberagreement",
            name="began_with",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="continued_by",
                to="memberships.memberagreement",
                verbose_name="began with",
            ),
        ),
        migrations.RunPython(follow_back, migrations.RunPython.noop),
    ]
