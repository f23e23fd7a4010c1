"""What always holds of the ledger, whatever is posted, in any order, and by how many at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Account, Agreement, Hold, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.services.ledger import in_ledger_transaction
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, NOW, SYSTEM, TODAY
from lineshaft.kernel.errors import Refused

AMOUNTS = st.integers(min_value=1, max_value=50)
FEDERAL_TOTAL = 200


class LedgerMachine(RuleBasedStateMachine):
    """Posts at random beside a plain account book; each example is rolled back."""

    obligations = Bundle("obligations")
    posted = Bundle("posted")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.count = 0
        self.is_closed = False
        self.award = self.drawn = self.cash = self.authorised = 0
        self.left: dict[UUID, int] = {}
        self.to_correct: dict[UUID, int] = {}
        self.claimed: dict[UUID, int] = {}
        self.sent: list[services.TransferRow] = []

    def teardown(self) -> None:
        transaction.set_rollback(rollback=True)
        self.atomic.__exit__(None, None, None)

    @initialize()
    def open_book(self) -> None:
        self.agreement: Agreement = factories.agreement(federal_total_minor=FEDERAL_TOTAL)
        self.contributor = factories.organisation()

    @rule(target=posted, amount=AMOUNTS)
    def authorise(self, amount: int) -> object:
        is_allowed = self.authorised + amount <= FEDERAL_TOTAL
        sent = self.post(TransferCode.AUTHORISE, amount, is_allowed=is_allowed)
        if sent is None:
            return multiple()
        self.award += amount
        self.authorised += amount
        return sent

    @rule(target=obligations, amount=AMOUNTS)
    def obligate(self, amount: int) -> object:
        is_allowed = amount <= self.award - sum(self.left.values())
        sent = self.post(TransferCode.OBLIGATE, amount, is_allowed=is_allowed)
        if sent is None:
            return multiple()
        self.left[sent] = amount
        return sent

    @rule(target=posted, obligation=obligations, amount=AMOUNTS)
    def draw(self, obligation: UUID, amount: int) -> object:
        is_allowed = amount <= self.left[obligation]
        sent = self.post(TransferCode.DRAW, amount, pending=obligation, is_allowed=is_allowed)
        if sent is None:
            return multiple()
        self.left[obligation] -= amount
        self.award -= amount
        self.drawn += amount
        self.to_correct[sent] = amount
        return sent

    @rule(obligation=obligations, amount=st.none() | AMOUNTS)
    def release(self, obligation: UUID, amount: int | None) -> None:
        left = self.left[obligation]
        is_allowed = 0 < (left if amount is None else amount) <= left
        sent = self.post(TransferCode.RELEASE, amount, pending=obligation, is_allowed=is_allowed)
        if sent is not None:
            self.left[obligation] -= left if amount is None else amount

    @rule(amount=AMOUNTS)
    def give_back(self, amount: int) -> None:
        if self.post(TransferCode.RETURN, amount, is_allowed=amount <= self.drawn) is not None:
            self.drawn -= amount
            self.award += amount

    @rule(old=posted, amount=AMOUNTS)
    def correct_draw(self, old: UUID, amount: int) -> None:
        if old not in self.to_correct:
            return
        is_allowed = amount <= self.to_correct[old] and amount <= self.drawn and not self.is_closed
        transfer = Transfer.objects.select_related("debit_account").get(pk=old)
        done = self.attempt(
            lambda: services.correct_transfer(
                SYSTEM,
                transfer,
                id=self.next_id(),
                amount_minor=amount,
                occurred_on=IN_TERM,
                reason="Wrong",
                now=NOW,
            ),
            is_allowed=is_allowed,
        )
        if done:
            self.to_correct[old] -= amount
            self.drawn -= amount
            self.award += amount

    @rule()
    def close_books(self) -> None:
        """On the day of every transfer but decisions on contributions, which are later."""
        if not self.is_closed:
            services.close_books(
                SYSTEM, self.agreement.institute, through=IN_TERM, today=TODAY, now=NOW
            )
            self.is_closed = True

    @rule()
    def reopen_books(self) -> None:
        if self.is_closed:
            services.reopen_books(
                SYSTEM, self.agreement.institute, through=None, reason="late", now=NOW
            )
            self.is_closed = False

    @rule(target=claims, amount=AMOUNTS)
    def claim(self, amount: int) -> object:
        claim = factories.claim(
            self.agreement, self.contributor, name=str(self.next_id()), amount_minor=amount
        )
        for _ in range(2):
            if not self.attempt(
                lambda: services.record_contribution(SYSTEM, claim, now=NOW),
                is_allowed=not self.is_closed,
            ):
                return multiple()
        self.claimed[claim.id] = amount
        return claim.id

    @rule(claim=consumes(claims), accepted=AMOUNTS)
    def accept(self, claim: UUID, accepted: int) -> None:
        amount = self.claimed[claim]
        done = self.attempt(
            lambda: services.accept_contribution(
                SYSTEM, claim, accepted_minor=accepted, reason="Part", today=TODAY, now=NOW
            ),
            is_allowed=accepted <= amount,
        )
        if done:
            self.cash += accepted
            self.claimed[claim] = 0

    @rule(claim=consumes(claims))
    def refuse(self, claim: UUID) -> None:
        services.refuse_contribution(SYSTEM, claim, reason="No", today=TODAY, now=NOW)
        self.claimed[claim] = 0

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        if not self.sent:
            return
        rows = data.draw(st.lists(st.sampled_from(self.sent), min_size=1, max_size=3))
        outcome = services.post_transfers(SYSTEM, rows, now=NOW, why="again")
        assert outcome == services.PostOutcome(recorded=0, unchanged=len(rows))

    @rule(data=st.data())
    def reuse_id(self, data: st.DataObject) -> None:
        if not self.sent:
            return
        row = data.draw(st.sampled_from(self.sent))
        other = services.TransferRow(
            row.id, row.agreement_id, TransferCode.RETURN, 1, "USD", IN_TERM, reference="other"
        )
        with pytest.raises(Refused) as error:
            services.post_transfers(SYSTEM, [other], now=NOW, why="reused")
        assert error.value.refusal.code == "transfer_id_reused"

    @invariant()
    def debits_equal_credits(self) -> None:
        sums = Account.objects.aggregate(
            posted=Sum(F("debits_posted") - F("credits_posted")),
            pending=Sum(F("debits_pending") - F("credits_pending")),
        )
        assert (sums["posted"] or 0, sums["pending"] or 0) == (0, 0)

    @invariant()
    def stored_equals_derived(self) -> None:
        assert services.verify_ledger() == []

    @invariant()
    def stored_equals_the_plain_book(self) -> None:
        if not hasattr(self, "agreement"):
            return
        left = sum(self.left.values())
        assert factories.balances(self.agreement) == {
            "award": (self.award, left),
            "drawn": (self.drawn, left),
            "cash": (self.cash, sum(self.claimed.values())),
            "in_kind": (0, 0),
        }
        assert {hold.pk: hold.remaining_minor for hold in Hold.objects.all()} == {
            **self.left,
            **self.claimed,
        }

    def post(
        self,
        code: TransferCode,
        amount: int | None,
        *,
        is_allowed: bool,
        pending: UUID | None = None,
    ) -> UUID | None:
        row = services.TransferRow(
            self.next_id(),
            self.agreement.pk,
            code,
            amount,
            "USD",
            IN_TERM,
            pending_id=pending,
            reason="test",
        )
        done = self.attempt(
            lambda: services.post_transfer(SYSTEM, row, now=NOW),
            is_allowed=is_allowed and not self.is_closed,
        )
        if not done:
            return None
        self.sent.append(row)
        return row.id

    def attempt(self, act: Callable[[], object], *, is_allowed: bool) -> bool:
        try:
            act()
        except Refused:
            assert not is_allowed
            return False
        assert is_allowed
        return True

    def next_id(self) -> UUID:
        self.count += 1
        return factories.transfer_id("machine", self.count)


@pytest.mark.django_db
@pytest.mark.database
def test_ledger_keeps_its_invariants_under_any_sequence() -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=settings().max_examples // 4,
            stateful_step_count=25,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


CLIENTS = 50
WITHIN_S = 30


def _at_once[T](client: Callable[[int], T], clients: int = CLIENTS) -> list[T]:
    """What each of so many clients came to, that began at the same moment."""
    start = threading.Barrier(clients)

    def begin(number: int) -> T:
        start.wait()
        try:
            return client(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=clients) as pool:
        return list(pool.map(begin, range(clients), timeout=WITHIN_S))


def _names_drawn(number: int) -> list[str]:
    """What a client draws: one name is another's too, and its first is sent once more."""
    return [f"{number} first", f"shared {number // 2}", f"{number} last", f"{number} first"]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_fifty_clients_on_one_obligation_lose_and_double_nothing() -> None:
    """125 draws of 10 are sent, most of them twice; the obligation has 1,170."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; this runs on PostgreSQL")
    agreement = factories.agreement()
    obligation = factories.obligation(agreement, 1_170)

    def draw(name: str) -> str:
        try:
            services.draw_funds(
                SYSTEM,
                obligation,
                id=factories.transfer_id("client", name),
                amount_minor=10,
                currency="USD",
                occurred_on=IN_TERM,
                now=NOW,
            )
        except Refused as error:
            return error.refusal.code
        return f"drawn {name}"

    answers = [
        answer
        for found in _at_once(lambda number: [draw(name) for name in _names_drawn(number)])
        for answer in found
    ]
    drawn = {answer for answer in answers if answer.startswith("drawn")}
    assert {answer for answer in answers if not answer.startswith("drawn")} == {"pending_exceeded"}
    assert len(drawn) == 117
    assert Transfer.objects.filter(code=TransferCode.DRAW).count() == 117
    assert Hold.objects.get(pk=obligation.pk).remaining_minor == 0
    assert services.verify_ledger() == []


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_fifty_clients_of_the_api_on_one_obligation_are_told_of_no_deadlock(
    settings: Settings,
) -> None:
    """75 draws of 10 are sent, 25 of them by two clients; the obligation has 600."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; this runs on PostgreSQL")
    settings.IS_DEMONSTRATION = True
    obligation = factories.obligation(factories.agreement(), 600)
    finance = factories.granted(factories.finance())
    browsers = [Client() for _ in range(CLIENTS)]
    for browser in browsers:
        browser.force_login(finance)

    def client(number: int) -> list[tuple[str, int, str]]:
        answers = []
        for name in (f"{number} own", f"shared {number // 2}"):
            answer = browsers[number].post(
                f"/api/v1/transfers/{obligation.pk}/drawdowns",
                {
                    "id": str(factories.transfer_id("api", name)),
                    "amount_minor": 10,
                    "currency": "USD",
                    "occurred_on": IN_TERM.isoformat(),
                },
                content_type="application/json",
            )
            answers.append((name, answer.status_code, answer.json().get("code", "")))
        return answers

    answers = [answer for found in _at_once(client) for answer in found]
    assert {(status, code) for _name, status, code in answers} == {
        (200, "draw"),
        (409, "pending_exceeded"),
    }
    assert len({name for name, status, _code in answers if status == 200}) == 60
    assert Transfer.objects.filter(code=TransferCode.DRAW).count() == 60
    assert services.verify_ledger() == []


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_one_of_two_that_wait_for_each_other_begins_anew() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; this runs on PostgreSQL")
    pair = list(Account.objects.filter(agreement=factories.agreement()).order_by("pk")[:2])
    both_hold_one = threading.Barrier(2)
    attempts: list[int] = []

    def client(number: int) -> int:
        def work() -> int:
            attempts.append(number)
            for place, account in enumerate(pair if number else pair[::-1]):
                Account.objects.select_for_update().get(pk=account.pk)
                if place == 0 and len(attempts) <= 2:
                    both_hold_one.wait()
            return number

        return in_ledger_transaction([], work)

    assert _at_once(client, clients=2) == [0, 1]
    assert len(attempts) > 2


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_twenty_clients_post_batches_in_opposite_orders_without_deadlock() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; this runs on PostgreSQL")
    agreements = [factories.agreement(f"W911-{place}") for place in range(4)]
    start = threading.Barrier(20)

    def client(number: int) -> int:
        order = agreements if number % 2 else agreements[::-1]
        rows = [
            services.TransferRow(
                factories.transfer_id("batch", number, agreement.pk, code),
                agreement.pk,
                code,
                5,
                "USD",
                IN_TERM,
            )
            for agreement in order
            for code in (TransferCode.AUTHORISE, TransferCode.OBLIGATE)
        ]
        start.wait()
        try:
            return services.post_transfers(SYSTEM, rows, now=NOW, why="test").recorded
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=20) as pool:
        assert list(pool.map(client, range(20))) == [8] * 20
    assert Transfer.objects.count() == 160
    assert services.verify_ledger() == []


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_one_id_sent_at_once_for_two_agreements_is_stored_once() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; this runs on PostgreSQL")
    agreements = [factories.agreement("W911-1"), factories.agreement("W911-2", agency_key="DOE")]
    start = threading.Barrier(2)

    def client(agreement: Agreement) -> str:
        row = services.TransferRow(
            factories.transfer_id("same"), agreement.pk, TransferCode.AUTHORISE, 5, "USD", IN_TERM
        )
        start.wait()
        try:
            services.post_transfer(SYSTEM, row, now=NOW)
        except Refused as error:
            return error.refusal.code
        finally:
            connection.close()
        return "stored"

    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = sorted(pool.map(client, agreements))
    assert answers == ["stored", "transfer_id_reused"]
    assert Transfer.objects.count() == 1
    assert services.verify_ledger() == []


@pytest.mark.django_db
@pytest.mark.parametrize("occurred_on", [date(1, 1, 1), date(9999, 12, 31)])
def test_mistyped_year_is_refused_and_changes_nothing(occurred_on: date) -> None:
    agreement = factories.agreement()
    factories.authorised(agreement)
    before = factories.balances(agreement)
    with pytest.raises(Refused):
        services.obligate_funds(
            SYSTEM,
            agreement,
            id=factories.transfer_id("mistyped"),
            amount_minor=1,
            currency="USD",
            occurred_on=occurred_on,
            now=NOW,
        )
    assert factories.balances(agreement) == before
