"""The core of the ledger: transfers decided and written, accounts and holds moved.

Everything that moves money comes through `write_transfers`. It locks the accounts that the rows
touch, decides row by row in the order given, and writes transfers, account sums and holds. A row
whose id is stored with the same content changes nothing; with other content it is refused. Nothing
is written unless every row stands.

Sums are written as values, not increments: the lock makes it safe, and one statement carries any
number of accounts.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched, chain
from time import sleep
from typing import Any, Final
from uuid import UUID

from django.db import (
    DEFAULT_DB_ALIAS,
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Account,
    Agreement,
    Hold,
    OwnIncome,
    Transfer,
    TransferProposal,
)
from lineshaft.apps.funding.queries import closed_by, moved_by_one
from lineshaft.apps.funding.rules import (
    CODES,
    COST_CODES,
    SPONSOR_ACCOUNTS,
    TWO_PERSON_CODES,
    AccountKind,
    CodeRule,
    MovedByOne,
    ProposalState,
    TransferCode,
    TransferKind,
)
from lineshaft.apps.funding.services.book import (
    CHUNK_ROWS,
    COLUMNS,
    UPDATE_ROWS,
    Book,
    Line,
    TransferRow,
    lock_book,
    read_stored,
)
from lineshaft.apps.funding.services.day_sums import add_to_days
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import NotFound, Refused, Unavailable
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.permit import permit

ATTEMPTS_MAX: Final = 5
PAUSE: Final = timedelta(milliseconds=50)
BROKEN_OFF: Final = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: PostgreSQL ends one of several that wait for each other."""

WAITED: Final = frozenset({"SQLITE_BUSY"})
"""The one writer of SQLite was another's for the whole time that is waited for it."""


COUNTED_TOGETHER: Final = TWO_PERSON_CODES | {TransferCode.CORRECT}
"""What counts with its like towards the threshold; a correction, with those of the same code."""


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


