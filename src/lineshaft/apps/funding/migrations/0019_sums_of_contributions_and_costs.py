"""Sums of contributions and of costs by agreement and day; those that stand are counted."""

import django.db.models.deletion
from django.db import migrations, models

COUNT = (
    """
INSERT INTO funding_contributionsum (agreement_id, occurred_on, is_cash, is_other, contributions,
                                     amount_minor)
SELECT agreement_id, occurred_on, is_cash, is_federal_origin, COUNT(*),
       SUM(CASE WHEN is_federal_origin THEN claimed_minor ELSE accepted_minor END)
  FROM funding_contribution
 WHERE state = 'accepted' OR (is_federal_origin AND state IN ('recorded', 'refused'))
 GROUP BY agreement_id, occurred_on, is_cash, is_federal_origin
 ORDER BY 1, 2, 3, 4
""",
    """
INSERT INTO funding_contributorsum (agreement_id, organisation_id, is_cash, amount_minor)
SELECT agreement_id, organisation_id, is_cash, SUM(accepted_minor)
  FROM funding_contribution
 WHERE state = 'accepted'
 GROUP BY agreement_id, organisation_id, is_cash
 ORDER BY 1, 2, 3
""",
    """
INSERT INTO funding_costsum (agreement_id, occurred_on, category, code, corrects_code, movements,
                             amount_minor)
SELECT moved.agreement_id, moved.occurred_on, cost.category, moved.code, COALESCE(old.code, ''),
       COUNT(*), SUM(moved.amount_minor)
  FROM funding_costmovement movement
  JOIN funding_cost cost ON cost.transfer_id = movement.cost_id
  JOIN funding_transfer moved ON moved.id = movement.transfer_id
  LEFT JOIN funding_transfer old ON old.id = moved.corrects_id
 GROUP BY moved.agreement_id, moved.occurred_on, cost.category, moved.code, COALESCE(old.code, '')
 ORDER BY 1, 2, 3, 4, 5
""",
)


class Migration(migrations.Migration):
    dependencies = [("funding", "0018_kind_of_project"), ("network", "0002_recipient_kind")]

    operations = [
        migrations.CreateModel(
            name="ContributionSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                ("is_cash", models.BooleanField(verbose_name="cash")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "sum of a contributor",
                "verbose_name_plural": "sums of contributors",
                "ordering": ["agreement", "organisation", "is_cash"],
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
            },
        ),
        migrations.AddField(
            model_name="contributionsum",
            name="agreement",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contribution_sums",
                to="funding.agreement",
            ),
        ),
        migrations.AddField(
            model_name="contributorsum",
            name="agreement",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contributor_sums",
                to="funding.agreement",
            ),
        ),
        migrations.AddField(
            model_name="contributorsum",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="network.organisation",
            ),
        ),
        migrations.AddField(
            model_name="costsum",
            name="agreement",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cost_sums",
                to="funding.agreement",
            ),
        ),
        migrations.AddConstraint(
            model_name="contributionsum",
            constraint=models.UniqueConstraint(
                fields=("agreement", "occurred_on", "is_cash", "is_other"),
                name="funding_contributionsum_one_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="contributionsum",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0), ("contributions__gte", 0)),
                name="funding_contributionsum_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="contributorsum",
            constraint=models.UniqueConstraint(
                fields=("agreement", "organisation", "is_cash"),
                name="funding_contributorsum_one_of_a_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="contributorsum",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0)),
                name="funding_contributorsum_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="costsum",
            constraint=models.UniqueConstraint(
                fields=("agreement", "occurred_on", "category", "code", "corrects_code"),
                name="funding_costsum_one_of_a_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="costsum",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0), ("movements__gt", 0)),
                name="funding_costsum_counts_something",
            ),
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in COUNT),
    ]
