"""The verbs of costs: encumber, liquidate, release, record, pay; one by one and in bulk.

Each moves the federal share of a cost by one transfer and writes what the cost is, which transfer
moved it and what proves it, in the ledger's own transaction. The caller's id makes a retry
harmless. Lock order: costs by key, then accounts by id.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, Cost, CostMovement
from lineshaft.apps.funding.rules import CODES, TransferCode
from lineshaft.apps.funding.services.book import CHUNK_ROWS, TransferRow
from lineshaft.apps.funding.services.cost_sums import (
    attach_cost_files,
    attach_cost_references,
    cost_not_found,
    costs_to_change,
    move_cost,
)
from lineshaft.apps.funding.services.day_sums import add_to_costs
from lineshaft.apps.funding.services.evidence import EvidenceFile, permit_on
from lineshaft.apps.funding.services.ledger import (
    RefusedRow,
    Written,
    in_ledger_transaction,
    write_transfers,
)
from lineshaft.apps.funding.services.posting import PostOutcome
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


@dataclass(frozen=True, slots=True)
class CostRow:
    """One movement of a cost; `code` encumbers, liquidates, releases, incurs or pays.

    What begins a cost says its category and payee, and `id` becomes the cost's key; what moves one
    names it by `cost_id`. `amount_minor` None releases all that is left. `evidence` are references
    of records in the recipient's own books.
    """

    id: UUID
    agreement_id: int
    code: TransferCode
    amount_minor: int | None
    currency: str
    occurred_on: date
    cost_id: UUID | None = None
    category: str = ""
    payee: str = ""
    description: str = ""
    reference: str = ""
    reason: str = ""
    evidence: tuple[str, ...] = ()


class CostEntry(TypedDict):
    """What begins a cost, with its amount in minor units."""

    id: UUID
    amount_minor: int
    currency: str
    occurred_on: date
    category: str
    payee: str
    description: NotRequired[str]
    reference: NotRequired[str]
    evidence: NotRequired[tuple[str, ...]]


class CostMove(TypedDict):
    """What moves a cost that stands."""

    id: UUID
    amount_minor: int
    occurred_on: date
    reference: NotRequired[str]
    evidence: NotRequired[tuple[str, ...]]


def record_encumbrance(
    actor: Actor,
    agreement: Agreement,
    *,
    now: datetime,
    files: Sequence[EvidenceFile] = (),
    **entry: Unpack[CostEntry],
) -> Cost:
    """Set federal money aside for an order or contract; it is incurred as it is liquidated."""
    row = CostRow(agreement_id=agreement.pk, code=TransferCode.ENCUMBER, **entry)
    return _post_one(actor, row, files=files, now=now)


def record_cost(
    actor: Actor,
    agreement: Agreement,
    *,
    now: datetime,
    files: Sequence[EvidenceFile] = (),
    **entry: Unpack[CostEntry],
) -> Cost:
    """Record the federal share of a cost that was incurred without an encumbrance before it."""
    row = CostRow(agreement_id=agreement.pk, code=TransferCode.INCUR, **entry)
    return _post_one(actor, row, files=files, now=now)


def liquidate_encumbrance(
    actor: Actor,
    cost: Cost,
    *,
    now: datetime,
    files: Sequence[EvidenceFile] = (),
    **move: Unpack[CostMove],
) -> Cost:
    """Turn an encumbrance, or a part of it, into a cost: what was ordered has come."""
    return _post_one(actor, _moving(cost, TransferCode.LIQUIDATE, move), files=files, now=now)


def pay_cost(
    actor: Actor,
    cost: Cost,
    *,
    now: datetime,
    files: Sequence[EvidenceFile] = (),
    **move: Unpack[CostMove],
) -> Cost:
    """Pay what of a cost is incurred, in part too; never more."""
    return _post_one(actor, _moving(cost, TransferCode.PAY, move), files=files, now=now)


def release_encumbrance(
    actor: Actor,
    cost: Cost,
    *,
    id: UUID,  # noqa: A002 -- the ledger's own word for the caller's key
    occurred_on: date,
    reason: str,
    now: datetime,
    amount_minor: int | None = None,
    reference: str = "",
) -> Cost:
    """Give back what is left of an encumbrance, or a part of it, with the reason."""
    row = CostRow(
        id,
        cost.agreement_id,
        TransferCode.RELEASE_ENCUMBRANCE,
        amount_minor,
        cost.currency,
        occurred_on,
        cost_id=cost.pk,
        reference=reference,
        reason=reason,
    )
    return _post_one(actor, row, now=now)


def post_costs(actor: Actor, rows: Sequence[CostRow], *, now: datetime, why: str) -> PostOutcome:
    """Post movements of costs in the order given, all or none, with one audit event.

    A row may move a cost that an earlier row begins. Raises RefusedRow for the first row that a
    rule does not allow.
    """
    if not rows:
        return PostOutcome(0, 0)

    def work() -> PostOutcome:
        written = _write(actor, rows, now=now)
        if written.recorded:
            _audit_batch(actor, written, now=now, why=why)
        return PostOutcome(len(written.recorded), len(written.unchanged))

    return in_ledger_transaction([row.id for row in rows], work)


def _moving(cost: Cost, code: TransferCode, move: CostMove) -> CostRow:
    return CostRow(
        agreement_id=cost.agreement_id, code=code, currency=cost.currency, cost_id=cost.pk, **move
    )


def _post_one(
    actor: Actor, row: CostRow, *, now: datetime, files: Sequence[EvidenceFile] = ()
) -> Cost:
    def work() -> Cost:
        written = _write(actor, [row], now=now)
        cost = Cost.objects.select_related("agreement__institute", "agreement__agency").get(
            pk=row.cost_id or row.id
        )
        if not written.recorded:
            return cost
        institute = cost.agreement.institute.key
        attach_cost_files(actor, row.id, files, institute=institute, now=now)
        record_event(
            actor,
            CODES[row.code].verb,
            cost,
            now=now,
            why=row.reason,
            institute=institute,
            agency=cost.agreement.agency.key,
            changes={
                "agreement": cost.agreement.number,
                "transfer": str(row.id),
                "amount_minor": written.recorded[0].amount_minor,
                "currency": row.currency,
                "occurred_on": row.occurred_on.isoformat(),
                "category": cost.category,
                "evidence": len(row.evidence) + len(files),
            },
        )
        return cost

    return in_ledger_transaction([row.id], work)


def _write(actor: Actor, rows: Sequence[CostRow], *, now: datetime) -> Written:
    """Write the rows with their costs, in the caller's transaction."""
    agreements = Agreement.objects.select_related("agency", "institute").in_bulk(
        sorted({row.agreement_id for row in rows})
    )
    if len(agreements) < len({row.agreement_id for row in rows}):
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    for code, agreement_id in {(row.code, row.agreement_id) for row in rows}:
        permit_on(actor, CODES[code].verb, agreements[agreement_id])
    costs = costs_to_change(row.cost_id or row.id for row in rows)
    _check(rows, agreements, costs)
    written = write_transfers(actor, [_transfer(row) for row in rows], now=now)
    new_ids = {line.id for line in written.recorded}
    new, known = {}, []
    for row in rows:
        if row.id in new_ids and row.id not in new:
            new[row.id] = row
        else:
            known.append(row)  # stored before, or named a second time
    _keep(actor, new.values(), rows, written, costs, now=now)
    _refuse_other_content(known, costs)
    return written


