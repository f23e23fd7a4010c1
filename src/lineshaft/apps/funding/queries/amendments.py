"""The amendments, waivers and renewal of an agreement, as far as the actor may see them.

What took effect is seen as widely as the agreement; what is only asked for, by those who oversee
it.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from lineshaft.apps.funding.models import Agreement, Amendment, Renewal, Waiver
from lineshaft.apps.funding.queries.visible import (
    agreements_visible_to,
    may_read_contributors,
    overseen_q,
    sponsors_of,
)
from lineshaft.apps.funding.rules import AgreementState, AmendmentKind, AmendmentState, WaiverState
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_visible_to


def amendments_visible_to(actor: Actor) -> QuerySet[Amendment]:
    """Executed amendments of visible agreements, and all of those that the actor oversees."""
    amendments = Amendment.objects.select_related(
        "agreement__institute", "agreement__agency", "agency", "proposed_by", "decided_by"
    )
    if actor.is_network_staff:
        return amendments
    in_visible = Q(agreement__in=agreements_visible_to(actor).order_by())
    return amendments.filter(
        overseen_q(actor, "agreement") | (in_visible & Q(state=AmendmentState.EXECUTED))
    )


_TERMINATIONS = (
    AmendmentKind.TERMINATION_FOR_CONVENIENCE,
    AmendmentKind.TERMINATION_FOR_CAUSE,
)


@dataclass(frozen=True, slots=True)
class Termination:
    """How an agreement was closed before its term by the verb itself; no amendment says it.

    `reason` and `by` are blank for a reader who does not oversee the agreement.
    """

    agreement: Agreement
    on: date
    reason: str
    by: str
    kind: str = "termination"


def termination_of(actor: Actor, agreement: Agreement) -> Termination | None:
    """The agreement's termination; None where it is not terminated, or by an amendment."""
    if agreement.state != AgreementState.TERMINATED or agreement.closed_on is None:
        return None
    executed = Amendment.objects.filter(agreement=agreement, state=AmendmentState.EXECUTED)
    if executed.filter(kind__in=_TERMINATIONS).exists():
        return None
    if not may_read_contributors(actor, agreement.institute.key):
        return Termination(agreement, agreement.closed_on, "", "")
    event = (
        events_visible_to(actor)
        .filter(
            verb="terminate_agreement",
            subject_type=agreement._meta.label_lower,
            subject_id=str(agreement.pk),
        )
        .first()
    )
    by = event.actor_label if event else ""
    return Termination(agreement, agreement.closed_on, agreement.close_reason, by)


def waivers_visible_to(actor: Actor) -> QuerySet[Waiver]:
    """Waivers of visible agreements that are or were in force, and all that the actor oversees."""
    waivers = Waiver.objects.select_related("agreement__institute", "agreement__agency")
    if actor.is_network_staff:
        return waivers
    in_visible = Q(agreement__in=agreements_visible_to(actor).order_by())
    in_force = Q(state__in=[WaiverState.GRANTED, WaiverState.REVOKED])
    return waivers.filter(overseen_q(actor, "agreement") | (in_visible & in_force))


def renewals_visible_to(actor: Actor) -> QuerySet[Renewal]:
    """The renewals of visible agreements; what a review found is its overseers' alone to read."""
    return Renewal.objects.select_related(
        "agreement__institute", "agreement__agency", "renewed_by"
    ).filter(agreement__in=agreements_visible_to(actor).order_by())


def amendment_by_id(actor: Actor, pk: int) -> Amendment:
    """The amendment of that id; NotFound where there is none that the actor may see."""
    found = (
        amendments_visible_to(actor)
        .prefetch_related(sponsors_of("agreement__sponsors"))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="amendment", message=gettext_noop("There is no such amendment."))
    return found


def waiver_by_id(actor: Actor, pk: int) -> Waiver:
    """The waiver of that id; NotFound where there is none that the actor may see."""
    found = (
        waivers_visible_to(actor)
        .prefetch_related(sponsors_of("agreement__sponsors"))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="waiver", message=gettext_noop("There is no such waiver."))
    return found


def renewal_by_id(actor: Actor, pk: int) -> Renewal:
    """The renewal of that id; NotFound where there is none that the actor may see."""
    found = (
        renewals_visible_to(actor)
        .prefetch_related(sponsors_of("agreement__sponsors"))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="renewal", message=gettext_noop("There is no such renewal."))
    return found
