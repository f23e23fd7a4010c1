"""The verbs of an institute's own income: record, one and in bulk, and reverse.

Entries are only added. The caller's id makes a retry harmless; closed books take no entry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from uuid import UUID

from django.db.models import Sum

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.funding.rules.own_income import REVERSAL_REASONS
from lineshaft.apps.funding.services.book import CHUNK_ROWS
from lineshaft.apps.funding.services.ledger import RefusedRow, in_ledger_transaction
from lineshaft.apps.funding.services.posting import PostOutcome
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit


@dataclass(frozen=True, slots=True)
class OwnIncomeRow:
    """Money that an institute earned; `stream` is an income stream of the profile."""

    id: UUID
    institute_id: int
    stream: str
    amount_minor: int
    currency: str
    received_on: date
    payer: str = ""
    description: str = ""
    external_id: str = ""


def record_own_income(actor: Actor, row: OwnIncomeRow, *, now: datetime) -> OwnIncome:
    """Record one entry of own income; the stored one if it stands already."""

    def work() -> OwnIncome:
        new = _write(actor, [row], now=now)
        entry = OwnIncome.objects.select_related("institute").get(pk=row.id)
        if new:
            _audit(actor, "record_own_income", entry, now=now)
        return entry

    return in_ledger_transaction([row.id], work, records=OwnIncome)


def record_own_incomes(
    actor: Actor, rows: Sequence[OwnIncomeRow], *, now: datetime, why: str
) -> PostOutcome:
    """Record many entries, all or none, with one audit event."""
    if not rows:
        return PostOutcome(0, 0)

    def work() -> PostOutcome:
        new = _write(actor, rows, now=now)
        if new:
            record_event(
                actor,
                "record_own_income",
                ("funding.ownincome", str(new[0].pk)),
                now=now,
                why=why,
                count=len(new),
                changes={"batch": len(rows), "last": str(new[-1].pk)},
            )
        return PostOutcome(len(new), len(rows) - len(new))

    return in_ledger_transaction([row.id for row in rows], work, records=OwnIncome)


def reverse_own_income(
    actor: Actor,
    entry: OwnIncome,
    *,
    id: UUID,  # noqa: A002 -- the caller's key, as in the ledger
    amount_minor: int,
    received_on: date,
    reason: str,
    now: datetime,
) -> OwnIncome:
    """Take back an entry, or a part of it, by a new one that names it.

    `reason` is what somebody wrote, or one of `REVERSAL_REASONS`.
    """
    permit(actor, rules.PERMISSIONS["reverse_own_income"], institute=entry.institute.key)
    content = {
        "institute_id": entry.institute_id,
        "stream": entry.stream,
        "amount_minor": amount_minor,
        "currency": entry.currency,
        "received_on": received_on,
        "reverses_id": entry.pk,
        "reason": reason,
    }

    def work() -> OwnIncome:
        _lock_institutes([entry.institute_id])  # before the entry, as a refund of dues does
        old = OwnIncome.objects.select_for_update(no_key=True).get(pk=entry.pk)
        stored = OwnIncome.objects.filter(pk=id).first()
        if stored is not None:
            _refuse_other(stored, content)
            return stored
        refuse_if(rules.entry_day(received_on, now.date()))
        _refuse_closed({entry.institute_id: [received_on]})
        refuse_if(rules.is_no_reversal(is_reversal=old.reverses_id is not None))
        refuse_if(rules.reversal_reason_given(reason))
        refuse_if(rules.positive_amount(amount_minor))
        taken = old.reversals.aggregate(sum=Sum("amount_minor"))["sum"] or 0
        refuse_if(rules.within_entry(old.amount_minor - taken, amount_minor, old.currency))
        reversal = OwnIncome.objects.create(
            pk=id, recorded_by_id=actor.user_id, recorded_at=now, **content
        )
        why = REVERSAL_REASONS.get(reason, reason)
        _audit(actor, "reverse_own_income", reversal, now=now, why=why)
        return reversal

    return in_ledger_transaction([id], work, records=OwnIncome)


def _write(actor: Actor, rows: Sequence[OwnIncomeRow], *, now: datetime) -> list[OwnIncome]:
    """Store the rows that are not stored yet, in the caller's transaction; return those."""
    institutes = Institute.objects.in_bulk(sorted({row.institute_id for row in rows}))
    if len(institutes) < len({row.institute_id for row in rows}):
        raise NotFound(code="institute", message=gettext_noop("There is no such institute."))
    for institute in institutes.values():
        permit(actor, rules.PERMISSIONS["record_own_income"], institute=institute.key)
    streams = {stream.key for stream in profile_in_use().income_streams}
    own_currency = profile_in_use().currency
    for position, row in enumerate(rows):
        try:
            refuse_if(rules.positive_amount(row.amount_minor))
            refuse_if(rules.entry_amount(row.amount_minor, own_currency))
            refuse_if(rules.entry_day(row.received_on, now.date()))
            refuse_if(rules.in_own_currency(row.currency, own_currency))
            refuse_if(rules.stream_known(row.stream, is_known=row.stream in streams))
        except Refused as error:
            raise RefusedRow(error.refusal, position) from error
    stored = _stored([row.id for row in rows])
    new: dict[UUID, OwnIncome] = {}
    days: dict[int, list[date]] = {}
    for row in rows:
        found = stored.get(row.id) or new.get(row.id)
        if found is not None:
            _refuse_other(found, _content(row))
            continue
        days.setdefault(row.institute_id, []).append(row.received_on)
        new[row.id] = OwnIncome(
            pk=row.id, recorded_by_id=actor.user_id, recorded_at=now, **_content(row)
        )
    _lock_institutes(days)
    _refuse_closed(days)
    OwnIncome.objects.bulk_create(new.values(), batch_size=1_000)
    return list(new.values())


