"""The costs under an agreement, what moved them and what proves it.

Costs are read by those who oversee the agreement: the institute's staff, its sponsors, and the
network's staff. To others they do not exist.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from lineshaft.apps.funding.models import Agreement, Cost, CostMovement, Hold, Transfer
from lineshaft.apps.funding.queries.visible import agreement_by_id, overseen_q
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class CostTotals:
    """What stands under an agreement, in minor units of its currency."""

    encumbered_minor: int
    incurred_minor: int
    paid_minor: int

    @property
    def to_pay_minor(self) -> int:
        """What is incurred and not paid yet."""
        return self.incurred_minor - self.paid_minor


def costs_visible_to(actor: Actor) -> QuerySet[Cost]:
    """Every cost that the actor oversees, each with what is left of its encumbrance."""
    left = Hold.objects.filter(pk=OuterRef("pk")).values("remaining_minor")
    costs = Cost.objects.select_related("agreement__institute").annotate(
        encumbered_minor=Coalesce(Subquery(left), 0)
    )
    return costs if actor.is_network_staff else costs.filter(overseen_q(actor, "agreement"))


def cost_by_id(actor: Actor, pk: UUID) -> Cost:
    """The cost of that id; NotFound where there is none that the actor may see."""
    found = costs_visible_to(actor).select_related("agreement__agency").filter(pk=pk).first()
    if found is None:
        raise NotFound(code="cost", message=gettext_noop("There is no such cost."))
    return found


def movements_of(cost: Cost) -> QuerySet[CostMovement]:
    """What moved the cost, oldest first, with the evidence of each."""
    return (
        cost.movements.select_related("transfer__recorded_by")
        .prefetch_related("evidence__file")
        .order_by("transfer__occurred_on", "transfer__recorded_at", "pk")
    )


def cost_of(transfer: Transfer) -> Cost | None:
    """The cost that the transfer moved, for a reader who may see the transfer."""
    movement = CostMovement.objects.select_related("cost").filter(pk=transfer.pk).first()
    return movement.cost if movement else None


def cost_totals(agreement: Agreement) -> CostTotals:
    """What is encumbered, incurred and paid under the agreement, from its costs."""
    sums = Cost.objects.filter(agreement=agreement).aggregate(
        incurred=Sum("incurred_minor"), paid=Sum("paid_minor")
    )
    held = Hold.objects.filter(transfer__cost__agreement=agreement).aggregate(
        left=Sum("remaining_minor")
    )
    return CostTotals(held["left"] or 0, sums["incurred"] or 0, sums["paid"] or 0)


def overseen_agreement_by_id(actor: Actor, pk: int) -> Agreement:
    """The agreement, for whoever reads its costs and income; NotFound for all others."""
    agreement = agreement_by_id(actor, pk)
    if not oversees(actor, agreement):
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    return agreement


def oversees(actor: Actor, agreement: Agreement) -> bool:
    """Whether the actor reads the costs and the income under the agreement."""
    if actor.is_network_staff or agreement.institute.key in actor.staff_institute_keys:
        return True
    return (
        not actor.is_anonymous
        and Agreement.objects.filter(overseen_q(actor), pk=agreement.pk).exists()
    )
