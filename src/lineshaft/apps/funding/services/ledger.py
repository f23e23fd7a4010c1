"""The core of the ledger: transfers written, accounts and holds moved, all under one lock order.

Everything that moves money comes through `write_transfers`. It locks the accounts that the rows
touch, in order of their id (so two callers can't wait for each other), then reads what is stored
under the rows' ids, decides row by row in the order given, and writes transfers, account sums and
holds. A row whose id is stored with the same content changes nothing; with other content it is
refused. Nothing is written unless every row stands.

On PostgreSQL the lock is SELECT ... FOR NO KEY UPDATE; on SQLite the transaction itself is
IMMEDIATE, so there is one writer. Sums are written as values, not increments: the lock makes it
safe, and one statement carries any number of accounts.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched, chain
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction
from django.db.models import Q, Sum

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Account, Agreement, Hold, Transfer
from lineshaft.apps.funding.rules import CODES, AccountKind, CodeRule, TransferCode, TransferKind
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.permit import permit

CHUNK_ROWS: Final = 10_000
"""Rows looked up and inserted at a time; keeps statements within SQLite's number of parameters."""

UPDATE_ROWS: Final = 1_000
"""Accounts or holds changed by one statement."""


class UnknownRow(NotFound):
    """One row of a batch names a transfer that there is not; `position` counts rows from 0."""

    def __init__(self, error: NotFound, position: int) -> None:
        super().__init__(error.message, code=error.code, params=error.params)
        self.position = position


class RefusedRow(Refused):
    """A rule said no to one row of a batch; `position` counts the caller's rows from 0."""

    def __init__(self, refusal: Refusal, position: int) -> None:
        super().__init__(refusal)
        self.position = position


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer to be written, as the caller asks for it.

    The code and the agreement fix the accounts; `pending_id` names what a draw, release, acceptance
    or refusal settles, `corrects_id` what a correction takes back, `organisation_id` the
    contributor. `amount_minor` None voids all that is still pending.
    """

    id: UUID
    agreement_id: int
    code: TransferCode
    amount_minor: int | None
    currency: str
    occurred_on: date
    pending_id: UUID | None = None
    corrects_id: UUID | None = None
    organisation_id: int | None = None
    reference: str = ""
    reason: str = ""


class Line(NamedTuple):
    """A transfer's content, column by column; who recorded it and when is not content."""

    id: UUID
    agreement_id: int
    kind: str
    code: str
    debit_account_id: int
    credit_account_id: int
    amount_minor: int
    currency: str
    occurred_on: date
    pending_id: UUID | None
    corrects_id: UUID | None
    reference: str
    reason: str


COLUMNS: Final = Line._fields

type Owner = tuple[int, str, int | str | None]
"""Agreement or agency, kind, and what tells accounts of that kind apart: contributor, currency."""


