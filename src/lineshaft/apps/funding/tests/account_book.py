"""A year written as a readable list of entries, with the balances expected among them.

Columns stand apart by two spaces or more. An entry has a day, a code with what it is about, the two
accounts that it joins, and an amount; a refused one ends in `!` and the refusal's code:

    2021-10-04  obligate winter           award ~> drawn           400.00
    2021-10-20  draw winter               award > drawn            250.00
    2021-10-21  draw winter               award > drawn            200.00  ! pending_exceeded
    =           award 550.00 ~ 150.00     drawn 250.00 ~ 150.00

`>` moves money, `~>` promises it, `~|` voids what was promised; `of DOD` names a sponsor other than
the lead. A line that begins with `=` states balances, after `~` what is promised out of an account
or into it, the lines of a financial report, or the standing under a rule. The book performs the
entries through the services, as the persons whose entries they are, and compares.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import Account, Agreement, Transfer
from lineshaft.apps.funding.queries import ReportScope
from lineshaft.apps.funding.rules import Rating, ReportBasis, RuleKind, TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.kernel.errors import Refused
from lineshaft.kernel.money import parse_money
from lineshaft.plumbing.actor import Actor

MOVES: Final = {"direct": ">", "post": ">", "pending": "~>", "void": "~|"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the book, read."""

    on: date
    code: TransferCode
    name: str
    detail: str
    agency: str
    accounts: str
    amount_minor: int
    refusal: str
    place: int

    @property
    def id(self) -> UUID:
        """The id of the transfer that the entry asks for."""
        return factories.transfer_id("account book", self.place)

    @property
    def now(self) -> datetime:
        """Noon of the entry's day."""
        return datetime(self.on.year, self.on.month, self.on.day, 12, tzinfo=UTC)


class AccountBook:
    """The book of one agreement."""

    def __init__(self, under: Agreement) -> None:
        self.under = under
        self.ids: dict[str, UUID] = {}
        self.last: dict[str, UUID] = {}
        self.place = 0
        self.today = under.starts_on
        key, lead = under.institute.key, under.agency.key
        self.finance = factories.finance(key)
        self.manager = factories.manager(key)
        self.lead = factories.sponsor(lead, overseen=key)

    def keep(self, text: str) -> None:
        """Perform and compare line by line; an assertion names the line that does not hold."""
        for line in filter(None, map(str.strip, text.splitlines())):
            self.place += 1
            columns = re.split(r"\s{2,}", line)
            if columns[0] == "=":
                self._compare(columns[1:], line)
            else:
                self._perform(columns, line)

    def waive(self, rule_id: str, *, share_bp: int, until: date) -> None:
        """A waiver from today, requested by the institute and granted by the lead."""
        now = datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)
        terms = services.WaiverTerms(
            rule_id, "workforce_development", self.today, until, "training", share_bp=share_bp
        )
        waiver = services.request_waiver(self.manager, self.under.pk, terms=terms, now=now)
        services.grant_waiver(self.lead, waiver.pk, reason="as the law names it", now=now)

    def sponsor(self, entry: Entry) -> Actor:
        """The officer of the agency whose money the entry moves."""
        return factories.sponsor(entry.agency) if entry.agency else self.lead

    def _perform(self, columns: list[str], line: str) -> None:
        entry = self._read(columns)
        self.today = entry.on
        transfer, refusal = self._done(entry)
        assert refusal == entry.refusal, f"{line}: refused as “{refusal}”"
        if transfer is None:
            return
        done = (
            f"{transfer.debit_account.kind} {MOVES[transfer.kind]} {transfer.credit_account.kind}"
        )
        assert (done, transfer.amount_minor) == (entry.accounts, entry.amount_minor), line
        self.ids.setdefault(entry.name, transfer.pk)
        if entry.code is not TransferCode.CORRECT:
            self.last[entry.name] = transfer.pk

    def _done(self, entry: Entry) -> tuple[Transfer | None, str]:
        """The transfer of the entry, or the code by which it was refused."""
        try:
            return PERFORMED[entry.code](self, entry), ""
        except Refused as refused:
            return None, refused.code

    def _read(self, columns: list[str]) -> Entry:
        day, what, accounts, amount, *refusal = columns
        what, _, agency = what.partition(" of ")
        code, *words = what.split()
        name, detail = [*words, "", ""][:2]
        return Entry(
            date.fromisoformat(day),
            TransferCode(code),
            name,
            detail,
            agency,
            accounts,
            _cents(amount),
            refusal[0].removeprefix("! ") if refusal else "",
            self.place,
        )

    def _compare(self, columns: list[str], line: str) -> None:
        first = columns[0].split()
        if first[0] == "SF-425":
            expected = dict(one.split(" ", 1) for one in columns[1:])
            found = self._report(date.fromisoformat(first[1]), ReportBasis(first[2]))
            assert found == {letter: _cents(amount) for letter, amount in expected.items()}, line
        elif first[0] == "rule":
            on = date.fromisoformat(first[3]) if first[2:3] == ["on"] else self.today
            assert self._standing(first[1], on) == first[-1], line
        else:
            for column in columns:
                name, balance, promised = _balance(column)
                assert self._account(name) == (balance, promised), f"{line}: {column}"

    def _account(self, name: str) -> tuple[int, int]:
        kind, _, agency = name.partition(" of ")
        found = Account.objects.filter(agreement=self.under, kind=kind)
        account = found.get(agency__key=agency) if agency else found.get()
        return account.balance_minor, account.debits_pending + account.credits_pending

    def _report(self, period_end: date, basis: ReportBasis) -> dict[str, int]:
        scope = ReportScope(self.under, "annual", basis, period_end)
        return queries.computed_report(scope).lines.as_dict()

    def _standing(self, rule_id: str, on: date) -> str:
        standings = queries.rule_standings_of(self.under, today=on)
        return next(
            str(one.standing)
            for one in standings
            if one.kind is RuleKind.MATCHING and one.rule.id == rule_id
        )


