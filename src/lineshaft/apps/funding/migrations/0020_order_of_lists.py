"""The order in which the whole list of transfers, and of contributions, is read page by page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0019_sums_of_contributions_and_costs")]

    operations = [
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(fields=["occurred_on", "transfer"], name="funding_contrib_in_order"),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["occurred_on", "id"], name="funding_transfer_in_order"),
        ),
    ]
