"""Reads of overlaps of awards: for network staff, and for the sponsors whose award it concerns."""

from typing import Final

from django.db.models import Count, F, Q, QuerySet

from lineshaft.apps.network.models import AwardOverlap, CommonPhrases, FormerAwardText
from lineshaft.apps.network.queries.awards import outside_awards_visible_to
from lineshaft.apps.network.rules import NOT_FOR_READER, PERMISSIONS, OverlapState
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
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


def outdated_q() -> Q:
    """The overlaps of which a text was corrected since the two were compared, as a condition."""
    return ~Q(first_digest=F("first__text_digest")) | ~Q(second_digest=F("second__text_digest"))


def may_read_overlaps(actor: Actor) -> bool:
    """Whether overlaps are anything to the actor: network staff, and sponsors of their own."""
    return actor.is_network_staff or bool(actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY))


def permit_reading_overlaps(actor: Actor) -> None:
    """Raise NotPermitted where no overlap is ever anything to the actor."""
    if not may_read_overlaps(actor):
        raise NotPermitted(NOT_FOR_READER)


def overlaps_filtered(
    actor: Actor,
    *,
    kind: str = "",
    state: str = "",
    agency: str = "",
    award: int | None = None,
    is_outdated: bool = False,
) -> QuerySet[AwardOverlap]:
    """The overlaps that look like that kind, in that state, of an award of that agency as its
    register writes it, of that award, or of which a text has changed since.
    """
    rows = overlaps_visible_to(actor)
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if agency:
        rows = rows.filter(Q(first__agency_name=agency) | Q(second__agency_name=agency))
    if award is not None:
        rows = rows.filter(Q(first=award) | Q(second=award))
    return rows.filter(outdated_q()) if is_outdated else rows


def agencies_of_overlaps(actor: Actor) -> list[str]:
    """The agencies that made awards which overlap, as registers write them, by name."""
    rows = overlaps_visible_to(actor).order_by()
    names = {
        name
        for place in ("first", "second")
        for name in rows.values_list(f"{place}__agency_name", flat=True).distinct()
    }
    return sorted(names)


def overlap_basis() -> CommonPhrases | None:
    """When all awards were last compared, and how many; None where they never were."""
    return CommonPhrases.objects.defer("shingles").first()


def overlaps_by_kind_and_state(rows: QuerySet[AwardOverlap]) -> dict[tuple[str, str], int]:
    """How many of the overlaps look like each kind and are in each state."""
    counted = rows.order_by().values_list("kind", "state").annotate(number=Count("pk"))
    return {(kind, state): number for kind, state, number in counted}


def overlaps_to_decide(actor: Actor) -> QuerySet[AwardOverlap]:
    """The overlaps that wait for the actor's decision, the most alike first; none for whoever may
    only read them.
    """
    rows = overlaps_visible_to(actor).filter(state=OverlapState.FOUND)
    is_office = may(actor, PERMISSIONS["confirm_same_work"])
    if not is_office and not actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY):
        return rows.none()
    return rows.order_by("-score_bp", "pk")


def former_texts(overlap: AwardOverlap) -> dict[int, str]:
    """The texts that were compared and have been corrected since, by the award's id."""
    asked = Q(award=overlap.first_id, digest=overlap.first_digest) | Q(
        award=overlap.second_id, digest=overlap.second_digest
    )
    return dict(FormerAwardText.objects.filter(asked).values_list("award_id", "abstract"))
