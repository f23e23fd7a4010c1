"""Reads of overlaps of awards: for network staff, and for the sponsors whose award it concerns."""

from typing import Final

from django.db.models import Q, QuerySet

from lineshaft.apps.network.models import AwardOverlap
from lineshaft.apps.network.queries.awards import outside_awards_visible_to
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

_NO_OVERLAP: Final = gettext_noop("There is no such overlap, or none that you may see.")
_ABOVE: Final = ("agency__key", "agency__parent__key", "agency__parent__parent__key")


def overlaps_visible_to(actor: Actor) -> QuerySet[AwardOverlap]:
    """The overlaps that the actor may read: all for network staff, else those of which an award is
    the actor's agency's or an office's of it, and both awards may be read.
    """
    rows = AwardOverlap.objects.select_related("first__agency", "second__agency")
    if actor.is_network_staff:
        return rows
    own = sorted(actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY))
    concerned = Q(pk__in=[])
    if own:
        for award in ("first", "second"):
            for path in _ABOVE:
                concerned |= Q(**{f"{award}__{path}__in": own})
    seen = outside_awards_visible_to(actor).values("pk")
    return rows.filter(concerned, first__in=seen, second__in=seen)


def overlap_by_id(actor: Actor, pk: int) -> AwardOverlap:
    """The overlap of that id; raises NotFound, also where it may not be seen."""
    found = overlaps_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_OVERLAP, code="no_overlap")
    return found


def overlaps_waiting(actor: Actor) -> int:
    """How many overlaps wait for the actor's decision or that of others who may."""
    return overlaps_visible_to(actor).filter(state="found").count()