def _check(
    rows: Sequence[CostRow], agreements: Mapping[int, Agreement], costs: Mapping[UUID, Cost]
) -> None:
    categories = {category.key for category in profile_in_use().cost_categories}
    begun: dict[UUID, int] = {one.pk: one.agreement_id for one in costs.values()}
    for position, row in enumerate(rows):
        is_opening = row.code in rules.OPENING_CODES
        is_known = is_opening or (row.code in rules.MOVING_CODES and row.cost_id is not None)
        try:
            refuse_if(rules.cost_code(row.code, is_known=is_known))
            if is_opening:
                _check_opening(row, agreements[row.agreement_id], categories)
                begun.setdefault(row.id, row.agreement_id)
        except Refused as error:
            raise RefusedRow(error.refusal, position) from error
        if begun.get(row.cost_id or row.id) != row.agreement_id:
            raise cost_not_found()


def _check_opening(row: CostRow, agreement: Agreement, categories: set[str]) -> None:
    refuse_if(rules.category_known(row.category, is_known=row.category in categories))
    refuse_if(rules.payee_given(row.payee))
    refuse_if(rules.cost_in_term(row.occurred_on, agreement.starts_on, agreement.ends_on))


def _transfer(row: CostRow) -> TransferRow:
    settles = CODES[row.code].settles
    return TransferRow(
        row.id,
        row.agreement_id,
        row.code,
        row.amount_minor,
        row.currency,
        row.occurred_on,
        pending_id=row.cost_id if settles else None,
        reference=row.reference,
        reason=row.reason,
    )


