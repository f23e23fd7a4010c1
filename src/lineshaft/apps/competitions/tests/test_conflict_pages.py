from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Application, Competition, Conflict
from lineshaft.apps.competitions.services import TeamRow, UnwantedRow
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    make_applicant,
    make_application,
)
from lineshaft.apps.competitions.tests.conflicting import (
    Judge,
    close_call,
    make_handed_in,
    make_judge,
)
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_call,
    make_open,
)
from lineshaft.apps.competitions.tests.judging import let_on
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

WHY = "As told"
FIRM = "Zylinderwerke"
"""Stands in an application alone, and in what is found by it."""
GATED = 2


@pytest.fixture(autouse=True)
def _server(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)


@pytest.fixture
def call() -> Competition:
    return make_open(template="four_stage", agencies=("DOC",))


@pytest.fixture
def ada() -> Applicant:
    return make_applicant("Ada Applicant", FIRM)


@pytest.fixture
def made(call: Competition, ada: Applicant) -> Application:
    return make_handed_in(call, ada)


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


def to(call: Competition, name: str, *more: object) -> str:
    return reverse(f"competitions:{name}", args=[call.key, *more])


def watched(call: Competition, ada: Applicant, name: str = "Judy Judge") -> Judge:
    """A reviewer who works for the applicant, checked in the competition."""
    judge = make_judge(name, None, organisation=ada.organisation)
    services.watch_people(SYSTEM, call, [judge.person], now=NOW)
    return judge


def test_conflicts_are_read_filtered_and_exported_by_who_runs_it(
    made: Application, call: Competition, ada: Applicant
) -> None:
    watched(call, ada)
    officer = client_for(make_judge().user)
    assert "No conflict of interest can be read" in body_of(officer.get(to(call, "list_conflicts")))
    assert "Judy Judge" not in body_of(officer.get(to(call, "list_conflicts")))
    close_call(call)
    page = body_of(officer.get(to(call, "list_conflicts")))
    assert "1 conflict of interest waits for a decision" in page
    assert f"Works for {FIRM}" in page
    for narrowed, is_shown in (
        ("?q=judy", True),
        ("?q=nobody", False),
        ("?outcome=open", True),
        ("?outcome=waiver", False),
        ("?outcome=cleared", False),
        ("?kind=employer", True),
        ("?kind=unwanted", False),
        ("?origin=computed", True),
        ("?origin=declared", False),
        ("?kind=nonsense", True),
    ):
        page = body_of(officer.get(to(call, "list_conflicts") + narrowed))
        assert ("Judy Judge</a>" in page) is is_shown, narrowed
        exported = body_of(officer.get(to(call, "export_conflicts", "csv") + narrowed))
        assert ("Judy Judge" in exported) is is_shown, narrowed
    listed = body_of(officer.get(to(call, "list_conflict_subjects")))
    assert "Judy Judge" in listed
    assert "2 people are checked" in listed
    assert officer.get(to(call, "export_conflicts", "exe")).status_code == 404


def test_conflict_is_opened_and_decided_on_pages(
    made: Application, call: Competition, ada: Applicant
) -> None:
    watched(call, ada)
    close_call(call)
    officer, conflict = client_for(make_judge().user), Conflict.objects.get()
    show = to(call, "show_conflict", conflict.pk)
    decide = to(call, "decide_conflict", conflict.pk)
    assert decide in body_of(officer.get(show))
    assert "278s" in body_of(officer.get(decide))
    sent = {"outcome": "mitigation", "reason": WHY, "measure": "", "seen": 0}
    refused = officer.post(decide, sent)
    assert refused.status_code == 409
    assert "by which measure" in body_of(refused)
    assert officer.post(decide, sent | {"reason": ""}).status_code == 422
    assert officer.post(decide, sent | {"measure": "Leaves the room"}).status_code == 302
    page = body_of(officer.get(show))
    assert "Leaves the room" in page
    assert "Mitigation" in page
    assert officer.post(decide, sent | {"measure": "Anew"}).status_code == 409
    assert "1 conflict of interest is decided" in body_of(officer.get(to(call, "list_conflicts")))
    auditor = client_for(make_judge("Auditor", Role.AUDITOR).user)
    assert decide not in body_of(auditor.get(show))
    assert auditor.get(decide).status_code == 403
    assert auditor.post(to(call, "check_conflicts")).status_code == 403


