import io
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.exchange import IMPORTS
from lineshaft.apps.network.models import Person, PersonTie
from lineshaft.apps.network.services import TieRow, TieTerms
from lineshaft.apps.network.tests.factories import (
    NOW,
    make_institute,
    make_person,
    make_person_role,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("test")
PAPER = TieTerms("co_author", 2020, "a database of papers", evidence="On gears")


def refused(code: str) -> AbstractContextManager[pytest.ExceptionInfo[Refused]]:
    return pytest.raises(Refused, check=lambda error: error.code == code)


@pytest.fixture
def ada() -> Person:
    return make_person("Ada", email="ada@gears.example")


@pytest.fixture
def bo() -> Person:
    return make_person("Bo", email="bo@brass.example")


def test_tie_is_recorded_once_and_ended_once(ada: Person, bo: Person) -> None:
    officer = make_actor(Role.PROGRAMME_OFFICER)
    made = services.record_person_tie(officer, ada, bo, PAPER, now=NOW)
    assert (made.kind, made.year_from, made.year_to) == ("co_author", 2020, None)
    assert (made.recorded_by, made.recorded_at) == (officer.label, NOW)
    for one, other in ((ada, bo), (bo, ada)):
        with refused("tie_recorded"):
            services.record_person_tie(officer, one, other, PAPER, now=NOW)
    with refused("tie_with_oneself"):
        services.record_person_tie(officer, ada, ada, PAPER, now=NOW)
    thesis = TieTerms("advisor", 2020, "a thesis")
    services.record_person_tie(officer, ada, bo, thesis, now=NOW)
    services.record_person_tie(officer, bo, ada, thesis, now=NOW)
    assert services.end_person_tie(officer, made, year_to=NOW.year, now=NOW).year_to == NOW.year
    with refused("tie_ended"):
        services.end_person_tie(officer, made, year_to=NOW.year, now=NOW)
    events = AuditEvent.objects.filter(subject_type="network.persontie")
    assert sorted(one.verb for one in events) == ["end_person_tie", *["record_person_tie"] * 3]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "friend"}, "kind"),
        ({"source": " "}, "source"),
        ({"evidence": "x" * 301}, "evidence"),
        ({"year_from": 1949}, "year_from"),
        ({"year_from": NOW.year + 1}, "year_from"),
        ({"year_to": NOW.year + 1}, "year_to"),
        ({"year_to": 2019}, "year_to"),
    ],
)
def test_tie_with_a_fault_is_not_recorded(
    changes: dict[str, Any], field: str, ada: Person, bo: Person
) -> None:
    said: dict[str, Any] = {"kind": "co_author", "year_from": 2020, "source": "a paper"}
    said |= changes
    with pytest.raises(Invalid) as error:
        services.record_person_tie(SYSTEM, ada, bo, TieTerms(**said), now=NOW)
    assert [one.field for one in error.value.errors] == [field]
    assert not PersonTie.objects.exists()


def test_tie_ends_in_a_year_of_its_own(ada: Person, bo: Person) -> None:
    made = services.record_person_tie(SYSTEM, ada, bo, PAPER, now=NOW)
    with pytest.raises(Invalid):
        services.end_person_tie(SYSTEM, made, year_to=2019, now=NOW)


def test_ties_are_for_who_records_them_and_whom_they_concern(ada: Person, bo: Person) -> None:
    made = services.record_person_tie(SYSTEM, ada, bo, PAPER, now=NOW)
    user = make_user("Ada")
    ada.user = user
    ada.save(update_fields=["user"])
    own, stranger = make_actor(user_id=user.pk), make_actor(user_id=make_user("X").pk)
    manager = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "forge", user_id=0)
    for actor, found in ((own, [made]), (stranger, []), (manager, [made]), (Actor.public(), [])):
        assert list(queries.ties_visible_to(actor)) == found
    assert queries.tie_by_id(own, made.pk) == made
    with pytest.raises(NotFound):
        queries.tie_by_id(stranger, made.pk)
    with pytest.raises(NotPermitted):
        services.record_person_tie(own, ada, bo, PAPER, now=NOW)
    with pytest.raises(NotPermitted):
        services.end_person_tie(own, made, year_to=2021, now=NOW)


def test_manager_ties_people_whom_they_see_alone(ada: Person, bo: Person) -> None:
    institute = make_institute("forge")
    manager = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "forge")
    make_person_role(ada, institute)
    with pytest.raises(NotFound):
        services.record_person_tie(manager, ada, bo, PAPER, now=NOW)
    make_person_role(bo, institute)
    assert services.record_person_tie(manager, ada, bo, PAPER, now=NOW).pk


