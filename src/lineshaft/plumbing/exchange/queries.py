"""Reads of imports: the kinds there are, the batches that ran."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from django.conf import settings
from django.db.models import QuerySet

from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange import rules
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.spec import ImportSpec


def import_specs() -> Mapping[str, ImportSpec]:
    """Every kind of import, from the modules named in the setting IMPORT_MODULES."""
    return _specs(tuple(settings.IMPORT_MODULES))


def import_spec(kind: str) -> ImportSpec:
    """The kind of that name. Raises NotFound, naming those that there are."""
    spec = import_specs().get(kind)
    if spec is None:
        raise NotFound(
            gettext_noop("There is no import “%(kind)s”; there are: %(kinds)s."),
            code="import_kind",
            params={"kind": kind, "kinds": ", ".join(sorted(import_specs()))},
        )
    return spec


def batches_visible_to(actor: Actor) -> QuerySet[ImportBatch]:
    """Every batch for network staff, for the rest their own; newest first, with their files."""
    batches = ImportBatch.objects.select_related("source").order_by("-requested_at", "-id")
    if actor.is_network_staff:
        return batches
    if actor.user_id is None:
        return batches.none()
    return batches.filter(requested_by_id=actor.user_id)


def earlier_import(batch: ImportBatch) -> ImportBatch | None:
    """The last batch of the same kind that imported this very content before."""
    return (
        ImportBatch.objects.filter(
            kind=batch.kind,
            state=rules.APPLIED,
            source__sha256=batch.source.sha256,
            requested_at__lt=batch.requested_at,
        )
        .order_by("-requested_at")
        .first()
    )


@cache
def _specs(modules: tuple[str, ...]) -> Mapping[str, ImportSpec]:
    table: dict[str, ImportSpec] = {}
    for module in modules:
        specs: Mapping[str, ImportSpec] = import_module(module).IMPORTS
        twice = table.keys() & specs.keys()
        if twice:
            message = f"{module} declares imports that another module has: {sorted(twice)}."
            raise ValueError(message)
        table.update(specs)
    return table
