"""How much of a payment had been written off, and was paid after all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0010_write_offs"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoicepayment",
            name="after_all_minor",
            field=models.BigIntegerField(default=0, verbose_name="paid after all"),
        ),
        migrations.AddConstraint(
            model_name="invoicepayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("after_all_minor__gte", 0), ("after_all_minor__lte", models.F("amount_minor"))
                ),
                name="memberships_payment_after_all_is_of_it",
            ),
        ),
    ]
