import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.models import (
    ApplicationMark,
    OverlapPair,
    PlanAnalysis,
    SelectionChoice,
    SelectionScenario,
    SiteVisit,
)
from lineshaft.apps.awarding.rules import LetterKind
from lineshaft.apps.awarding.tests.selecting import (
    Selecting,
    choose,
    decided,
    make_selecting,
    published,
    submission_of,
    with_letters,
)
from lineshaft.apps.competitions.rules import DECIDED, Outcome
from lineshaft.apps.competitions.services import publish_results
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, SYSTEM
from lineshaft.apps.competitions.tests.judging import retitle
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

SELECTED, WAITING, OUT = Outcome.SELECTED, Outcome.WAITLISTED, Outcome.NOT_SELECTED


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True  # roles sign in without a second factor
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path


def client_of(role: Role | None = None, kind: str = ScopeKind.NETWORK, scope: str = "") -> Client:
    """A browser at which somebody with that role has signed in."""
    user = make_user(f"Somebody {role}")
    if role is not None:
        make_grant(user, role, ScopeKind(kind), scope)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer() -> Client:
    return client_of(Role.PROGRAMME_OFFICER)


@pytest.fixture
def doc() -> Client:
    return client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC")


def text_of(response: Any) -> str:
    content: bytes = response.content
    return " ".join(content.decode().split())


def at(world: Selecting, rest: str = "") -> str:
    return f"/competitions/{world.competition.key}/selection/{rest}"


@contextmanager
def counted() -> Iterator[list[int]]:
    found: list[int] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.append(len(captured))


# --------------------------------------------------------------------------------------- selection


def test_selection_shows_the_list_against_the_budget(officer: Client) -> None:
    world = make_selecting(states=("OH", "NY", ""))
    choose(world, SELECTED, WAITING, OUT)
    page = text_of(officer.get(at(world)))
    assert "1 of 3 applications is selected, for $70,000,000" in page
    assert "$70,000,000 of it is left" in page
    assert "beyond the budget" in page  # the third sum is
    assert "The budget reaches down to 2 applications of the list" in page
    assert "5.00" in page
    assert "On the waiting list" in page
    assert "Count a scenario" in page
    assert f"/competitions/{world.competition.key}/selection/decide/" in page


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_selection_is_a_file(form: str, officer: Client) -> None:
    world = make_selecting(states=("OH", "NY", ""))
    choose(world, SELECTED, WAITING, OUT)
    plan_and_visit(world)
    response: Any = officer.get(at(world, f"export.{form}"))
    assert response.status_code == 200
    assert f'selection-{world.competition.key}.{form}"' in response["Content-Disposition"]
    if form == "json":
        first, second, third = json.loads(response.getvalue())["rows"]
        assert (first["rank"], first["choice"], first["amount"]) == (1, "Selected", "70000000.00")
        assert (first["region"], first["visit"], first["rating"]) == ("OH", "Planned", "")
        assert (second["sum"], second["visit"]) == ("140000000.00", "")
        assert (third["choice"], third["amount"]) == ("Not selected", None)
    page = text_of(officer.get(at(world)))
    assert f'href="{at(world, f"export.{form}")}"' in page


