"""Pages of the desk: what they say, to whom, and at what cost."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.tests import factories as competing
from lineshaft.apps.funding.rules import AmendmentKind
from lineshaft.apps.funding.services import (
    AmendmentTerms,
    BudgetPlan,
    PlannedLine,
    WaiverTerms,
    plan_budget_period,
    propose_amendment,
    request_waiver,
)
from lineshaft.apps.funding.tests import factories as funding
from lineshaft.apps.governance.tests.factories import make_board
from lineshaft.apps.governance.tests.meetings import call
from lineshaft.apps.insight.tests import factories as insight
from lineshaft.apps.memberships.rules import DocumentKind, NeedKind
from lineshaft.apps.memberships.services import (
    DocumentRow,
    NeedRow,
    post_need,
    share_document,
)
from lineshaft.apps.network.models import Institute, InstituteFact, Place, TechnologyArea
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.documents import SearchDocument
from lineshaft.plumbing.search.services import index_entries
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db
NOW = datetime(2022, 6, 1, 12, tzinfo=UTC)
MEMBER_QUERIES = 25


@pytest.fixture(autouse=True)
def _demonstration(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def client_of(role: Role, scope_kind: ScopeKind = ScopeKind.NETWORK, scope_id: str = "") -> Client:
    user = make_user(str(role))
    make_grant(user, role, scope_kind, scope_id)
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_institute(key: str, focus: str, area: str, *, status: str = "active") -> Institute:
    place = Place.objects.create(
        city=f"Town of {key}", region="OH", country="US", latitude=41, longitude=-81
    )
    institute = Institute.objects.create(key=key, name=key.upper(), status=status, place=place)
    parent, _new = TechnologyArea.objects.get_or_create(key="materials", name="Materials")
    found, _new = TechnologyArea.objects.get_or_create(
        key=area, defaults={"name": area, "parent": parent}
    )
    institute.technology_areas.add(found)
    InstituteFact.objects.create(
        institute=institute, measure="focus", edition="today", kind="text", text=focus
    )
    return institute


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


# ------------------------------------------------------------------------------------ public


@pytest.mark.parametrize("institutes", [1, 3])
def test_home_before_any_report_counts_institutes(
    institutes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(institutes):
        make_institute(f"lab-{place}", "Light metals", "lightweight_metals")
    make_institute("gone", "Light metals", "lightweight_metals", status="terminated")
    with django_assert_num_queries(3):
        html = page(Client(), "/")
    word = "institute" if institutes == 1 else "institutes"
    assert f"<h1>{institutes} {word}, one network</h1>" in html
    assert "No annual report has been published yet" in html
    assert "LAB-0" in html
    assert "GONE" not in html


def test_home_with_a_published_report_states_the_finding(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    insight.make_published()
    with django_assert_num_queries(5):
        html = page(Client(), "/")
    assert (
        "<h1>For each $1 of federal money, the institutes brought $1.60 of their own</h1>" in html
    )
    assert '<a class="tile" href="/reports/2022/figures/memberships.members/">' in html
    assert "50.0% more than the year before" in html
    assert "As of Nov 20, 2022 12:30" in html
    assert html.count('<svg class="map-') == 2


@pytest.mark.parametrize(
    ("before", "said"),
    [
        pytest.param((4, None), "25.0% less than the year before", id="less"),
        pytest.param((3, None), "as in the year before", id="same"),
        pytest.param((0, None), "", id="nothing before"),
    ],
)
def test_tile_says_how_the_year_stands_against_the_one_before(
    before: tuple[int, None], said: str
) -> None:
    year = insight.YEAR
    insight.make_published({**insight.VALUES, ("memberships.members", "", year - 1, ""): before})
    html = page(Client(), "/")
    assert f'<span class="tile-from"><span>{said}</span><span>FY2022</span></span>' in html


def test_tile_of_a_share_speaks_of_points() -> None:
    share = ("memberships.sme_share", "", insight.YEAR - 1, "")
    insight.make_published({**insight.VALUES, share: (3, 4)})
    html = page(Client(), "/")
    assert "25.0 points more than the year before" in html
    assert "100.0%</span>" in html


def test_institute_without_a_place_is_listed_and_not_drawn() -> None:
    Institute.objects.create(key="nowhere", name="Nowhere", status="active")
    html = page(Client(), "/")
    assert "Map with 0 institutes" in html
    assert '<td data-label="Place">–</td>' in html


def test_home_never_shows_a_draft_to_the_public() -> None:
    insight.make_draft()
    assert "brought" not in page(Client(), "/")


def test_home_of_a_nation_without_a_map_lists_its_institutes(settings: Settings) -> None:
    settings.PROFILE = "cn"
    make_institute("lab", "Light metals", "lightweight_metals")
    html = page(Client(), "/")
    assert '<svg class="map-' not in html
    assert '<th scope="row"><a href="/institutes/lab/">LAB</a>' in html.replace("> <", "><")


def test_about_is_open_and_costs_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert "Every figure explains itself" in page(Client(), "/about/")


@pytest.mark.parametrize("others", [0, 2])
def test_help_names_institute_reason_and_distance(
    others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_institute("lift", "Joining light metals", "lightweight_metals")
    make_institute("old", "Joining light metals", "lightweight_metals", status="terminated")
    for place in range(others):
        make_institute(f"lab-{place}", "Robots", "robotics")
    with django_assert_num_queries(5):
        html = page(Client(), "/find-help/?need=weld+thin+aluminium&region=OH")
    assert '<a href="/institutes/lift/">LIFT</a>' in html
    assert "<mark>weld</mark> <mark>aluminium</mark>" in html
    assert "km" in html
    assert "OLD" not in html
    assert "Nearest to you, whatever their field" in html


def test_help_that_nobody_can_give_says_how_to_ask() -> None:
    make_institute("lift", "Joining light metals", "lightweight_metals")
    html = page(Client(), "/find-help/?need=violins")
    assert "No institute fits these words" in html
    assert "Nearest to you" not in html


def test_help_without_a_need_is_a_fault_of_the_form() -> None:
    html = page(Client(), "/find-help/?need=", status=422)
    assert '<li><a href="#id_need">What do you need?</a>' in html


def test_help_keeps_nothing_of_what_was_asked() -> None:
    page(Client(), "/find-help/?need=weld")
    assert AuditEvent.objects.count() == 0


def test_help_asks_in_the_language_of_the_reader() -> None:
    with translation.override("zh-hans"):
        html = page(Client(headers={"accept-language": "zh-CN"}), "/find-help/")
    assert ">俄亥俄</option>" in html


def make_entries(count: int) -> None:
    index_entries(
        SearchDocument(
            "network.organisation",
            str(place),
            f"Bolt Works {place:02}",
            f"/organisations/{place}/",
            SharingLevel.PUBLIC if place % 2 else SharingLevel.RESTRICTED,
            summary="Screws",
        )
        for place in range(count)
    )


@pytest.mark.parametrize("count", [2, 6])
def test_search_shows_only_what_the_reader_may_see(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_entries(count)
    with django_assert_num_queries(2):
        html = page(Client(), "/search/?q=bolt")
    assert f"<h1>{count // 2} result" in html
    assert "Bolt Works 01" in html
    assert "Bolt Works 00" not in html
    assert ">Organisations (" in html


def test_search_goes_on_to_the_next_page_and_keeps_the_words() -> None:
    make_entries(50)
    html = page(Client(), "/search/?q=bolt&kind=network.organisation&page=2")
    assert "21 to 25 of 25" in html
    assert 'href="?q=bolt&amp;kind=network.organisation&amp;page=1"' in html
    assert "Bolt Works 41" in html


def test_search_reads_no_more_of_a_text_than_it_looks_for() -> None:
    html = page(Client(), "/search/?q=" + "x" * 10_000)
    html = html.partition("<main")[2].partition("</main>")[0]
    assert "x" * 200 in html
    assert "x" * 201 not in html


def test_search_for_nothing_or_in_vain_says_so() -> None:
    assert "<h1>Search the network</h1>" in page(Client(), "/search/")
    assert "Every word has to occur." in page(Client(), "/search/?q=zeppelin&page=x")


# ---------------------------------------------------------------------------------- signed in


@pytest.mark.parametrize("address", ["/desk/", "/audit/", "/audit/1/"])
def test_workspace_sends_the_public_to_the_sign_in(address: str) -> None:
    response = Client().get(address)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/accounts/login/?next={address}",
    )


def test_desk_of_a_learner_is_clear_and_offers_help() -> None:
    html = page(client_of(Role.LEARNER), "/desk/")
    assert "<h1>Nothing waits for you</h1>" in html
    assert "Small manufacturer?" in html


def at_risk(number: str = "DE-1") -> None:
    """An agreement of Energy, 10 beside 10 today, with 60 more planned for the next year."""
    under = funding.agreement(number, agency_key="DOE")
    funding.obligation(under, 10 * funding.MILLION)
    funding.contribution(
        under,
        funding.organisation(f"Works {number}"),
        amount_minor=10 * funding.MILLION,
        evidence=(number,),
        is_accepted=True,
    )
    lines = (PlannedLine("travel", 60 * funding.MILLION, 0),)
    plan = BudgetPlan(date(2022, 10, 1), date(2023, 10, 1), lines)
    plan_budget_period(funding.SYSTEM, under.pk, plan=plan, now=NOW)


def signed_in_as(actor: Actor) -> Client:
    funding.sponsorship(agency_key="DOE")
    return signed_in(funding.granted(actor))


@pytest.fixture
def _in_june(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: funding.TODAY)
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.usefixtures("_in_june")
def test_desk_says_which_match_would_fail_when_and_what_is_lacking() -> None:
    at_risk()
    for actor in (funding.manager(), funding.finance(), funding.sponsor("DOE")):
        html = page(signed_in_as(actor), "/desk/")
        assert "DE-1 would fall short of L-040" in html
        assert "more has to be promised by" in html
    assert "would fall short" not in page(signed_in_as(funding.manager("lift")), "/desk/")
    assert "would fall short" not in page(signed_in_as(funding.officer()), "/desk/")


@pytest.mark.usefixtures("_in_june")
def test_desk_of_finance_asks_for_the_reports_that_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    under = funding.agreement()
    html = page(signed_in_as(funding.finance()), "/desk/")
    assert "Financial reports to certify under W911-1" in html
    assert "Overdue: the one through Dec 31, 2021 was due on Jan 30, 2022." in html
    assert f"/agreements/{under.pk}/financial-report/" in html
    assert "to certify" not in page(signed_in_as(funding.manager()), "/desk/")
    monkeypatch.setattr(clock, "today", lambda: date(2022, 1, 10))
    soon = page(signed_in_as(funding.finance()), "/desk/")
    assert "Financial report to certify under W911-1" in soon
    assert "The one through Dec 31, 2021 is due on Jan 30, 2022." in soon


@pytest.mark.usefixtures("_in_june")
def test_desk_of_the_agency_asks_for_amendments_and_waivers() -> None:
    under = funding.agreement("DE-1", agency_key="DOE")
    scope = AmendmentTerms(AmendmentKind.SCOPE, funding.TODAY, "why", new_title="Robots")
    propose_amendment(funding.manager(), under.pk, terms=scope, now=NOW)
    lifted = WaiverTerms(
        "L-040", "equipment", funding.STARTS_ON, funding.ENDS_ON, "why", share_bp=3000
    )
    request_waiver(funding.manager(), under.pk, terms=lifted, now=NOW)
    html = page(signed_in_as(funding.sponsor("DOE")), "/desk/")
    assert "The amendment is proposed and waits to be executed." in html
    assert "Waiver of L-040" in html
    of_manager = page(signed_in_as(funding.manager()), "/desk/")
    assert "waits to be" not in of_manager


def test_desk_leads_to_the_payments_and_books_that_are_the_readers() -> None:
    funding.agreement()
    payments, books = "/agencies/DOD/payments/", "/institutes/america-makes/reconciliation/"
    shown = {
        role: [f'href="{url}"' in page(signed_in_as(actor), "/desk/") for url in (payments, books)]
        for role, actor in (
            ("sponsor", funding.sponsor()),
            ("finance", funding.finance()),
            ("manager", funding.manager()),
        )
    }
    assert shown == {
        "sponsor": [True, False],
        "finance": [False, True],
        "manager": [False, False],
    }


@pytest.mark.usefixtures("_in_june")
@pytest.mark.parametrize("count", [1, 3])
def test_desk_takes_the_same_queries_for_any_agreements(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(count):
        at_risk(f"DE-{place}")
    client = signed_in_as(funding.finance())
    page(client, "/desk/")
    with django_assert_num_queries(34):
        page(client, "/desk/")


def test_desk_of_a_manager_asks_for_the_attestation() -> None:
    insight.make_draft()
    html = page(client_of(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "america-makes"), "/desk/")
    assert "<h1>1 thing waits for you</h1>" in html
    assert "Attest the part of America Makes" in html
    assert 'href="/reports/2022/institutes/america-makes/"' in html
    assert "LIFT" not in html


def test_desk_of_the_officer_shows_the_draft() -> None:
    insight.make_draft()
    html = page(client_of(Role.PROGRAMME_OFFICER), "/desk/")
    assert "Annual report in draft" in html
    assert "Attest the part" not in html


@pytest.mark.parametrize("claims", [1, 3])
def test_desk_of_finance_lists_claims_of_its_own_institute(
    claims: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agreement = funding.agreement()
    for place in range(claims):
        funding.contribution(
            agreement, funding.organisation(f"Firm {place}"), name=f"c{place}", amount_minor=9_00
        )
    funding.contribution(agreement, funding.organisation("Second Person's"), name="large")
    client = client_of(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "america-makes")
    stranger = client_of(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "lift")
    with django_assert_num_queries(34):
        html = page(client, "/desk/")
    assert f'<span class="count">{claims}</span>' in html
    assert ("Firm 0" in html, "Second Person" in html) == (True, False)
    other = page(stranger, "/desk/")
    assert ("Nothing waits for you" in other, "Firm 0" in other) == (True, False)


def test_desk_of_a_member_shows_its_memberships_alone() -> None:
    makes, lift = insight.make_institutes()
    own = insight.make_organisation("Own Works")
    other = insight.make_organisation("Other Works")
    insight.make_membership(own, makes, starts_on=date(2020, 1, 1))
    insight.make_membership(other, lift, starts_on=date(2020, 1, 1))
    html = page(client_of(Role.MEMBER, ScopeKind.ORGANISATION, str(own.pk)), "/desk/")
    assert "Memberships in force" in html
    assert "Own Works" in html
    assert ("Other Works" in html, "LIFT" in html) == (False, False)


@pytest.mark.parametrize("number", [1, 3])
def test_desk_of_a_member_says_what_is_to_come_and_what_it_may_read(
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    tmp_path: object,
) -> None:
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr(clock, "now", lambda: NOW)
    makes, lift = insight.make_institutes()
    own = insight.make_organisation("Own Works")
    insight.make_membership(own, makes, starts_on=date(2020, 1, 1), ends_on=date(2022, 12, 31))
    system = Actor.system("test")
    board = make_board(makes, members=1)
    for place in range(number):
        day = timedelta(days=place + 1)
        call(board, starts_at=NOW + day)
        call(board, starts_at=NOW - day)
        call(board, starts_at=NOW + day, level=SharingLevel.RESTRICTED)
        need = NeedRow(NeedKind.WANTED, f"A mill {place}", "To grind.", (NOW + day * 20).date())
        post_need(system, own, need, now=NOW)
        for level in (SharingLevel.NETWORK, SharingLevel.INSTITUTE):
            row = DocumentRow(DocumentKind.RESULT, f"Alloy {place} {level}", level=level)
            share_document(system, lift, row, b"one line\n", name="alloy.txt", now=NOW)
    client = client_of(Role.MEMBER, ScopeKind.ORGANISATION, str(own.pk))
    page(client, "/desk/")  # what is looked up once
    with django_assert_num_queries(MEMBER_QUERIES):
        html = page(client, "/desk/")
    titles = [f"Alloy {place} network" for place in range(number)]
    assert [one for one in titles if one not in html] == []
    assert f"Alloy 0 {SharingLevel.INSTITUTE}" not in html
    assert len(set(re.findall(r"/meetings/(\d+)/", html))) == number
    assert "The membership ends" in html
    assert html.count("Need or offer ends: A mill") == number
    assert "/memberships/mine/" in html


# --------------------------------------------------------------------------------- audit trail


def test_sign_in_offers_personas_in_a_demonstration_only(settings: Settings) -> None:
    assert "Try the demonstration as" in page(Client(), "/accounts/login/")
    settings.IS_DEMONSTRATION = False
    html = page(Client(), "/accounts/login/")
    assert ("Try the demonstration as" in html, "line-and-shaft" in html) == (False, False)


def test_language_switch_keeps_the_page() -> None:
    client = Client()
    response = client.post(
        "/i18n/set-language/", {"language": "zh-hans", "next": "/search/?q=bolt"}
    )
    assert response.headers["Location"] == "/search/?q=bolt"
    assert '<html lang="zh-Hans"' in page(client, "/about/")


def test_front_page_and_a_members_desk_show_what_is_open_to_them(
    settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path
    own = make_organisation("Anvil Works")
    competing.make_open("2026-OPEN", opens_at=clock.now(), now=clock.now())
    assert "Smart manufacturing institute" in page(Client(), "/")
    html = page(client_of(Role.MEMBER, ScopeKind.ORGANISATION, str(own.pk)), "/desk/")
    assert "Open to you" in html
    assert 'href="/opportunities/2026-open/"' in html
    assert "Open to you" not in page(client_of(Role.LEARNER), "/desk/")


def test_stages_that_are_over_and_questions_wait_for_who_runs_the_competition(
    settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path
    opened = competing.make_open("2026-OVER")  # in March 2026: its first stage is over
    competitions.ask_question(competing.SYSTEM, opened, "May we?", now=competing.NOW)
    html = page(client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE"), "/desk/")
    assert "“Concept paper” is over" in html
    assert "Question 1 waits for an answer" in html
    for client in (
        client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
        client_of(Role.LEARNER),
    ):
        assert "2026-OVER" not in page(client, "/desk/")