class Beaten(Unavailable):
    """Others wrote to the same accounts for as long as this was tried."""

    default_code = "accounts_busy"
    default_message = gettext_noop(
        "Others are writing to the same accounts at this moment, and nothing of yours is recorded. "
        "Send it again: under its id it is recorded once."
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_transfers` did: the lines now stored anew, those found stored, and the book."""

    recorded: list[Line]
    unchanged: list[Line]
    book: Book


def in_ledger_transaction[T](
    ids: Iterable[UUID], work: Callable[[], T], *, records: type[Transfer | OwnIncome] = Transfer
) -> T:
    """The result of `work` in one transaction, repeated where another caller was first.

    Two callers that send one id for different accounts do not wait for each other's locks; the
    later insert then fails on the id. By then the first is committed, and the repetition finds it.
    `ids`, which are keys of `records` or of proposals, are asked for only then. Where the database
    breaks off one of several that wait for each other, nothing of it is left, and it begins anew,
    after a pause in which the one it stood in the way of goes on; raises Beaten where that never
    helps.
    """
    attempts_left = ATTEMPTS_MAX
    while True:
        attempts_left -= 1
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            state = _state_of(error)
            if state in BROKEN_OFF and attempts_left:
                sleep((PAUSE * (ATTEMPTS_MAX - attempts_left)).total_seconds())
                continue
            if state in BROKEN_OFF | WAITED:
                raise Beaten from error
            raise
        except IntegrityError:
            if not attempts_left or not _is_any_stored(ids, records):
                raise


def _is_any_stored(ids: Iterable[UUID], records: type[Transfer | OwnIncome]) -> bool:
    return any(
        noun.objects.filter(pk__in=chunk).exists()
        for chunk in batched(ids, CHUNK_ROWS)
        for noun in (records, TransferProposal)
    )


def _state_of(error: OperationalError) -> str:
    """The database's own word for the error: a SQLSTATE, or the name of a code of SQLite."""
    cause = error.__cause__
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", ""))


def write_transfers(actor: Actor, rows: Sequence[TransferRow], *, now: datetime) -> Written:
    """Write the rows in their order, in the caller's transaction; all of them or none.

    Raises NotPermitted for a code that is not the actor's on that agreement, and Refused for the
    first row that a rule does not allow, such as one that takes two persons. The program itself
    books what has happened, whatever its amount.
    """
    book = lock_book(rows)
    if not actor.is_system:
        book.two_persons_from_minor = profile_in_use().approval_threshold_minor
        book.by_one = _moved_by_one(actor, rows)
    return _write(actor, rows, book, now=now)


def write_approved(actor: Actor, row: TransferRow, *, now: datetime) -> Written:
    """The same for the one row that another person has proposed and the actor approves."""
    return _write(actor, [row], lock_book([row]), now=now)


def write_asked(actor: Actor, row: TransferRow, book: Book, *, now: datetime) -> Written:
    """The same for the one row of which it was asked, under the lock of that book, whether it takes
    two persons.
    """
    return _write(actor, [row], book, now=now)


def decide_transfer(actor: Actor, row: TransferRow, *, now: datetime) -> Line | None:
    """The line that the row would write, every rule asked; None where it is stored already.

    Nothing is written. Raises what `write_approved` would.
    """
    book = lock_book([row])
    _permit(actor, [row], book)
    read_stored([row], book)
    line, is_new = _decide(actor, row, book, today=now.date())
    return line if is_new else None


def permit_row(actor: Actor, row: TransferRow) -> None:
    """Return if the actor may send such a row; raises NotPermitted."""
    _permit(actor, [row], lock_book([row]))


def _write(actor: Actor, rows: Sequence[TransferRow], book: Book, *, now: datetime) -> Written:
    _permit(actor, rows, book)
    if book.two_persons_from_minor is not None:
        _refuse_proposed(rows)
    recorded: list[Line] = []
    unchanged: list[Line] = []
    touched_holds: set[UUID] = set()
    for chunk in batched(rows, CHUNK_ROWS):
        read_stored(chunk, book)
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
    if recorded:
        add_to_days(recorded, book)
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


def _permit(actor: Actor, rows: Iterable[TransferRow], book: Book) -> None:
    """Each sponsor moves its own money, and whoever leads the agreement moves all of it.

    What settles or corrects names no sponsor: whose money it is, is asked again once it is known.
    The rest of what is accepted in part is refused by whoever may accept the whole claim.
    """
    moved = list(rows)
    book.accepted = {row.pending_id for row in moved if row.code is TransferCode.ACCEPT}
    largest: dict[tuple[TransferCode, int, int | None], TransferRow] = {}
    for row in moved:
        if _is_rest(row, book):
            continue
        key = (row.code, row.agreement_id, row.agency_id)
        before = largest.get(key)
        if before is None or (row.amount_minor or 0) > (before.amount_minor or 0):
            largest[key] = row
    for row in largest.values():
        agreement = book.agreement(row)
        sponsors = book.sponsors.get(agreement.pk, {})
        if row.agency_id is not None:
            refuse_if(
                rules.sponsor_known(
                    sponsors.get(row.agency_id, str(row.agency_id)),
                    is_sponsor=row.agency_id in sponsors,
                )
            )
        rule = CODES[row.code]
        is_open = rule.settles or row.code is TransferCode.CORRECT
        own = [sponsors[row.agency_id]] if row.agency_id is not None else []
        asked = list(sponsors.values()) if is_open else own
        _permit_one(actor, rule.verb, agreement, asked, row.amount_minor)


def _is_rest(row: TransferRow, book: Book) -> bool:
    """Whether the row refuses the rest of what is accepted in part."""
    return row.code is TransferCode.REFUSE and row.pending_id in book.accepted


def _permit_one(
    actor: Actor,
    verb: str,
    agreement: Agreement,
    agencies: Iterable[str],
    amount_minor: int | None,
) -> None:
    permit(
        actor,
        rules.PERMISSIONS[verb],
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        agencies=agencies,
        amount_minor=amount_minor,
    )


def _decide(actor: Actor, row: TransferRow, book: Book, *, today: date) -> tuple[Line, bool]:
    """The row as a line, and whether it is new; moves the book's accounts and holds if it is."""
    rule = CODES[row.code]
    agreement = book.agreement(row)
    stored = book.lines.get(row.id)
    if stored is not None:
        is_same = _is_same(stored, row, rule, book)
        refuse_if(rules.same_content(is_same=is_same, transfer_id=str(row.id)))
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
        line = _settle(actor, row, rule, book)
    elif row.code is TransferCode.CORRECT:
        line = _correct(actor, row, rule, book)
    else:
        debit = book.account(row, agreement, rule.debit)
        credit = book.account(row, agreement, rule.credit)
        line = _line(row, rule, debit.pk, credit.pk, row.amount_minor or 0)
        if row.code is TransferCode.AUTHORISE:
            _refuse_beyond_total(row, agreement, book)
        elif row.code in COST_CODES:
            _refuse_beyond_authorised(row, agreement, book)
        _move(row, line, rule, debit, credit)
    _refuse_one_person(row, line, book)
    book.moved.add(line.debit_account_id)
    book.moved.add(line.credit_account_id)
    book.lines[row.id] = line
    if rule.kind is TransferKind.PENDING:
        book.holds[row.id] = line.amount_minor
    return line, True


def _refuse_proposed(rows: Sequence[TransferRow]) -> None:
    """Refuse an id under which another transfer is proposed, or was; one id is one transfer."""
    for chunk in batched(rows, CHUNK_ROWS):
        proposed = TransferProposal.objects.filter(pk__in={row.id for row in chunk})
        for pk in proposed.exclude(state=ProposalState.APPROVED).values_list("pk", flat=True):
            position = next(place for place, row in enumerate(rows) if row.id == pk)
            refusal = rules.same_content(is_same=False, transfer_id=str(pk))
            assert refusal is not None  # noqa: S101 -- it is not the same
            raise RefusedRow(refusal, position)


def _moved_by_one(actor: Actor, rows: Sequence[TransferRow]) -> MovedByOne | None:
    """Read under the lock, so that two movements sent at once count each other."""
    counted = [row for row in rows if row.code in COUNTED_TOGETHER]
    if not counted:
        return None
    days = [row.occurred_on for row in counted]
    return moved_by_one(actor.user_id, {row.agreement_id for row in counted}, min(days), max(days))


def _refuse_one_person(row: TransferRow, line: Line, book: Book) -> None:
    """Refuse what takes two persons, by itself or with what its mover moved or proposed near it.

    A correction takes them where the transfer it corrects did.
    """
    if book.two_persons_from_minor is None or book.by_one is None:
        return
    old = book.lines[row.corrects_id].code if row.corrects_id is not None else row.code
    kind = (line.agreement_id, TransferCode(old).value, row.corrects_id is not None)
    refuse_if(
        rules.one_is_enough(
            TransferCode(old),
            line.amount_minor,
            book.two_persons_from_minor,
            row.currency,
            beside_minor=book.by_one.beside(kind, line.occurred_on),
            days=book.by_one.days,
        )
    )
    book.by_one.add(kind, line.occurred_on, line.amount_minor)


def _is_same(stored: Line, row: TransferRow, rule: CodeRule, book: Book) -> bool:
    """Whether the stored line is what the row asks for."""
    accounts = stored.debit_account_id, stored.credit_account_id
    if rule.debit is not None and rule.credit is not None:
        agreement = book.agreement(row)
        accounts = (
            book.account(row, agreement, rule.debit).pk,
            book.account(row, agreement, rule.credit).pk,
        )
    amount_minor = stored.amount_minor if row.amount_minor is None else row.amount_minor
    return _line(row, rule, *accounts, amount_minor) == stored


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


def _settle(actor: Actor, row: TransferRow, rule: CodeRule, book: Book) -> Line:
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
    if not _is_rest(row, book):
        _permit_money_of(actor, rule.verb, row, debit, book)
    _refuse_closed_books(row, debit, credit)
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
    debit, credit = book.accounts[old.credit_account_id], book.accounts[old.debit_account_id]
    _permit_money_of(actor, CODES[TransferCode(old.code)].verb, row, debit, book)
    refuse_if(rules.correctable(old.kind, old.code))
    amount_minor = row.amount_minor or 0
    taken_back = book.corrected.get(old.id, 0)
    refuse_if(rules.within_correction(old.amount_minor - taken_back, amount_minor, row.currency))
    line = _line(row, rule, debit.pk, credit.pk, amount_minor)
    _move(row, line, rule, debit, credit)
    book.corrected[old.id] = taken_back + amount_minor
    return line


def _permit_money_of(
    actor: Actor, verb: str, row: TransferRow, account: Account, book: Book
) -> None:
    """Ask again for what settles or corrects, now that it is known whose money it is."""
    own = [account.agency.key] if account.agency is not None else []
    _permit_one(actor, verb, book.agreement(row), own, row.amount_minor)


def _refuse_closed_books(row: TransferRow, debit: Account, credit: Account) -> None:
    for account in (debit, credit):
        through = account.closed_through
        if through is not None and row.occurred_on <= through:
            agreement = account.agreement
            closer = closed_by(agreement.institute_id if agreement else None, through)
            refuse_if(rules.books_open(row.occurred_on, through, closer))


def _move(row: TransferRow, line: Line, rule: CodeRule, debit: Account, credit: Account) -> None:
    """Move or reserve the amount, within the limits that the database holds as well."""
    amount_minor = line.amount_minor
    refuse_if(rules.positive_amount(amount_minor))
    _refuse_closed_books(row, debit, credit)
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
    """What the sponsor authorised so far, less what was taken back, stands in its accounts."""
    accounts = [book.account(row, agreement, kind) for kind in SPONSOR_ACCOUNTS]
    total_minor = book.parts.get((agreement.pk, accounts[0].agency_id), 0)
    authorised = sum(account.balance_minor for account in accounts)
    refuse_if(rules.within_total(authorised, row.amount_minor or 0, total_minor, row.currency))


def _refuse_beyond_authorised(row: TransferRow, agreement: Agreement, book: Book) -> None:
    """Costs and encumbrances so far, beside the money of all sponsors that is not held back."""
    authorised = sum(
        book.by_owner[agreement.pk, kind, agency_id].balance_minor
        for agency_id in book.sponsors[agreement.pk]
        for kind in (AccountKind.AWARD, AccountKind.DRAWN)
    )
    source = book.account(row, agreement, AccountKind.COST_SOURCE)
    left = authorised + source.available_minor
    refuse_if(rules.within_authorised(left, row.amount_minor or 0, row.currency))


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
