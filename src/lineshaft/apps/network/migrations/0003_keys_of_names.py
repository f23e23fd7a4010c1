"""The keys of the names of organisations that were registered before there were keys."""

from itertools import batched

from django.db import migrations
from django.db.migrations.state import StateApps

from lineshaft.apps.network.rules import lookalike_keys

BATCH = 1000


def enter_keys(apps: StateApps, _schema_editor: object) -> None:
    """Enter the keys of every organisation that has none."""
    organisation = apps.get_model("network", "Organisation")
    key = apps.get_model("network", "OrganisationKey")
    alias = apps.get_model("network", "OrganisationAlias")
    waiting = organisation.objects.filter(lookalike_keys__isnull=True).values_list(
        "pk", "name", "name_zh", "region"
    )
    for some in batched(list(waiting), BATCH, strict=False):
        names = {pk: [name, name_zh] for pk, name, name_zh, _region in some}
        for pk, name in alias.objects.filter(organisation_id__in=list(names)).values_list(
            "organisation_id", "name"
        ):
            names[pk].append(name)
        key.objects.bulk_create(
            key(organisation_id=pk, key=number)
            for pk, _name, _name_zh, region in some
            for number in sorted(lookalike_keys(names[pk], region=region))
        )


class Migration(migrations.Migration):
    dependencies = [("network", "0002_lookalikes")]

    operations = [migrations.RunPython(enter_keys, migrations.RunPython.noop)]