def _stored(ids: Sequence[UUID]) -> dict[UUID, OwnIncome]:
    found: dict[UUID, OwnIncome] = {}
    for chunk in batched(ids, CHUNK_ROWS):
        found |= OwnIncome.objects.in_bulk(chunk)
    return found


def _content(row: OwnIncomeRow) -> dict[str, object]:
    return {
        "institute_id": row.institute_id,
        "stream": row.stream,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "received_on": row.received_on,
        "payer": row.payer,
        "description": row.description,
        "external_id": row.external_id,
    }


def _refuse_other(stored: OwnIncome, content: Mapping[str, object]) -> None:
    is_same = all(getattr(stored, name) == value for name, value in content.items())
    refuse_if(rules.same_content(is_same=is_same, transfer_id=str(stored.pk)))


def _lock_institutes(ids: Iterable[int]) -> None:
    """Lock the institutes, so that no books close meanwhile."""
    institutes = Institute.objects.filter(pk__in=sorted(ids)).order_by("pk")
    list(institutes.select_for_update(no_key=True).values_list("pk", flat=True))


def _refuse_closed(days: Mapping[int, Sequence[date]]) -> None:
    """Refuse a day in closed books of an institute; the institutes are locked."""
    closed = queries.closed_days()
    for institute_id, some in days.items():
        held = [closed[books] for books in (institute_id, None) if books in closed]
        through, first = max(held, default=None), min(some)
        if through is not None and first <= through:
            closer = queries.closed_by(institute_id, through)
            refuse_if(rules.books_open(first, through, closer))


def _audit(actor: Actor, verb: str, entry: OwnIncome, *, now: datetime, why: str = "") -> None:
    record_event(
        actor,
        verb,
        entry,
        now=now,
        why=why,
        institute=entry.institute.key,
        changes={
            "stream": entry.stream,
            "amount_minor": entry.amount_minor,
            "currency": entry.currency,
            "received_on": entry.received_on.isoformat(),
        },
    )
