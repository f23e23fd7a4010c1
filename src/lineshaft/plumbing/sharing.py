"""Sharing levels, and the one condition under which a row may be read.

Open inside, gated outside: public < network < members of the institute < participants < restricted.
Every `things_visible_to(actor)` starts from `visible_q`, so what a level means is said here only.
"""

from enum import StrEnum
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.actor import Actor


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
) -> Q:
    """The rows that the actor may read, as a condition on their columns.

    `level`, `institute` (an institute's key) and `organisation` (an organisation's id) are lookup
    paths on the row; None where the row has no such thing. Network staff read all; an institute's
    staff and its sponsoring agency read all of that institute; an organisation reads its own.
    """
    if actor.is_network_staff:
        return Q()
    condition = Q(**{level: SharingLevel.PUBLIC})
    if actor.is_in_network:
        condition |= Q(**{level: SharingLevel.NETWORK})
    if institute is not None:
        if actor.institute_keys:
            condition |= Q(
                **{level: SharingLevel.INSTITUTE, f"{institute}__in": sorted(actor.institute_keys)}
            )
        if actor.staff_institute_keys:
            condition |= Q(**{f"{institute}__in": sorted(actor.staff_institute_keys)})
    if organisation is not None and actor.organisation_ids:
        condition |= Q(**{f"{organisation}__in": sorted(actor.organisation_ids)})
    return condition


def level_is_visible(
    actor: Actor, *, level: str, institute: str = "", organisation_id: int | None = None
) -> bool:
    """The same decision for one row whose columns are at hand."""
    if actor.is_network_staff or level == SharingLevel.PUBLIC:
        return True
    if level == SharingLevel.NETWORK and actor.is_in_network:
        return True
    if organisation_id is not None and organisation_id in actor.organisation_ids:
        return True
    if institute in actor.staff_institute_keys:
        return True
    return level == SharingLevel.INSTITUTE and institute in actor.institute_keys
