"""Sharing levels, and the one condition under which a row may be read.

Open inside, gated outside: public < network < members of the institute < participants < restricted.
Every `things_visible_to(actor)` starts from `visible_q`, so what a level means is said here only.
"""

from enum import StrEnum
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.limits import Gate, Reach


class SharingLevel(StrEnum):
    """How far a record is shared, widest first."""

    PUBLIC = "public"
    NETWORK = "network"
    INSTITUTE = "institute"
    PARTICIPANTS = "participants"
    RESTRICTED = "restricted"


LEVEL_LABELS: Final = {
    SharingLevel.PUBLIC: _("Public"),
    SharingLevel.NETWORK: _("Network"),
    SharingLevel.INSTITUTE: _("Members of the institute"),
    SharingLevel.PARTICIPANTS: _("Participants"),
    SharingLevel.RESTRICTED: _("Restricted"),
}

LEVEL_CHOICES: Final = [(level.value, label) for level, label in LEVEL_LABELS.items()]


def visible_q(
    actor: Actor,
    *,
    level: str = "level",
    institute: str | None = "institute__key",
    organisation: str | None = None,
    gate: Gate | None = None,
) -> Q:
    """The rows that the actor may read, as a condition on their columns.

    `level`, `institute` (an institute's key) and `organisation` (an organisation's id) are lookup
    paths on the row; None where the row has no such thing. Network staff read all; an institute's
    staff and its sponsoring agency read all of that institute; an organisation reads its own.
    Whoever takes part under conditions reads what these leave, behind a `gate` what it leaves.
    """
    if actor.is_network_staff:
        return Q()
    reach = actor.reach(gate)
    condition = Q(**{level: SharingLevel.PUBLIC})
    if reach.has_network:
        condition |= Q(**{level: SharingLevel.NETWORK}) & _within(reach, institute)
    if institute is not None:
        joined = actor.institute_keys - reach.shut
        if joined:
            condition |= Q(**{level: SharingLevel.INSTITUTE, f"{institute}__in": sorted(joined)})
        if actor.staff_institute_keys:
            condition |= Q(**{f"{institute}__in": sorted(actor.staff_institute_keys)})
    if organisation is not None and actor.organisation_ids:
        condition |= Q(**{f"{organisation}__in": sorted(actor.organisation_ids)})
    return condition


def network_q(actor: Actor, *, institute: str = "institute__key") -> Q:
    """The rows of institutes of which the actor reads what is shared with the network.

    For what is open to the network alone of a record that others may read as well, such as names.
    """
    if actor.is_network_staff:
        return Q()
    reach = actor.reach()
    condition = Q(**{f"{institute}__in": sorted(actor.staff_institute_keys)})
    if not reach.has_network:
        return condition
    within = _within(reach, institute)
    return condition | within if within else Q()  # an empty condition is dropped from an "or"


def level_is_visible(
    actor: Actor, *, level: str, institute: str = "", organisation_id: int | None = None
) -> bool:
    """The same decision for one row whose columns are at hand."""
    if actor.is_network_staff or level == SharingLevel.PUBLIC:
        return True
    reach = actor.reach()
    if level == SharingLevel.NETWORK and reach.opens_network_of(institute):
        return True
    if organisation_id is not None and organisation_id in actor.organisation_ids:
        return True
    if institute in actor.staff_institute_keys:
        return True
    return level == SharingLevel.INSTITUTE and institute in actor.institute_keys - reach.shut


def _within(reach: Reach, institute: str | None) -> Q:
    """Of which institutes what is shared with the network is read; rows of none always are."""
    condition = Q()
    if institute is None:
        return condition
    if reach.named is not None:
        of_none = Q(**{f"{institute}__isnull": True}) | Q(**{institute: ""})
        condition &= Q(**{f"{institute}__in": sorted(reach.named)}) | of_none
    if reach.shut:
        condition &= ~Q(**{f"{institute}__in": sorted(reach.shut)})
    return condition