def _federal(book: AccountBook, entry: Entry) -> Transfer:
    """What a sponsor or the institute's finance posts by itself."""
    is_sponsors = entry.code in SPONSORS
    settles = entry.code in {TransferCode.DRAW, TransferCode.RELEASE}
    agency_id = factories.agency(entry.agency).pk if entry.agency else None
    row = services.TransferRow(
        entry.id,
        book.under.pk,
        entry.code,
        entry.amount_minor,
        "USD",
        entry.on,
        pending_id=book.ids[entry.name] if settles else None,
        agency_id=None if settles else agency_id,
        reason="as agreed",
    )
    actor = book.sponsor(entry) if is_sponsors else book.finance
    return services.post_transfer(actor, row, now=entry.now)


def _withhold(book: AccountBook, entry: Entry) -> Transfer:
    return services.withhold_reserve(
        book.sponsor(entry),
        book.under,
        id=entry.id,
        amount_minor=entry.amount_minor,
        currency="USD",
        occurred_on=entry.on,
        now=entry.now,
    )


def _release_reserve(book: AccountBook, entry: Entry) -> Transfer:
    assessed = services.Assessment(book.under.starts_on, entry.on, Rating.MEETS, "goals were met")
    return services.release_reserve(
        book.sponsor(entry),
        book.under,
        assessed=assessed,
        id=entry.id,
        amount_minor=entry.amount_minor,
        currency="USD",
        occurred_on=entry.on,
        now=entry.now,
    )


def _cost(book: AccountBook, entry: Entry) -> Transfer:
    """What begins a cost says its category; what moves one names it."""
    is_moving = entry.name in book.ids
    row = services.CostRow(
        entry.id,
        book.under.pk,
        entry.code,
        entry.amount_minor,
        "USD",
        entry.on,
        cost_id=book.ids[entry.name] if is_moving else None,
        category=entry.detail,
        payee="" if is_moving else "Lathe Makers",
        reason="enough",
        evidence=(f"voucher {entry.place}",),
    )
    services.post_costs(book.finance, [row], now=entry.now, why="account book")
    return Transfer.objects.get(pk=entry.id)


