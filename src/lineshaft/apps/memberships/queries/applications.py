"""Reads of applications: who applied where, what is still to be done, and how long steps take.

An application is seen by whoever made it, by the organisation's people, by the institute's staff
and by network staff.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median_low
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import (
    AgreementSignature,
    MembershipApplication,
    OrganisationPerson,
)
from lineshaft.apps.memberships.queries.tiers import TierOffer, tier_offers
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import (
    OrganisationReference,
    group_q,
    lookalikes,
    organisations_by_reference,
    organisations_filtered,
    organisations_visible_to,
    standing_id,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may

LOOK_ALIKES_MAX: Final = 10
_NO_APPLICATION: Final = gettext_noop("There is no such application, or none that you may see.")


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long the way from one station to the next took, over the cases that went it."""

    source: rules.ApplicationState
    target: rules.ApplicationState
    cases: int
    median_s: int | None


def applications_visible_to(actor: Actor) -> QuerySet[MembershipApplication]:
    """The applications that the actor may read, with institute, organisation and contact."""
    rows = MembershipApplication.objects.select_related("institute", "organisation", "contact")
    if actor.is_network_staff:
        return rows
    condition = Q(contact_id=actor.own_id) & Q(~_taken_off(actor))
    if actor.staff_institute_keys:
        condition |= Q(institute__key__in=sorted(actor.staff_institute_keys))
    if actor.organisation_ids:
        condition |= Q(organisation_id__in=sorted(actor.organisation_ids))
    return rows.filter(condition)


def application_by_id(actor: Actor, pk: int) -> MembershipApplication:
    """The application of that id; raises NotFound, also where it may not be seen."""
    found = applications_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_APPLICATION, code="no_application")
    return found


def signatures_of(application: MembershipApplication) -> tuple[AgreementSignature, ...]:
    """The signatures on the document that stands today; those on one before it don't count."""
    rows = application.signatures.filter(sha256=application.document_sha256)
    return tuple(rows.order_by("signed_at", "pk"))


def look_alikes(
    actor: Actor, name: str, *, region: str = "", city: str = ""
) -> tuple[Organisation, ...]:
    """The visible organisations that somebody who looks for that name may mean, the surest first.

    By identifier and name, then what looks alike, then what has the words in its name.
    """
    named = " ".join(name.split())
    if not named:
        return ()
    reference = OrganisationReference(name=named, region=region, city=city)
    (sure,) = organisations_by_reference(actor, [reference])
    found = {one.pk: one for one in sure}
    alike = lookalikes(actor, named, region=region, city=city)
    found |= {one.organisation.pk: one.organisation for one in alike}
    more = organisations_filtered(organisations_visible_to(actor), q=named)
    found |= {one.pk: one for one in more.order_by("name", "pk")[:LOOK_ALIKES_MAX]}
    return tuple(found.values())[:LOOK_ALIKES_MAX]


def offers_to(actor: Actor, institute: Institute, *, kind: str, on: date) -> dict[str, TierOffer]:
    """What the institute offers to organisations of that kind on that day, by tier."""
    offers = tier_offers(actor, on=on, kind=kind, institute=institute.key)
    return {one.tier.key: one for one in offers}


def has_open_application(institute: Institute, organisation: Organisation) -> bool:
    """Whether the organisation has an application there in which something is still to be done.

    By any record of it.
    """
    open_ones = MembershipApplication.objects.filter(state__in=rules.OPEN_STATES)
    return open_ones.filter(group_q(organisation.standing.pk), institute=institute).exists()


def step_times(rows: QuerySet[MembershipApplication]) -> tuple[StepTime, ...]:
    """How long each step of these applications took: the median in seconds, the lower of two.

    One query. An application counts in the steps that it went, whatever became of it later.
    """
    names = [f"{station}_at" for station in rules.STATIONS]
    moments = list(rows.order_by().values_list(*names))
    return tuple(
        _step_time(source, target, ((one[place], one[place + 1]) for one in moments))
        for place, (source, target) in enumerate(pairwise(rules.STATIONS))
    )


def _step_time(
    source: rules.ApplicationState,
    target: rules.ApplicationState,
    moments: Iterable[tuple[datetime | None, datetime | None]],
) -> StepTime:
    took = [int((ended - began).total_seconds()) for began, ended in moments if began and ended]
    return StepTime(source, target, len(took), median_low(took) if took else None)


def applies_for(actor: Actor, organisation_id: int, institute: Institute) -> bool:
    """Whether the actor has an open application for the organisation there, and may act on it."""
    if not may(actor, rules.PERMISSIONS["apply_for_membership"]):
        return False
    rows = MembershipApplication.objects.filter(
        organisation_id=organisation_id, institute=institute, contact_id=actor.own_id
    )
    return rows.filter(~_taken_off(actor), state__in=rules.OPEN_STATES).exists()


def _taken_off(actor: Actor) -> Exists:
    """Whether the actor was taken off the organisation of an application, by any record of it."""
    left = OrganisationPerson.objects.filter(user_id=actor.own_id, removed_at__isnull=False)
    back = OrganisationPerson.objects.filter(
        user_id=actor.own_id, organisation=OuterRef("organisation"), removed_at__isnull=True
    )
    record = Coalesce(OuterRef("organisation__merged_into_id"), OuterRef("organisation_id"))
    return Exists(left.annotate(record=standing_id()).filter(~Exists(back), record=record))