def test_selection_is_a_file_for_who_reads_it_alone(officer: Client) -> None:
    world = make_selecting((5, 4))
    manager = client_of(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    assert manager.get(at(world, "export.csv")).status_code == 404
    assert client_of().get(at(world, "export.csv")).status_code == 404
    assert officer.get(at(world, "export.pdf")).status_code == 404


def test_selection_as_a_file_takes_as_many_queries_for_three_as_for_one(officer: Client) -> None:
    counts = []
    for scores in ((5,), (5, 4, 3)):
        world = make_selecting(scores, states=("OH",) * len(scores))
        choose(world, *[SELECTED] * len(scores))
        officer.get(at(world, "export.csv"))
        with counted() as found:
            sent: Any = officer.get(at(world, "export.csv"))
            assert sent.getvalue()
        counts += found
    assert counts[0] == counts[1]


def test_selection_without_a_budget_draws_none(officer: Client) -> None:
    world = make_selecting((5,), total_minor=None)
    page = text_of(officer.get(at(world)))
    assert "The budget reaches" not in page
    assert "counted among what is open to you" in page


def test_selection_before_it_begins_and_without_reviews(officer: Client) -> None:
    assert "There is nothing to select yet" in text_of(officer.get(at(make_selecting(()))))
    world = make_selecting((0,))
    assert "No review was submitted" in text_of(officer.get(at(world)))


def test_selection_takes_as_many_queries_for_three_as_for_one(officer: Client) -> None:
    counts = []
    for scores in ((5,), (5, 4, 3)):
        world = make_selecting(scores, states=("OH",) * len(scores))
        choose(world, *[SELECTED] * len(scores))
        assert officer.get(at(world)).status_code == 200
        with counted() as found:
            officer.get(at(world))
        counts += found
    assert counts[0] == counts[1]


def plan_and_visit(world: Selecting) -> tuple[SiteVisit, PlanAnalysis]:
    """A visit and an analysis of the first application."""
    one, call = world.applications[0], world.competition
    visit = SiteVisit.objects.create(
        application=one,
        stage=call.stages.get(number=3),
        place="Dayton",
        starts_at=world.now,
        ends_at=world.now + timedelta(hours=3),
        planned_at=world.now,
        planned_by="test",
        changed_at=world.now,
    )
    analysis = PlanAnalysis.objects.create(
        application=one,
        stage=call.stages.get(number=4),
        submission=submission_of(one),
        number=1,
        assumptions={},
        plan={},
        result={},
        chance_bp=6_300,
        lowest_minor=0,
        lowest_year=1,
        run_at=world.now,
        run_by="test",
    )
    return visit, analysis


def test_plan_and_visit_stand_beside_an_application(officer: Client) -> None:
    world = make_selecting((5,))
    visit, analysis = plan_and_visit(world)
    page = text_of(officer.get(at(world)))
    assert "63% to stand alone" in page
    assert "No findings" in page
    assert analysis.get_absolute_url() in page
    assert visit.get_absolute_url() in page


def test_choice_is_made_on_its_page(officer: Client) -> None:
    world = make_selecting((5, 4))
    one = world.applications[0]
    path = at(world, f"applications/{one.pk}/")
    page = text_of(officer.get(path))
    assert "It asks for $70,000,000" in page
    assert 'value="70000000.00"' in page
    said = {"seen": "0", "outcome": "selected", "amount_minor": "60,000,000", "reason": "First."}
    assert officer.post(path, said).status_code == 302
    choice = SelectionChoice.objects.get()
    assert (choice.application, choice.amount_minor) == (one, 60 * MILLION_MINOR)
    assert "First." in text_of(officer.get(path))
    stale = officer.post(path, said)
    assert stale.status_code == 409
    assert "Somebody changed this since you opened it" in text_of(stale)
    beyond = officer.post(path, {**said, "seen": "1", "amount_minor": "70,000,001"})
    assert beyond.status_code == 409
    assert "An award is no more" in text_of(beyond)
    assert officer.post(path, {"seen": "1", "outcome": "not_selected"}).status_code == 302
    assert 'value="60000000.00"' not in text_of(officer.get(path))


def test_marks_and_pairs_are_noted_on_their_pages(officer: Client) -> None:
    world = make_selecting((5, 4))
    first, second = world.applications
    marks = at(world, f"applications/{first.pk}/marks/")
    assert officer.get(marks).status_code == 200
    assert officer.post(marks, {"rural": "Of 2,000 souls."}).status_code == 302
    assert ApplicationMark.objects.get().reason == "Of 2,000 souls."
    page = text_of(officer.get(marks))
    assert "Of 2,000 souls." in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    ApplicationMark.objects.update(reason="Of 900 souls.")
    stale = officer.post(marks, {"seen": seen, "low_income": "Below half the mean."})
    assert stale.status_code == 409
    pairs = at(world, "overlaps/")
    assert "1: Anvils of Works 1" in text_of(officer.get(pairs))
    said = {"first": first.pk, "second": second.pk, "reason": "The same line."}
    assert officer.post(pairs, said).status_code == 302
    pair = OverlapPair.objects.get()
    page = text_of(officer.get(at(world)))
    assert "The same line." in page
    assert "Small or rural community" in page
    assert officer.post(at(world, f"overlaps/{pair.pk}/remove/")).status_code == 302
    assert not OverlapPair.objects.exists()


def test_scenarios_are_counted_and_compared(officer: Client) -> None:
    world = make_selecting(states=("OH", "OH", "NY"))
    path = at(world, "scenarios/")
    assert 'value="140000000.00"' in text_of(officer.get(path))
    said = {"name": "Free", "basis": "estimate", "budget_minor": "140,000,000"}
    assert officer.post(path, said).status_code == 302
    spread = {**said, "name": "Spread", "state_most": "1", "overlap_once": "on"}
    officer.post(path, spread)
    impossible = {
        **said,
        "name": "Impossible",
        "basis": "mean",
        "state_least": "2",
        "state_least_group": "NY",
        "lead_kind_least": "1",
        "lead_kind_least_group": "industry_sme",
    }
    officer.post(path, impossible)
    free, held, none = SelectionScenario.objects.order_by("pk")
    shown = text_of(officer.get(at(world, f"scenarios/{held.pk}/")))
    assert "2 applications would be funded, for $140,000,000" in shown
    assert "Proven to be the best" in shown
    assert "At most so many from one state: 1" in shown
    assert "15 U.S.C. 278s(e)(8)" in shown
    fault = text_of(officer.get(at(world, f"scenarios/{none.pk}/")))
    assert "These bounds cannot all hold" in fault
    assert "At least so many from a state (NY)" in fault
    page = text_of(officer.get(at(world)))
    assert "Scenarios side by side" in page
    assert "Cannot all hold" in page
    assert "At least so many led by a kind of organisation" in page
    assert str(free) == "Free"
    wrong = officer.post(path, {**said, "name": "Free"})
    assert wrong.status_code == 422
    assert "You have counted a scenario of this name already" in text_of(wrong)
    assert officer.get(at(world, f"scenarios/{none.pk + 1}/")).status_code == 404


def test_decision_is_entered_on_its_page(officer: Client) -> None:
    world = make_selecting((5, 4))
    choose(world, OUT, SELECTED)
    path = at(world, "decide/")
    page = text_of(officer.get(path))
    assert "Selected below one that is passed over" in page
    assert "The reason is missing" in page
    seen = queries.selection_of(SYSTEM, world.competition).digest
    refused = officer.post(path, {"seen": seen, "decision": "The second."})
    assert refused.status_code == 409
    assert "is selected below one that is passed over" in text_of(refused)
    choose(world, SELECTED, OUT)
    assert officer.post(path, {"seen": seen, "decision": "x"}).status_code == 409  # stale
    seen = queries.selection_of(SYSTEM, world.competition).digest
    assert officer.post(path, {"seen": seen, "decision": "The first."}).status_code == 302
    world.competition.refresh_from_db()
    assert (world.competition.state, world.competition.decision) == (DECIDED, "The first.")
    assert "Count a scenario" not in text_of(officer.get(at(world)))


def test_official_finds_the_decision_and_no_tools() -> None:
    user = make_user("Olga Official")
    world = make_selecting((5,), selecting_official=make_person("Olga", user=user))
    olga = Client()
    olga.force_login(user)
    page = text_of(olga.get(at(world)))
    assert "Decide" in page
    assert "Count a scenario" not in page
    assert olga.get(at(world, "scenarios/")).status_code == 403
    assert olga.get(at(world, "decide/")).status_code == 200
    assert client_of(Role.PROGRAMME_OFFICER).get(at(world, "decide/")).status_code == 403


def test_selection_leads_its_readers_only_where_they_may_go(officer: Client) -> None:
    user = make_user("Olga Official")
    world = make_selecting((5, 4), selecting_official=make_person("Olga", user=user))
    choose(world, OUT, SELECTED, reasons=("", "Reaches a second state."))
    first, second = world.applications
    services.note_overlap(
        SYSTEM, world.competition, (first.pk, second.pk), reason="Same line.", now=world.now
    )
    visit, analysis = plan_and_visit(world)
    olga, auditor = Client(), client_of(Role.AUDITOR)
    olga.force_login(user)
    read = (
        f"/competitions/{world.competition.key}/applications/{submission_of(first).pk}/",
        visit.get_absolute_url(),
        analysis.get_absolute_url(),
    )
    change = (at(world, f"applications/{second.pk}/"), at(world, "overlaps/"))

    def shown(client: Client, rest: str = "") -> tuple[list[bool], list[bool]]:
        page = text_of(client.get(at(world, rest)))
        assert "2: Anvils of Works 2" in page
        assert "Reaches a second state." in page
        links = [f'="{one}' for one in (*read, *change)]
        found = [link in page for link in links]
        return found[:3], found[3:]

    yes, no = [True] * 3, [False] * 3
    assert {olga.get(one).status_code for one in read} == {404}
    assert {auditor.get(one).status_code for one in read[:2]} == {200}
    assert shown(officer) == (yes, [True] * 2)
    assert shown(auditor) == (yes, [False] * 2)
    assert shown(olga) == (no, [False] * 2)
    assert shown(olga, "decide/") == (no, [False] * 2)
    services.decide_selection(
        Actor(user.pk, label="Olga"), world.competition, "As chosen.", now=world.now
    )
    assert shown(officer) == (yes, [False] * 2)


def test_opportunity_leads_to_the_decision_and_to_the_results(officer: Client) -> None:
    world = make_selecting((5,))
    address = world.competition.get_absolute_url()
    assert at(world, "decide/") in text_of(officer.get(address))
    decided(world, SELECTED)
    results = f"/opportunities/{world.competition.key}/results/"
    assert results not in text_of(Client().get(address))
    publish_results(SYSTEM, world.competition, now=world.now)
    assert results in text_of(Client().get(address))


# ----------------------------------------------------------------------------------------- letters


def test_letters_are_printed_and_sent_from_their_page(officer: Client) -> None:
    world = published((5, 4))
    base = f"/competitions/{world.competition.key}/letters/"
    page = text_of(officer.get(base))
    assert "0 of 2 decision letters are sent" in page
    assert "Print what is missing" in page
    assert "Not printed" in page
    started = officer.post(f"{base}print/")
    assert started.status_code == 302
    assert str(Job.objects.get().pk) in started["Location"]
    with_letters(world)
    page = text_of(officer.get(base))
    assert "Send the decision letters" in page
    assert "Send the debriefs" in page
    assert "Print what is missing" not in page
    assert officer.post(f"{base}send/decision/").status_code == 302
    assert officer.post(f"{base}send/nothing/").status_code == 404
    assert "2 of 2 decision letters are sent" in text_of(officer.get(base))
    first = world.applications[0].pk
    letter: Any = officer.get(f"{base}{first}/decision/en/")
    assert b"".join(letter.streaming_content).startswith(b"%PDF")
    assert officer.get(f"{base}{first}/decision/fr/").status_code == 404
    assert officer.get(f"{base}{first + 99}/decision/en/").status_code == 404


def test_letters_before_the_decision(officer: Client) -> None:
    world = make_selecting((5,))
    page = text_of(officer.get(f"/competitions/{world.competition.key}/letters/"))
    assert "Letters are printed once the competition is decided" in page
    assert "Print what is missing" not in page


def test_letters_take_as_many_queries_for_three_as_for_one(officer: Client) -> None:
    counts = []
    for scores in ((5,), (5, 4, 3)):
        world = with_letters(published(scores), LetterKind.DECISION)
        address = f"/competitions/{world.competition.key}/letters/"
        officer.get(address)
        with counted() as found:
            officer.get(address)
        counts += found
    assert counts[0] == counts[1]


def test_team_reads_the_decision_on_its_page() -> None:
    world = with_letters(published((5, 4)))
    client = Client()
    client.force_login(world.applicants[0].user)
    pk = world.applications[0].pk
    address = f"/opportunities/applications/{pk}/decision/"
    assert "The decision has not been sent yet" in text_of(client.get(address))
    assert client.get(f"{address}decision/en/").status_code == 404
    api = f"/api/v1/competition-applications/{pk}/decision"
    assert client.get(api).json()["outcome"] is None
    services.send_letters(SYSTEM, world.competition, LetterKind.DECISION, now=world.now)
    page = text_of(client.get(address))
    assert "Your application is selected for an award of $70,000,000." in page
    assert "Told to 1." in page
    letter: Any = client.get(f"{address}decision/zh-hans/")
    assert b"".join(letter.streaming_content).startswith(b"%PDF")
    assert client.get(f"{address}debrief/en/").status_code == 404  # not sent yet
    told = client.get(api).json()
    assert (told["outcome"], told["amount_minor"]) == ("selected", 70 * MILLION_MINOR)
    assert {one["kind"] for one in told["letters"]} == {"decision"}


# ----------------------------------------------------------------------------------------- results


def test_results_are_public_once_published_and_name_no_loser() -> None:
    world = make_selecting((5, 4), states=("OH", "NY"))
    decided(world, SELECTED, OUT)
    address = f"/opportunities/{world.competition.key}/results/"
    api = f"/api/v1/opportunities/{world.competition.key}/results"
    csv = f"/opportunities/{world.competition.key}/results.csv"
    for path in (address, api, csv):
        assert Client().get(path).status_code == 404
    publish_results(SYSTEM, world.competition, now=world.now)
    page = text_of(Client().get(address))
    assert "1 of 2 applications was selected, for $70,000,000" in page
    assert "As chosen." in page
    assert "Works 1" in page
    assert "Industry: 1" in page
    assert "0 recusals, 0 mitigations, 0 waivers" in page
    assert "Works 2" not in page
    told = Client().get(api).json()
    assert told["applications"] == 2
    assert told["reviewers"] == {"industry": 1, "government": 1}
    assert told["conflicts"]["found"] == 0
    assert [one["lead"] for one in told["selected"]] == ["Works 1"]
    assert told["selected"][0]["state"] == "OH"
    exported: Any = Client().get(csv)
    table = b"".join(exported.streaming_content).decode()
    assert "Works 1" in table
    assert "Works 2" not in table
    assert "Works 2" not in str(told)
    chinese = text_of(Client().get(address, headers={"accept-language": "zh-hans"}))
    assert "牵头单位" in chinese


def test_results_of_nothing_selected() -> None:
    world = published((5,), OUT)
    page = text_of(Client().get(f"/opportunities/{world.competition.key}/results/"))
    assert "Nothing was selected" in page


# ----------------------------------------------------------------------------------------- the API


def test_selection_is_read_and_chosen_over_the_api(officer: Client) -> None:
    world = make_selecting((5, 0))
    base = f"/api/v1/competitions/{world.competition.key}/selection"
    told = officer.get(base).json()
    assert told["stage"] == 2
    first, second = told["candidates"]
    assert (first["rank"], first["title"]) == (1, "Anvils of Works 1")
    assert (second["rank"], second["mean"], second["outcome"]) == (None, None, None)
    said = {"outcome": "selected", "amount_minor": 70 * MILLION_MINOR, "seen": 0}
    path = f"{base}/{world.applications[0].pk}"
    made = officer.post(path, said, content_type="application/json")
    assert made.status_code == 200, made.content
    assert made.json()["revision"] == 1
    again = officer.post(path, said, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "stale")
    assert officer.get(base).json()["selected_minor"] == 70 * MILLION_MINOR


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_programs_get_the_title_that_was_handed_in(officer: Client, language: str) -> None:
    world = make_selecting((5, 4))
    first, _second = world.applications
    retitle(first, "铁砧")
    key, headers = world.competition.key, {"Accept-Language": language}
    told = officer.get(f"/api/v1/competitions/{key}/selection", headers=headers).json()
    assert [one["title"] for one in told["candidates"]] == [
        "Anvils of Works 1",
        "Anvils of Works 2",
    ]
    decided(world, SELECTED, OUT)
    publish_results(SYSTEM, world.competition, now=world.now)
    told = Client().get(f"/api/v1/opportunities/{key}/results", headers=headers).json()
    assert [(one["title"], one["title_zh"]) for one in told["selected"]] == [
        ("Anvils of Works 1", "铁砧")
    ]


# -------------------------------------------------------------------------------------------- leaks


PAGES = (
    "selection/",
    "selection/scenarios/{scenario}/",
    "selection/applications/{application}/",
    "selection/applications/{application}/marks/",
    "selection/overlaps/",
    "selection/scenarios/",
    "letters/",
    "letters/{application}/decision/en/",
    "letters/{application}/debrief/zh-hans/",
    "awards/",
    "awards/{application}/",
)
READERS = ("rival", "reviewer", "member", "other_agency", "public")


@pytest.mark.parametrize("reader", READERS)
def test_nobody_else_reads_anything_of_a_selection(reader: str) -> None:
    world = make_selecting((5, 4))
    scenario = services.make_scenario(
        SYSTEM, world.competition, services.ScenarioTerms("One", 1), now=world.now
    )
    decided(world, SELECTED, OUT)
    with_letters(world, LetterKind.DECISION)
    client = reader_of(reader, world)
    names = {"scenario": scenario.pk, "application": world.applications[0].pk}
    key = world.competition.key
    paths = [f"/competitions/{key}/{path.format(**names)}" for path in PAGES]
    pk = world.applications[0].pk
    paths += [
        f"/opportunities/applications/{pk}/decision/",
        f"/opportunities/applications/{pk}/decision/decision/en/",
        f"/opportunities/{key}/results/",
        f"/api/v1/competitions/{key}/selection",
        f"/api/v1/competitions/{key}/awards",
        f"/api/v1/competition-applications/{pk}/decision",
        f"/api/v1/opportunities/{key}/results",
    ]
    for path in paths:
        response: Any = client.get(path)
        expected = {302, 404} if reader == "public" else {404}
        assert response.status_code in expected, path
        if not response.streaming:
            assert "Works 1" not in text_of(response), path


def reader_of(reader: str, world: Selecting) -> Client:
    """Somebody for whom nothing of the first application is open."""
    client = Client()
    match reader:
        case "rival":
            client.force_login(world.applicants[1].user)
        case "reviewer":
            seat = world.judged.panel_seats.select_related("reviewer__person").first()
            assert seat is not None
            person, user = seat.reviewer.person, make_user("Quirin")
            person.user = user
            person.save()
            client.force_login(user)
        case "member":
            client.force_login(make_user("Member"))
        case "other_agency":
            return client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE")
    return client
