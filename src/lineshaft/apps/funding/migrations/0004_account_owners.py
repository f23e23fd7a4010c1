"""Who owns an account, held by the database again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """In a migration of its own: PostgreSQL alters no table with rows changed in the same one."""

    dependencies = [("funding", "0003_open_accounts")]

    operations = [
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("agency__isnull", True),
                    ("agreement__isnull", False),
                    ("organisation__isnull", True),
                ),
                fields=("agreement", "kind"),
                name="funding_account_one_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("agency__isnull", False), ("agreement__isnull", False)),
                fields=("agreement", "kind", "agency"),
                name="funding_account_one_of_a_kind_for_each_sponsor",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("agency__isnull", False), ("agreement__isnull", True)),
                fields=("agency", "currency"),
                name="funding_account_one_appropriation",
            ),
        ),
    ]
