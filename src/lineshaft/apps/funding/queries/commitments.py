"""Promises of cost share, and what is left of them after what was accepted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from lineshaft.apps.funding.models import Commitment, ContributorSum
from lineshaft.apps.funding.queries.visible import overseen_q
from lineshaft.apps.funding.rules import left_of
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

type Promiser = tuple[int, int, bool]
"""Agreement, organisation, whether cash: promises and contributions of one are set off."""


@dataclass(frozen=True, slots=True)
class CommitmentTotals:
    """What was promised in all, less what was released, and what is left of it."""

    expected_minor: int
    left_minor: int

    @property
    def brought_minor(self) -> int:
        """What of the promises was kept."""
        return self.expected_minor - self.left_minor


def commitments_visible_to(actor: Actor) -> QuerySet[Commitment]:
    """All to network staff; else those that the actor administers, oversees or made."""
    commitments = Commitment.objects.select_related(
        "agreement__institute", "agreement__agency", "organisation__merged_into"
    )
    if actor.is_network_staff:
        return commitments
    return commitments.filter(
        overseen_q(actor, "agreement") | Q(organisation_id__in=sorted(actor.organisation_ids))
    )


def commitments_of(actor: Actor, institute: str) -> QuerySet[Commitment]:
    """The institute's visible commitments, the earliest due first."""
    visible = commitments_visible_to(actor).filter(agreement__institute__key=institute)
    return visible.order_by("due_on", "pk")


def commitment_by_id(actor: Actor, pk: UUID) -> Commitment:
    """The commitment of that id; NotFound where there is none that the actor may see."""
    found = commitments_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(code="commitment", message=gettext_noop("There is no such commitment."))
    return found


def left_minor_of(commitments: Iterable[Commitment]) -> dict[UUID, int]:
    """What is left of each commitment, in two queries for any number of them.

    Contributions accepted keep the contributor's promises of the same form in the order of their
    due days.
    """
    asked = list(commitments)
    awards = {one.agreement_id for one in asked}
    givers = {one.organisation_id for one in asked}
    of_each: dict[Promiser, list[Commitment]] = defaultdict(list)
    for one in Commitment.objects.filter(agreement__in=awards, organisation__in=givers).order_by(
        "due_on", "pk"
    ):
        of_each[one.agreement_id, one.organisation_id, one.is_cash].append(one)
    brought = _brought(awards, givers)
    return {
        one.pk: left
        for promiser, promises in of_each.items()
        for one, left in zip(
            promises,
            left_of([one.expected_minor for one in promises], brought.get(promiser, 0)),
            strict=True,
        )
    }


def commitment_totals(commitments: Iterable[Commitment]) -> CommitmentTotals:
    """What the commitments come to, all of one currency."""
    asked = list(commitments)
    left = left_minor_of(asked)
    return CommitmentTotals(
        expected_minor=sum(one.expected_minor for one in asked),
        left_minor=sum(left[one.pk] for one in asked),
    )


def _brought(awards: set[int], givers: set[int]) -> dict[Promiser, int]:
    sums = ContributorSum.objects.filter(agreement__in=awards, organisation__in=givers).values_list(
        "agreement_id", "organisation_id", "is_cash", "amount_minor"
    )
    return {(award, giver, is_cash): total for award, giver, is_cash, total in sums}