def _contribute(book: AccountBook, entry: Entry) -> Transfer:
    claim = factories.claim(
        book.under,
        name=entry.name,
        kind=entry.detail,
        amount_minor=entry.amount_minor,
        occurred_on=entry.on,
        evidence=(f"statement {entry.place}",),
    )
    services.record_contribution(book.finance, claim, now=entry.now)
    return Transfer.objects.get(pk=claim.id)


def _accept(book: AccountBook, entry: Entry) -> Transfer:
    services.accept_contribution(
        book.manager,
        book.ids[entry.name],
        accepted_minor=entry.amount_minor,
        reason="as the record shows",
        today=entry.on,
        now=entry.now,
    )
    return Transfer.objects.get(pending=book.ids[entry.name], code=TransferCode.ACCEPT)


def _refuse(book: AccountBook, entry: Entry) -> Transfer:
    services.refuse_contribution(
        book.manager, book.ids[entry.name], reason="no record", today=entry.on, now=entry.now
    )
    return Transfer.objects.get(pending=book.ids[entry.name], code=TransferCode.REFUSE)


def _earn(book: AccountBook, entry: Entry) -> Transfer:
    earning = services.Earning(
        entry.id, entry.amount_minor, "USD", entry.on, entry.name, "Brass and Bolt Works"
    )
    services.record_income(book.finance, book.under, earning, now=entry.now)
    return Transfer.objects.get(pk=entry.id)


def _use(book: AccountBook, entry: Entry) -> Transfer:
    use = services.Use(entry.id, entry.amount_minor, "USD", entry.on, entry.name, "powder")
    services.use_income(book.finance, book.under, use, now=entry.now)
    return Transfer.objects.get(pk=entry.id)


def _correct(book: AccountBook, entry: Entry) -> Transfer:
    """Take back the last entry of that name."""
    moved = services.correct_transfer(
        book.finance,
        Transfer.objects.select_related("debit_account").get(pk=book.last[entry.name]),
        id=entry.id,
        amount_minor=entry.amount_minor,
        occurred_on=entry.on,
        reason="a slip",
        now=entry.now,
    )
    return factories.booked(moved)


SPONSORS: Final = frozenset({TransferCode.AUTHORISE, TransferCode.OBLIGATE, TransferCode.RELEASE})
PERFORMED: Final[dict[TransferCode, Callable[[AccountBook, Entry], Transfer]]] = {
    **dict.fromkeys((*SPONSORS, TransferCode.DRAW, TransferCode.RETURN), _federal),
    TransferCode.WITHHOLD: _withhold,
    TransferCode.RELEASE_RESERVE: _release_reserve,
    TransferCode.ENCUMBER: _cost,
    TransferCode.LIQUIDATE: _cost,
    TransferCode.RELEASE_ENCUMBRANCE: _cost,
    TransferCode.INCUR: _cost,
    TransferCode.PAY: _cost,
    TransferCode.CONTRIBUTE_CASH: _contribute,
    TransferCode.CONTRIBUTE_IN_KIND: _contribute,
    TransferCode.ACCEPT: _accept,
    TransferCode.REFUSE: _refuse,
    TransferCode.EARN_INCOME: _earn,
    TransferCode.USE_INCOME: _use,
    TransferCode.CORRECT: _correct,
}


def _cents(text: str) -> int:
    return parse_money(text, "USD").amount_minor


def _balance(column: str) -> tuple[str, int, int]:
    """Name of the account, what it holds, and what is promised."""
    stated, _, promised = column.partition(" ~ ")
    name, _, balance = stated.rpartition(" ")
    return name, _cents(balance), _cents(promised) if promised else 0
