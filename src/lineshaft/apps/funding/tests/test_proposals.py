"""Federal transfers that take two persons: proposed by one, approved by another."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lineshaft.apps.funding import exchange, queries, services
from lineshaft.apps.funding.models import Account, Agreement, Transfer, TransferProposal
from lineshaft.apps.funding.rules import AccountKind, ProposalState, TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_exchange import CONTEXT, payment_row
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

LARGE = 5 * MILLION
"""The threshold of the profile in use, in cents."""

database = [pytest.mark.django_db, pytest.mark.database]


def first_officer() -> Actor:
    return factories.sponsor()


def second_officer() -> Actor:
    return factories.staff(
        Role.AGENCY_SPONSOR,
        ScopeKind.AGENCY,
        "DOD",
        email="second.sponsor@example.org",
        overseen="america-makes",
    )


def second_finance() -> Actor:
    return factories.finance(email="second.finance@example.org")


def obligate(
    actor: Actor, under: Agreement, amount_minor: int = LARGE, *, name: str = "one", **given: Any
) -> services.Moved:
    stated: dict[str, Any] = {"currency": "USD", "occurred_on": IN_TERM, "reference": "Order 7"}
    return services.obligate_funds(
        actor,
        under,
        id=factories.transfer_id("large", name),
        amount_minor=amount_minor,
        now=NOW,
        **(stated | given),
    )


def proposed(moved: services.Moved) -> TransferProposal:
    assert isinstance(moved, TransferProposal)
    return moved


def funded(amount_minor: int = 20 * MILLION) -> Agreement:
    agreement = factories.agreement()
    factories.authorised(agreement, amount_minor)
    return agreement


class TestServices:
    pytestmark = database

    def test_large_obligation_waits_for_a_second_person_and_then_moves_what_was_shown(self) -> None:
        agreement = funded()
        proposal = proposed(obligate(first_officer(), agreement))
        assert factories.balances(agreement)["award"] == (20 * MILLION, 0)
        before = queries.balance_changes(queries.proposal_by_id(SYSTEM, proposal.pk))
        transfer = services.approve_transfer(second_officer(), proposal.pk, now=NOW)
        assert (transfer.pk, transfer.code, transfer.amount_minor) == (
            proposal.pk,
            "obligate",
            LARGE,
        )
        assert (transfer.reference, transfer.recorded_by_id) == (
            "Order 7",
            second_officer().user_id,
        )
        for change, pending in zip(before, ("debits_pending", "credits_pending"), strict=True):
            stored = Account.objects.get(pk=change.account.pk)
            assert stored.balance_minor == change.balance_after_minor
            assert getattr(stored, pending) == change.pending_after_minor
        decided = TransferProposal.objects.get()
        assert (decided.state, decided.decided_by_id) == ("approved", second_officer().user_id)
        verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
        assert list(verbs)[-3:] == ["propose_transfer", "obligate_funds", "approve_transfer"]
        assert services.verify_ledger() == []

    def test_amount_below_the_threshold_takes_one_person(self) -> None:
        agreement = funded()
        assert isinstance(obligate(first_officer(), agreement, LARGE - 1), Transfer)
        assert TransferProposal.objects.count() == 0

    def test_the_program_books_what_has_happened_whatever_its_amount(self) -> None:
        assert isinstance(obligate(SYSTEM, funded()), Transfer)

    def test_every_large_movement_and_its_reversal_takes_two(self) -> None:
        agreement = funded(30 * MILLION)
        obligation = factories.booked(obligate(SYSTEM, agreement, 25 * MILLION))
        finance = factories.finance()
        stated: dict[str, Any] = {"currency": "USD", "occurred_on": IN_TERM, "now": NOW}
        drawn = proposed(
            services.draw_funds(
                finance, obligation, id=new_id(), amount_minor=12 * MILLION, **stated
            )
        )
        draw = services.approve_transfer(second_finance(), drawn.pk, now=NOW)
        back = proposed(
            services.correct_transfer(
                finance,
                Transfer.objects.select_related("debit_account").get(pk=draw.pk),
                id=new_id(),
                amount_minor=LARGE,
                occurred_on=IN_TERM,
                reason="Drawn twice",
                now=NOW,
            )
        )
        services.approve_transfer(second_finance(), back.pk, now=NOW)
        returned = proposed(
            services.return_funds(finance, agreement, id=new_id(), amount_minor=LARGE, **stated)
        )
        services.approve_transfer(second_finance(), returned.pk, now=NOW)
        assert factories.balances(agreement)["drawn"] == (2 * MILLION, 13 * MILLION)
        rest = proposed(
            services.release_obligation(
                first_officer(),
                obligation,
                id=new_id(),
                occurred_on=IN_TERM,
                reason="The year ends",
                now=NOW,
            )
        )
        assert rest.amount_minor == 13 * MILLION
        services.approve_transfer(second_officer(), rest.pk, now=NOW)
        assert factories.balances(agreement)["drawn"] == (2 * MILLION, 0)
        corrected = AuditEvent.objects.filter(verb="correct_transfer").get()
        assert corrected.why == "Drawn twice"
        assert services.verify_ledger() == []

    def test_small_rest_is_released_and_small_correction_made_by_one(self) -> None:
        agreement = funded()
        obligation = factories.booked(obligate(SYSTEM, agreement, 2 * MILLION))
        draw = factories.drawdown(obligation, MILLION)
        released = services.release_obligation(
            first_officer(), obligation, id=new_id(), occurred_on=IN_TERM, reason="x", now=NOW
        )
        corrected = services.correct_transfer(
            factories.finance(),
            Transfer.objects.select_related("debit_account").get(pk=draw.pk),
            id=new_id(),
            amount_minor=1,
            occurred_on=IN_TERM,
            reason="x",
            now=NOW,
        )
        assert (released.amount_minor, corrected.amount_minor) == (MILLION, 1)
        assert TransferProposal.objects.count() == 0

    def test_large_correction_of_what_takes_one_person_takes_one(self) -> None:
        agreement = factories.agreement()
        old = factories.authorised(agreement, 9 * MILLION)
        corrected = services.correct_transfer(
            first_officer(),
            Transfer.objects.select_related("debit_account").get(pk=old.pk),
            id=new_id(),
            amount_minor=6 * MILLION,
            occurred_on=IN_TERM,
            reason="Authorised twice",
            now=NOW,
        )
        assert isinstance(corrected, Transfer)

    def test_proposal_sent_twice_is_stored_once_and_other_content_is_refused(self) -> None:
        agreement = funded()
        officer = first_officer()
        first, again = (proposed(obligate(officer, agreement)) for _ in range(2))
        assert (first.pk, TransferProposal.objects.count()) == (again.pk, 1)
        assert AuditEvent.objects.filter(verb="propose_transfer").count() == 1
        for other in ({"amount_minor": LARGE + 1}, {"reference": "Order 8"}, {"amount_minor": 1}):
            with pytest.raises(Refused) as error:
                obligate(officer, agreement, **other)
            assert refusal_code(error) == "transfer_id_reused"
        with pytest.raises(NotPermitted):
            obligate(factories.finance(), agreement)
        services.approve_transfer(second_officer(), first.pk, now=NOW)
        assert isinstance(obligate(officer, agreement), Transfer)
        with pytest.raises(Refused) as error:
            obligate(officer, agreement, reference="Order 8")
        assert refusal_code(error) == "transfer_id_reused"
        assert Transfer.objects.filter(code="obligate").count() == 1

    def test_release_of_all_that_is_left_sent_twice_is_one_proposal(self) -> None:
        obligation = factories.booked(obligate(SYSTEM, funded(), 9 * MILLION))

        def release() -> services.Moved:
            return services.release_obligation(
                first_officer(),
                obligation,
                id=factories.transfer_id("rest"),
                occurred_on=IN_TERM,
                reason="The year ends",
                now=NOW,
            )

        first = proposed(release())
        factories.drawdown(obligation, MILLION)
        assert proposed(release()).amount_minor == first.amount_minor == 9 * MILLION

    def test_transfer_booked_under_the_id_before_is_found(self) -> None:
        agreement = funded()
        booked = obligate(SYSTEM, agreement)
        assert obligate(first_officer(), agreement) == booked
        assert TransferProposal.objects.count() == 0

    def test_limit_is_asked_when_proposing(self) -> None:
        with pytest.raises(Refused) as error:
            obligate(first_officer(), funded(LARGE - 1))
        assert refusal_code(error) == "limit_exceeded"
        assert TransferProposal.objects.count() == 0

    def test_limit_that_no_longer_holds_refuses_approval_and_leaves_the_proposal_open(self) -> None:
        agreement = funded(8 * MILLION)
        proposal = proposed(obligate(first_officer(), agreement))
        small = obligate(SYSTEM, agreement, 4 * MILLION, name="between")
        with pytest.raises(Refused) as error:
            services.approve_transfer(second_officer(), proposal.pk, now=NOW)
        assert refusal_code(error) == "limit_exceeded"
        assert TransferProposal.objects.get().state == ProposalState.PROPOSED
        services.release_obligation(
            SYSTEM,
            factories.booked(small),
            id=new_id(),
            occurred_on=IN_TERM,
            reason="x",
            now=NOW,
        )
        assert services.approve_transfer(second_officer(), proposal.pk, now=NOW).pk == proposal.pk

    def test_second_person_is_another_of_the_entitled_role(self) -> None:
        agreement = funded()
        proposal = proposed(obligate(first_officer(), agreement))
        for actor in (first_officer(), SYSTEM):
            for decide in _decisions(actor, proposal):
                with pytest.raises(Refused) as error:
                    decide()
                assert refusal_code(error) == "second_person_wanted"
        for actor in (factories.finance(), factories.manager(), factories.sponsor("DOE")):
            for decide in _decisions(actor, proposal):
                with pytest.raises(NotPermitted):
                    decide()
        assert TransferProposal.objects.get().state == ProposalState.PROPOSED
        with pytest.raises(NotFound):
            services.approve_transfer(second_officer(), new_id(), now=NOW)

    def test_rejection_says_why_and_is_final(self) -> None:
        agreement = funded()
        proposal = proposed(obligate(first_officer(), agreement))
        second = second_officer()
        with pytest.raises(Refused) as error:
            services.reject_transfer(second, proposal.pk, reason=" ", now=NOW)
        assert refusal_code(error) == "reason_missing"
        for _ in range(2):
            rejected = services.reject_transfer(second, proposal.pk, reason="No order", now=NOW)
        assert (rejected.state, rejected.decision_reason) == ("rejected", "No order")
        assert AuditEvent.objects.filter(verb="reject_transfer").count() == 1
        with pytest.raises(Refused) as error:
            services.approve_transfer(second, proposal.pk, now=NOW)
        assert refusal_code(error) == "wrong_state"
        assert proposed(obligate(first_officer(), agreement)).state == ProposalState.REJECTED
        assert factories.balances(agreement)["award"] == (20 * MILLION, 0)

    def test_approval_sent_twice_records_once(self) -> None:
        proposal = proposed(obligate(first_officer(), funded()))
        for _ in range(2):
            services.approve_transfer(second_officer(), proposal.pk, now=NOW)
        assert AuditEvent.objects.filter(verb="approve_transfer").count() == 1
        assert Transfer.objects.filter(code="obligate").count() == 1

    def test_transfer_booked_meanwhile_under_the_id_is_found_by_approval(self) -> None:
        agreement = funded()
        proposal = proposed(obligate(first_officer(), agreement))
        obligate(SYSTEM, agreement)
        assert services.approve_transfer(second_officer(), proposal.pk, now=NOW).pk == proposal.pk
        assert factories.balances(agreement)["award"] == (20 * MILLION, LARGE)

    def test_proposer_alone_withdraws(self) -> None:
        proposal = proposed(obligate(first_officer(), funded()))
        with pytest.raises(Refused) as error:
            services.withdraw_transfer(second_officer(), proposal.pk, now=NOW)
        assert refusal_code(error) == "not_own_proposal"
        for _ in range(2):
            services.withdraw_transfer(first_officer(), proposal.pk, now=NOW)
        assert TransferProposal.objects.get().state == ProposalState.WITHDRAWN
        assert AuditEvent.objects.filter(verb="withdraw_transfer").count() == 1

    def test_approved_is_not_withdrawn(self) -> None:
        proposal = proposed(obligate(first_officer(), funded()))
        services.approve_transfer(second_officer(), proposal.pk, now=NOW)
        with pytest.raises(Refused) as error:
            services.withdraw_transfer(first_officer(), proposal.pk, now=NOW)
        assert refusal_code(error) == "wrong_state"

    def test_batch_of_a_person_refuses_the_row_that_takes_two(self) -> None:
        agreement = funded()
        rows = [
            services.TransferRow(
                factories.transfer_id("row", amount),
                agreement.pk,
                TransferCode.OBLIGATE,
                amount,
                "USD",
                IN_TERM,
            )
            for amount in (1, LARGE)
        ]
        with pytest.raises(services.RefusedRow) as error:
            services.post_transfers(first_officer(), rows, now=NOW, why="file")
        assert (error.value.position, refusal_code(error)) == (1, "two_persons_wanted")
        with pytest.raises(Refused) as single:
            services.post_transfer(first_officer(), rows[1], now=NOW)
        assert refusal_code(single) == "two_persons_wanted"
        assert Transfer.objects.filter(code="obligate").count() == 0
        assert services.post_transfers(SYSTEM, rows, now=NOW, why="file").recorded == 2
        again = services.post_transfers(first_officer(), rows, now=NOW, why="file")
        assert (again.recorded, again.unchanged) == (0, 2)

    def test_import_of_a_person_names_the_row_and_the_operators_is_booked(self) -> None:
        agreement = funded()
        rows = [payment_row(2, "obligate", 1), payment_row(3, "obligate", LARGE)]
        officer = exchange.import_transfers(first_officer(), rows, CONTEXT)
        assert [error.row for error in officer.errors] == [3]
        assert "takes two persons" in officer.errors[0].as_text()
        assert exchange.import_transfers(SYSTEM, rows, CONTEXT).created == 2
        assert factories.balances(agreement)["award"][1] == LARGE + 1

    def test_database_holds_that_two_persons_decide(self) -> None:
        proposal = proposed(obligate(first_officer(), funded()))
        own = {"decided_by_id": proposal.proposed_by_id, "decided_at": NOW}
        for state in ("approved", "rejected"):
            with pytest.raises(IntegrityError), transaction.atomic():
                TransferProposal.objects.filter(pk=proposal.pk).update(state=state, **own)
        with pytest.raises(IntegrityError), transaction.atomic():
            TransferProposal.objects.filter(pk=proposal.pk).update(state="approved")

    def test_co_sponsor_proposes_and_decides_on_its_own_part(self) -> None:
        energy = factories.agency("DOE")
        terms = services.AgreementTerms(
            number="W911-2",
            currency="USD",
            signed_on=factories.STARTS_ON,
            starts_on=factories.STARTS_ON,
            ends_on=factories.ENDS_ON,
            federal_total_minor=30 * MILLION,
            co_sponsors=(services.SponsorPart(energy.pk, 10 * MILLION),),
        )
        under = services.sign_agreement(
            SYSTEM, factories.institute(), factories.agency(), terms=terms, now=NOW
        )
        services.activate_agreement(SYSTEM, under.pk, today=TODAY, now=NOW)
        services.authorise_funds(
            SYSTEM,
            under,
            id=new_id(),
            amount_minor=9 * MILLION,
            currency="USD",
            occurred_on=IN_TERM,
            agency_id=energy.pk,
            now=NOW,
        )
        first = factories.sponsor("DOE")
        second = factories.staff(
            Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE", email="second.doe@example.org"
        )
        stranger = factories.sponsor("NSF")
        proposal = proposed(obligate(first, under, agency_id=energy.pk))
        assert proposed(obligate(first, under, agency_id=energy.pk)).pk == proposal.pk
        assert [list(queries.proposals_to_decide(one)) for one in (first, second, stranger)] == [
            [],
            [proposal],
            [],
        ]
        services.approve_transfer(second, proposal.pk, now=NOW)
        drawn = Account.objects.get(agreement=under, kind=AccountKind.DRAWN, agency=energy)
        assert drawn.credits_pending == LARGE


def _decisions(actor: Actor, proposal: TransferProposal) -> list[Callable[[], object]]:
    return [
        lambda: services.approve_transfer(actor, proposal.pk, now=NOW),
        lambda: services.reject_transfer(actor, proposal.pk, reason="No", now=NOW),
    ]


@pytest.mark.django_db
@pytest.mark.database
def test_id_of_a_proposed_transfer_is_taken_by_no_other() -> None:
    agreement = funded()
    open_one = proposed(obligate(first_officer(), agreement))
    withdrawn = proposed(obligate(first_officer(), agreement, name="withdrawn"))
    services.withdraw_transfer(first_officer(), withdrawn.pk, now=NOW)
    with pytest.raises(Refused) as error:
        services.record_cost(
            factories.finance(),
            agreement,
            id=open_one.pk,
            amount_minor=1,
            currency="USD",
            occurred_on=IN_TERM,
            category="supplies",
            payee="Bolt Works",
            evidence=("invoice 1",),
            now=NOW,
        )
    assert refusal_code(error) == "transfer_id_reused"
    rows = [
        services.TransferRow(pk, agreement.pk, TransferCode.OBLIGATE, 100, "USD", IN_TERM)
        for pk in (new_id(), withdrawn.pk)
    ]
    with pytest.raises(services.RefusedRow) as refused:
        services.post_transfers(first_officer(), rows, now=NOW, why="")
    assert (refused.value.code, refused.value.position) == ("transfer_id_reused", 1)
    services.approve_transfer(second_officer(), open_one.pk, now=NOW)
    assert obligate(first_officer(), agreement) == Transfer.objects.get(pk=open_one.pk)


@pytest.mark.django_db
def test_desk_counts_what_waits_for_this_person() -> None:
    agreement = funded()
    obligation = factories.booked(obligate(SYSTEM, agreement, 10 * MILLION, name="old"))
    obligate(first_officer(), agreement)
    services.draw_funds(
        factories.finance(),
        obligation,
        id=new_id(),
        amount_minor=LARGE,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )
    waiting = {
        "first": first_officer(),
        "second": second_officer(),
        "finance": factories.finance(),
        "second finance": second_finance(),
        "other institute": factories.finance("iacmi"),
        "manager": factories.manager(),
        "office": factories.officer(),
    }
    assert {who: queries.proposals_to_decide(one).count() for who, one in waiting.items()} == {
        "first": 0,
        "second": 1,
        "finance": 0,
        "second finance": 1,
        "other institute": 0,
        "manager": 0,
        "office": 0,
    }


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_one_proposal_sent_twice_at_once_and_decided_twice_at_once_stands_once() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; this runs on PostgreSQL")
    agreement = funded()
    officers = [first_officer(), second_officer()]
    third = factories.staff(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD", email="third@example.org")
    start = threading.Barrier(2)

    def at_once(act: Callable[[], object]) -> str:
        start.wait()
        try:
            act()
        except Refused as error:
            return error.refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(max_workers=2) as pool:
        sent = pool.map(at_once, [lambda: obligate(officers[0], agreement)] * 2)
        assert list(sent) == ["done", "done"]
        proposal = TransferProposal.objects.get()
        decided = pool.map(
            at_once,
            [
                lambda: services.approve_transfer(officers[1], proposal.pk, now=NOW),
                lambda: services.approve_transfer(third, proposal.pk, now=NOW),
            ],
        )
        assert sorted(decided) == ["done", "wrong_state"]
    assert Transfer.objects.filter(code="obligate").count() == 1
    assert services.verify_ledger() == []
