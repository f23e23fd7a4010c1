"""The locked part of the ledger on which a batch of transfers is decided.

`lock_book` locks the accounts that the rows touch, in order of their id (so two callers can't wait
for each other); `read_stored` then reads what is stored under the rows' ids and under those that
they settle or correct. On PostgreSQL the lock is SELECT ... FOR NO KEY UPDATE; on SQLite the
transaction itself is IMMEDIATE, so there is one writer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import batched, chain
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Q, Sum

from lineshaft.apps.funding.models import Account, Agreement, AgreementSponsor, Transfer
from lineshaft.apps.funding.rules import (
    CODES,
    AccountKind,
    MovedByOne,
    TransferCode,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop

CHUNK_ROWS: Final = 10_000
"""Rows looked up and inserted at a time; keeps statements within SQLite's number of parameters."""


UPDATE_ROWS: Final = 1_000
"""Accounts or holds changed by one statement."""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer to be written, as the caller asks for it.

    The code and the agreement fix the accounts; `pending_id` names what a draw, release, acceptance
    or refusal settles, `corrects_id` what a correction takes back, `organisation_id` the
    contributor, `agency_id` the sponsor (None: the one that leads the agreement). `amount_minor`
    None voids all that is still pending.
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
    agency_id: int | None = None
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
"""Agreement or agency, kind, and what tells accounts of that kind apart.

That is the sponsor, the contributor, or the currency.
"""


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
    accepted: set[UUID | None] = field(default_factory=set)
    """The claims of which the rows accept a part: who may do that refuses the rest too."""

    sponsors: dict[int, dict[int, str]] = field(default_factory=dict)
    """For each agreement the agencies whose accounts are locked: their keys by id."""

    parts: dict[tuple[int, int | None], int] = field(default_factory=dict)
    """Each sponsor's part of an agreement's federal total, read where money is authorised."""

    two_persons_from_minor: int | None = None
    """The amount from which one person is not enough; None where a second one approves, or the
    program books."""

    by_one: MovedByOne | None = None
    """What counts beside the rows towards that amount."""

    def agreement(self, row: TransferRow) -> Agreement:
        """The row's agreement, or NotFound."""
        found = self.agreements.get(row.agreement_id)
        if found is None:
            raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
        return found

    def account(self, row: TransferRow, agreement: Agreement, kind: AccountKind | None) -> Account:
        """The account of that kind which the row's agreement, agency or contributor owns."""
        agency_id = row.agency_id or agreement.agency_id
        owner: Owner
        match kind:
            case AccountKind.APPROPRIATION:
                owner = (agency_id, kind, row.currency)
            case AccountKind.SOURCE:
                owner = (agreement.pk, kind, row.organisation_id)
            case AccountKind.AWARD | AccountKind.RESERVE | AccountKind.DRAWN:
                owner = (agreement.pk, kind, agency_id)
            case _:
                owner = (agreement.pk, kind or "", None)
        return self.by_owner[owner]


def lock_book(rows: Sequence[TransferRow]) -> Book:
    """Lock what the rows touch. One agreement is read with its accounts, several by themselves."""
    agreement_ids = sorted({row.agreement_id for row in rows})
    locked = Account.objects.filter(_touched(rows, agreement_ids)).order_by("pk")
    locked = locked.select_related("agency")
    if len(agreement_ids) == 1:
        locked = locked.select_related("agreement__institute", "agreement__agency")
    accounts = list(locked.select_for_update(of=("self",), no_key=True))
    if len(agreement_ids) == 1:
        agreements = {a.agreement.pk: a.agreement for a in accounts if a.agreement is not None}
    else:
        agreements = Agreement.objects.select_related("institute", "agency").in_bulk(agreement_ids)
    book = Book(
        agreements,
        {account.pk: account for account in accounts},
        {_owner(account): account for account in accounts},
    )
    for account in accounts:
        if account.agreement_id is not None and account.agency is not None:
            book.sponsors.setdefault(account.agreement_id, {})[account.agency.pk] = (
                account.agency.key
            )
    if any(row.code is TransferCode.AUTHORISE for row in rows):
        parts = AgreementSponsor.objects.filter(agreement__in=agreement_ids).order_by()
        book.parts = {
            (agreement_id, agency_id): part
            for agreement_id, agency_id, part in parts.values_list(
                "agreement_id", "agency_id", "federal_total_minor"
            )
        }
    return book


def lock_accounts(agreement: Agreement) -> None:
    """Let nothing move under the agreement before the caller's transaction ends."""
    accounts = Account.objects.filter(agreement=agreement).order_by("pk")
    list(accounts.select_for_update(no_key=True).values_list("pk", flat=True))


def _owner(account: Account) -> Owner:
    if account.agreement_id is None:
        return (account.agency_id or 0, account.kind, account.currency)
    return (account.agreement_id, account.kind, account.organisation_id or account.agency_id)


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
        agencies = (
            AgreementSponsor.objects.filter(agreement__in=agreement_ids)
            .order_by()
            .values("agency_id")
        )
        currencies = sorted({row.currency for row in rows})
        touched |= Q(
            kind=AccountKind.APPROPRIATION, agency_id__in=agencies, currency__in=currencies
        )
    return touched


def read_stored(rows: Sequence[TransferRow], book: Book) -> None:
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
