"""Verbs of agreements, federal money and cost share, read as an account book."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Account, Agreement, Hold, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.audit.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def row(
    under: Agreement,
    code: TransferCode,
    amount_minor: int | None,
    *,
    name: str = "row",
    pending: Transfer | None = None,
    currency: str = "USD",
    reason: str = "",
) -> services.TransferRow:
    return services.TransferRow(
        factories.transfer_id(code, under.pk, name),
        under.pk,
        code,
        amount_minor,
        currency,
        IN_TERM,
        pending_id=pending.pk if pending else None,
        reason=reason,
    )


def refusal_code(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.refusal.code


def test_year_of_an_agreement_reads_as_an_account_book() -> None:
    agreement = factories.agreement()
    factories.authorised(agreement, 10 * MILLION)
    assert factories.balances(agreement) == {
        "award": (10 * MILLION, 0),
        "drawn": (0, 0),
        "cash": (0, 0),
        "in_kind": (0, 0),
    }
    obligation = services.post_transfer(
        SYSTEM, row(agreement, TransferCode.OBLIGATE, 8 * MILLION), now=NOW
    )
    assert factories.balances(agreement)["award"] == (10 * MILLION, 8 * MILLION)
    factories.drawdown(obligation, 3 * MILLION)
    assert factories.balances(agreement)["award"] == (7 * MILLION, 5 * MILLION)
    assert factories.balances(agreement)["drawn"] == (3 * MILLION, 5 * MILLION)
    services.release_obligation(
        SYSTEM,
        obligation,
        id=factories.transfer_id("release"),
        occurred_on=IN_TERM,
        reason="Not needed this year",
        now=NOW,
    )
    assert factories.balances(agreement)["award"] == (7 * MILLION, 0)
    services.return_funds(
        SYSTEM,
        agreement,
        id=factories.transfer_id("return"),
        amount_minor=MILLION,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )
    assert factories.balances(agreement)["award"] == (8 * MILLION, 0)
    assert factories.balances(agreement)["drawn"] == (2 * MILLION, 0)
    assert services.verify_ledger() == []


def test_obligate_more_than_authorised_is_refused_and_writes_nothing() -> None:
    agreement = factories.agreement()
    factories.authorised(agreement, 5 * MILLION)
    with pytest.raises(Refused) as error:
        services.post_transfer(
            SYSTEM, row(agreement, TransferCode.OBLIGATE, 5 * MILLION + 1), now=NOW
        )
    assert refusal_code(error) == "limit_exceeded"
    assert error.value.refusal.params["available"] == "5000000.00 USD"
    assert Transfer.objects.count() == 1


def test_authorise_more_than_the_agreement_allows_is_refused() -> None:
    agreement = factories.agreement(federal_total_minor=5 * MILLION)
    factories.authorised(agreement, 5 * MILLION)
    with pytest.raises(Refused) as error:
        services.post_transfer(SYSTEM, row(agreement, TransferCode.AUTHORISE, 1), now=NOW)
    assert refusal_code(error) == "agreement_total_exceeded"


def test_draw_beyond_its_obligation_is_refused() -> None:
    obligation = factories.obligation(factories.agreement(), 5 * MILLION)
    factories.drawdown(obligation, 4 * MILLION)
    with pytest.raises(Refused) as error:
        factories.drawdown(obligation, MILLION + 1, name="two")
    assert refusal_code(error) == "pending_exceeded"
    assert Hold.objects.get(pk=obligation.pk).remaining_minor == MILLION


def test_return_beyond_what_was_drawn_is_refused() -> None:
    agreement = factories.agreement()
    factories.drawdown(factories.obligation(agreement), MILLION)
    with pytest.raises(Refused) as error:
        services.post_transfer(SYSTEM, row(agreement, TransferCode.RETURN, MILLION + 1), now=NOW)
    assert refusal_code(error) == "limit_exceeded"


def test_transfer_sent_twice_is_stored_once_with_one_audit_event() -> None:
    agreement = factories.agreement()
    first = factories.authorised(agreement)
    events = AuditEvent.objects.count()
    assert factories.authorised(agreement).pk == first.pk
    assert factories.balances(agreement)["award"] == (10 * MILLION, 0)
    assert AuditEvent.objects.count() == events


def test_transfer_id_with_other_content_is_refused() -> None:
    agreement = factories.agreement()
    factories.authorised(agreement, 10 * MILLION)
    with pytest.raises(Refused) as error:
        factories.authorised(agreement, 9 * MILLION)
    assert refusal_code(error) == "transfer_id_reused"


def test_release_of_the_rest_sent_twice_is_stored_once() -> None:
    obligation = factories.obligation(factories.agreement(), 5 * MILLION)
    released = [
        services.release_obligation(
            SYSTEM,
            obligation,
            id=factories.transfer_id("release"),
            occurred_on=IN_TERM,
            reason="Ended",
            now=NOW,
        )
        for _ in range(2)
    ]
    assert [transfer.amount_minor for transfer in released] == [5 * MILLION, 5 * MILLION]
    assert Transfer.objects.filter(code=TransferCode.RELEASE).count() == 1


@pytest.mark.parametrize(
    ("code", "amount_minor", "currency", "reason", "expected"),
    [
        pytest.param("authorise", 0, "USD", "", "amount_not_positive", id="nothing"),
        pytest.param("authorise", -5, "USD", "", "amount_not_positive", id="negative"),
        pytest.param("authorise", 5, "EUR", "", "currency_differs", id="other currency"),
        pytest.param("release", None, "USD", " ", "reason_missing", id="void without reason"),
        pytest.param("accept", 5, "USD", "", "code_not_open", id="cost share by itself"),
        pytest.param("correct", 5, "USD", "x", "code_not_open", id="correction by itself"),
    ],
)
def test_transfer_that_a_rule_forbids_is_refused(
    code: str, amount_minor: int | None, currency: str, reason: str, expected: str
) -> None:
    agreement = factories.agreement()
    obligation = factories.obligation(agreement)
    wrong = row(
        agreement,
        TransferCode(code),
        amount_minor,
        pending=obligation if code == "release" else None,
        currency=currency,
        reason=reason,
    )
    with pytest.raises(Refused) as error:
        services.post_transfers(SYSTEM, [wrong], now=NOW, why="test")
    assert refusal_code(error) == expected


def test_draw_before_its_obligation_is_refused() -> None:
    obligation = factories.obligation(factories.agreement())
    with pytest.raises(Refused) as error:
        services.draw_funds(
            SYSTEM,
            obligation,
            id=factories.transfer_id("early"),
            amount_minor=1,
            currency="USD",
            occurred_on=date(2022, 2, 28),
            now=NOW,
        )
    assert refusal_code(error) == "before_pending"


def test_draw_of_another_agreements_obligation_is_not_found() -> None:
    obligation = factories.obligation(factories.agreement())
    other = factories.agreement("W911-2")
    with pytest.raises(NotFound):
        services.post_transfer(
            SYSTEM, row(other, TransferCode.DRAW, 1, pending=obligation), now=NOW
        )


def test_draw_of_an_authorisation_is_refused() -> None:
    agreement = factories.agreement()
    with pytest.raises(Refused) as error:
        services.post_transfer(
            SYSTEM,
            row(agreement, TransferCode.DRAW, 1, pending=factories.authorised(agreement)),
            now=NOW,
        )
    assert refusal_code(error) == "pending_unknown"


def test_transfer_of_no_agreement_is_not_found() -> None:
    missing = services.TransferRow(
        factories.transfer_id("x"), 999, TransferCode.OBLIGATE, 1, "USD", IN_TERM
    )
    with pytest.raises(NotFound):
        services.post_transfer(SYSTEM, missing, now=NOW)


def test_batch_of_several_agreements_posts_all_with_one_event() -> None:
    agreements = [factories.agreement(f"W911-{place}") for place in range(3)]
    rows = [
        row(agreement, code, MILLION, name="batch")
        for agreement in agreements
        for code in (TransferCode.AUTHORISE, TransferCode.OBLIGATE)
    ]
    events = AuditEvent.objects.count()
    outcome = services.post_transfers(SYSTEM, rows, now=NOW, why="payment file")
    assert outcome == services.PostOutcome(recorded=6, unchanged=0)
    event = AuditEvent.objects.latest("pk")
    assert (AuditEvent.objects.count(), event.count) == (events + 1, 6)
    again = services.post_transfers(SYSTEM, rows, now=NOW, why="payment file")
    assert again == services.PostOutcome(recorded=0, unchanged=6)
    assert AuditEvent.objects.count() == events + 1
    assert services.verify_ledger() == []


def test_batch_settles_what_it_made_itself() -> None:
    agreement = factories.agreement()
    obligate = row(agreement, TransferCode.OBLIGATE, 5)
    draw = services.TransferRow(
        factories.transfer_id("d"),
        agreement.pk,
        TransferCode.DRAW,
        3,
        "USD",
        IN_TERM,
        pending_id=obligate.id,
    )
    rows = [row(agreement, TransferCode.AUTHORISE, 9), obligate, draw]
    services.post_transfers(SYSTEM, rows, now=NOW, why="test")
    assert Hold.objects.get(pk=obligate.id).remaining_minor == 2
    assert services.verify_ledger() == []


def test_batch_with_one_refused_row_writes_none() -> None:
    agreement = factories.agreement()
    rows = [
        row(agreement, TransferCode.AUTHORISE, 5),
        row(agreement, TransferCode.OBLIGATE, 6),
    ]
    with pytest.raises(Refused):
        services.post_transfers(SYSTEM, rows, now=NOW, why="test")
    assert Transfer.objects.count() == 0


def test_empty_batch_does_nothing() -> None:
    outcome = services.post_transfers(SYSTEM, [], now=NOW, why="test")
    assert outcome == services.PostOutcome(0, 0)


@pytest.mark.parametrize("count", [1, 300])
def test_batch_takes_the_same_queries_at_any_length(count: int) -> None:
    agreement = factories.agreement()
    rows = [
        row(agreement, TransferCode.AUTHORISE, 1, name=f"row {place}") for place in range(count)
    ]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        services.post_transfers(SYSTEM, rows, now=NOW, why="test")
    statements = [q["sql"] for q in queries if not q["sql"].startswith("INSERT INTO funding_tr")]
    assert len(statements) <= 9


@pytest.mark.parametrize("code", ["authorise", "obligate", "draw", "release", "return"])
def test_single_post_takes_at_most_eight_queries(code: str) -> None:
    agreement = factories.agreement()
    obligation = factories.obligation(agreement)
    factories.drawdown(obligation, MILLION)
    factories.obligation(agreement, MILLION, name="two")
    services.post_transfer(
        SYSTEM, row(agreement, TransferCode.AUTHORISE, 2 * MILLION, name="before"), now=NOW
    )
    pending = obligation if code in {"draw", "release"} else None
    single = row(agreement, TransferCode(code), 5, pending=pending, reason="test")
    with CaptureQueriesContext(connection) as queries:
        services.post_transfer(SYSTEM, single, now=NOW)
    begin_and_end = ("SAVEPOINT", "RELEASE SAVEPOINT")
    asked = [query["sql"] for query in queries if not query["sql"].startswith(begin_and_end)]
    assert len(asked) <= 8


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE funding_transfer SET amount_minor = 1",
        "DELETE FROM funding_transfer",
        "UPDATE funding_account SET currency = 'EUR'",
        "DELETE FROM funding_hold",
        "UPDATE funding_daysum SET code = 'draw'",
        "DELETE FROM funding_daysum",
        "UPDATE funding_contributionsum SET is_cash = NOT is_cash",
        "DELETE FROM funding_contributorsum",
        "UPDATE funding_contribution SET claimed_minor = 1",
        "DELETE FROM funding_contributionevidence",
    ],
)
def test_stored_ledger_refuses_change(statement: str) -> None:
    agreement = factories.agreement()
    factories.obligation(agreement)
    factories.contribution(agreement, is_accepted=True)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_account_limit_is_held_by_the_database() -> None:
    agreement = factories.agreement()
    factories.authorised(agreement, 5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(agreement=agreement, kind="award").update(debits_posted=6)


def test_hold_is_held_above_zero_by_the_database() -> None:
    obligation = factories.obligation(factories.agreement())
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.filter(pk=obligation.pk).update(remaining_minor=-1)


def test_correction_takes_back_and_names_the_old() -> None:
    agreement = factories.agreement()
    drawn = factories.drawdown(factories.obligation(agreement), 4 * MILLION)
    correction = services.correct_transfer(
        SYSTEM,
        Transfer.objects.get(pk=drawn.pk),
        id=factories.transfer_id("c"),
        amount_minor=MILLION,
        occurred_on=IN_TERM,
        reason="Invoice was lower",
        now=NOW,
    )
    assert correction.corrects_id == drawn.pk
    assert factories.balances(agreement)["drawn"] == (3 * MILLION, 6 * MILLION)
    assert services.verify_ledger() == []


def test_corrections_beyond_the_old_transfer_are_refused() -> None:
    agreement = factories.agreement()
    drawn = factories.drawdown(factories.obligation(agreement), 4)
    old = Transfer.objects.get(pk=drawn.pk)
    for place, (amount_minor, expected) in enumerate([(3, ""), (2, "correction_exceeded")]):
        try:
            services.correct_transfer(
                SYSTEM,
                old,
                id=factories.transfer_id("c", place),
                amount_minor=amount_minor,
                occurred_on=IN_TERM,
                reason="Wrong",
                now=NOW,
            )
            code = ""
        except Refused as error:
            code = error.refusal.code
        assert code == expected


def test_correction_of_a_pending_transfer_is_refused() -> None:
    obligation = factories.obligation(factories.agreement())
    with pytest.raises(Refused) as error:
        services.correct_transfer(
            SYSTEM,
            Transfer.objects.get(pk=obligation.pk),
            id=factories.transfer_id("c"),
            amount_minor=1,
            occurred_on=IN_TERM,
            reason="Wrong",
            now=NOW,
        )
    assert refusal_code(error) == "not_correctable"


def test_correction_of_an_acceptance_lowers_the_contribution() -> None:
    agreement = factories.agreement()
    contribution = factories.contribution(agreement, is_accepted=True)
    accepted = Transfer.objects.select_related("debit_account").get(pending=contribution.pk)
    for _ in range(2):
        services.correct_transfer(
            SYSTEM,
            accepted,
            id=factories.transfer_id("c"),
            amount_minor=MILLION,
            occurred_on=IN_TERM,
            reason="Counted twice",
            now=NOW,
        )
    contribution.refresh_from_db()
    assert contribution.accepted_minor == MILLION
    assert factories.balances(agreement)["cash"] == (MILLION, 0)
    assert services.verify_ledger() == []


@pytest.mark.parametrize(
    ("code", "who", "is_allowed"),
    [
        ("authorise", "sponsor", True),
        ("authorise", "finance", False),
        ("obligate", "sponsor", True),
        ("obligate", "manager", False),
        ("draw", "finance", True),
        ("draw", "sponsor", False),
        ("release", "sponsor", True),
        ("release", "officer", False),
        ("return", "finance", True),
        ("return", "sponsor", False),
    ],
)
def test_code_belongs_to_its_role(code: str, who: str, *, is_allowed: bool) -> None:
    agreement = factories.agreement()
    obligation = factories.obligation(agreement)
    factories.drawdown(obligation, MILLION)
    services.post_transfer(
        SYSTEM, row(agreement, TransferCode.AUTHORISE, MILLION, name="before"), now=NOW
    )
    actor = getattr(factories, who)()
    pending = obligation if code in {"draw", "release"} else None
    single = row(agreement, TransferCode(code), 5, pending=pending, reason="test")
    if is_allowed:
        stored = services.post_transfer(actor, single, now=NOW)
        assert stored.recorded_by_id == actor.user_id
    else:
        with pytest.raises(NotPermitted):
            services.post_transfer(actor, single, now=NOW)


def test_other_agencys_sponsor_may_not_obligate() -> None:
    agreement = factories.agreement()
    factories.authorised(agreement)
    with pytest.raises(NotPermitted):
        services.post_transfer(
            factories.sponsor("DOE", overseen="iacmi"),
            row(agreement, TransferCode.OBLIGATE, 5),
            now=NOW,
        )


def test_draft_agreement_takes_no_money() -> None:
    agreement = factories.agreement(is_active=False)
    with pytest.raises(Refused) as error:
        factories.authorised(agreement)
    assert refusal_code(error) == "agreement_state"


def test_ended_agreement_takes_no_obligation_but_lets_draw() -> None:
    agreement = factories.agreement()
    obligation = factories.obligation(agreement)
    with pytest.raises(Refused) as early:
        services.end_agreement(SYSTEM, agreement.pk, today=TODAY, now=NOW)
    assert refusal_code(early) == "term_not_over"
    services.end_agreement(SYSTEM, agreement.pk, today=factories.ENDS_ON, now=NOW)
    factories.drawdown(obligation, MILLION)
    with pytest.raises(Refused) as error:
        services.post_transfer(SYSTEM, row(agreement, TransferCode.OBLIGATE, 5), now=NOW)
    assert refusal_code(error) == "agreement_state"
    assert Account.objects.get(agreement=agreement, kind="award").is_closed is True


def test_terminate_agreement_without_reason_is_refused() -> None:
    agreement = factories.agreement()
    with pytest.raises(Refused) as error:
        services.terminate_agreement(SYSTEM, agreement.pk, reason=" ", today=TODAY, now=NOW)
    assert refusal_code(error) == "reason_missing"
    ended = services.terminate_agreement(
        SYSTEM, agreement.pk, reason="For convenience", today=TODAY, now=NOW
    )
    assert (ended.state, ended.closed_on, ended.close_reason) == (
        "terminated",
        TODAY,
        "For convenience",
    )
    with pytest.raises(Refused) as again:
        services.end_agreement(SYSTEM, agreement.pk, today=TODAY, now=NOW)
    assert refusal_code(again) == "wrong_state"


def test_end_of_no_agreement_is_not_found() -> None:
    with pytest.raises(NotFound):
        services.end_agreement(SYSTEM, 999, today=TODAY, now=NOW)


def test_sign_agreement_with_taken_number_or_empty_term_is_refused() -> None:
    factories.agreement("W911-1")
    with pytest.raises(Refused) as error:
        factories.agreement("W911-1")
    assert refusal_code(error) == "number_taken"
    with pytest.raises(Invalid):
        services.sign_agreement(
            SYSTEM,
            factories.institute(),
            factories.agency(),
            terms=services.AgreementTerms("N", "USD", IN_TERM, IN_TERM, IN_TERM, 5),
            now=NOW,
        )


def test_sign_agreement_by_another_agency_is_not_permitted() -> None:
    with pytest.raises(NotPermitted):
        services.sign_agreement(
            factories.sponsor("DOE"),
            factories.institute(),
            factories.agency("DOD"),
            terms=services.AgreementTerms("N", "USD", IN_TERM, IN_TERM, TODAY, 5),
            now=NOW,
        )


def test_correction_under_another_agreement_is_not_found() -> None:
    drawn = factories.drawdown(factories.obligation(factories.agreement()), 4)
    old = Transfer.objects.get(pk=drawn.pk)
    old.agreement_id = factories.agreement("W911-2").pk
    with pytest.raises(NotFound):
        services.correct_transfer(
            SYSTEM,
            old,
            id=factories.transfer_id("c"),
            amount_minor=1,
            occurred_on=IN_TERM,
            reason="Wrong",
            now=NOW,
        )


def test_records_say_what_they_are() -> None:
    agreement = factories.agreement()
    contribution = factories.contribution(agreement)
    obligation = factories.obligation(agreement, 5)
    words = [
        str(agreement),
        str(obligation),
        str(Hold.objects.get(pk=obligation.pk)),
        str(contribution),
        str(contribution.evidence.get()),
        str(Account.objects.get(agreement=agreement, kind="cash")).split()[0],
    ]
    assert words == [
        "W911-1",
        f"obligate {obligation.pk}",
        f"{obligation.pk}: 5",
        f"cash {contribution.pk}",
        "receipt 1",
        "cash",
    ]
    assert Account.objects.get(agreement=agreement, kind="award").available_minor == 0


@pytest.mark.database
def test_agreement_under_a_number_that_another_takes_meanwhile_is_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.agreement()
    # As if the other one had come in after this one was checked.
    monkeypatch.setattr(QuerySet, "exists", lambda _rows: False)
    with pytest.raises(Stale):
        factories.agreement()
