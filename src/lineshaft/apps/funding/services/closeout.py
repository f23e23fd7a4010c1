"""The verbs of a close-out: complete an item, open it again. Both lock the agreement."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, CloseoutStep, Contribution, Hold
from lineshaft.apps.funding.rules import ContributionState, TransferCode
from lineshaft.apps.funding.services.agreements import locked_agreement
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import CloseoutItem
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event

_HELD_CODES = (TransferCode.OBLIGATE, TransferCode.ENCUMBER)


def complete_closeout_item(
    actor: Actor,
    agreement_id: int,
    *,
    item: str,
    done_on: date,
    record: str,
    today: date,
    now: datetime,
) -> CloseoutStep:
    """Record that an item of the close-out is done, with the record that shows it.

    Raises NotFound for an item that is not on the agreement's list, and Refused where the agreement
    still runs or the ledger says otherwise. *Source*: 2 CFR 200.344.
    """
    with transaction.atomic():
        agreement = locked_agreement(actor, agreement_id, "complete_closeout_item")
        over_on, found = _item(agreement, item)
        refuse_if(rules.closeout_begun(agreement.state))
        is_done = agreement.closeout_steps.filter(item=item, reopened_at__isnull=True).exists()
        refuse_if(rules.item_open(found, is_done=is_done))
        refuse_if(rules.item_done_on(done_on, over_on, today, found))
        refuse_if(
            rules.ledger_proves(
                found,
                pending_minor=pending_minor(agreement),
                undecided_minor=undecided_minor(agreement),
                currency=agreement.currency,
            )
        )
        step = CloseoutStep.objects.create(
            agreement=agreement,
            item=item,
            done_on=done_on,
            record=record.strip(),
            done_by_id=actor.user_id,
            recorded_at=now,
        )
        _record(actor, "complete_closeout_item", agreement, step, now=now, why=record)
    return step


def reopen_closeout_item(
    actor: Actor, agreement_id: int, *, item: str, reason: str, now: datetime
) -> CloseoutStep:
    """Open a done item again, with the reason; what was recorded of it stays."""
    with transaction.atomic():
        agreement = locked_agreement(actor, agreement_id, "reopen_closeout_item")
        refuse_if(rules.reopening_reason_given(reason))
        step = agreement.closeout_steps.filter(item=item, reopened_at__isnull=True).first()
        if step is None:
            raise NotFound(code="closeout_item", message=gettext_noop("This item is not done."))
        step.reopened_at, step.reopened_by_id, step.reopen_reason = now, actor.user_id, reason
        step.save(update_fields=["reopened_at", "reopened_by", "reopen_reason"])
        _record(actor, "reopen_closeout_item", agreement, step, now=now, why=reason)
    return step


def pending_minor(agreement: Agreement) -> int:
    """What is still pending in the agreement's obligations and encumbrances."""
    held = Hold.objects.filter(transfer__agreement=agreement, transfer__code__in=_HELD_CODES)
    return held.aggregate(sum=Sum("remaining_minor"))["sum"] or 0


def undecided_minor(agreement: Agreement) -> int:
    """What is claimed as cost share and neither accepted nor refused."""
    claimed = Contribution.objects.filter(agreement=agreement, state=ContributionState.RECORDED)
    return claimed.aggregate(sum=Sum("claimed_minor"))["sum"] or 0


def _item(agreement: Agreement, key: str) -> tuple[date, CloseoutItem]:
    over_on = rules.term_over_on(agreement.ends_on, agreement.closed_on)
    binding = rules.items_binding(profile_in_use().closeout_items, over_on)
    found = next((one for one in binding if one.key == key), None)
    if found is None:
        raise NotFound(
            code="closeout_item", message=gettext_noop("This is no item of the close-out.")
        )
    return over_on, found


def _record(
    actor: Actor, verb: str, agreement: Agreement, step: CloseoutStep, *, now: datetime, why: str
) -> None:
    record_event(
        actor,
        verb,
        step,
        now=now,
        why=why,
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        changes={
            "agreement": agreement.number,
            "item": step.item,
            "done_on": step.done_on.isoformat(),
        },
    )
