"""The three tests of match over stored money: what is read, who reads it, pages and API."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import Agreement, ReportingTerms
from lineshaft.apps.funding.rules import (
    AmendmentKind,
    MatchStanding,
    MatchStatus,
    MatchTest,
    ReportBasis,
)
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
from lineshaft.apps.funding.tests.test_centres import of_a_centre
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db, pytest.mark.database]
KEY = "america-makes"
YEAR = FiscalPeriod(2022, date(2021, 10, 1), date(2022, 10, 1))


@pytest.fixture(autouse=True)
def _today(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(clock, "now", lambda: NOW)


def signed_in(actor: Actor) -> Client:
    factories.sponsorship(agency_key="DOE")
    client = Client()
    client.force_login(factories.granted(actor))
    return client


def of_energy(number: str = "DE-1", *, other: int = 4, promised: int = 0) -> Agreement:
    """10 million obligated in March beside so many of others, of 70 in all."""
    under = factories.agreement(number, agency_key="DOE")
    factories.obligation(under, 10 * MILLION)
    if other:
        factories.contribution(
            under,
            factories.organisation(f"Works {number}"),
            amount_minor=other * MILLION,
            evidence=(number,),
            is_accepted=True,
        )
    if promised:
        services.record_commitment(
            SYSTEM,
            services.Promise(
                id=factories.transfer_id("promise", under.pk),
                agreement_id=under.pk,
                organisation_id=factories.organisation("Foundry").pk,
                is_cash=True,
                amount_minor=promised * MILLION,
                currency="USD",
                promised_on=IN_TERM,
                due_on=date(2022, 6, 2),
                reference="Letter 1",
            ),
            now=NOW,
        )
    return under


def at_risk(number: str = "DE-1") -> Agreement:
    """Holds today at 10 beside 10; what is brought from here on does not keep up."""
    under = of_energy(number, other=10)
    lines = (services.PlannedLine("travel", 60 * MILLION, 0),)
    plan = services.BudgetPlan(date(2022, 10, 1), date(2023, 10, 1), lines)
    services.plan_budget_period(SYSTEM, under.pk, plan=plan, now=NOW)
    return under


def waived(
    under: Agreement, *of: str, share_bp: int | None = None, excluded_minor: int | None = None
) -> None:
    """A waiver of the half for equipment, or `of` another rule on another ground, granted."""
    rule, ground = of or ("L-040", "equipment")
    terms = services.WaiverTerms(
        rule, ground, STARTS_ON, ENDS_ON, "Costly machines", share_bp, excluded_minor
    )
    asked = services.request_waiver(SYSTEM, under.pk, terms=terms, now=NOW)
    services.grant_waiver(factories.sponsor("DOE"), asked.pk, reason="granted", now=NOW)


def federal_gift(under: Agreement, millions: int = 6) -> None:
    """Money of another agency, which is no cost share."""
    claim = factories.claim(
        under,
        factories.organisation("Other Agency"),
        name="federal",
        amount_minor=millions * MILLION,
        is_federal_origin=True,
        evidence=("federal receipt",),
    )
    services.record_contribution(SYSTEM, claim, now=NOW)


def address(name: str, *args: object) -> str:
    return reverse(f"funding:{name}", args=args)


def text(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def results(under: Agreement, today: date = TODAY) -> dict[str, rules.RuleTest]:
    found = queries.match_tests_of([queries.agreement_by_id(SYSTEM, under.pk)], today=today)
    return {one.result.rule.id: one.result for one in found}


# ----------------------------------------------------------------------------- waivers are honoured


@pytest.mark.parametrize(
    ("lifts", "needed"),
    [
        pytest.param({"share_bp": 2000}, 250_000_000, id="lowered to a fifth"),
        pytest.param({"excluded_minor": 6 * MILLION}, 4 * MILLION, id="6 left out"),
    ],
)
def test_position_of_an_institute_counts_waivers(lifts: dict[str, int], needed: int) -> None:
    under = of_energy()
    before = queries.match_position(KEY, today=TODAY)
    assert (before.standing, before.missing_minor, before.is_waived) == (
        MatchStanding.BELOW,
        6 * MILLION,
        False,
    )
    waived(under, **lifts)
    whole, (year,) = queries.match_overview(KEY, today=TODAY)
    for found in (queries.match_position(KEY, YEAR, today=TODAY), whole, year):
        assert (found.standing, found.needed_minor) == (MatchStanding.PASSES, needed)
        assert (found.missing_minor, found.is_waived) == (0, True)
    page = text(Client(), address("show_funding", KEY))
    assert "Waivers in force lower what it asks for." in page
    answer = Client().get(f"/api/v1/institutes/{KEY}/match").json()
    assert (answer["needed_minor"], answer["is_waived"], answer["missing_minor"]) == (
        needed,
        True,
        0,
    )


def test_waiver_of_one_agreement_leaves_the_money_of_another_alone() -> None:
    first, _second = of_energy(), of_energy("DE-2")
    waived(first, share_bp=2000)
    found = queries.match_position(KEY, today=TODAY)
    assert (found.needed_minor, found.nonfederal_minor) == (1_250_000_000, 8 * MILLION)
    assert found.standing is MatchStanding.BELOW


def test_position_without_a_rule_needs_nothing() -> None:
    factories.institute("quiet")
    found = queries.match_position("quiet", today=TODAY)
    assert (found.needed_minor, found.is_waived) == (None, False)


@pytest.mark.parametrize(
    ("lifts", "required"),
    [
        pytest.param(None, 10 * MILLION, id="none"),
        pytest.param({"share_bp": 2000}, 250_000_000, id="lowered"),
        pytest.param({"excluded_minor": 6 * MILLION}, 4 * MILLION, id="left out"),
    ],
)
def test_recipient_share_of_the_financial_report_counts_waivers(
    lifts: dict[str, int] | None, required: int
) -> None:
    under = of_energy()
    cited = "15 U.S.C. 278s(e)(7)(A)"
    if lifts:
        waived(under, **lifts)
        cited = "15 U.S.C. 278s(e)(7)(A); 15 U.S.C. 278s(e)(7)(B)"
    scope = queries.ReportScope(under, "quarterly", ReportBasis.CASH, date(2022, 3, 31))
    report = queries.computed_report(scope)
    assert (report.lines.i, report.header.required_by) == (required, cited)


def test_recipient_share_of_a_centre_is_asked_by_its_own_rule() -> None:
    under = of_a_centre()
    scope = queries.ReportScope(under, "quarterly", ReportBasis.CASH, date(2022, 3, 31))
    report = queries.computed_report(scope)
    assert (report.lines.i, report.header.required_by) == (
        10 * MILLION,
        "15 U.S.C. 278k(e)(2), (f)(3)",
    )


def test_waiver_of_a_share_by_kind_of_project_is_requested_and_counts() -> None:
    under = of_energy(other=1)
    assert results(under)["L-043-R"].status is MatchStatus.BELOW
    choices = signed_in(factories.sponsor("DOE")).get(address("request_waiver", under.pk))
    assert "L-043-R" in choices.content.decode()
    waived(under, "L-043-R", "applied_work", share_bp=500)
    assert results(under)["L-043-R"].to_date.fails is False


# ------------------------------------------------------------------------------------- what is read


def test_leverage_counts_federal_money_beside_the_award_and_the_statute_does_not() -> None:
    under = of_energy(other=4)
    federal_gift(under)
    found = results(under)
    assert found["B-01"].to_date.matching_minor == 10 * MILLION
    assert found["L-040"].to_date.matching_minor == 4 * MILLION


def test_sponsor_names_the_kind_of_project_on_the_terms_of_reporting() -> None:
    under = of_energy()
    client = signed_in(factories.sponsor("DOE"))
    sent = {
        "report_term": "annual",
        "basis": "cash",
        "income_method": "addition",
        "activity": "demonstration_project",
    }
    url = address("set_reporting_terms", under.pk)
    assert client.post(url, sent | {"activity": "institute"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    assert ReportingTerms.objects.get().activity == "demonstration_project"
    found = [key for key in results(under) if key.startswith("L-043")]
    assert found == ["L-043-D"]


def test_ended_agreement_is_read_without_anything_foreseen() -> None:
    under = of_energy()
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    found = results(under)["L-040"]
    assert (found.status, found.at_end, found.breach) == (MatchStatus.BELOW, None, None)


# --------------------------------------------------------------------------------- agreement's page


def test_page_foresees_a_breach_and_says_by_when_to_act() -> None:
    under = at_risk()
    found = results(under)["L-040"]
    assert found.status is MatchStatus.AT_RISK
    assert found.breach is not None
    page = text(signed_in(factories.manager()), address("show_match_tests", under.pk))
    assert "DE-1 would fall short of L-040 on" in page
    assert "How it is foreseen" in page
    assert page.count('<section aria-labelledby="rule-') == 5
    assert address("list_match_records", under.pk, "federal") + "?fiscal_year=2022" not in page
    assert address("list_match_records", under.pk, "federal") in page
    assert "Planned and drawn federal money under DE-1 by fiscal year" in page
    assert "15 U.S.C. 278s(e)(7)(A)" in page


def test_public_reads_the_tests_so_far_and_nothing_foreseen() -> None:
    under = at_risk()
    federal_gift(under)
    page = text(Client(), address("show_match_tests", under.pk))
    assert "<h1>DE-1 is below" not in page
    assert "DE-1 holds its match" in page
    assert "How it is foreseen" not in page
    assert "forecast</span>" not in page
    assert "Leverage" not in page
    assert "What is foreseen is read by the institute" in page
    assert Client().get(address("list_match_records", under.pk, "other")).status_code == 404
    member = signed_in(factories.member(KEY))
    assert "At risk" not in text(member, address("show_match_tests", under.pk))


def test_title_of_the_page_is_the_finding() -> None:
    client = signed_in(factories.sponsor("DOE"))
    draft = factories.agreement("DE-7", agency_key="DOE", is_active=False)
    page = text(client, address("show_match_tests", draft.pk))
    assert "<h1>No money is there yet to test under DE-7</h1>" in page
    below = of_energy()
    page = text(client, address("show_match_tests", below.pk))
    assert "<h1>DE-1 is below L-040, N-01 today</h1>" in page


def test_page_of_a_centre_has_its_own_rule_alone() -> None:
    under = of_a_centre()
    page = text(signed_in(factories.officer()), address("show_match_tests", under.pk))
    assert page.count('<section aria-labelledby="rule-') == 1
    assert "M-01" in page
    assert "No falling profile was in force" in page


@pytest.mark.parametrize("count", [1, 3])
def test_agreement_page_takes_the_same_queries_at_any_length(count: int) -> None:
    under = of_energy(promised=1)
    for place in range(count):
        factories.obligation(under, MILLION, name=f"more {place}")
    client = signed_in(factories.manager())
    client.get(address("show_match_tests", under.pk))
    with CaptureQueriesContext(connection) as queried:
        client.get(address("show_match_tests", under.pk))
    assert len(queried) == PAGE_QUERIES


PAGE_QUERIES = 17


# ------------------------------------------------------------------------------------- the records


def test_numbers_open_to_the_transfers_and_contributions_that_they_count() -> None:
    under = of_energy()
    federal_gift(under)
    finance = signed_in(factories.finance())
    federal = text(finance, address("list_match_records", under.pk, "federal"))
    assert "1 record behind the federal money under DE-1, all years" in federal
    assert "$10,000,000" in federal
    own = text(finance, address("list_match_records", under.pk, "nonfederal") + "?fiscal_year=2022")
    assert "1 record behind the non-federal money under DE-1, FY2022" in own
    assert "$4,000,000" in own
    assert "$6,000,000" not in own
    every = text(finance, address("list_match_records", under.pk, "other"))
    assert "2 records behind the all other money" in every
    assert "of federal origin, no cost share" in every
    assert "$6,000,000" in every
    none = text(finance, address("list_match_records", under.pk, "federal") + "?fiscal_year=2030")
    assert "No record that you may see is counted here." in none
    text(finance, address("list_match_records", under.pk, "secret"), 404)


def test_money_drawn_opens_to_its_drawdowns_less_what_was_returned() -> None:
    under = of_energy()
    drawn = factories.drawdown(factories.obligation(under, 4 * MILLION, name="drawn"), 3 * MILLION)
    services.return_funds(
        SYSTEM,
        under,
        id=factories.transfer_id("returned"),
        amount_minor=MILLION,
        currency="USD",
        occurred_on=drawn.occurred_on,
        now=NOW,
    )
    url = address("list_match_records", under.pk, "drawn")
    shown = text(Client(), address("show_match_tests", under.pk))
    assert f'href="{url}?fiscal_year=2022"' in shown
    records = text(Client(), f"{url}?fiscal_year=2022")
    assert "2 records behind the federal money drawn under DE-1, FY2022" in records
    assert "$3,000,000" in records
    assert "-$1,000,000" in records


@pytest.mark.parametrize("year", ["x", "0001", "２０２２", "20222"])
def test_year_that_is_none_counts_all_of_them(year: str) -> None:
    under = of_energy()
    url = address("list_match_records", under.pk, "federal")
    assert "all years" in text(Client(), f"{url}?fiscal_year={year}")


def test_contributions_that_a_reader_may_not_see_are_counted_and_withheld() -> None:
    under = of_energy()
    page = text(Client(), address("list_match_records", under.pk, "nonfederal"))
    assert "1 record is counted and withheld" in page
    assert "Works DE-1" not in page


# ----------------------------------------------------------------------------------- network's page


def test_network_page_lists_foreseen_breaches_first_and_filters() -> None:
    of_energy("DE-2"), at_risk("DE-3")
    of_a_centre()
    client = signed_in(factories.officer())
    url = address("list_match_tests")
    page = text(client, url)
    assert "<h1>" in page
    assert page.index("DE-3") < page.index("DE-2")
    for query, there, gone in (
        ("agency=NIST", "70NANB-1", "DE-3"),
        (f"institute={KEY}", "DE-3", "70NANB-1</a>"),
        ("test=leverage", "B-01", "L-040"),
        ("status=at_risk", "At risk", 'class="tag bad"'),
        ("status=at_risk", "2 agreements would fall short of their match", "short of its"),
        ("", "1 agreement falls short of its match today", "would fall short of their"),
        ("status=nonsense", "DE-2", "nothing"),
    ):
        shown = text(client, f"{url}?{query}")
        assert there in shown
        assert gone not in shown
    assert "No agreement answers to this filter." in text(
        client, f"{url}?agency=NIST&status=holds&test=epact"
    )


def test_network_page_is_for_those_who_oversee_and_shows_what_they_do() -> None:
    of_energy("DE-1")
    factories.agreement("W9-1", institute_key="lift")
    url = address("list_match_tests")
    for client in (Client(), signed_in(factories.member(KEY))):
        assert client.get(url).status_code == 404
        assert client.get(address("export_match_tests", "csv")).status_code == 404
    for actor in (factories.manager(), factories.finance(), factories.sponsor("DOE")):
        page = text(signed_in(actor), url)
        assert "DE-1" in page
        assert "W9-1" not in page


def test_network_list_is_exported_as_filtered() -> None:
    of_energy("DE-2"), at_risk("DE-3")
    client = signed_in(factories.officer())
    answer = client.get(address("export_match_tests", "csv") + "?status=at_risk&test=statute")
    body = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "DE-3" in body
    assert "L-040" in body
    assert "B-01" not in body
    assert client.get(address("export_match_tests", "pdf")).status_code == 404


def test_title_of_the_network_page_says_when_nothing_is_foreseen() -> None:
    client = signed_in(factories.officer())
    assert "No breach of a match is foreseen" in text(client, address("list_match_tests"))


@pytest.mark.parametrize("count", [1, 3])
def test_network_pages_take_the_same_queries_for_any_agreements(count: int) -> None:
    for place in range(count):
        of_energy(f"DE-{place}", promised=1)
    client = signed_in(factories.officer())
    for url, expected in (
        (address("list_match_tests"), 18),
        (address("export_match_tests", "json"), 18),
        ("/api/v1/match-tests", 16),
    ):
        answer: Any = client.get(url)
        with CaptureQueriesContext(connection) as queried:
            answer = client.get(url)
            if answer.streaming:
                list(answer.streaming_content)
        assert (url, len(queried)) == (url, expected)


def test_funding_tab_shows_the_tests_of_each_agreement() -> None:
    at_risk()
    page = text(Client(), address("show_funding", KEY))
    assert "The three tests of match, by agreement" in page
    assert "At risk" not in page
    assert "At risk" in text(signed_in(factories.finance()), address("show_funding", KEY))


@pytest.mark.parametrize("name", ["show_match_tests", "list_match_tests"])
def test_pages_speak_chinese(name: str) -> None:
    under = at_risk()
    client = signed_in(factories.officer())
    args = (under.pk,) if name == "show_match_tests" else ()
    page = client.get(address(name, *args), headers={"accept-language": "zh-hans"})
    body = page.content.decode()
    assert "有风险" in body
    assert "At risk" not in body


# --------------------------------------------------------------------------------------------- API


def test_tests_of_an_agreement_over_the_api() -> None:
    under = at_risk()
    url = f"/api/v1/agreements/{under.pk}/match-tests"
    found = {one["rule"]: one for one in signed_in(factories.finance()).get(url).json()}
    half = found["L-040"]
    assert (half["test"], half["binds"], half["status"], half["matching"]) == (
        "statute",
        True,
        "at_risk",
        "nonfederal",
    )
    assert half["to_date"]["federal_minor"] == 10 * MILLION
    assert half["breach"]["lacking_minor"] > 0
    assert half["at_end"]["on"] == "2026-09-30"
    assert found["B-01"]["matching"] == "other"
    public = {one["rule"]: one for one in Client().get(url).json()}
    assert "B-01" not in public
    assert (public["L-040"]["status"], public["L-040"]["breach"]) == ("holds", None)
    assert (public["L-040"]["at_end"], public["L-040"]["years"]) == (None, [])
    assert Client().get("/api/v1/agreements/999/match-tests").status_code == 404


def test_network_over_the_api_holds_centres_and_pages_on() -> None:
    of_energy("DE-1"), of_a_centre()
    client = signed_in(factories.officer())
    first = client.get("/api/v1/match-tests?limit=1").json()
    second = client.get(f"/api/v1/match-tests?cursor={first['next_cursor']}").json()
    kinds = [one["recipient_kind"] for one in (*first["items"], *second["items"])]
    assert (kinds, second["next_cursor"]) == (["institute", "extension_centre"], None)
    one = client.get("/api/v1/match-tests?agency=NIST").json()["items"]
    assert [(each["number"], [test["rule"] for test in each["tests"]]) for each in one] == [
        ("70NANB-1", ["M-01"])
    ]
    one = client.get(f"/api/v1/match-tests?institute={KEY}").json()["items"]
    assert [each["number"] for each in one] == ["DE-1"]
    assert Client().get("/api/v1/match-tests").json()["items"] == []
    agreements = client.get("/api/v1/agreements?institute=ohio-mep").json()["items"]
    assert [(each["number"], each["recipient_kind"]) for each in agreements] == [
        ("70NANB-1", "extension_centre")
    ]


# ---------------------------------------------------------------------------------- what waits


def test_breaches_are_asked_of_who_runs_the_agreement_within_eighteen_months() -> None:
    under = at_risk()
    of_energy("DE-2")
    for actor in (factories.manager(), factories.finance(), factories.sponsor("DOE")):
        found = queries.breaches_ahead(actor, today=TODAY)
        assert {one.agreement.pk for one in found} == {under.pk}
        assert {one.result.read.test for one in found} == {MatchTest.STATUTE}
        assert found[0].lacking.amount > 0
    for other in (factories.officer(), factories.manager("lift"), factories.member(KEY)):
        assert queries.breaches_ahead(other, today=TODAY) == ()


def test_reports_wait_for_finance_until_they_are_certified() -> None:
    under = of_energy()
    factories.agreement("DE-9", agency_key="DOE", is_active=False)
    (waiting,) = queries.reports_to_certify(factories.finance(), today=TODAY)
    assert waiting.agreement.pk == under.pk
    assert [one.period_end for one in waiting.dues] == [date(2021, 12, 31), date(2022, 3, 31)]
    assert (waiting.overdue, waiting.oldest.due_on) == (2, date(2022, 1, 30))
    scope = queries.ReportScope(under, "quarterly", ReportBasis.ACCRUAL, date(2021, 12, 31))
    services.certify_report(
        factories.finance(),
        scope,
        seen_digest=queries.computed_report(scope).digest,
        today=TODAY,
        now=NOW,
    )
    (left,) = queries.reports_to_certify(factories.finance(), today=date(2022, 4, 10))
    assert ([one.period_end for one in left.dues], left.overdue) == ([date(2022, 3, 31)], 0)
    for other in (factories.manager(), factories.sponsor("DOE"), factories.finance("lift")):
        assert queries.reports_to_certify(other, today=TODAY) == ()
    assert queries.reports_to_certify(factories.finance(), today=STARTS_ON) == ()


def test_amendments_and_waivers_wait_for_another_officer_of_the_agency() -> None:
    under = of_energy()
    terms = services.AmendmentTerms(AmendmentKind.SCOPE, TODAY, "why", new_title="Robots")
    amendment = services.propose_amendment(factories.manager(), under.pk, terms=terms, now=NOW)
    asked = services.WaiverTerms("L-040", "equipment", STARTS_ON, ENDS_ON, "why", share_bp=3000)
    waiver = services.request_waiver(factories.sponsor("DOE"), under.pk, terms=asked, now=NOW)
    officer = factories.sponsor("DOE")
    other = factories.staff(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE", email="b@example.org")
    assert [one.pk for one in queries.amendments_to_execute(officer)] == [amendment.pk]
    assert list(queries.waivers_to_decide(officer)) == []
    assert [one.pk for one in queries.waivers_to_decide(other)] == [waiver.pk]
    for actor in (factories.manager(), factories.sponsor("DOD"), Actor.public()):
        assert list(queries.amendments_to_execute(actor)) == []
        assert list(queries.waivers_to_decide(actor)) == []
    services.deny_waiver(other, waiver.pk, reason="no", now=NOW)
    assert list(queries.waivers_to_decide(other)) == []