def test_reviewer_declares_on_a_page_and_sees_their_own_without_the_application(
    made: Application, call: Competition, ada: Applicant
) -> None:
    employed, free = watched(call, ada), make_judge("Fred Free", None)
    services.watch_people(SYSTEM, call, [free.person], now=NOW)
    close_call(call)
    own = reverse("competitions:list_own_conflicts")
    page = body_of(client_for(employed.user).get(own))
    assert "1 conflict of yours stands" in page
    assert "Employer on the team" in page
    assert FIRM not in page
    assert "Light castings" not in page
    client = client_for(free.user)
    assert "No conflict of yours stands" in body_of(client.get(own))
    declare = to(call, "declare_conflict")
    assert declare in body_of(client.get(own))
    form = body_of(client.get(f"{declare}?application=1"))
    assert 'value="1"' in form
    assert "Judy Judge" not in form
    sent = {"application": 1, "kind": "personal", "evidence": "A cousin"}
    assert client.post(declare, sent | {"application": 7}).status_code == 404
    assert client.post(declare, sent | {"evidence": ""}).status_code == 422
    assert client.post(declare, sent).status_code == 302
    assert "A cousin" in body_of(client.get(own))
    stranger = client_for(make_judge("Stranger", None).user)
    assert stranger.get(declare).status_code == 404
    assert stranger.post(declare, sent).status_code == 404


def test_reviewer_of_a_call_of_an_institute_declares_though_they_may_not_read_the_call() -> None:
    call = make_call()
    judge = make_judge("Judy Judge", None)
    services.watch_people(SYSTEM, call, [judge.person], now=NOW)
    client = client_for(judge.user)
    assert client.get(call.get_absolute_url()).status_code == 404
    assert client.get(to(call, "declare_conflict")).status_code == 200
    assert (
        client_for(make_judge("X", None).user).get(to(call, "declare_conflict")).status_code == 404
    )


def test_officer_declares_for_somebody_and_checks_anew(
    made: Application, call: Competition
) -> None:
    person = make_person("Bo Brass")
    services.watch_people(SYSTEM, call, [person], now=NOW)
    close_call(call)
    officer = client_for(make_judge().user)
    sent = {
        "application": 1,
        "person": person.pk,
        "kind": "financial",
        "evidence": "Holds shares",
    }
    assert officer.post(to(call, "declare_conflict"), sent).status_code == 302
    assert "Holds shares" in body_of(officer.get(to(call, "list_conflicts")))
    checked = officer.post(to(call, "check_conflicts"), follow=True)
    assert "Everybody was compared" in body_of(checked)
    unknown = make_judge("Without a record")
    unknown.person.delete()
    assert "Without a record" in body_of(officer.get(to(call, "list_conflicts")))


def test_unwanted_reviewer_is_named_in_the_workspace_and_told_to_nobody_but_who_runs_it(
    made: Application, call: Competition, ada: Applicant
) -> None:
    rival = make_judge("Rita Rival", None)
    services.watch_people(SYSTEM, call, [rival.person], now=NOW)
    make_grant(ada.user, Role.MEMBER, ScopeKind.ORGANISATION, str(ada.organisation.pk))
    client = client_for(ada.user)
    name = reverse("competitions:name_unwanted_reviewer", args=[made.pk])
    assert client.get(name).status_code == 200
    sent = {"name": "Rita Rival", "why": "Works on the same"}
    assert client.post(name, sent | {"why": ""}).status_code == 422
    assert client.post(name, sent).status_code == 302
    workspace = body_of(client.get(made.get_absolute_url()))
    assert "Works on the same" in workspace
    bea = make_applicant("Bea", "Brass Works")
    member = services.invite_to_team(
        ada.actor, made, TeamRow("Bea", "editor", bea.user.email), now=NOW
    )
    services.join_team(bea.actor, member, now=NOW)
    writer = client_for(bea.user)
    assert "Rita Rival" not in body_of(writer.get(made.get_absolute_url()))
    assert writer.get(name).status_code == 403
    services.submit_application(ada.actor, made, now=NOW)
    close_call(call)
    officer = client_for(make_judge().user)
    opened = queries.submissions_opened(call).get()
    shown = body_of(officer.get(to(call, "show_submission", opened.pk)))
    assert "Works on the same" in shown
    conflict = Conflict.objects.get(kind="unwanted")
    assert "Works on the same" in body_of(officer.get(to(call, "show_conflict", conflict.pk)))
    own = body_of(client_for(rival.user).get(reverse("competitions:list_own_conflicts")))
    assert "No conflict of yours stands" in own


def test_officer_whom_a_team_named_reads_nothing_of_it_after_a_waiver(
    made: Application, call: Competition, ada: Applicant
) -> None:
    named, colleague = make_judge("Rita Rival"), make_judge()
    services.name_unwanted_reviewer(ada.actor, made, UnwantedRow("Rita Rival", WHY), now=NOW)
    call = close_call(call)
    conflict = Conflict.objects.get(kind="unwanted", person=named.person)
    services.decide_conflict(colleague.actor, conflict, "waiver", reason="Far off.", now=NOW)
    opened = queries.submissions_opened(call).get()
    addresses = [
        to(call, "show_submission", opened.pk),
        to(call, "list_conflicts"),
        to(call, "export_conflicts", "csv"),
        to(call, "export_conflicts", "json"),
    ]
    client, other = client_for(named.user), client_for(colleague.user)
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert WHY not in body_of(answer), address
    assert client.get(to(call, "show_conflict", conflict.pk)).status_code == 404
    assert WHY in body_of(other.get(addresses[0]))
    assert conflict in queries.conflicts_visible_to(colleague.actor, call)
    assert conflict not in queries.conflicts_visible_to(named.actor, call)


