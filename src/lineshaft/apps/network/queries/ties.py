"""Reads of ties between people: for those who record them, and for whom they concern."""

from typing import Final

from django.db.models import Q, QuerySet

from lineshaft.apps.network.models import Person, PersonRole, PersonTie
from lineshaft.apps.network.queries.ground import people_visible_to
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role

_NO_TIE: Final = gettext_noop("There is no such tie, or none that you may see.")
_NOBODY: Final = gettext_noop("There is no such person, or none that you may see.")


def ties_visible_to(actor: Actor) -> QuerySet[PersonTie]:
    """All for network staff and institutes' managers; one's own for the rest."""
    rows = PersonTie.objects.select_related("person", "other")
    if actor.is_network_staff or any(
        grant.role is Role.INSTITUTE_MANAGER for grant in actor.grants
    ):
        return rows
    own = Q(person__user_id=actor.own_id) | Q(other__user_id=actor.own_id)
    return rows.filter(own)


def ties_of(actor: Actor, person: Person) -> QuerySet[PersonTie]:
    """What ties the person to others, the latest first, as far as the actor may read it."""
    rows = ties_visible_to(actor).filter(Q(person=person) | Q(other=person))
    return rows.order_by("-year_from", "-pk")


def tie_by_id(actor: Actor, pk: int) -> PersonTie:
    """One of the ties that the actor may read; raises NotFound."""
    found = ties_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_TIE, code="no_tie")
    return found


def person_by_id(actor: Actor, pk: int) -> Person:
    """A person whom the actor may see; raises NotFound."""
    found = people_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NOBODY, code="no_person")
    return found


def roles_of(person: Person) -> QuerySet[PersonRole]:
    """The roles of the person at institutes and organisations, the latest first."""
    rows = PersonRole.objects.filter(person=person).select_related("institute", "organisation")
    return rows.order_by("-starts_on", "-pk")
