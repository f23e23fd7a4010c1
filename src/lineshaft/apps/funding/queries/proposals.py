"""Proposed transfers: who sees them, which wait for whom, and what approval would do.

They are read by those who oversee the agreement: the institute's staff, its sponsors, and the
network's staff. To others they do not exist until they are transfers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Account, Agreement, Transfer, TransferProposal
from lineshaft.apps.funding.queries.visible import may_q, overseen_q, sponsors_of
from lineshaft.apps.funding.rules import CODES, ProposalState, TransferCode
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may

_STANDING = (ProposalState.PROPOSED, ProposalState.APPROVED)
_AGENCIES = ("agreement__agency__key", "debit_account__agency__key")


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """An account before and after a proposed transfer: its posted balance, and what is pending.

    Pending is what the account still promises where it is debited, and still expects where it is
    credited.
    """

    account: Account
    balance_minor: int
    balance_after_minor: int
    pending_minor: int
    pending_after_minor: int


def proposals_visible_to(actor: Actor) -> QuerySet[TransferProposal]:
    """Proposals in every state under the agreements that the actor oversees, newest first."""
    proposals = TransferProposal.objects.select_related(
        "agreement__institute",
        "agreement__agency",
        "debit_account__agency",
        "credit_account",
        "corrects",
        "proposed_by",
        "decided_by",
    )
    return proposals if actor.is_network_staff else proposals.filter(overseen_q(actor, "agreement"))


def proposal_by_id(actor: Actor, pk: UUID) -> TransferProposal:
    """The proposal of that id; NotFound where there is none that the actor may see."""
    found = (
        proposals_visible_to(actor)
        .select_related("pending")
        .prefetch_related(sponsors_of("agreement__sponsors"))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="proposal", message=gettext_noop("There is no such proposed transfer."))
    return found


def proposals_to_decide(actor: Actor) -> QuerySet[TransferProposal]:
    """What waits for the actor as the second person, the oldest first."""
    waiting = proposals_visible_to(actor).filter(state=ProposalState.PROPOSED)
    return (
        waiting.exclude(proposed_by=actor.own_id)
        .filter(_may_move_q(actor))
        .order_by("proposed_at", "pk")
    )


def waiting_under(agreement: Agreement) -> int:
    """How many transfers under the agreement wait for a second person."""
    return TransferProposal.objects.filter(
        agreement=agreement, state=ProposalState.PROPOSED
    ).count()


def proposal_of(actor: Actor, transfer: Transfer) -> TransferProposal | None:
    """The proposal that became the transfer, for whoever may see it."""
    return proposals_visible_to(actor).filter(pk=transfer.pk, state=ProposalState.APPROVED).first()


def moved_by_one(
    user_id: int | None, agreement_ids: Collection[int], first: date, last: date
) -> rules.MovedByOne:
    """What the person moved or proposed under the agreements, near enough to count in those days.

    A transfer that was proposed counts as its proposal, for who proposed it.
    """
    days = profile_in_use().approval_window_days
    found = rules.MovedByOne(days)
    if user_id is None:
        return found
    near = timedelta(days=days - 1)
    within = Q(
        Q(code__in=rules.TWO_PERSON_CODES) | Q(corrects__code__in=rules.TWO_PERSON_CODES),
        agreement_id__in=agreement_ids,
        occurred_on__range=(max(first, date.min + near) - near, min(last, date.max - near) + near),
    )
    proposals = TransferProposal.objects.filter(agreement_id__in=agreement_ids)
    for movements in (
        Transfer.objects.filter(within, recorded_by_id=user_id).exclude(
            pk__in=proposals.values("pk")
        ),
        proposals.filter(within, proposed_by_id=user_id, state__in=_STANDING),
    ):
        by_day = movements.order_by().values_list(
            "agreement_id", "code", "corrects__code", "occurred_on"
        )
        for agreement_id, code, old, on, amount_minor in by_day.annotate(sum=Sum("amount_minor")):
            found.add((agreement_id, old or code, old is not None), on, amount_minor)
    return found


def moved_code(proposal: TransferProposal) -> TransferCode:
    """The code that says who may move this money: of a correction, that of what it corrects."""
    old = proposal.corrects
    return TransferCode(proposal.code if old is None else old.code)


def may_decide(actor: Actor, proposal: TransferProposal, verb: str) -> bool:
    """Whether the actor's roles allow that verb on the proposal, and the movement it stands for."""
    agency = proposal.debit_account.agency
    return all(
        may(
            actor,
            rules.PERMISSIONS[one],
            institute=proposal.agreement.institute.key,
            agency=proposal.agreement.agency.key,
            agencies=[agency.key] if agency else [],
        )
        for one in (verb, CODES[moved_code(proposal)].verb)
    )


def balance_changes(proposal: TransferProposal) -> tuple[BalanceChange, BalanceChange]:
    """What approval would do to the account that is debited and to the one that is credited."""
    debit, credit = proposal.debit_account, proposal.credit_account
    return (
        _change(proposal, debit, debit.debits_pending, sign=-1),
        _change(proposal, credit, credit.credits_pending, sign=1),
    )


def _change(
    proposal: TransferProposal, account: Account, pending_minor: int, *, sign: int
) -> BalanceChange:
    balance, pending = rules.balance_after(
        TransferCode(proposal.code),
        proposal.amount_minor,
        account.balance_minor,
        pending_minor,
        sign=sign,
    )
    return BalanceChange(account, account.balance_minor, balance, pending_minor, pending)


def _may_move_q(actor: Actor) -> Q:
    """The proposals whose money the actor's roles move, code by code."""
    found = Q(pk__in=[])
    for code in sorted(rules.TWO_PERSON_CODES):
        is_of_code = Q(code=code) | Q(corrects__code=code)
        found |= is_of_code & may_q(actor, CODES[code].verb, *_AGENCIES)
    return found