def test_list_is_recorded_whole_or_not_at_all(ada: Person, bo: Person) -> None:
    rows = [
        TieRow("ADA@gears.example", "bo@brass.example", PAPER),
        TieRow("bo@brass.example", "ada@gears.example", PAPER),
        TieRow("bo@brass.example", "ada@gears.example", TieTerms("advisor", 2015, "x", 2018)),
    ]
    assert services.record_person_ties(SYSTEM, rows, now=NOW, why="a list") == (2, 1)
    assert services.record_person_ties(SYSTEM, rows, now=NOW) == (0, 3)
    (event,) = AuditEvent.objects.filter(verb="record_person_ties")
    assert (event.count, event.why) == (2, "a list")
    wrong = [
        TieRow("nobody@x.example", "bo@brass.example", PAPER, row=2),
        TieRow("bo@brass.example", "BO@brass.example", PAPER, row=3),
        TieRow("ada@gears.example", "bo@brass.example", TieTerms("friend", 2020, "x"), row=4),
    ]
    with pytest.raises(Invalid) as error:
        services.record_person_ties(SYSTEM, wrong, now=NOW)
    faults = [(one.row, one.column) for one in error.value.errors]
    assert faults == [(2, "person"), (3, "other"), (4, "kind")]
    with pytest.raises(NotPermitted):
        services.record_person_ties(make_actor(Role.MEMBER), rows, now=NOW)
    assert PersonTie.objects.count() == 2


def test_ties_are_imported(ada: Person, bo: Person, settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path
    officer = make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)
    file = io.BytesIO(
        b"email,other email,kind,from,to,title,source\n"
        b"ada@gears.example,bo@brass.example,co_author,2019,2021,On gears,a database\n"
    )
    spec = IMPORTS["person-ties"]
    report = run_import(officer, spec, file, name="ties.csv", is_dry_run=False, now=NOW)
    assert report.errors == ()
    made = PersonTie.objects.get()
    assert (made.person, made.other, made.year_from, made.year_to) == (ada, bo, 2019, 2021)
    assert (made.evidence, made.source) == ("On gears", "a database")


# ------------------------------------------------------------------------------------- the doors


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(settings: Settings) -> Client:
    settings.IS_DEMONSTRATION = True
    user = make_user("Olga")
    make_grant(user, Role.PROGRAMME_OFFICER)
    return client_for(user)


def test_ties_are_recorded_and_ended_on_the_page_of_a_person(
    office: Client, ada: Person, bo: Person
) -> None:
    show = reverse("network:show_person", args=[ada.pk])
    record = reverse("network:record_person_tie", args=[ada.pk])
    make_person_role(ada, make_institute("forge"))
    assert show in office.get(reverse("network:list_people")).text
    assert "0 ties to others are recorded" in office.get(show).text
    assert office.get(record).status_code == 200
    sent = {"other": bo.email, "kind": "advisor", "year_from": 2020, "source": "a thesis"}
    assert office.post(record, sent | {"other": "nobody@x.example"}).status_code == 422
    assert office.post(record, sent).status_code == 302
    assert office.post(record, sent | {"is_advised": "on"}).status_code == 302
    page = office.get(show).text
    assert "Advised them" in page
    assert "Was advised by them" in page
    assert "since 2020" in page
    made = PersonTie.objects.get(person=ada)
    end = reverse("network:end_person_tie", args=[ada.pk, made.pk])
    assert end in page
    assert office.get(end).status_code == 200
    assert office.post(end, {"year_to": 2010}).status_code == 422
    assert office.post(end, {"year_to": 2021}).status_code == 302
    assert "2020–2021" in office.get(show).text
    plain = TieTerms("shared_project", 2019, "a register", 2020)
    services.record_person_tie(SYSTEM, bo, ada, plain, now=NOW)
    assert "Shared project" in office.get(show).text


def test_page_of_a_person_is_for_who_works_with_them(ada: Person, bo: Person) -> None:
    services.record_person_tie(SYSTEM, ada, bo, PAPER, now=NOW)
    stranger = client_for(make_user("X"))
    record = reverse("network:record_person_tie", args=[ada.pk])
    assert stranger.get(reverse("network:show_person", args=[ada.pk])).status_code == 404
    assert stranger.get(record).status_code == 403
    assert stranger.get(f"/api/v1/people/{ada.pk}/ties").status_code == 404
    user = make_user("Ada")
    ada.user = user
    ada.save(update_fields=["user"])
    page = client_for(user).get(reverse("network:show_person", args=[ada.pk])).text
    assert "On gears" in page
    assert record not in page


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_a_person_costs_the_same_for_any_number_of_ties(
    number: int, office: Client, ada: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        services.record_person_tie(SYSTEM, ada, make_person(f"P{place}"), PAPER, now=NOW)
    address = reverse("network:show_person", args=[ada.pk])
    office.get(address)
    with django_assert_num_queries(8):
        office.get(address)


def test_ties_over_the_api(office: Client, ada: Person, bo: Person) -> None:
    sent = {
        "person": ada.email,
        "other": bo.email,
        "kind": "co_author",
        "year_from": 2020,
        "source": "a database",
    }
    made = office.post("/api/v1/person-ties", sent, content_type="application/json").json()
    assert (made["person_id"], made["other_id"], made["year_to"]) == (ada.pk, bo.pk, None)
    ended = office.post(
        f"/api/v1/person-ties/{made['id']}/end", {"year_to": 2021}, content_type="application/json"
    )
    assert ended.json()["year_to"] == 2021
    listed = office.get(f"/api/v1/people/{bo.pk}/ties").json()["items"]
    assert [one["id"] for one in listed] == [made["id"]]
    stranger = client_for(make_user("X"))
    refused = stranger.post("/api/v1/person-ties", sent, content_type="application/json")
    assert refused.status_code == 403


def test_years_of_a_tie_lie_between_the_first_and_the_present() -> None:
    assert rules.faults_of_years(1950, None, last=2026) == []
    assert rules.faults_of_years(2020, 2020, last=2026) == []