@dataclass(slots=True)
class Book:
    """The locked accounts, their agreements, and what is stored under the rows' ids."""

    agreements: dict[int, Agreement]
    accounts: dict[int, Account]
    by_owner: dict[Owner, Account]
    lines: dict[UUID, Line] = field(default_factory=dict)
    holds: dict[UUID, int] = field(default_factory=dict)
    corrected: dict[UUID, int] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)

    def agreement(self, row: TransferRow) -> Agreement:
        """The row's agreement, or NotFound."""
        found = self.agreements.get(row.agreement_id)
        if found is None:
            raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
        return found

    def account(self, row: TransferRow, agreement: Agreement, kind: AccountKind | None) -> Account:
        """The account of that kind which the row's agreement, agency or contributor owns."""
        owner: Owner
        match kind:
            case AccountKind.APPROPRIATION:
                owner = (agreement.agency_id, kind, row.currency)
            case AccountKind.SOURCE:
                owner = (agreement.pk, kind, row.organisation_id)
            case _:
                owner = (agreement.pk, kind or "", None)
        return self.by_owner[owner]


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_transfers` did: the lines now stored anew, those found stored, and the book."""

    recorded: list[Line]
    unchanged: list[Line]
    book: Book


def in_ledger_transaction[T](ids: Iterable[UUID], work: Callable[[], T]) -> T:
    """The result of `work` in one transaction, repeated once where another caller was first.

    Two callers that send one id for different accounts do not wait for each other's locks; the
    later insert then fails on the id. By then the first is committed, and the repetition finds it.
    `ids` are asked for only then.
    """
    try:
        with transaction.atomic():
            return work()
    except IntegrityError:
        is_stored = any(
            Transfer.objects.filter(pk__in=chunk).exists() for chunk in batched(ids, CHUNK_ROWS)
        )
        if not is_stored:
            raise
    with transaction.atomic():
        return work()


def write_transfers(actor: Actor, rows: Sequence[TransferRow], *, now: datetime) -> Written:
    """Write the rows in their order, in the caller's transaction; all of them or none.

    Raises NotPermitted for a code that is not the actor's on that agreement, and Refused for the
    first row that a rule does not allow.
    """
    book = _lock(rows)
    _permit(actor, rows, book)
    recorded: list[Line] = []
    unchanged: list[Line] = []
    touched_holds: set[UUID] = set()
    for chunk in batched(rows, CHUNK_ROWS):
        _read_stored(chunk, book)
        new_holds: set[UUID] = set()
        lines: list[Line] = []
        for row in chunk:
            position = len(recorded) + len(unchanged) + len(lines)
            try:
                line, is_new = _decide(actor, row, book, today=now.date())
            except Refused as error:
                raise RefusedRow(error.refusal, position) from error
            except NotFound as error:
                raise UnknownRow(error, position) from error
            if not is_new:
                unchanged.append(line)
                continue
            lines.append(line)
            if line.kind == TransferKind.PENDING:
                new_holds.add(row.id)
            elif row.pending_id is not None:
                touched_holds.add(row.pending_id)
        _insert(lines, recorded_by_id=actor.user_id, now=now)
        _insert_holds(new_holds, book)
        touched_holds -= new_holds
        recorded += lines
    _update_accounts(book)
    _update_by_key(
        "funding_hold",
        "transfer_id",
        ("remaining_minor",),
        [(_key(pk), book.holds[pk]) for pk in sorted(touched_holds)],
    )
    return Written(recorded, unchanged, book)


def as_transfer(line: Line, *, recorded_by_id: int | None, now: datetime) -> Transfer:
    """The row just written, without reading it back."""
    return Transfer.from_db(
        DEFAULT_DB_ALIAS,
        [*COLUMNS, "recorded_by_id", "recorded_at"],
        [*line, recorded_by_id, now],
    )


def _lock(rows: Sequence[TransferRow]) -> Book:
    """Lock what the rows touch. One agreement is read with its accounts, several by themselves."""
    agreement_ids = sorted({row.agreement_id for row in rows})
    locked = Account.objects.filter(_touched(rows, agreement_ids)).order_by("pk")
    if len(agreement_ids) == 1:
        locked = locked.select_related("agreement__institute", "agreement__agency")
    accounts = list(locked.select_for_update(of=("self",), no_key=True))
    if len(agreement_ids) == 1:
        agreements = {a.agreement.pk: a.agreement for a in accounts if a.agreement is not None}
    else:
        agreements = Agreement.objects.select_related("institute", "agency").in_bulk(agreement_ids)
    return Book(
        agreements,
        {account.pk: account for account in accounts},
        {_owner(account): account for account in accounts},
    )


def _owner(account: Account) -> Owner:
    if account.agreement_id is None:
        return (account.agency_id or 0, account.kind, account.currency)
    return (account.agreement_id, account.kind, account.organisation_id)


def _touched(rows: Sequence[TransferRow], agreement_ids: list[int]) -> Q:
    kinds = frozenset(
        chain.from_iterable(CODES[code].locked_kinds for code in {r.code for r in rows})
    )
    organisation_ids = {row.organisation_id for row in rows if row.organisation_id is not None}
    plain = sorted(kinds - {AccountKind.APPROPRIATION, AccountKind.SOURCE})
    touched = Q(agreement_id__in=agreement_ids, kind__in=plain)
    if AccountKind.SOURCE in kinds and organisation_ids:
        source = Q(agreement_id__in=agreement_ids, kind=AccountKind.SOURCE)
        if len(organisation_ids) <= UPDATE_ROWS:
            source &= Q(organisation_id__in=sorted(organisation_ids))
        touched |= source
    if AccountKind.APPROPRIATION in kinds:
        agencies = Agreement.objects.filter(pk__in=agreement_ids).order_by().values("agency_id")
        currencies = sorted({row.currency for row in rows})
        touched |= Q(
            kind=AccountKind.APPROPRIATION, agency_id__in=agencies, currency__in=currencies
        )
    return touched


def _permit(actor: Actor, rows: Iterable[TransferRow], book: Book) -> None:
    for row in {(row.code, row.agreement_id): row for row in rows}.values():
        agreement = book.agreement(row)
        permit(
            actor,
            rules.PERMISSIONS[CODES[row.code].verb],
            institute=agreement.institute.key,
            agency=agreement.agency.key,
        )


def _read_stored(rows: Sequence[TransferRow], book: Book) -> None:
    """Read what is stored under the rows' own ids and under those that they settle or correct."""
    wanted = {row.id for row in rows}
    wanted.update(row.pending_id for row in rows if row.pending_id is not None)
    corrected = {row.corrects_id for row in rows if row.corrects_id is not None}
    for ids in batched((wanted | corrected) - book.lines.keys(), CHUNK_ROWS):
        for *line, remaining in Transfer.objects.filter(pk__in=ids).values_list(
            *COLUMNS, "hold__remaining_minor"
        ):
            book.lines[line[0]] = Line(*line)
            if remaining is not None:
                book.holds.setdefault(line[0], remaining)
    if corrected:
        book.corrected.update(
            Transfer.objects.filter(corrects_id__in=corrected)
            .order_by()
            .values_list("corrects_id")
            .annotate(Sum("amount_minor"))
        )


def _decide(actor: Actor, row: TransferRow, book: Book, *, today: date) -> tuple[Line, bool]:
    """The row as a line, and whether it is new; moves the book's accounts and holds if it is."""
    rule = CODES[row.code]
    agreement = book.agreement(row)
    stored = book.lines.get(row.id)
    if stored is not None:
        refuse_if(rules.same_content(is_same=_is_same(stored, row, rule), transfer_id=str(row.id)))
        return stored, False
    refuse_if(rules.same_currency(row.currency, agreement.currency))
    refuse_if(rules.state_allows(row.code, agreement.state))
    refuse_if(rules.reason_given(row.code, row.reason))
    refuse_if(
        rules.day_possible(
            row.code,
            row.occurred_on,
            signed_on=agreement.signed_on,
            span=Span(agreement.starts_on, agreement.ends_on),
            today=today,
        )
    )
    if rule.settles:
        line = _settle(row, rule, book)
    elif row.code is TransferCode.CORRECT:
        line = _correct(actor, row, rule, book)
    else:
        debit = book.account(row, agreement, rule.debit)
        credit = book.account(row, agreement, rule.credit)
        line = _line(row, rule, debit.pk, credit.pk, row.amount_minor or 0)
        if row.code is TransferCode.AUTHORISE:
            _refuse_beyond_total(row, agreement, book)
        _move(row, line, rule, debit, credit)
    book.moved.add(line.debit_account_id)
    book.moved.add(line.credit_account_id)
    book.lines[row.id] = line
    if rule.kind is TransferKind.PENDING:
        book.holds[row.id] = line.amount_minor
    return line, True


def _is_same(stored: Line, row: TransferRow, rule: CodeRule) -> bool:
    """Whether the stored line is what the row asks for; accounts follow from the rest."""
    amount_minor = stored.amount_minor if row.amount_minor is None else row.amount_minor
    asked = _line(row, rule, stored.debit_account_id, stored.credit_account_id, amount_minor)
    return asked == stored


def _line(
    row: TransferRow, rule: CodeRule, debit_id: int, credit_id: int, amount_minor: int
) -> Line:
    return Line(
        row.id,
        row.agreement_id,
        rule.kind.value,
        row.code.value,
        debit_id,
        credit_id,
        amount_minor,
        row.currency,
        row.occurred_on,
        row.pending_id,
        row.corrects_id,
        row.reference,
        row.reason,
    )


def _settle(row: TransferRow, rule: CodeRule, book: Book) -> Line:
    pending = book.lines.get(row.pending_id) if row.pending_id is not None else None
    if pending is None or pending.agreement_id != row.agreement_id:
        raise NotFound(code="transfer", message=gettext_noop("There is no such transfer."))
    refuse_if(rules.settles_a_pending(row.code, pending.code))
    remaining = book.holds[pending.id]
    amount_minor = remaining if row.amount_minor is None else row.amount_minor
    refuse_if(rules.within_hold(remaining, amount_minor, row.currency))
    refuse_if(rules.not_before_pending(row.occurred_on, pending.occurred_on))
    debit, credit = (
        book.accounts[pending.debit_account_id],
        book.accounts[pending.credit_account_id],
    )
    debit.debits_pending -= amount_minor
    credit.credits_pending -= amount_minor
    if rule.kind is TransferKind.POST:
        debit.debits_posted += amount_minor
        credit.credits_posted += amount_minor
    book.holds[pending.id] = remaining - amount_minor
    return _line(row, rule, debit.pk, credit.pk, amount_minor)


def _correct(actor: Actor, row: TransferRow, rule: CodeRule, book: Book) -> Line:
    old = book.lines.get(row.corrects_id) if row.corrects_id is not None else None
    if old is None or old.agreement_id != row.agreement_id:
        raise NotFound(code="transfer", message=gettext_noop("There is no such transfer."))
    agreement = book.agreement(row)
    permit(
        actor,
        rules.PERMISSIONS[CODES[TransferCode(old.code)].verb],
        institute=agreement.institute.key,
        agency=agreement.agency.key,
    )
    refuse_if(rules.correctable(old.kind, old.code))
    amount_minor = row.amount_minor or 0
    taken_back = book.corrected.get(old.id, 0)
    refuse_if(rules.within_correction(old.amount_minor - taken_back, amount_minor, row.currency))
    debit, credit = book.accounts[old.credit_account_id], book.accounts[old.debit_account_id]
    line = _line(row, rule, debit.pk, credit.pk, amount_minor)
    _move(row, line, rule, debit, credit)
    book.corrected[old.id] = taken_back + amount_minor
    return line


def _move(row: TransferRow, line: Line, rule: CodeRule, debit: Account, credit: Account) -> None:
    """Move or reserve the amount, within the limits that the database holds as well."""
    amount_minor = line.amount_minor
    refuse_if(rules.positive_amount(amount_minor))
    refuse_if(rules.account_open(debit.kind, row.code, is_closed=debit.is_closed))
    if debit.debits_must_not_exceed_credits:
        left = debit.credits_posted - debit.debits_posted - debit.debits_pending
        refuse_if(rules.within_balance(debit.kind, left, amount_minor, row.currency))
    if credit.credits_must_not_exceed_debits:
        left = credit.debits_posted - credit.credits_posted - credit.credits_pending
        refuse_if(rules.within_balance(credit.kind, left, amount_minor, row.currency))
    # What is pending is posted later and must fit then, so the two sums are one bound.
    refuse_if(rules.sum_kept(debit.debits_posted + debit.debits_pending + amount_minor))
    refuse_if(rules.sum_kept(credit.credits_posted + credit.credits_pending + amount_minor))
    if rule.kind is TransferKind.PENDING:
        debit.debits_pending += amount_minor
        credit.credits_pending += amount_minor
    else:
        debit.debits_posted += amount_minor
        credit.credits_posted += amount_minor


def _refuse_beyond_total(row: TransferRow, agreement: Agreement, book: Book) -> None:
    """What was authorised so far, less what was taken back, stands in award and drawn together."""
    authorised = sum(
        book.account(row, agreement, kind).balance_minor
        for kind in (AccountKind.AWARD, AccountKind.DRAWN)
    )
    refuse_if(
        rules.within_total(
            authorised, row.amount_minor or 0, agreement.federal_total_minor, row.currency
        )
    )


def _insert(lines: Sequence[Line], *, recorded_by_id: int | None, now: datetime) -> None:
    insert_rows(
        Transfer,
        (*COLUMNS, "recorded_by_id", "recorded_at"),
        [(*line, recorded_by_id, now) for line in lines],
    )


def _insert_holds(ids: Collection[UUID], book: Book) -> None:
    insert_rows(
        Hold, ("transfer_id", "remaining_minor"), [(pk, book.holds[pk]) for pk in sorted(ids)]
    )


def _update_accounts(book: Book) -> None:
    _update_by_key(
        "funding_account",
        "id",
        ("debits_pending", "debits_posted", "credits_pending", "credits_posted"),
        [
            (
                pk,
                account.debits_pending,
                account.debits_posted,
                account.credits_pending,
                account.credits_posted,
            )
            for pk, account in sorted(book.accounts.items())
            if pk in book.moved
        ],
    )


def _update_by_key(
    table: str, key: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Set the columns of many rows by one statement that both databases understand."""
    names = ", ".join(("k", *(f"c{place}" for place, _ in enumerate(columns))))
    settings = ", ".join(f"{column} = v.c{place}" for place, column in enumerate(columns))
    one = "(" + ", ".join(["%s"] * (len(columns) + 1)) + ")"
    with connection.cursor() as cursor:
        for part in batched(rows, UPDATE_ROWS):
            cursor.execute(
                f"WITH v ({names}) AS (VALUES {', '.join([one] * len(part))})"  # noqa: S608 -- constant names
                f" UPDATE {table} SET {settings} FROM v WHERE {table}.{key} = v.k",
                list(chain.from_iterable(part)),
            )


def _key(value: UUID) -> Any:
    """A UUID as the database keeps it: its own type, or 32 hexadecimal digits on SQLite."""
    return value if connection.features.has_native_uuid_field else value.hex
