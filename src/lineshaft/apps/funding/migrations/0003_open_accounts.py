"""What stands is brought over: one sponsor for each agreement, its accounts given to that sponsor."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AGREEMENT_KINDS = ["cost_source", "incurred", "paid", "income_source", "income", "income_used"]
UNLIMITED_KINDS = {"cost_source", "income_source"}


def open_accounts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # The append-only trigger stands in the way of giving an account its owner. It is installed anew
    # after the migrations, as every trigger is.
    table = ' ON "funding_account"' if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f'DROP TRIGGER IF EXISTS "funding_account_no_update"{table}')
    account_model = apps.get_model("funding", "Account")
    sponsor_model = apps.get_model("funding", "AgreementSponsor")
    for agreement in apps.get_model("funding", "Agreement").objects.order_by("pk"):
        sponsor_model.objects.create(
            agreement=agreement,
            agency_id=agreement.agency_id,
            federal_total_minor=agreement.federal_total_minor,
        )
        account_model.objects.filter(agreement=agreement, kind__in=["award", "drawn"]).update(
            agency_id=agreement.agency_id
        )
        owned = [(kind, None) for kind in AGREEMENT_KINDS] + [("reserve", agreement.agency_id)]
        account_model.objects.bulk_create(
            account_model(
                kind=kind,
                agreement=agreement,
                agency_id=agency_id,
                currency=agreement.currency,
                debits_must_not_exceed_credits=kind not in UNLIMITED_KINDS,
            )
            for kind, agency_id in owned
        )


class Migration(migrations.Migration):
    """Not reversible: what a second sponsor brought has no place in the old tables."""

    dependencies = [("funding", "0002_sponsors")]

    operations = [migrations.RunPython(open_accounts)]
