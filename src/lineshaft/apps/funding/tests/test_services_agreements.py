"""The verbs of an agreement: first term, budget, amendments, waivers, reserve."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import (
    Agreement,
    AgreementSponsor,
    Amendment,
    ReserveDecision,
    Waiver,
)
from lineshaft.apps.funding.rules import AmendmentKind, Rating
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import (
    ENDS_ON,
    IN_TERM,
    MILLION,
    NOW,
    STARTS_ON,
    SYSTEM,
    TODAY,
)
from lineshaft.apps.funding.tests.test_sponsors import shared
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

YEAR = (STARTS_ON, date(2022, 10, 1))
NEXT = (date(2022, 10, 1), date(2023, 10, 1))


def plan(
    days: tuple[date, date] = YEAR, *lines: services.PlannedLine, federal_minor: int = MILLION
) -> services.BudgetPlan:
    lines = lines or (services.PlannedLine("travel", federal_minor, MILLION),)
    return services.BudgetPlan(*days, lines)


def amend(kind: AmendmentKind, **given: object) -> services.AmendmentTerms:
    return services.AmendmentTerms(kind, TODAY, "agreed", **given)  # type: ignore[arg-type]


def proposed(under: Agreement, kind: AmendmentKind, **given: object) -> Amendment:
    return services.propose_amendment(
        factories.manager(), under.pk, terms=amend(kind, **given), now=NOW
    )


def executed(amendment: Amendment, actor: Actor | None = None) -> Amendment:
    return services.execute_amendment(
        actor or factories.sponsor(), amendment.pk, today=TODAY, now=NOW
    )


def waiver_terms(**given: object) -> services.WaiverTerms:
    base = services.WaiverTerms(
        "L-040", "equipment", STARTS_ON, ENDS_ON, "a large press", share_bp=3000
    )
    return replace(base, **given)  # type: ignore[arg-type]


def of_energy(**given: object) -> Agreement:
    return factories.agreement("DE-1", agency_key="DOE", **given)  # type: ignore[arg-type]


def code(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.code


# ------------------------------------------------------------------------------------ first term


@pytest.mark.parametrize(
    ("agency", "ends_on", "expected"),
    [
        pytest.param("DOE", date(2026, 9, 30), "term_length", id="energy, 4.99 years"),
        pytest.param("DOE", date(2028, 10, 5), "term_length", id="energy, 7.01 years"),
        pytest.param("DOE", date(2028, 10, 1), "", id="energy, 7 years"),
        pytest.param("DOD", date(2024, 10, 1), "", id="defense is not bound"),
    ],
)
def test_first_agreement_of_a_bound_agency_runs_five_to_seven_years(
    agency: str, ends_on: date, expected: str
) -> None:
    terms = services.AgreementTerms("X-1", "USD", STARTS_ON, STARTS_ON, ends_on, MILLION)

    def sign() -> Agreement:
        return services.sign_agreement(
            SYSTEM, factories.institute(), factories.agency(agency), terms=terms, now=NOW
        )

    if expected:
        with pytest.raises(Refused) as refused:
            sign()
        assert code(refused) == expected
        assert Agreement.objects.count() == 0
    else:
        assert sign().state == "draft"


def test_later_agreement_of_an_institute_is_no_first_term() -> None:
    of_energy()
    terms = services.AgreementTerms("DE-2", "USD", STARTS_ON, STARTS_ON, date(2023, 10, 1), MILLION)
    signed = services.sign_agreement(
        SYSTEM, factories.institute(), factories.agency("DOE"), terms=terms, now=NOW
    )
    assert signed.number == "DE-2"


# ------------------------------------------------------------------------------------ who signs


def _over_the_network() -> Actor:
    return factories.staff(Role.AGENCY_SPONSOR, ScopeKind.NETWORK, "")


@pytest.mark.parametrize(
    ("agency", "officer", "expected"),
    [
        pytest.param("DOD", factories.sponsor, "", id="the sponsor"),
        pytest.param("TREASURY", lambda: factories.sponsor("TREASURY"), "", id="its department"),
        pytest.param("DOE", lambda: factories.sponsor("DOE"), "not_a_sponsor", id="a stranger"),
        pytest.param("DOE", _over_the_network, "not_a_sponsor", id="a stranger, network's officer"),
        pytest.param("MINT", _over_the_network, "", id="an office, network's officer"),
        pytest.param("DOE", factories.sponsor, "not_permitted", id="for another agency"),
    ],
)
def test_agreement_is_signed_by_an_agency_behind_the_institute_alone(
    agency: str, officer: Callable[[], Actor], expected: str
) -> None:
    mint = factories.agency("MINT")
    mint.parent = factories.agency("TREASURY")
    mint.save()
    factories.sponsorship()
    factories.sponsorship(agency_key="MINT")
    terms = services.AgreementTerms("X-1", "USD", STARTS_ON, STARTS_ON, ENDS_ON, MILLION)

    def sign() -> Agreement:
        return services.sign_agreement(
            officer(), factories.institute(), factories.agency(agency), terms=terms, now=NOW
        )

    if expected:
        with pytest.raises(NotPermitted) as refused:
            sign()
        assert (refused.value.code, Agreement.objects.count()) == (expected, 0)
    else:
        assert sign().agency.key == agency


# ---------------------------------------------------------------------------------------- budget


def test_budget_is_planned_beside_what_happens_in_its_days() -> None:
    under = factories.agreement()
    services.plan_budget_period(
        factories.sponsor(), under.pk, plan=plan(federal_minor=9 * MILLION), now=NOW
    )
    services.plan_budget_period(SYSTEM, under.pk, plan=plan(NEXT), now=NOW)
    factories.drawdown(factories.obligation(under, 7 * MILLION), 2 * MILLION)
    factories.contribution(under, amount_minor=MILLION, is_accepted=True)
    factories.obligation(under, MILLION, name="late", occurred_on=date(2024, 3, 1))
    first, second, outside = queries.period_positions(under)
    assert first.period is not None
    assert (first.period.number, first.planned_federal_minor) == (1, 9 * MILLION)
    assert (first.obligated_minor, first.left_minor) == (7 * MILLION, 2 * MILLION)
    assert (first.drawn_minor, first.accepted_minor) == (2 * MILLION, MILLION)
    assert (second.planned_federal_minor, second.obligated_minor) == (MILLION, 0)
    assert (outside.period, outside.obligated_minor) == (None, MILLION)


def test_budget_beyond_total_term_or_another_period_is_refused() -> None:
    under = factories.agreement(federal_total_minor=10 * MILLION)
    services.plan_budget_period(SYSTEM, under.pk, plan=plan(federal_minor=9 * MILLION), now=NOW)
    for given, expected in (
        (plan(NEXT, federal_minor=2 * MILLION), "budget_beyond_total"),
        (plan((date(2022, 9, 1), date(2023, 1, 1))), "periods_overlap"),
        (plan((date(2026, 1, 1), date(2027, 1, 1))), "period_outside_term"),
        (plan(NEXT, services.PlannedLine("gifts", 1)), "budget_categories"),
        (plan(NEXT, services.PlannedLine("travel", 0)), "budget_amounts"),
    ):
        with pytest.raises(Refused) as refused:
            services.plan_budget_period(SYSTEM, under.pk, plan=given, now=NOW)
        assert code(refused) == expected
    with pytest.raises(Invalid):
        services.plan_budget_period(SYSTEM, under.pk, plan=plan((NEXT[1], NEXT[0])), now=NOW)
    assert under.budget_periods.count() == 1


def test_revision_replaces_the_lines_and_the_trail_keeps_the_old() -> None:
    under = factories.agreement(federal_total_minor=10 * MILLION)
    period = services.plan_budget_period(
        SYSTEM, under.pk, plan=plan(federal_minor=9 * MILLION), now=NOW
    )
    new = plan(YEAR, services.PlannedLine("equipment", 10 * MILLION))
    with pytest.raises(Refused) as refused:
        services.revise_budget_period(SYSTEM, period.pk, plan=new, reason=" ", now=NOW)
    assert code(refused) == "reason_missing"
    services.revise_budget_period(SYSTEM, period.pk, plan=new, reason="a press", now=NOW)
    lines = [(line.category, line.federal_minor) for line in period.lines.all()]
    assert lines == [("equipment", 10 * MILLION)]
    event = AuditEvent.objects.get(verb="revise_budget_period")
    assert event.changes["before"]["lines"] == {"travel": [9 * MILLION, MILLION]}
    assert event.why == "a press"
    with pytest.raises(NotFound):
        services.revise_budget_period(SYSTEM, 0, plan=new, reason="none", now=NOW)


def test_budget_is_the_sponsors_and_closed_with_the_agreement() -> None:
    under = factories.agreement()
    with pytest.raises(NotPermitted):
        services.plan_budget_period(factories.finance(), under.pk, plan=plan(), now=NOW)
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    with pytest.raises(Refused) as refused:
        services.plan_budget_period(SYSTEM, under.pk, plan=plan(), now=NOW)
    assert code(refused) == "budget_closed"


# ------------------------------------------------------------------------------------ amendments


def test_extension_changes_the_term_and_keeps_what_stood_before() -> None:
    under = factories.agreement()
    amendment = proposed(under, AmendmentKind.NO_COST_EXTENSION, new_ends_on=date(2027, 10, 1))
    under.refresh_from_db()
    assert under.ends_on == ENDS_ON
    done = executed(amendment)
    under.refresh_from_db()
    assert (under.ends_on, done.state) == (date(2027, 10, 1), "executed")
    assert done.before == {"ends_on": "2026-10-01"}
    assert done.after == {"ends_on": "2027-10-01"}
    event = AuditEvent.objects.get(verb="execute_amendment")
    assert event.changes["ends_on"] == ["2026-10-01", "2027-10-01"]
    assert queries.first_term(under).ends_on == ENDS_ON


def test_incremental_funding_raises_the_part_of_its_sponsor() -> None:
    under = shared()
    energy = factories.agency("DOE")
    done = executed(
        proposed(
            under,
            AmendmentKind.INCREMENTAL_FUNDING,
            added_federal_minor=2 * MILLION,
            agency_id=energy.pk,
        )
    )
    under.refresh_from_db()
    assert under.federal_total_minor == 12 * MILLION
    parts = AgreementSponsor.objects.filter(agreement=under)
    assert dict(parts.values_list("agency__key", "federal_total_minor")) == {
        "DOD": 6 * MILLION,
        "DOE": 6 * MILLION,
    }
    assert done.after["sponsors"] == {"DOD": 6 * MILLION, "DOE": 6 * MILLION}
    with pytest.raises(Refused) as refused:
        proposed(
            under,
            AmendmentKind.INCREMENTAL_FUNDING,
            added_federal_minor=1,
            agency_id=factories.agency("NSF").pk,
        )
    assert code(refused) == "agency_not_sponsor"


def test_scope_and_termination_change_title_and_state() -> None:
    under = factories.agreement()
    executed(proposed(under, AmendmentKind.SCOPE, new_title="Robots"))
    done = executed(proposed(under, AmendmentKind.TERMINATION_FOR_CAUSE))
    under.refresh_from_db()
    assert (under.title, under.state, under.close_reason) == ("Robots", "terminated", "agreed")
    assert (done.number, done.after) == (2, {"state": "terminated"})
    with pytest.raises(Refused) as refused:
        proposed(under, AmendmentKind.SCOPE, new_title="More")
    assert code(refused) == "agreement_not_running"


def test_amendment_is_executed_by_another_person_of_the_agency() -> None:
    under = factories.agreement()
    officer = factories.sponsor()
    own = services.propose_amendment(
        officer, under.pk, terms=amend(AmendmentKind.SCOPE, new_title="Robots"), now=NOW
    )
    with pytest.raises(Refused) as refused:
        executed(own, officer)
    assert code(refused) == "second_signature_wanted"
    with pytest.raises(NotPermitted):
        executed(own, factories.manager())
    with pytest.raises(NotPermitted):
        services.propose_amendment(
            factories.finance(),
            under.pk,
            terms=amend(AmendmentKind.SCOPE, new_title="Robots"),
            now=NOW,
        )
    assert executed(own, SYSTEM).state == "executed"


def test_withdrawn_amendment_changes_nothing_and_is_final() -> None:
    under = factories.agreement()
    amendment = proposed(under, AmendmentKind.SCOPE, new_title="Robots")
    with pytest.raises(Refused):
        services.withdraw_amendment(factories.manager(), amendment.pk, reason="", now=NOW)
    services.withdraw_amendment(factories.manager(), amendment.pk, reason="no", now=NOW)
    with pytest.raises(Refused) as refused:
        executed(amendment)
    under.refresh_from_db()
    assert (code(refused), under.title) == ("wrong_state", "")
    with pytest.raises(NotFound):
        services.withdraw_amendment(SYSTEM, 0, reason="no", now=NOW)


def test_extension_proposed_before_another_is_refused_when_it_would_shorten() -> None:
    under = factories.agreement()
    first = proposed(under, AmendmentKind.NO_COST_EXTENSION, new_ends_on=date(2027, 1, 1))
    second = proposed(under, AmendmentKind.NO_COST_EXTENSION, new_ends_on=date(2028, 1, 1))
    executed(second)
    with pytest.raises(Refused) as refused:
        executed(first)
    assert code(refused) == "extension_not_later"
    first.refresh_from_db()
    assert first.state == "proposed"


def test_what_was_proposed_is_never_changed_in_the_database() -> None:
    amendment = proposed(factories.agreement(), AmendmentKind.SCOPE, new_title="Robots")
    with pytest.raises(DatabaseError), transaction.atomic():
        Amendment.objects.filter(pk=amendment.pk).update(new_title="Ships")
    with pytest.raises(DatabaseError), transaction.atomic():
        Amendment.objects.filter(pk=amendment.pk).delete()


# --------------------------------------------------------------------------------------- waivers


def test_granted_waiver_lets_70_to_41_pass_and_revoked_no_more() -> None:
    under = of_energy()
    factories.obligation(under, 70 * MILLION)
    factories.contribution(under, amount_minor=41 * MILLION, is_accepted=True)
    assert standing(under) == ("not_met", False)
    waiver = services.request_waiver(factories.manager(), under.pk, terms=waiver_terms(), now=NOW)
    assert standing(under) == ("not_met", False)
    granted = services.grant_waiver(factories.sponsor("DOE"), waiver.pk, reason="a press", now=NOW)
    assert (granted.state, granted.decision_reason) == ("granted", "a press")
    assert standing(under) == ("met", True)
    services.revoke_waiver(factories.sponsor("DOE"), waiver.pk, reason="sold", today=TODAY, now=NOW)
    assert standing(under) == ("not_met", False)
    assert standing(under, TODAY - timedelta(days=1)) == ("met", True)


def test_waiver_to_the_end_of_the_term_still_lifts_the_rule_after_it() -> None:
    under = of_energy()
    factories.obligation(under, 70 * MILLION)
    factories.contribution(under, amount_minor=41 * MILLION, is_accepted=True)
    days_after = [ENDS_ON - timedelta(days=1), ENDS_ON, ENDS_ON + timedelta(days=500)]

    def told(terms: services.WaiverTerms) -> list[tuple[str, str, str]]:
        waiver = services.request_waiver(SYSTEM, under.pk, terms=terms, now=NOW)
        services.grant_waiver(SYSTEM, waiver.pk, reason="a press", now=NOW)
        found = []
        for today in days_after:
            tests = queries.match_tests_of([under], today=today)
            read = next(one.result for one in tests if one.result.rule.id == "L-040")
            position = queries.match_position(under.institute.key, today=today)
            found.append((standing(under, today)[0], read.so_far.value, position.standing.value))
        return found

    short = waiver_terms(ends_on=ENDS_ON - timedelta(days=1))
    assert told(short) == [("not_met", "below", "below")] * 3
    assert told(waiver_terms()) == [("met", "holds", "passes")] * 3


def standing(under: Agreement, today: date = TODAY) -> tuple[str, bool]:
    found = Agreement.objects.get(pk=under.pk)
    one = next(
        one for one in queries.rule_standings_of(found, today=today) if one.rule.id == "L-040"
    )
    return one.standing.value, one.is_waived


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"rule_id": "L-999"}, "rule_not_binding", id="unknown rule"),
        pytest.param({"rule_id": "L-042"}, "rule_not_binding", id="not of this agency"),
        pytest.param({"ground": "emergency"}, "ground_not_allowed", id="other ground"),
        pytest.param({"share_bp": 5000}, "waiver_content", id="lifts nothing"),
        pytest.param({"ends_on": date(2027, 1, 1)}, "waiver_outside_term", id="too long"),
        pytest.param({"reason": " "}, "reason_missing", id="no reason"),
    ],
)
def test_impossible_waiver_is_refused(given: dict[str, Any], expected: str) -> None:
    under = of_energy()
    with pytest.raises(Refused) as refused:
        services.request_waiver(SYSTEM, under.pk, terms=waiver_terms(**given), now=NOW)
    assert code(refused) == expected
    assert Waiver.objects.count() == 0


def test_defense_has_nothing_to_waive() -> None:
    with pytest.raises(Refused) as refused:
        services.request_waiver(SYSTEM, factories.agreement().pk, terms=waiver_terms(), now=NOW)
    assert code(refused) == "rule_not_binding"


def test_waiver_is_decided_by_another_person_of_the_agency() -> None:
    under = of_energy()
    officer = factories.sponsor("DOE")
    own = services.request_waiver(officer, under.pk, terms=waiver_terms(), now=NOW)
    with pytest.raises(Refused) as refused:
        services.grant_waiver(officer, own.pk, reason="mine", now=NOW)
    assert code(refused) == "second_person_wanted"
    with pytest.raises(NotPermitted):
        services.deny_waiver(factories.manager(), own.pk, reason="no", now=NOW)
    denied = services.deny_waiver(SYSTEM, own.pk, reason="no", now=NOW)
    assert (denied.state, denied.lifted) == ("denied", None)
    with pytest.raises(Refused):
        services.revoke_waiver(SYSTEM, own.pk, reason="no", today=TODAY, now=NOW)
    with pytest.raises(NotFound):
        services.grant_waiver(SYSTEM, 0, reason="no", now=NOW)
    with pytest.raises(Invalid):
        services.request_waiver(SYSTEM, under.pk, terms=waiver_terms(ends_on=STARTS_ON), now=NOW)


def test_waiver_revoked_before_it_began_lifts_nothing() -> None:
    under = of_energy()
    later = waiver_terms(starts_on=date(2023, 1, 1))
    waiver = services.request_waiver(SYSTEM, under.pk, terms=later, now=NOW)
    services.grant_waiver(SYSTEM, waiver.pk, reason="yes", now=NOW)
    revoked = services.revoke_waiver(SYSTEM, waiver.pk, reason="no", today=TODAY, now=NOW)
    assert revoked.lifted is None


# --------------------------------------------------------------------------------------- reserve


def assessment(**given: object) -> services.Assessment:
    base = services.Assessment(
        date(2021, 10, 1), date(2022, 3, 1), Rating.EXCEEDS, "All standards passed"
    )
    return replace(base, **given)  # type: ignore[arg-type]


def held(under: Agreement, amount_minor: int) -> None:
    services.withhold_reserve(
        factories.sponsor(),
        under,
        id=factories.transfer_id("withhold", under.pk),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )


def release(under: Agreement, amount_minor: int, **given: object) -> None:
    services.release_reserve(
        factories.sponsor(),
        under,
        assessed=assessment(**given),
        id=factories.transfer_id("release", under.pk),
        amount_minor=amount_minor,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )


def test_reserve_is_held_back_and_released_by_a_decision_once() -> None:
    under = factories.agreement()
    factories.authorised(under, 10 * MILLION)
    held(under, 4 * MILLION)
    assert factories.balances(under)["award"] == (6 * MILLION, 0)
    assert factories.balances(under)["reserve"] == (4 * MILLION, 0)
    for _ in range(2):
        release(under, 3 * MILLION)
    assert factories.balances(under)["award"] == (9 * MILLION, 0)
    decision = ReserveDecision.objects.get()
    assert (decision.rating, decision.transfer.code) == ("exceeds", "release_reserve")
    assert decision.transfer.reason == "All standards passed"
    assert AuditEvent.objects.filter(verb="release_reserve").count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        ReserveDecision.objects.update(rating="meets")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"rating": Rating.BELOW}, "performance_below"),
        ({"assessed_before": date(2022, 3, 2)}, "assessment_ahead"),
        ({"assessment": " "}, "assessment_missing"),
    ],
)
def test_reserve_is_not_released_without_performance(given: dict[str, Any], expected: str) -> None:
    under = factories.agreement()
    factories.authorised(under, 10 * MILLION)
    held(under, 4 * MILLION)
    with pytest.raises(Refused) as refused:
        release(under, MILLION, **given)
    assert code(refused) == expected
    assert factories.balances(under)["reserve"] == (4 * MILLION, 0)


def test_no_more_is_released_than_is_held_back_and_by_the_sponsor_alone() -> None:
    under = factories.agreement()
    factories.authorised(under, 10 * MILLION)
    held(under, MILLION)
    with pytest.raises(Refused) as refused:
        release(under, 2 * MILLION)
    assert code(refused) == "limit_exceeded"
    with pytest.raises(Invalid):
        release(under, 1, assessed_before=date(2021, 10, 1))
    with pytest.raises(NotPermitted):
        services.withhold_reserve(
            factories.finance(),
            under,
            id=factories.transfer_id("other"),
            amount_minor=1,
            currency="USD",
            occurred_on=IN_TERM,
            now=NOW,
        )
