"""The verbs that take in what others say moved: lines of payment files and of bank statements.

Lines are only added. A line is known by its own reference in its direction; one without a
reference by its content, and by its place among lines of equal content in the same batch. So a file
sent twice changes nothing. What is new is matched by a job.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import batched
from typing import Final
from uuid import UUID

from django.db import transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, AgreementSponsor, StatementLine
from lineshaft.apps.funding.rules import LineSource
from lineshaft.apps.funding.services.book import CHUNK_ROWS
from lineshaft.apps.funding.services.ledger import RefusedRow
from lineshaft.apps.funding.services.posting import PostOutcome
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.permit import permit

MATCH_LINES_JOB: Final = "funding.match_lines"


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A line of an agency's payment file; a return is below zero.

    `agency_id` None stands for the agency that leads the agreement. `origin` is the file's name.
    """

    agreement_id: int
    amount_minor: int
    currency: str
    booked_on: date
    agency_id: int | None = None
    counterparty: str = ""
    text: str = ""
    reference: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line of a bank's statement of an institute; what the institute pays is below zero."""

    institute_id: int
    account: str
    amount_minor: int
    currency: str
    booked_on: date
    value_on: date | None = None
    agreement_id: int | None = None
    counterparty: str = ""
    text: str = ""
    reference: str = ""
    origin: str = ""


def record_payments(
    actor: Actor, rows: Sequence[PaymentLine], *, now: datetime, why: str
) -> PostOutcome:
    """Record lines of payment files, all or none, with one audit event.

    Raises RefusedRow for the first line that a rule does not allow.
    """
    with transaction.atomic():
        agreements = _agreements(row.agreement_id for row in rows)
        sponsors = {
            (sponsor.agreement_id, sponsor.agency_id): sponsor.agency
            for sponsor in AgreementSponsor.objects.filter(
                agreement_id__in=sorted(agreements)
            ).select_related("agency")
        }
        lines = []
        for position, row in enumerate(rows):
            agreement = agreements[row.agreement_id]
            agency_id = row.agency_id or agreement.agency_id
            agency = sponsors.get((agreement.pk, agency_id))
            try:
                named = agency or _agency(agency_id)
                refuse_if(rules.sponsor_known(named.key, is_sponsor=agency is not None))
                refuse_if(rules.same_currency(row.currency, agreement.currency))
                _refuse_line(row, today=now.date())
            except Refused as error:
                raise RefusedRow(error.refusal, position) from error
            lines.append(_payment(replace(row, agency_id=agency_id), agreement, named))
        for agency_key, institute_key in sorted(
            {(line.agency.key, line.institute.key) for line in lines if line.agency}
        ):
            permit(
                actor,
                rules.PERMISSIONS["record_payments"],
                institute=institute_key,
                agency=agency_key,
            )
        return _record(actor, "record_payments", lines, now=now, why=why)


def record_statements(
    actor: Actor, rows: Sequence[BankLine], *, now: datetime, why: str
) -> PostOutcome:
    """Record lines of bank statements, all or none, with one audit event.

    Raises RefusedRow for the first line that a rule does not allow.
    """
    with transaction.atomic():
        institutes = Institute.objects.in_bulk(sorted({row.institute_id for row in rows}))
        agreements = _agreements(row.agreement_id for row in rows if row.agreement_id is not None)
        if len(institutes) < len({row.institute_id for row in rows}):
            raise NotFound(code="institute", message=gettext_noop("There is no such institute."))
        for institute in institutes.values():
            permit(actor, rules.PERMISSIONS["record_statements"], institute=institute.key)
        own_currency = profile_in_use().currency
        lines = []
        for position, row in enumerate(rows):
            agreement = agreements.get(row.agreement_id or 0)
            try:
                refuse_if(rules.in_own_currency(row.currency, own_currency))
                _refuse_line(row, today=now.date())
                refuse_if(rules.value_day(row.value_on, row.booked_on))
                refuse_if(rules.account_given(row.account))
            except Refused as error:
                raise RefusedRow(error.refusal, position) from error
            if agreement is not None and agreement.institute_id != row.institute_id:
                raise NotFound(
                    code="agreement", message=gettext_noop("There is no such agreement.")
                )
            lines.append(_bank(row, institutes[row.institute_id]))
        return _record(actor, "record_statements", lines, now=now, why=why)


def _refuse_line(row: PaymentLine | BankLine, *, today: date) -> None:
    refuse_if(rules.line_amount(row.amount_minor))
    refuse_if(rules.entry_amount(row.amount_minor, row.currency))
    refuse_if(rules.entry_day(row.booked_on, today))