def test_unwanted_reviewer_is_taken_off_on_the_page(call: Competition, ada: Applicant) -> None:
    made = make_application(call, ada)
    make_grant(ada.user, Role.MEMBER, ScopeKind.ORGANISATION, str(ada.organisation.pk))
    one = services.name_unwanted_reviewer(ada.actor, made, UnwantedRow("Bo", WHY), now=NOW)
    client = client_for(ada.user)
    remove = reverse("competitions:remove_unwanted_reviewer", args=[made.pk, one.pk])
    assert remove in body_of(client.get(made.get_absolute_url()))
    assert client.post(remove).status_code == 302
    assert not queries.unwanted_of(made).exists()
    assert client.post(remove).status_code == 404


def test_results_tell_everybody_how_many_conflicts_there_were(
    made: Application, call: Competition, ada: Applicant
) -> None:
    judge, officer = watched(call, ada), make_judge()
    over = after_deadline(call)
    for _stage in range(3):
        call = services.begin_review(SYSTEM, call, now=over)
        if call.stage_number == GATED:
            let_on(call, GATED, now=over)
    services.decide_conflict(officer.actor, Conflict.objects.get(), "recusal", reason=WHY, now=over)
    services.begin_selection(SYSTEM, call, now=over)
    outcomes = dict.fromkeys(
        call.applications.values_list("pk", flat=True), rules.Outcome.NOT_SELECTED
    )
    services.decide_competition(SYSTEM, call, "None.", outcomes=outcomes, now=over)
    assert "recusals" not in body_of(Client().get(call.get_absolute_url()))
    services.publish_results(SYSTEM, call, now=over)
    page = body_of(Client().get(call.get_absolute_url()))
    assert "1 found: 1 recusals" in page
    assert judge.person.name not in page


@pytest.mark.parametrize("number", [1, 3])
def test_pages_of_conflicts_cost_the_same_for_any_number_of_them(
    number: int,
    made: Application,
    call: Competition,
    ada: Applicant,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for place in range(number):
        watched(call, ada, f"Judge {place}")
    close_call(call)
    officer = client_for(make_judge().user)
    costs = {
        to(call, "list_conflicts"): 12,
        to(call, "list_conflict_subjects"): 11,
        to(call, "export_conflicts", "csv"): 8,
        f"/api/v1/opportunities/{call.key}/conflicts": 8,
    }
    for address, count in costs.items():
        body_of(officer.get(address))
        with django_assert_num_queries(count):
            body_of(officer.get(address))


# --------------------------------------------------------------------------------------- the API


def test_conflicts_over_the_api(made: Application, call: Competition, ada: Applicant) -> None:
    judge = watched(call, ada)
    close_call(call)
    officer, own = client_for(make_judge().user), client_for(judge.user)
    base = f"/api/v1/opportunities/{call.key}/conflicts"
    (found,) = officer.get(base).json()["items"]
    assert (found["kind"], found["person_name"], found["number"]) == ("employer", "Judy Judge", 1)
    assert found["evidence"] == {"organisation": FIRM}
    checked = officer.post(f"{base}/check", content_type="application/json")
    assert checked.json() == {"found": 1, "open": 1}
    sent = {"outcome": "waiver", "reason": WHY, "seen": 0}
    decided = officer.post(f"{base}/{found['id']}/decide", sent, content_type="application/json")
    assert (decided.status_code, decided.json()["outcome"]) == (200, "waiver")
    again = officer.post(f"{base}/{found['id']}/decide", sent, content_type="application/json")
    assert again.status_code == 409
    declared = own.post(
        base,
        {"number": 1, "kind": "personal", "evidence": "A cousin"},
        content_type="application/json",
    )
    assert (declared.status_code, declared.json()["evidence"]) == (200, "A cousin")
    listed = own.get("/api/v1/conflicts/own").json()["items"]
    assert sorted((one["kind"], one["evidence"]) for one in listed) == [
        ("employer", ""),
        ("personal", "A cousin"),
    ]
    for_other = officer.post(
        base,
        {"number": 1, "kind": "other", "evidence": WHY, "person": judge.person.pk},
        content_type="application/json",
    )
    assert for_other.status_code == 200
    assert own.get(base).status_code == 404
    assert len(officer.get(f"{base}?outcome=waiver").json()["items"]) == 1
