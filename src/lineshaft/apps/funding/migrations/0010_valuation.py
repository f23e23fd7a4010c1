"""What a contribution's record states of its worth, as its kind is valued."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0009_own_income"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="contribution",
            name="funding_contribution_valuation_positive",
        ),
        migrations.AddField(
            model_name="contribution",
            name="appraisal",
            field=models.CharField(
                blank=True, default="", max_length=200, verbose_name="independent appraisal"
            ),
        ),
        migrations.AddField(
            model_name="contribution",
            name="approval",
            field=models.CharField(
                blank=True, default="", max_length=200, verbose_name="prior approval"
            ),
        ),
        migrations.AddField(
            model_name="contribution",
            name="approved_rate_bp",
            field=models.IntegerField(blank=True, null=True, verbose_name="approved indirect rate"),
        ),
        migrations.AddField(
            model_name="contribution",
            name="base_minor",
            field=models.BigIntegerField(
                blank=True, null=True, verbose_name="base of the indirect rate"
            ),
        ),
        migrations.AddField(
            model_name="contribution",
            name="book_value_minor",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="book value"),
        ),
        migrations.AddField(
            model_name="contribution",
            name="charged_rate_bp",
            field=models.IntegerField(blank=True, null=True, verbose_name="indirect rate charged"),
        ),
        migrations.AddField(
            model_name="contribution",
            name="fringe_bp",
            field=models.IntegerField(blank=True, null=True, verbose_name="fringe benefits"),
        ),
        migrations.AddField(
            model_name="contribution",
            name="market_value_minor",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="fair market value"),
        ),
        migrations.AddConstraint(
            model_name="contribution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("units__isnull", True), ("units__gt", 0), _connector="OR"),
                    models.Q(("rate_minor__isnull", True), ("rate_minor__gt", 0), _connector="OR"),
                    models.Q(
                        ("market_value_minor__isnull", True),
                        ("market_value_minor__gt", 0),
                        _connector="OR",
                    ),
                    models.Q(
                        ("book_value_minor__isnull", True),
                        ("book_value_minor__gt", 0),
                        _connector="OR",
                    ),
                    models.Q(("base_minor__isnull", True), ("base_minor__gt", 0), _connector="OR"),
                    models.Q(("fringe_bp__isnull", True), ("fringe_bp__gte", 0), _connector="OR"),
                    models.Q(
                        ("approved_rate_bp__isnull", True),
                        ("approved_rate_bp__gte", 0),
                        _connector="OR",
                    ),
                    models.Q(
                        ("charged_rate_bp__isnull", True),
                        ("charged_rate_bp__gte", 0),
                        _connector="OR",
                    ),
                ),
                name="funding_contribution_valuation_positive",
            ),
        ),
    ]
