"""Decisions on performance reserve and the close-out of an agreement, as the actor may see them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, CloseoutStep, ReserveDecision
from lineshaft.apps.funding.queries.visible import agreements_visible_to
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.jurisdiction import CloseoutItem
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class CloseoutLine:
    """One item of an agreement's close-out: when it is due, and the step that did it, or None."""

    item: CloseoutItem
    due_on: date
    step: CloseoutStep | None

    def is_late(self, today: date) -> bool:
        """Whether it is not done and its day is over."""
        return self.step is None and self.due_on < today


def reserve_decisions_visible_to(actor: Actor) -> QuerySet[ReserveDecision]:
    """Decisions on reserve, as widely as the federal money that they released is seen."""
    return ReserveDecision.objects.select_related("transfer").filter(
        agreement__in=agreements_visible_to(actor).order_by()
    )


def closeout_lines(agreement: Agreement) -> tuple[CloseoutLine, ...]:
    """The close-out list of an agreement in the profile's order; for one that runs, as planned."""
    over_on = rules.term_over_on(agreement.ends_on, agreement.closed_on)
    steps = {one.item: one for one in agreement.closeout_steps.filter(reopened_at__isnull=True)}
    return tuple(
        CloseoutLine(item, rules.due_on(item, over_on), steps.get(item.key))
        for item in rules.items_binding(profile_in_use().closeout_items, over_on)
    )
