"""Sums of transfers by agreement, day and way; those that stand are counted."""

import django.db.models.deletion
from django.db import migrations, models

COUNT = """
INSERT INTO funding_daysum (agreement_id, occurred_on, code, corrects_code, debit_kind,
                            credit_kind, transfers, amount_minor)
SELECT way.agreement_id, way.occurred_on, way.code, way.corrects_code, debit.kind, credit.kind,
       SUM(way.transfers), SUM(way.amount_minor)
  FROM (
       SELECT agreement_id, occurred_on, code, '' AS corrects_code, debit_account_id,
              credit_account_id, COUNT(*) AS transfers, SUM(amount_minor) AS amount_minor
         FROM funding_transfer
        WHERE corrects_id IS NULL
        GROUP BY agreement_id, occurred_on, code, debit_account_id, credit_account_id
       UNION ALL
       SELECT moved.agreement_id, moved.occurred_on, moved.code, old.code,
              moved.debit_account_id, moved.credit_account_id, COUNT(*), SUM(moved.amount_minor)
         FROM funding_transfer moved
         JOIN funding_transfer old ON old.id = moved.corrects_id
        GROUP BY moved.agreement_id, moved.occurred_on, moved.code, old.code,
                 moved.debit_account_id, moved.credit_account_id
       ) way
  JOIN funding_account debit ON debit.id = way.debit_account_id
  JOIN funding_account credit ON credit.id = way.credit_account_id
 GROUP BY way.agreement_id, way.occurred_on, way.code, way.corrects_code, debit.kind, credit.kind
 ORDER BY 1, 2, 3, 4, 5, 6
"""


class Migration(migrations.Migration):
    """With the indexes that lists need: a line's transfers of a day by code, and the open holds."""

    dependencies = [("funding", "0016_proposals_and_closings")]

    operations = [
        migrations.CreateModel(
            name="DaySum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_sums",
                        to="funding.agreement",
                    ),
                ),
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
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="transfer", name="funding_transfer_by_agreement"),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["agreement", "occurred_on", "code", "id"], name="funding_transfer_by_day"
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("remaining_minor__gt", 0)),
                fields=["transfer"],
                name="funding_hold_open",
            ),
        ),
    ]
