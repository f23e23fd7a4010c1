"""Claims of cost share and their lines, as widely as the contributions in them."""

from typing import Final
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum, prefetch_related_objects
from django.db.models.functions import Coalesce

from lineshaft.apps.funding.models import ClaimLine, Contribution, CostShareClaim
from lineshaft.apps.funding.queries.visible import contributions_visible_to, overseen_q
from lineshaft.apps.funding.rules import ContributionState
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_CLAIM: Final = gettext_noop("There is no such claim.")


def claims_visible_to(actor: Actor) -> QuerySet[CostShareClaim]:
    """All claims to network staff; else those that the actor administers, oversees or brought."""
    claims = CostShareClaim.objects.select_related(
        "agreement__institute", "agreement__agency", "organisation"
    )
    if actor.is_network_staff:
        return claims
    return claims.filter(
        overseen_q(actor, "agreement") | Q(organisation_id__in=sorted(actor.organisation_ids))
    )


def claims_of(actor: Actor, institute: str) -> QuerySet[CostShareClaim]:
    """The institute's visible claims with their sums, those with lines that wait first."""
    claims = claims_visible_to(actor).filter(agreement__institute__key=institute)
    return with_sums(claims).order_by(F("waiting_count").desc(), "-starts_on", "pk")


def count_waiting_claims(actor: Actor, institute: str) -> int:
    """How many of the institute's visible claims have a line that waits for a decision."""
    return (
        claims_visible_to(actor)
        .filter(
            agreement__institute__key=institute,
            lines__contribution__state=ContributionState.RECORDED,
        )
        .distinct()
        .count()
    )


def with_sums(claims: QuerySet[CostShareClaim]) -> QuerySet[CostShareClaim]:
    """The claims with what their lines come to; withdrawn lines are left out.

    `line_count`, `waiting_count`, `claimed_minor`, `accepted_minor`.
    """
    counted = ~Q(lines__contribution__state=ContributionState.WITHDRAWN)
    return claims.annotate(
        line_count=Count("lines", filter=counted),
        waiting_count=Count(
            "lines", filter=Q(lines__contribution__state=ContributionState.RECORDED)
        ),
        claimed_minor=Coalesce(Sum("lines__contribution__claimed_minor", filter=counted), 0),
        accepted_minor=Coalesce(Sum("lines__contribution__accepted_minor"), 0),
    )


def claim_by_id(actor: Actor, pk: UUID) -> CostShareClaim:
    """The claim of that id with its sums; NotFound where there is none that the actor may see."""
    found = with_sums(claims_visible_to(actor).filter(pk=pk)).first()
    if found is None:
        raise NotFound(code="claim", message=NO_CLAIM)
    return found


def claim_with_lines(actor: Actor, pk: UUID) -> CostShareClaim:
    """The claim of that id with its sums and its `lines`, oldest first, each with contribution."""
    claim = claim_by_id(actor, pk)
    lines = ClaimLine.objects.select_related("contribution__agreement__institute").order_by(
        "contribution__occurred_on", "pk"
    )
    prefetch_related_objects([claim], Prefetch("lines", lines))
    return claim


def lines_of(actor: Actor, claim: CostShareClaim) -> QuerySet[Contribution]:
    """The lines of the claim, oldest first, with their evidence."""
    return (
        contributions_visible_to(actor)
        .filter(line__claim=claim)
        .prefetch_related("evidence__file")
        .order_by("occurred_on", "pk")
    )
