"""Several agencies sponsor one agreement; accounts for reserve, costs and programme income."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Tables and columns; the old limits on who owns an account go, the new ones come in 0004."""

    dependencies = [
        ("funding", "0001_initial"),
        ("network", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgreementSponsor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("federal_total_minor", models.BigIntegerField(verbose_name="federal total")),
            ],
            options={
                "verbose_name": "sponsor of an agreement",
                "verbose_name_plural": "sponsors of agreements",
                "ordering": ["agreement_id", "agency__key"],
            },
        ),
        migrations.AddField(
            model_name="agreementsponsor",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sponsored_agreements",
                to="network.agency",
                verbose_name="agency",
            ),
        ),
        migrations.AddField(
            model_name="agreementsponsor",
            name="agreement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sponsors",
                to="funding.agreement",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementsponsor",
            constraint=models.UniqueConstraint(
                fields=("agreement", "agency"), name="funding_sponsor_once_for_an_agreement"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementsponsor",
            constraint=models.CheckConstraint(
                condition=models.Q(("federal_total_minor__gt", 0)), name="funding_sponsor_has_part"
            ),
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="funding_account_belongs_to_its_owner",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="funding_account_one_of_a_kind",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="funding_account_one_appropriation",
        ),
        migrations.AddField(
            model_name="account",
            name="closed_through",
            field=models.DateField(blank=True, null=True, verbose_name="books closed through"),
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="transfer",
            name="code",
            field=models.CharField(
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
    ]
