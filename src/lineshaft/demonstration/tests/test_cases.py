"""The special cases of the demonstration, loaded through the services, each visible on its page."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import Agreement, Transfer
from lineshaft.apps.funding.rules import RuleKind, Standing, YearMoney
from lineshaft.apps.funding.services import verify_ledger
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.demonstration import cases, load_cases, load_money
from lineshaft.demonstration.load import institutes_to_plan
from lineshaft.demonstration.loading import Loading
from lineshaft.demonstration.personas import FINANCE_OFFICERS, OWN_INSTITUTE
from lineshaft.demonstration.plan import make_plan
from lineshaft.demonstration.values import Plan
from lineshaft.plumbing import clock
from lineshaft.web import formats

NOW = datetime(2022, 10, 15, 12, tzinfo=UTC)
NUMBERS = frozenset({cases.WAIVED, cases.BREACH, cases.CURED, cases.SHARED, cases.TERMINATED})
CONTRIBUTORS = 20
UNWEIGHED = frozenset({cases.CURED, cases.TERMINATED})
"""Agreements whose match is no case: a few of their contributions will do."""


def plan_of_cases() -> Plan:
    """The plan of the agreements that are special cases, and of those that they renew."""
    whole = make_plan(profile_in_use(), institutes_to_plan(), ("MI", "OH"), scale=1)
    first = {one.renews for one in whole.agreements if one.number in NUMBERS}
    numbers = NUMBERS | first
    of_cases = [
        replace(one, organisation=one.organisation % CONTRIBUTORS)
        for one in whole.contributions
        if one.agreement in NUMBERS
    ]
    weighed = [one for one in of_cases if one.agreement not in UNWEIGHED]
    others = [one for one in of_cases if one.agreement in UNWEIGHED]
    return replace(
        whole,
        memberships=(),
        own_income=(),
        agreements=tuple(one for one in whole.agreements if one.number in numbers),
        budget_periods=tuple(one for one in whole.budget_periods if one.agreement in numbers),
        authorisations=tuple(one for one in whole.authorisations if one.agreement in numbers),
        obligations=tuple(one for one in whole.obligations if one.agreement in numbers),
        costs=tuple(one for one in whole.costs if one.agreement in NUMBERS - first),
        contributions=tuple(sorted([*weighed, *others[:40]], key=lambda one: one.on)),
        earnings=(),
        uses=(),
    )


def loaded(plan: Plan) -> Loading:
    """The plan, stored through the services with the institutes and contributors that it names."""
    loading = Loading(factories.SYSTEM, profile_in_use(), 1, NOW, lambda *_said: None)
    for one in plan.agreements:
        factories.institute(one.institute)
        for key in (one.agency, *(agency for agency, _part in one.parts)):
            factories.agency(key)
    loading.organisation_ids = [
        factories.organisation(f"Contributor {number}").pk for number in range(CONTRIBUTORS)
    ]
    load_money.sign_agreements(loading, plan)
    load_money.post_transfers(loading, plan)
    load_money.post_costs(loading, plan)
    load_money.record_contributions(loading, plan)
    load_cases.close_agreements(loading, plan)
    load_cases.enter_cases(loading)
    return loading


def under(loading: Loading, number: str) -> Agreement:
    return Agreement.objects.select_related("institute", "agency").get(
        pk=loading.agreement_ids[number]
    )


def text_of(view: str, agreement: Agreement) -> str:
    """What an officer of the network reads on a page of the agreement."""
    client = Client()
    client.force_login(factories.granted(factories.officer()))
    return client.get(reverse(f"funding:{view}", args=[agreement.pk])).content.decode()


@pytest.mark.django_db
def test_cases_are_stored_as_planned_and_each_is_visible_on_its_page(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr(clock, "today", NOW.date)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    plan = plan_of_cases()
    loading = loaded(plan)
    assert Transfer.objects.count() == plan.transfers
    assert set(loading.agreement_ids) >= NUMBERS
    assert verify_ledger() == []
    for check in (check_waiver, check_breach, check_cure, check_termination, check_parts):
        check(loading)
    check_renewal(loading)


def check_waiver(loading: Loading) -> None:
    """Its rules page says that the waiver lets it meet the rule."""
    agreement = under(loading, cases.WAIVED)
    page = text_of("show_rules", agreement)
    assert "DEMO-cymanii-1 breaks no rule" in page
    assert "by waiver: 36%" in page
    facts = queries.agreement_facts([agreement])[agreement.pk]
    unwaived = replace(facts, waivers={})
    standings = rules.rule_standings(profile_in_use(), unwaived, NOW.date())
    assert (standings[0].rule.id, standings[0].standing) == ("L-040", Standing.NOT_MET)


def check_breach(loading: Loading) -> None:
    """It is met today, and at the pace of the last year it will not be."""
    agreement = under(loading, cases.BREACH)
    assert "DEMO-poweramerica-2 breaks no rule" in text_of("show_rules", agreement)
    facts = queries.agreement_facts([agreement])[agreement.pk]
    next_year = profile_in_use().fiscal_year(2023)
    planned = next(
        sum(line.federal_minor for line in period.lines.all())
        for period in agreement.budget_periods.all()
        if period.starts_on == next_year.starts_on
    )
    to_come = YearMoney(next_year, planned, facts.years[-1].nonfederal_minor)
    foreseen = rules.rule_standings(
        profile_in_use(), replace(facts, years=(*facts.years, to_come)), next_year.last_day
    )
    assert [
        one.standing for one in foreseen if (one.kind, one.rule.id) == (RuleKind.MATCHING, "L-040")
    ] == [Standing.NOT_MET]
    shares = [
        rules.nonfederal_share_bp(one.federal_minor, one.nonfederal_minor) or 0
        for one in facts.years
    ]
    assert shares == sorted(shares, reverse=True)


def check_cure(loading: Loading) -> None:
    """The time to cure stands on the page of its renewal."""
    page = text_of("show_renewal", under(loading, cases.CURED))
    assert "Jul 1, 2023" in page
    assert "Own income covers too little of the cost (demonstration)." in page


def check_termination(loading: Loading) -> None:
    """It stands among the amendments, and what was not drawn went back."""
    agreement = under(loading, cases.TERMINATED)
    assert (agreement.state, agreement.closed_on) == ("terminated", date(2021, 9, 15))
    page = text_of("list_amendments", agreement)
    assert "Termination for convenience" in page
    assert "every target was met (demonstration)" in page
    pending = queries.open_obligations(agreement)
    assert not pending.exists()
    assert Transfer.objects.filter(agreement=agreement, code="release").count() == 1


def check_parts(loading: Loading) -> None:
    """Each agency is shown with its part, and moves its own money."""
    agreement = under(loading, cases.SHARED)
    parts = dict(agreement.sponsors.values_list("agency__key", "federal_total_minor"))
    assert sum(parts.values()) == agreement.federal_total_minor
    assert set(parts) == {"DOD", "DOE", "NASA"}
    page = text_of("show_agreement", agreement)
    assert all(key in page for key in parts)
    moved = Transfer.objects.filter(agreement=agreement, code="obligate")
    assert set(moved.values_list("debit_account__agency__key", flat=True)) == set(parts)


def check_renewal(loading: Loading) -> None:
    """What follows is no longer than the first term."""
    agreement = under(loading, cases.BREACH)
    first = queries.first_term(agreement)
    assert first.starts_on == date(2014, 12, 1)
    assert agreement.ends_on == date(2024, 12, 1)


def test_finance_officers_of_certified_reports_are_named_in_both_languages() -> None:
    institutes = {
        number.removeprefix("DEMO-").rpartition("-")[0] for number, _year in cases.REPORTED
    }
    assert set(FINANCE_OFFICERS) == institutes - {OWN_INSTITUTE}
    for name in FINANCE_OFFICERS.values():
        with translation.override("zh-hans"):
            assert formats.actor_name(name).endswith("（演示）")
