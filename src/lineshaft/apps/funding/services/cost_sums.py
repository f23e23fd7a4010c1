"""What every movement of a cost shares: locking costs, keeping their sums, and their proof.

Lock order: costs by key, then accounts by id.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import batched
from uuid import UUID

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Cost, CostEvidence, CostMovement, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.services.book import CHUNK_ROWS
from lineshaft.apps.funding.services.evidence import EvidenceFile
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.sharing import SharingLevel


def costs_to_change(ids: Iterable[UUID]) -> dict[UUID, Cost]:
    """Those costs that are stored, locked in the order of their keys."""
    found: dict[UUID, Cost] = {}
    for chunk in batched(sorted(set(ids)), CHUNK_ROWS):
        locked = Cost.objects.select_for_update(of=("self",), no_key=True)
        found |= {one.pk: one for one in locked.filter(pk__in=chunk).order_by("pk")}
    return found


def cost_not_found() -> NotFound:
    return NotFound(code="cost", message=gettext_noop("There is no such cost."))


def cost_moved_by(transfer: Transfer) -> Cost | None:
    """The cost that the transfer moved, locked; None where it moved none."""
    movement = CostMovement.objects.filter(pk=transfer.pk).first()
    return None if movement is None else costs_to_change([movement.cost_id])[movement.cost_id]


def move_cost(cost: Cost, code: TransferCode, amount_minor: int) -> None:
    """Let the cost's sums follow a transfer that moved it; nothing is saved."""
    if code in rules.INCURRING_CODES:
        cost.incurred_minor += amount_minor
    elif code is TransferCode.PAY:
        refuse_if(rules.within_incurred(cost.to_pay_minor, amount_minor, cost.currency))
        cost.paid_minor += amount_minor


def take_back_cost(cost: Cost, old: Transfer, *, correction_id: UUID, amount_minor: int) -> None:
    """Let the cost follow a correction of one of its transfers."""
    if old.code == TransferCode.PAY:
        cost.paid_minor -= amount_minor
    else:
        refuse_if(rules.correction_leaves_paid(cost.to_pay_minor, amount_minor, cost.currency))
        cost.incurred_minor -= amount_minor
    cost.save(update_fields=["incurred_minor", "paid_minor"])
    CostMovement.objects.create(transfer_id=correction_id, cost=cost)


def attach_cost_references(
    actor: Actor, given: Iterable[tuple[UUID, Sequence[str]]], *, now: datetime
) -> None:
    CostEvidence.objects.bulk_create(
        [
            CostEvidence(
                movement_id=movement_id,
                reference=reference,
                attached_by_id=actor.user_id,
                attached_at=now,
            )
            for movement_id, references in given
            for reference in references
        ],
        batch_size=1_000,
    )


def attach_cost_files(
    actor: Actor,
    movement_id: UUID,
    files: Sequence[EvidenceFile],
    *,
    institute: str,
    now: datetime,
) -> None:
    for file in files:
        stored = store_file(
            actor,
            file.content,
            name=file.name,
            now=now,
            level=SharingLevel.RESTRICTED,
            purpose="cost_evidence",
            institute=institute,
        )
        CostEvidence.objects.create(
            movement_id=movement_id,
            file=stored,
            attached_by_id=actor.user_id,
            attached_at=now,
        )