def _agreements(ids: Iterable[int]) -> dict[int, Agreement]:
    wanted = sorted(set(ids))
    found = Agreement.objects.select_related("institute", "agency").in_bulk(wanted)
    if len(found) < len(wanted):
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    return found


def _agency(pk: int) -> Agency:
    found = Agency.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(code="agency", message=gettext_noop("There is no such agency."))
    return found


def _payment(row: PaymentLine, agreement: Agreement, agency: Agency) -> StatementLine:
    return StatementLine(
        source=LineSource.PAYMENT,
        institute=agreement.institute,
        agreement=agreement,
        agency=agency,
        booked_on=row.booked_on,
        amount_minor=row.amount_minor,
        currency=row.currency,
        counterparty=row.counterparty,
        text=row.text,
        reference=row.reference.strip(),
        origin=row.origin,
    )


def _bank(row: BankLine, institute: Institute) -> StatementLine:
    return StatementLine(
        source=LineSource.BANK,
        institute=institute,
        agreement_id=row.agreement_id,
        account=row.account.strip(),
        booked_on=row.booked_on,
        value_on=row.value_on,
        amount_minor=row.amount_minor,
        currency=row.currency,
        counterparty=row.counterparty,
        text=row.text,
        reference=row.reference.strip(),
        origin=row.origin,
    )


def _record(
    actor: Actor, verb: str, lines: Sequence[StatementLine], *, now: datetime, why: str
) -> PostOutcome:
    """Store what is not stored yet, in the caller's transaction; ask for its matching."""
    _lock({line.institute_id for line in lines})
    _name(lines)
    stored: dict[UUID, StatementLine] = {}
    for chunk in batched([line.pk for line in lines], CHUNK_ROWS, strict=False):
        stored |= StatementLine.objects.in_bulk(chunk)
    new: dict[UUID, StatementLine] = {}
    named: set[UUID] = set()
    for position, line in enumerate(lines):
        found = stored.get(line.pk) or new.get(line.pk)
        is_same = found is None or _moved(found) == _moved(line)
        refusal = rules.line_unchanged(line.reference, is_same=is_same) or rules.line_once(
            line.reference, is_first=line.pk not in named
        )
        if refusal is not None:
            raise RefusedRow(refusal, position)
        named.add(line.pk)
        if found is None:
            line.recorded_by_id, line.recorded_at = actor.user_id, now
            new[line.pk] = line
    StatementLine.objects.bulk_create(new.values(), batch_size=1_000)
    if new:
        first = next(iter(new.values()))
        keys = {line.institute.key for line in new.values()}
        record_event(
            actor,
            verb,
            first,
            now=now,
            why=why,
            institute=keys.pop() if len(keys) == 1 else "",
            count=len(new),
            changes={"batch": len(lines), "currency": first.currency},
        )
        for institute_id in sorted({line.institute_id for line in new.values()}):
            payload = {"institute": institute_id, "source": str(first.source)}
            enqueue(actor, MATCH_LINES_JOB, payload, now=now, unique=True)
    return PostOutcome(len(new), len(lines) - len(new))


def _lock(institute_ids: Collection[int]) -> None:
    """Let nobody else record lines of the institutes before the caller's transaction ends."""
    institutes = Institute.objects.filter(pk__in=institute_ids).order_by("pk")
    list(institutes.select_for_update(no_key=True).values_list("pk", flat=True))


def _name(lines: Sequence[StatementLine]) -> None:
    """Give each line the key that the same line always has."""
    equal: Counter[UUID] = Counter()
    for line in lines:
        owner = (
            line.source,
            line.institute.key,
            line.account,
            line.agreement.number if line.source == LineSource.PAYMENT and line.agreement else "",
            line.agency.key if line.agency else "",
        )
        if line.reference:
            way = "in" if line.amount_minor > 0 else "out"
            line.pk = derived_id("funding.line", *owner, line.reference, way)
            continue
        content = derived_id(
            "funding.line.content",
            *owner,
            line.booked_on,
            line.value_on or "",
            line.amount_minor,
            line.counterparty,
            line.text,
        )
        equal[content] += 1
        line.ordinal = equal[content]
        line.pk = derived_id("funding.line.content", content, line.ordinal)


def _moved(line: StatementLine) -> tuple[object, ...]:
    """What may not differ in a line sent again; the words of a bank may."""
    return (line.amount_minor, line.currency, line.booked_on)
