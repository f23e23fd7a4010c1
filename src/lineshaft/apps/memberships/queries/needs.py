"""Reads of needs and offers, and of the answers to them, which are for the two sides alone."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import Need, NeedAnswer
from lineshaft.apps.network.queries import technology_area_keys_under
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import visible_q

_NO_NEED = gettext_noop("There is no such need or offer, or none that you may see.")


def needs_visible_to(actor: Actor) -> QuerySet[Need]:
    """The needs and offers that the actor may read, with organisation and area."""
    return Need.objects.filter(
        visible_q(actor, institute=None, organisation="organisation_id"),
        visible_q(
            actor, level="organisation__level", institute=None, organisation="organisation_id"
        ),
    ).select_related("organisation__merged_into", "technology_area")


def needs_filtered(
    rows: QuerySet[Need],
    *,
    q: str = "",
    kind: str = "",
    area: str = "",
    state: str = "",
    on: date,
) -> QuerySet[Need]:
    """Those open on that day, or with `state` "past" the others; by word, kind and area."""
    is_open = Q(state=rules.NeedState.OPEN, expires_on__gt=on)
    rows = rows.exclude(is_open) if state == PAST else rows.filter(is_open)
    if q.strip():
        rows = rows.filter(Q(title__icontains=q.strip()) | Q(text__icontains=q.strip()))
    if kind:
        rows = rows.filter(kind=kind)
    if area:
        rows = rows.filter(technology_area__key__in=technology_area_keys_under(area))
    return rows


PAST = "past"
"""In the address: needs that were closed or have expired."""


def need_by_id(actor: Actor, pk: int) -> Need:
    """The need or offer of that id; raises NotFound, also where it may not be seen."""
    found = needs_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_NEED, code="no_need")
    return found


def answers_visible_to(actor: Actor) -> QuerySet[NeedAnswer]:
    """Answers to the actor's organisations' needs and answers of theirs; nobody else's, not even
    for network staff.
    """
    own = sorted(actor.organisation_ids)
    if not own:
        return NeedAnswer.objects.none()
    return NeedAnswer.objects.filter(
        Q(need__organisation_id__in=own) | Q(organisation_id__in=own)
    ).select_related("organisation__merged_into", "need")


def own_needs(actor: Actor, *, on: date) -> QuerySet[Need]:
    """The open needs and offers of the actor's organisations, with how many have answered."""
    own = needs_visible_to(actor).filter(organisation_id__in=sorted(actor.organisation_ids))
    return (
        needs_filtered(own, on=on)
        .annotate(answer_count=Count("answers"))
        .order_by("-answer_count", "expires_on", "pk")
    )
