"""A book of one agreement that takes any entry on any day, for properties over random books."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import Agreement, Cost, Transfer
from lineshaft.apps.funding.rules import ReportBasis, TransferCode
from lineshaft.apps.funding.services.ledger import write_transfers
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import NOW, STARTS_ON, SYSTEM
from lineshaft.kernel.errors import Refused

type Entry = tuple[str, int, int]
"""What happens, an amount in cents, and the day of the term."""

FEDERAL_TOTAL: Final = 500


class Book:
    """Posts entries as they come; what a rule refuses is left out."""

    def __init__(self, method: str) -> None:
        self.under: Agreement = factories.agreement(federal_total_minor=FEDERAL_TOTAL)
        self.count = 0
        self.days: set[date] = {STARTS_ON}
        services.set_reporting_terms(
            SYSTEM,
            self.under,
            report_term="quarterly",
            basis=ReportBasis.ACCRUAL,
            income_method=method,
            reason="approved",
            now=NOW,
        )
        self.post(("authorise", 200, 0))

    def post(self, entry: Entry) -> None:
        """Perform the entry, all of it or nothing."""
        what, amount_minor, day = entry
        on = STARTS_ON + timedelta(days=day)
        self.count += 1
        with refused_left_out():
            ENTRIES[what](self, amount_minor, on)
            self.days.add(on)

    @property
    def name(self) -> str:
        """The name of the entry that is being posted."""
        return f"book {self.count}"

    @property
    def id(self) -> UUID:
        """The id of the transfer that is being posted."""
        return factories.transfer_id(self.name)


def assert_identities(found: dict[str, int], method: str) -> None:
    """What the form of the financial report itself says of its lines, whatever they hold."""
    assert found["c"] == found["a"] - found["b"]
    assert found["g"] == found["e"] + found["f"]
    assert found["h"] == found["d"] - found["g"]
    assert found["k"] == found["i"] - found["j"]
    spent = {"deduction": "m", "addition": "n"}.get(method)
    assert found["o"] == (found["l"] - found[spent] if spent else 0)
    assert all(found[letter] == 0 for letter in {"m", "n"} - {spent})


@contextmanager
def refused_left_out() -> Iterator[None]:
    """Roll back what a rule refuses, and go on."""
    try:
        with transaction.atomic():
            yield
    except Refused:
        return


def write(book: Book, code: TransferCode, amount_minor: int, on: date) -> None:
    """Write a federal transfer that needs no other."""
    row = services.TransferRow(
        book.id, book.under.pk, code, amount_minor, "USD", on, reason="performance"
    )
    write_transfers(SYSTEM, [row], now=NOW)


def authorise(book: Book, amount_minor: int, on: date) -> None:
    write(book, TransferCode.AUTHORISE, amount_minor, on)


def withhold(book: Book, amount_minor: int, on: date) -> None:
    write(book, TransferCode.WITHHOLD, amount_minor, on)


def release_reserve(book: Book, amount_minor: int, on: date) -> None:
    write(book, TransferCode.RELEASE_RESERVE, amount_minor, on)


def obligate(book: Book, amount_minor: int, on: date) -> None:
    write(book, TransferCode.OBLIGATE, amount_minor, on)


def give_back(book: Book, amount_minor: int, on: date) -> None:
    write(book, TransferCode.RETURN, amount_minor, on)


def draw(book: Book, amount_minor: int, on: date) -> None:
    obligation = queries.open_obligations(book.under).first()
    if obligation is None:
        return
    services.draw_funds(
        SYSTEM,
        obligation,
        id=book.id,
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=max(on, obligation.occurred_on),
        now=NOW,
    )
    book.days.add(max(on, obligation.occurred_on))


def encumber(book: Book, amount_minor: int, on: date) -> None:
    factories.encumbrance(book.under, amount_minor, name=book.name, occurred_on=on)


def incur(book: Book, amount_minor: int, on: date) -> None:
    factories.cost(book.under, amount_minor, name=book.name, occurred_on=on)


def liquidate(book: Book, amount_minor: int, on: date) -> None:
    order = _encumbered(book)
    if order is None:
        return
    services.liquidate_encumbrance(
        SYSTEM,
        order,
        id=book.id,
        amount_minor=amount_minor,
        occurred_on=max(on, order.occurred_on),
        now=NOW,
    )
    book.days.add(max(on, order.occurred_on))


def release(book: Book, amount_minor: int, on: date) -> None:
    order = _encumbered(book)
    if order is None:
        return
    services.release_encumbrance(
        SYSTEM,
        order,
        id=book.id,
        amount_minor=amount_minor,
        occurred_on=max(on, order.occurred_on),
        reason="enough",
        now=NOW,
    )
    book.days.add(max(on, order.occurred_on))


def pay(book: Book, amount_minor: int, on: date) -> None:
    owed = [one for one in _costs(book) if one.to_pay_minor]
    if owed:
        factories.payment(owed[0], amount_minor, name=book.name, occurred_on=on)


def contribute(book: Book, amount_minor: int, on: date) -> None:
    claim = factories.claim(book.under, name=book.name, amount_minor=amount_minor, occurred_on=on)
    services.record_contribution(SYSTEM, claim, now=NOW)


def accept(book: Book, amount_minor: int, on: date) -> None:
    claim = book.under.contributions.filter(state="recorded").first()
    if claim is None:
        return
    services.accept_contribution(
        SYSTEM,
        claim.pk,
        accepted_minor=min(amount_minor, claim.claimed_minor),
        reason="part",
        today=max(on, claim.occurred_on),
        now=NOW,
    )
    book.days.add(max(on, claim.occurred_on))


def earn(book: Book, amount_minor: int, on: date) -> None:
    factories.income(book.under, amount_minor, name=book.name, occurred_on=on)


def use(book: Book, amount_minor: int, on: date) -> None:
    factories.income_use(book.under, amount_minor, name=book.name, occurred_on=on)


def correct(book: Book, amount_minor: int, on: date) -> None:
    moved = (
        Transfer.objects.filter(agreement=book.under, kind__in=["direct", "post"])
        .exclude(code="correct")
        .select_related("debit_account")
        .order_by("pk")
    )
    old = moved[amount_minor % len(moved)]
    services.correct_transfer(
        SYSTEM,
        old,
        id=book.id,
        amount_minor=min(amount_minor, old.amount_minor),
        occurred_on=on,
        reason="wrong",
        now=NOW,
    )


ENTRIES: Final = {
    "authorise": authorise,
    "withhold": withhold,
    "release_reserve": release_reserve,
    "obligate": obligate,
    "return": give_back,
    "draw": draw,
    "encumber": encumber,
    "incur": incur,
    "liquidate": liquidate,
    "release": release,
    "pay": pay,
    "contribute": contribute,
    "accept": accept,
    "earn": earn,
    "use": use,
    "correct": correct,
}


def _costs(book: Book) -> Sequence[Cost]:
    return list(queries.costs_visible_to(SYSTEM).filter(agreement=book.under))


def _encumbered(book: Book) -> Cost | None:
    return next((one for one in _costs(book) if getattr(one, "encumbered_minor", 0)), None)