def _content(row: CostRow) -> dict[str, object]:
    """What of a row is kept beside its transfer, and makes a reused id another cost."""
    return {
        "agreement_id": row.agreement_id,
        "category": row.category,
        "payee": row.payee,
        "description": row.description,
        "external_id": row.reference,
    }


def _refuse_other_content(rows: Sequence[CostRow], costs: Mapping[UUID, Cost]) -> None:
    """A retry repeats the whole row, not only its transfer."""
    stored: dict[UUID, UUID] = {}
    for chunk in batched((row.id for row in rows), CHUNK_ROWS):
        stored |= dict(CostMovement.objects.filter(pk__in=chunk).values_list("pk", "cost_id"))
    for row in rows:
        cost = costs.get(stored.get(row.id, row.id))
        is_same = cost is not None and cost.pk == (row.cost_id or row.id)
        if is_same and row.code in rules.OPENING_CODES:
            is_same = all(getattr(cost, name) == value for name, value in _content(row).items())
        refuse_if(rules.same_content(is_same=is_same, transfer_id=str(row.id)))


def _keep(
    actor: Actor,
    new_rows: Collection[CostRow],
    rows: Sequence[CostRow],
    written: Written,
    costs: dict[UUID, Cost],
    *,
    now: datetime,
) -> None:
    """Store what the new rows begin and move; sums are written once for each cost."""
    amounts = {line.id: line.amount_minor for line in written.recorded}
    begun: dict[UUID, Cost] = {}
    moved: dict[UUID, Cost] = {}
    for row in new_rows:
        if row.code in rules.OPENING_CODES:
            begun[row.id] = costs[row.id] = _cost(row, amounts[row.id])
        cost = costs[row.cost_id or row.id]
        try:
            move_cost(cost, row.code, amounts[row.id])
        except Refused as error:
            raise RefusedRow(error.refusal, rows.index(row)) from error
        if cost.pk not in begun:
            moved[cost.pk] = cost
    Cost.objects.bulk_create(begun.values(), batch_size=1_000)
    Cost.objects.bulk_update(moved.values(), ["incurred_minor", "paid_minor"], batch_size=500)
    CostMovement.objects.bulk_create(
        [CostMovement(transfer_id=row.id, cost_id=row.cost_id or row.id) for row in new_rows],
        batch_size=1_000,
    )
    of_rows = {row.id: costs[row.cost_id or row.id] for row in new_rows}
    add_to_costs(written.recorded, of_rows, written.book)
    attach_cost_references(actor, [(row.id, row.evidence) for row in new_rows], now=now)


def _cost(row: CostRow, amount_minor: int) -> Cost:
    return Cost(
        transfer_id=row.id,
        occurred_on=row.occurred_on,
        currency=row.currency,
        is_encumbrance=row.code is TransferCode.ENCUMBER,
        amount_minor=amount_minor,
        **_content(row),
    )


def _audit_batch(actor: Actor, written: Written, *, now: datetime, why: str) -> None:
    touched = {line.agreement_id for line in written.recorded}
    agreements = [written.book.agreements[pk] for pk in sorted(touched)]
    record_event(
        actor,
        "post_costs",
        ("funding.cost", str(written.recorded[0].id)),
        now=now,
        why=why,
        institute=_only(one.institute.key for one in agreements),
        agency=_only(one.agency.key for one in agreements),
        count=len(written.recorded),
        changes={
            "agreements": [one.number for one in agreements],
            "transfers_by_code": dict(sorted(Counter(x.code for x in written.recorded).items())),
            "last": str(written.recorded[-1].id),
        },
    )


def _only(keys: Iterable[str]) -> str:
    """The one key, or nothing where a batch spans several."""
    distinct = set(keys)
    return distinct.pop() if len(distinct) == 1 else ""
