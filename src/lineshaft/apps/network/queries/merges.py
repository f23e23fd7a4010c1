"""Records that were merged, and which one stands for them.

Nothing that names a merged record is rewritten: it stays, points to the one that stands for both,
and every read resolves it here. So undoing a merge restores exactly what was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched

from django.db.models import Count, IntegerField, Model, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise

from lineshaft.apps.network.models import (
    Organisation,
    OrganisationAlias,
    OrganisationIdentifier,
    OrganisationKey,
    OrganisationPair,
)
from lineshaft.apps.network.queries.ground import LOOKUP_BATCH
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import visible_q

_OF_THE_RECORD: tuple[type[Model], ...] = (
    Organisation,
    OrganisationAlias,
    OrganisationIdentifier,
    OrganisationKey,
    OrganisationPair,
)
"""What belongs to a record itself, and is shown as such."""


@dataclass(frozen=True, slots=True)
class RecordHeld:
    """A record with what it has: identifiers and names as texts, and how many rows of each table
    of any app name it.
    """

    organisation: Organisation
    identifiers: tuple[str, ...]
    aliases: tuple[str, ...]
    named_by: dict[str | Promise, int]


def merged_into(organisation_ids: Iterable[int]) -> dict[int, int]:
    """The records that were merged into one of these, each with the one that stands for it."""
    found: dict[int, int] = {}
    for part in batched(sorted(set(organisation_ids)), LOOKUP_BATCH, strict=False):
        found.update(
            Organisation.objects.filter(merged_into_id__in=part).values_list("pk", "merged_into_id")
        )
    return found


def group_q(organisation_id: int, path: str = "organisation") -> Q:
    """The condition that a row names the organisation, or a record that was merged into it."""
    merged = Organisation.objects.filter(merged_into_id=organisation_id).values("pk")
    return Q(**{f"{path}_id": organisation_id}) | Q(**{f"{path}_id__in": merged})


def standing_id(path: str = "organisation") -> Coalesce:
    """The id of the record that stands for what a row names, to count organisations once."""
    return Coalesce(f"{path}__merged_into_id", f"{path}_id")


def records_of(organisation: Organisation) -> QuerySet[Organisation]:
    """The records that were merged into the organisation, by name."""
    return Organisation.objects.filter(merged_into=organisation).order_by("name", "pk")


def records_held(actor: Actor, ids: Sequence[int]) -> tuple[RecordHeld, ...]:
    """These records, merged or not, with all they have, in the order of the ids; four queries.

    The tables that name an organisation are asked of the models themselves, so that an app above
    need not be known here.
    """
    seen = Organisation.objects.filter(visible_q(actor, institute=None, organisation="pk"))
    rows = seen.in_bulk(ids)
    identifiers: dict[int, list[str]] = {pk: [] for pk in rows}
    for one in OrganisationIdentifier.objects.filter(organisation_id__in=rows).order_by(
        "scheme", "value"
    ):
        identifiers[one.organisation_id].append(f"{one.label} {one.value}")
    aliases: dict[int, list[str]] = {pk: [] for pk in rows}
    for alias in OrganisationAlias.objects.filter(organisation_id__in=rows).order_by("name"):
        aliases[alias.organisation_id].append(alias.name)
    counted = _counted(rows)
    return tuple(
        RecordHeld(rows[pk], tuple(identifiers[pk]), tuple(aliases[pk]), counted[pk])
        for pk in ids
        if pk in rows
    )


def _counted(ids: Iterable[int]) -> dict[int, dict[str | Promise, int]]:
    """How many rows of each table name each of the records; one query for all tables."""
    known = list(ids)
    relations = [
        (relation.related_model, relation.field.name)
        for relation in Organisation._meta.related_objects
        if relation.related_model not in _OF_THE_RECORD
    ]
    counts: dict[int, dict[str | Promise, int]] = {
        pk: dict.fromkeys((_called(model) for model, _field in relations), 0) for pk in known
    }
    asked = [
        model._default_manager.order_by()
        .filter(**{f"{field}__in": known})
        .annotate(relation_number=Value(place, output_field=IntegerField()))
        .values_list("relation_number", f"{field}_id")
        .annotate(number=Count("pk"))
        for place, (model, field) in enumerate(relations)
    ]
    for place, pk, number in asked[0].union(*asked[1:], all=True):
        counts[pk][_called(relations[place][0])] += number
    return counts


def _called(model: type[Model]) -> str | Promise:
    return model._meta.verbose_name_plural or model._meta.model_name or ""
