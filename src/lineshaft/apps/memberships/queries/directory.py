"""Reads of the directory of members: who stands in it, what each says, who can do what.

An entry is seen where its level and its organisation's level allow, and while the organisation is a
member of an institute.
"""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from lineshaft.apps.memberships.models import DirectoryEntry, MemberAgreement
from lineshaft.apps.memberships.queries.agreements import in_force_q, members_visible_to
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import group_q, standing_id, technology_area_keys_under
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import visible_q

_NO_ENTRY = gettext_noop("There is no such entry in the directory, or none that you may see.")


def directory_visible_to(actor: Actor, *, on: date) -> QuerySet[DirectoryEntry]:
    """The entries of members on that day that the actor may read, with their organisation."""
    agreements = MemberAgreement.objects.filter(in_force_q(on))
    return (
        DirectoryEntry.objects.filter(
            visible_q(actor, institute=None, organisation="organisation_id"),
            visible_q(
                actor, level="organisation__level", institute=None, organisation="organisation_id"
            ),
            Exists(agreements.filter(organisation=OuterRef("organisation")))
            | Exists(agreements.filter(organisation__merged_into=OuterRef("organisation"))),
            is_listed=True,
            organisation__merged_into__isnull=True,
        )
        .select_related("organisation")
        .prefetch_related("technology_areas")
    )


def directory_filtered(
    actor: Actor,
    rows: QuerySet[DirectoryEntry],
    *,
    q: str = "",
    area: str = "",
    kind: str = "",
    region: str = "",
    institute: str = "",
    on: date,
) -> QuerySet[DirectoryEntry]:
    """The entries that hold every word of `q`, in that technology area or one below it, of that
    kind, in that region, of members of that institute as far as the actor may read who they are.
    """
    for word in q.split()[:WORDS_MAX]:
        rows = rows.filter(
            Q(organisation__name__icontains=word)
            | Q(organisation__name_zh__icontains=word)
            | Q(description__icontains=word)
            | Q(description_zh__icontains=word)
            | Q(capabilities__icontains=word)
        )
    if area:
        under = technology_area_keys_under(area)
        having = DirectoryEntry.objects.filter(technology_areas__key__in=under)
        rows = rows.filter(pk__in=having.values("pk"))
    if kind:
        rows = rows.filter(organisation__kind=kind)
    if region:
        rows = rows.filter(organisation__region=region)
    if institute:
        members = members_visible_to(actor).filter(in_force_q(on), institute__key=institute)
        rows = rows.filter(organisation_id__in=members.values_list(standing_id()))
    return rows


WORDS_MAX = 8
"""Words of a search that are looked for."""


def directory_entry_of(actor: Actor, organisation_id: int, *, on: date) -> DirectoryEntry:
    """The organisation's entry; raises NotFound, also where it may not be seen."""
    found = directory_visible_to(actor, on=on).filter(organisation_id=organisation_id).first()
    if found is None:
        raise NotFound(_NO_ENTRY, code="no_entry")
    return found


def own_directory_entry(organisation: Organisation) -> DirectoryEntry | None:
    """What the organisation says or said of itself, for whoever may change it."""
    entries = DirectoryEntry.objects.filter(organisation=organisation)
    return entries.prefetch_related("technology_areas").first()


def is_member_on(organisation_id: int, *, on: date) -> bool:
    """Whether the organisation belongs to an institute on that day, whoever asks."""
    return MemberAgreement.objects.filter(in_force_q(on), group_q(organisation_id)).exists()


def own_organisations(actor: Actor) -> tuple[Organisation, ...]:
    """The organisations that the actor works for, by name; one query."""
    if not actor.organisation_ids:
        return ()
    own = Organisation.objects.filter(
        pk__in=sorted(actor.organisation_ids), merged_into__isnull=True
    )
    return tuple(own.order_by("name", "pk"))


def institutes_of(
    organisation_ids: Collection[int], *, on: date
) -> dict[int, tuple[Institute, ...]]:
    """The institutes of which each of these is a member on that day, where that is public."""
    found: dict[int, list[Institute]] = {pk: [] for pk in organisation_ids}
    for agreement in _public(organisation_ids, on=on):
        found[agreement.organisation_id].append(agreement.institute)
    return {pk: tuple(institutes) for pk, institutes in found.items()}


def _public(organisation_ids: Iterable[int], *, on: date) -> QuerySet[MemberAgreement]:
    return (
        MemberAgreement.objects.filter(
            in_force_q(on), organisation_id__in=sorted(organisation_ids), level="public"
        )
        .select_related("institute")
        .order_by("institute__name", "pk")
    )
