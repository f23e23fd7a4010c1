"""Verbs of cost share: record, prove, accept, refuse, withdraw."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Hold, Transfer
from lineshaft.apps.funding.rules import own_income
from lineshaft.apps.funding.services import book, ledger
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import MILLION, NOW, SYSTEM, TODAY
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.plumbing.actor import Actor, DelegatedPower
from lineshaft.plumbing.audit.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_contribution_accepted_in_part_voids_the_rest() -> None:
    agreement = factories.agreement()
    contribution = factories.contribution(agreement, kind="equipment_donated", amount_minor=100)
    assert factories.balances(agreement)["in_kind"] == (0, 100)
    for _ in range(2):
        services.accept_contribution(
            SYSTEM, contribution.pk, accepted_minor=60, reason="Overvalued", today=TODAY, now=NOW
        )
    contribution.refresh_from_db()
    assert (contribution.state, contribution.accepted_minor, contribution.decision_reason) == (
        "accepted",
        60,
        "Overvalued",
    )
    assert factories.balances(agreement)["in_kind"] == (60, 0)
    assert Hold.objects.get(pk=contribution.pk).remaining_minor == 0
    assert services.verify_ledger() == []


def test_contribution_accepted_in_part_without_reason_is_refused() -> None:
    contribution = factories.contribution(factories.agreement(), amount_minor=100)
    with pytest.raises(Refused) as error:
        services.accept_contribution(
            SYSTEM, contribution.pk, accepted_minor=60, today=TODAY, now=NOW
        )
    assert refusal_code(error) == "reason_missing"


def test_contribution_without_evidence_is_not_accepted_until_it_has_some() -> None:
    contribution = factories.contribution(factories.agreement(), evidence=())
    with pytest.raises(Refused) as error:
        services.accept_contribution(
            SYSTEM, contribution.pk, accepted_minor=None, today=TODAY, now=NOW
        )
    assert (refusal_code(error), error.value.citation) == ("evidence_missing", "2 CFR 200.306(b)")
    services.attach_evidence(
        factories.finance(),
        contribution.pk,
        now=NOW,
        files=[services.EvidenceFile("receipt.csv", BytesIO(b"date,amount\n"))],
    )
    accepted = services.accept_contribution(
        SYSTEM, contribution.pk, accepted_minor=None, today=TODAY, now=NOW
    )
    assert accepted.accepted_minor == 2 * MILLION


def test_proof_that_is_there_already_is_not_added_again() -> None:
    contribution = factories.contribution(factories.agreement(), evidence=("letter 5",))
    events = AuditEvent.objects.count()
    services.attach_evidence(SYSTEM, contribution.pk, references=["letter 5"], now=NOW)
    assert contribution.evidence.count() == 1
    assert AuditEvent.objects.count() == events


def test_contribution_of_federal_origin_is_recorded_but_not_accepted() -> None:
    agreement = factories.agreement()
    claim = factories.claim(agreement, is_federal_origin=True)
    services.record_contribution(SYSTEM, claim, now=NOW)
    with pytest.raises(Refused) as error:
        services.accept_contribution(SYSTEM, claim.id, accepted_minor=None, today=TODAY, now=NOW)
    assert refusal_code(error) == "federal_origin"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"amount_minor": 0}, "amount_not_positive", id="nothing"),
        pytest.param({"occurred_on": date(2021, 9, 30)}, "outside_agreement", id="too early"),
        pytest.param({"occurred_on": date(2026, 10, 1)}, "outside_agreement", id="on the end"),
        pytest.param({"kind": "goodwill"}, "kind_unknown", id="unknown kind"),
    ],
)
def test_contribution_that_a_rule_forbids_is_not_recorded(
    change: dict[str, object], expected: str
) -> None:
    claim = factories.claim(factories.agreement(), **change)  # type: ignore[arg-type]
    with pytest.raises(Refused) as error:
        services.record_contribution(SYSTEM, claim, now=NOW)
    assert refusal_code(error) == expected


def test_large_contribution_wants_a_second_person() -> None:
    agreement = factories.agreement()
    finance = factories.finance()
    contribution = factories.contribution(agreement, actor=finance, amount_minor=2_500_001)
    for actor in (finance, factories.finance(email="other.finance@example.org")):
        with pytest.raises(Refused) as error:
            services.accept_contribution(
                actor, contribution.pk, accepted_minor=None, today=TODAY, now=NOW
            )
        assert refusal_code(error) == "second_person_wanted"
    accepted = services.accept_contribution(
        factories.manager(), contribution.pk, accepted_minor=None, today=TODAY, now=NOW
    )
    assert accepted.state == "accepted"


@pytest.mark.parametrize(("amount_minor", "is_covered"), [(3_000_000, True), (3_000_001, False)])
def test_large_contribution_is_the_delegates_up_to_the_amount(
    amount_minor: int, is_covered: bool
) -> None:
    contribution = factories.contribution(factories.agreement(), amount_minor=amount_minor)
    power = DelegatedPower(
        7, "accept_large_contribution", contribution.agreement.institute.key, "", 3_000_000, "USD"
    )
    delegate = replace(
        factories.finance(email="other.finance@example.org"), delegations=frozenset({power})
    )

    def accept() -> None:
        services.accept_contribution(
            delegate, contribution.pk, accepted_minor=None, today=TODAY, now=NOW
        )

    if is_covered:
        accept()
        event = AuditEvent.objects.get(verb="accept_contribution")
        assert event.changes["delegations"] == [7]
    else:
        with pytest.raises(Refused) as error:
            accept()
        assert refusal_code(error) == "second_person_wanted"


@pytest.mark.parametrize(
    ("amount_minor", "accepted_minor", "is_covered"),
    [(100, None, True), (100, 40, True), (101, None, False), (101, 100, False), (101, 40, False)],
)
def test_contribution_is_accepted_by_who_it_was_delegated_to_up_to_the_amount(
    amount_minor: int, accepted_minor: int | None, is_covered: bool
) -> None:
    contribution = factories.contribution(factories.agreement(), amount_minor=amount_minor)
    power = DelegatedPower(
        8, "accept_contribution", contribution.agreement.institute.key, "", 100, "USD"
    )
    user = factories.finance(email="lab@example.org").user_id
    delegate = Actor(user_id=user, label="Lab head", delegations=frozenset({power}))

    def accept() -> None:
        services.accept_contribution(
            delegate,
            contribution.pk,
            accepted_minor=accepted_minor,
            today=TODAY,
            now=NOW,
            reason="the rest" if accepted_minor else "",
        )

    if is_covered:
        accept()
        event = AuditEvent.objects.get(verb="accept_contribution")
        assert event.changes["delegations"] == [8]
    else:
        with pytest.raises(NotPermitted, match=r"delegated to you ends at USD 1.00|1.00 USD"):
            accept()


def test_contribution_at_the_threshold_is_accepted_by_its_recorder() -> None:
    finance = factories.finance()
    contribution = factories.contribution(
        factories.agreement(), actor=finance, amount_minor=2_500_000
    )
    accepted = services.accept_contribution(
        finance, contribution.pk, accepted_minor=None, today=TODAY, now=NOW
    )
    assert accepted.decided_by_id == finance.user_id


def test_contribution_of_another_institute_is_not_the_managers_to_accept() -> None:
    contribution = factories.contribution(factories.agreement())
    with pytest.raises(NotPermitted):
        services.accept_contribution(
            factories.manager("iacmi"), contribution.pk, accepted_minor=None, today=TODAY, now=NOW
        )


@pytest.mark.parametrize(
    ("verb", "state"),
    [("refuse_contribution", "refused"), ("withdraw_contribution", "withdrawn")],
)
def test_contribution_voided_frees_its_claim_and_stays_so(verb: str, state: str) -> None:
    agreement = factories.agreement()
    contribution = factories.contribution(agreement)
    finance = factories.finance()
    void = getattr(services, verb)
    for _ in range(2):
        voided = void(finance, contribution.pk, reason="Not allowable", today=TODAY, now=NOW)
    assert (voided.state, voided.accepted_minor) == (state, 0)
    assert factories.balances(agreement)["cash"] == (0, 0)
    with pytest.raises(Refused) as error:
        services.accept_contribution(
            SYSTEM, contribution.pk, accepted_minor=None, today=TODAY, now=NOW
        )
    assert refusal_code(error) == "wrong_state"
    with pytest.raises(Refused):
        services.attach_evidence(finance, contribution.pk, references=["late"], now=NOW)
    assert services.verify_ledger() == []


def test_contribution_refused_without_reason_is_refused() -> None:
    contribution = factories.contribution(factories.agreement())
    with pytest.raises(Refused) as error:
        services.refuse_contribution(SYSTEM, contribution.pk, reason="", today=TODAY, now=NOW)
    assert refusal_code(error) == "reason_missing"


def test_contribution_sent_twice_is_stored_once_and_other_content_is_refused() -> None:
    agreement = factories.agreement()
    claim = factories.claim(agreement)
    first = services.record_contribution(SYSTEM, claim, now=NOW)
    assert services.record_contribution(SYSTEM, claim, now=NOW).pk == first.pk
    other = factories.claim(agreement, is_federal_origin=True)
    with pytest.raises(Refused) as error:
        services.record_contribution(SYSTEM, other, now=NOW)
    assert refusal_code(error) == "transfer_id_reused"


def test_contributions_in_bulk_are_recorded_and_accepted_once() -> None:
    agreement = factories.agreement()
    claims = [
        factories.claim(
            agreement,
            factories.organisation(f"Works {place % 3}"),
            name=str(place),
            kind="cash" if place % 2 else "space",
            amount_minor=100 + place,
        )
        for place in range(7)
    ]
    for expected in (services.ContributionOutcome(7, 0), services.ContributionOutcome(0, 7)):
        assert services.record_contributions(SYSTEM, claims, now=NOW, why="file") == expected
    acceptances = [services.Acceptance(claim.id) for claim in claims[:6]]
    acceptances.append(services.Acceptance(claims[6].id, 50, "Overvalued"))
    for expected in (services.ContributionOutcome(7, 0), services.ContributionOutcome(0, 7)):
        done = services.accept_contributions(
            SYSTEM, acceptances, today=TODAY, now=NOW, why="year end"
        )
        assert done == expected
    cash, in_kind = 101 + 103 + 105, 100 + 102 + 104 + 50
    assert factories.balances(agreement)["cash"] == (cash, 0)
    assert factories.balances(agreement)["in_kind"] == (in_kind, 0)
    assert services.verify_ledger() == []


def test_contribution_named_twice_is_refused_and_counts_nothing() -> None:
    pk = factories.contribution(factories.agreement()).pk
    twice = [services.Acceptance(pk), services.Acceptance(pk)]
    with pytest.raises(services.RefusedRow) as error:
        services.accept_contributions(SYSTEM, twice, today=TODAY, now=NOW, why="year end")
    assert (error.value.position, refusal_code(error)) == (1, "decision_repeated")
    assert services.verify_ledger() == []


def test_attach_nothing_is_refused_and_no_contribution_is_not_found() -> None:
    contribution = factories.contribution(factories.agreement())
    with pytest.raises(Refused) as error:
        services.attach_evidence(SYSTEM, contribution.pk, references=[" "], now=NOW)
    assert refusal_code(error) == "evidence_missing"
    with pytest.raises(NotFound):
        services.attach_evidence(SYSTEM, factories.transfer_id("none"), references=["x"], now=NOW)


def test_contribution_to_no_agreement_is_not_found() -> None:
    agreement = factories.agreement()
    claim = replace(factories.claim(agreement), agreement_id=agreement.pk + 1)
    with pytest.raises(NotFound):
        services.record_contribution(SYSTEM, claim, now=NOW)


def test_empty_bulk_of_contributions_does_nothing() -> None:
    nothing = services.ContributionOutcome(0, 0)
    assert services.record_contributions(SYSTEM, [], now=NOW, why="test") == nothing
    assert services.accept_contributions(SYSTEM, [], today=TODAY, now=NOW, why="test") == nothing


def test_contributions_of_more_contributors_than_one_condition_names_are_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (book, ledger):
        monkeypatch.setattr(module, "UPDATE_ROWS", 1)
    agreement = factories.agreement()
    claims = [
        factories.claim(agreement, factories.organisation(f"Works {number}"), name=str(number))
        for number in range(3)
    ]
    outcome = services.record_contributions(SYSTEM, claims, now=NOW, why="list")
    assert (outcome.recorded, services.verify_ledger()) == (3, [])


@pytest.mark.database
def test_claims_that_together_cannot_be_kept_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_income, "LARGEST_ENTRY_MINOR", 2**62)
    agreement = factories.agreement()
    half = factories.claim(agreement, name="half", amount_minor=2**62)
    services.record_contribution(SYSTEM, half, now=NOW)
    with pytest.raises(Refused) as error:
        services.record_contribution(
            SYSTEM, factories.claim(agreement, name="more", amount_minor=2**62), now=NOW
        )
    assert refusal_code(error) == "sum_too_large"


def test_correction_of_an_acceptance_sent_twice_takes_back_once() -> None:
    agreement = factories.agreement()
    contribution = factories.contribution(agreement, amount_minor=100, is_accepted=True)
    accepting = Transfer.objects.select_related("debit_account").get(code="accept")
    for _ in range(2):
        services.correct_transfer(
            SYSTEM,
            accepting,
            id=factories.transfer_id("correct"),
            amount_minor=40,
            occurred_on=TODAY,
            reason="Counted twice",
            now=NOW,
        )
    contribution.refresh_from_db()
    assert contribution.accepted_minor == 60
    assert Transfer.objects.filter(code="correct").count() == 1
    assert services.verify_ledger() == []
