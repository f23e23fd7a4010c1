"""What an institute asks of its members and gives, tier by tier, from a day on."""

import django.db.models.deletion
from django.db import migrations, models

import lineshaft.apps.memberships.rules


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0002_no_overlap"),
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="TierTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tier", models.CharField(max_length=32, verbose_name="membership tier")),
                ("in_force_on", models.DateField(verbose_name="in force from")),
                ("is_offered", models.BooleanField(default=True, verbose_name="is offered")),
                ("dues_minor", models.BigIntegerField(verbose_name="dues a year")),
                ("in_kind_minor", models.BigIntegerField(default=0, verbose_name="in kind a year")),
                (
                    "term_months",
                    models.PositiveSmallIntegerField(default=12, verbose_name="months of a term"),
                ),
                (
                    "board_seats",
                    models.PositiveSmallIntegerField(default=0, verbose_name="seats on the board"),
                ),
                ("votes", models.PositiveSmallIntegerField(default=0, verbose_name="votes")),
                (
                    "rate_class",
                    models.CharField(
                        choices=[
                            (lineshaft.apps.memberships.rules.RateClass["FREE"], "Free of charge"),
                            (lineshaft.apps.memberships.rules.RateClass["REDUCED"], "Reduced"),
                            (lineshaft.apps.memberships.rules.RateClass["MEMBER"], "Members' rate"),
                            (lineshaft.apps.memberships.rules.RateClass["FULL"], "Full rate"),
                        ],
                        max_length=16,
                        verbose_name="rate of bookings",
                    ),
                ),
                (
                    "training_seats",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="training seats a year"
                    ),
                ),
                (
                    "seats_roll_over",
                    models.BooleanField(
                        default=False, verbose_name="unused training seats roll over"
                    ),
                ),
                (
                    "licence_option_days",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="days to ask for a licence"
                    ),
                ),
                (
                    "may_lead_projects",
                    models.BooleanField(default=False, verbose_name="may lead in project calls"),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("entered_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tier_terms",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of a tier",
                "verbose_name_plural": "terms of tiers",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institute", "tier", "in_force_on"),
                        name="memberships_tier_terms_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dues_minor__gte", 0), ("in_kind_minor__gte", 0)),
                        name="memberships_tier_terms_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("term_months__gte", 1)),
                        name="memberships_tier_terms_have_a_term",
                    ),
                ],
            },
        ),
    ]
