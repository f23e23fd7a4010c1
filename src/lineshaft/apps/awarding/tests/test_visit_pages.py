from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.awarding import rules, services
from lineshaft.apps.awarding.models import FindingFile, SiteVisit, VisitFinding
from lineshaft.apps.awarding.services import Noted
from lineshaft.apps.awarding.tests.factories import (
    JPEG,
    MOMENT,
    TERMS,
    VISIT_STAGE,
    during,
    hand_in,
    make_held,
    make_officer,
    make_seated,
    make_somebody,
    make_visit,
    make_visited,
    photo,
    send,
)
from lineshaft.apps.competitions import services as competing
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.tests.applicants import Applicant, make_applicant
from lineshaft.apps.competitions.tests.factories import SYSTEM, stage_of
from lineshaft.apps.reviewing.tests.closed import close_to
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

WORD = "Zylinderkopf"
"""Stands in what was noted alone."""


class Clock:
    """The server's clock, which a test sets."""

    def __init__(self) -> None:
        self.now = MOMENT


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def shown() -> Competition:
    return make_visited()


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def of(visit: SiteVisit, name: str, *more: object) -> str:
    return reverse(f"awarding:{name}", args=[visit.stage.competition.key, visit.pk, *more])


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


def test_visit_goes_from_plan_to_report_on_pages(shown: Competition, server_clock: Clock) -> None:
    application = hand_in(shown, "Light castings")
    officer, panel = make_officer(), make_seated(stage_of(shown, VISIT_STAGE), "Pia Panel")
    client = client_for(officer.user)
    listed = reverse("awarding:list_visits", args=[shown.key])
    assert "No visit is planned" in body_of(client.get(listed))
    plan = reverse("awarding:plan_visit", args=[shown.key, VISIT_STAGE])
    assert "Light castings" in body_of(client.get(plan))
    sent = {
        "application": application.pk,
        "place": "Hall 4",
        "starts_at": "2026-08-04T09:00",
        "ends_at": "2026-08-04T17:00",
        "remark": "Bring shoes.",
    }
    assert client.post(plan, {**sent, "place": ""}).status_code == 422
    assert client.post(plan, sent).status_code == 302
    visit = SiteVisit.objects.get()
    assert visit.starts_at.isoformat() == "2026-08-04T13:00:00+00:00"
    page = body_of(client.get(of(visit, "show_visit")))
    assert "Nobody is on the team yet." in page
    assert "The visit takes place" not in page
    moved = {**sent, "place": "Hall 5", "seen": visit.revision}
    assert client.post(of(visit, "edit_visit"), moved).status_code == 302
    assert client.post(of(visit, "edit_visit"), moved).status_code == 409
    assert "Pia Panel" in body_of(client.get(of(visit, "add_visit_member")))
    member = {"person": panel.person.pk, "is_lead": "on"}
    assert client.post(of(visit, "add_visit_member"), member).status_code == 302
    agenda = {"starts_at_0": "2026-08-04T09:00", "title_0": "Walk the line", "who_0": "Chief"}
    assert client.post(of(visit, "set_agenda"), agenda).status_code == 302
    server_clock.now = during(visit)
    going = client_for(panel.user)
    assert "The visit takes place" in body_of(going.get(of(visit, "show_visit")))
    assert going.post(of(visit, "hold_visit")).status_code == 302
    assert going.post(of(visit, "add_checklist_item"), {"name": "Roof"}).status_code == 302
    answers = {f"answer_{one.number}": "yes" for one in visit.checklist.all()}
    seen = {f"seen_{one.number}": "0" for one in visit.checklist.all()}
    assert going.post(of(visit, "answer_checklist"), answers | seen).status_code == 302
    finding = {
        "kind": "strength",
        "text": WORD,
        "file": SimpleUploadedFile("hall.jpg", JPEG, "image/jpeg"),
    }
    assert going.post(of(visit, "record_finding"), finding).status_code == 302
    file = FindingFile.objects.get()
    answer = going.get(of(visit, "download_finding_file", file.pk))
    assert body_of(answer).encode(errors="replace")[-5:] == b"photo"
    assert "attachment" in answer["Content-Disposition"]
    page = body_of(going.get(of(visit, "show_visit")))
    assert WORD in page
    assert "hall.jpg" in page
    assert going.post(of(visit, "report_visit"), {"summary": ""}).status_code == 422
    assert going.post(of(visit, "report_visit"), {"summary": "Sound."}).status_code == 302
    pdf = client.get(of(visit, "download_visit_report", "zh-hans"))
    assert body_of(pdf).startswith("%PDF")
    assert client.get(of(visit, "download_visit_report", "fr")).status_code == 404
    page = body_of(client.get(listed))
    assert "1 of 1 visit was held" in page
    assert "Reported" in page
    assert "Sound." in body_of(client.get(of(visit, "show_visit")))


def test_agenda_lacks_no_title_and_no_beginning(shown: Competition) -> None:
    visit = make_visit(shown)
    client = client_for(make_officer().user)
    lacking = {"starts_at_0": "", "title_0": "Walk", "who_1": "Chief"}
    answer = client.post(of(visit, "set_agenda"), lacking)
    assert answer.status_code == 422
    assert "Say when it begins." in body_of(answer)
    assert "Say what is done." in body_of(answer)
    wrong = {"starts_at_0": "noon", "title_0": "Walk"}
    assert client.post(of(visit, "set_agenda"), wrong).status_code == 422
    services.set_agenda(
        SYSTEM, visit, [rules.AgendaRow(TERMS.starts_at, "Walk the line")], now=MOMENT
    )
    page = body_of(client.get(of(visit, "set_agenda")))
    assert "Walk the line" in page
    assert 'value="2026-08-04T08:00"' in page


def test_checklist_form_stores_what_was_changed_alone(
    shown: Competition, server_clock: Clock
) -> None:
    officer = make_officer()
    visit = make_held(shown)
    server_clock.now = during(visit)
    client = client_for(officer.user)
    page = body_of(client.get(of(visit, "answer_checklist")))
    assert 'name="initial-answer_1"' in page
    services.answer_checklist(SYSTEM, visit, {1: Noted("no", "Leaks")}, now=server_clock.now)
    unseen = {f"initial-{name}_{n}": "" for name in ("answer", "note") for n in (1, 2)}
    mine = {"answer_1": "", "answer_2": "partly", "note_2": "Half", "seen_1": 0, "seen_2": 0}
    assert client.post(of(visit, "answer_checklist"), unseen | mine).status_code == 302
    found = list(visit.checklist.order_by("number").values_list("answer", "note"))
    assert found[:2] == [("no", "Leaks"), ("partly", "Half")]
    late = unseen | {"answer_1": "yes", "seen_1": 0}
    assert client.post(of(visit, "answer_checklist"), late).status_code == 409


def test_photo_of_a_wrong_kind_is_refused_in_a_sentence(
    shown: Competition, server_clock: Clock
) -> None:
    visit = make_held(shown)
    server_clock.now = during(visit)
    client = client_for(make_officer().user)
    page = body_of(client.get(of(visit, "record_finding")))
    assert 'accept="application/pdf,image/jpeg,image/png"' in page
    wrong = SimpleUploadedFile("hall.jpg", b"GIF89a", "image/jpeg")
    sent = {"kind": "risk", "text": "x", "file": wrong}
    answer = client.post(of(visit, "record_finding"), sent)
    assert answer.status_code == 409
    assert "Send one of: JPEG, PDF, PNG." in body_of(answer)
    assert not VisitFinding.objects.exists()
    made = services.record_finding(SYSTEM, visit, "risk", "Old roof", now=server_clock.now)
    attach = of(visit, "attach_to_finding", made.number)
    assert "Old roof" in body_of(client.get(attach))
    right = SimpleUploadedFile("hall.jpg", JPEG, "image/jpeg")
    assert client.post(attach, {"file": right}).status_code == 302
    edit = of(visit, "edit_finding", made.number)
    assert "Old roof" in body_of(client.get(edit))
    words = {"kind": "risk", "text": "Older roof", "seen": 1}
    assert client.post(edit, words).status_code == 302
    assert client.post(edit, words).status_code == 409
    assert client.get(of(visit, "edit_finding", 99)).status_code == 404
    assert client.get(of(visit, "download_finding_file", 99)).status_code == 404


def test_team_is_changed_on_the_page(shown: Competition) -> None:
    visit = make_visit(shown)
    members = [send(visit, make_seated(visit.stage, f"Pia {place}")) for place in (1, 2)]
    client = client_for(make_officer().user)
    assert "Pia 2 leads the visit" in body_of(client.get(of(visit, "show_visit")))
    assert client.post(of(visit, "name_visit_lead", members[1].pk)).status_code == 302
    assert client.post(of(visit, "remove_visit_member", members[0].pk)).status_code == 302
    assert list(visit.members.values_list("person__name", "is_lead")) == [("Pia 2", True)]
    assert client.post(of(visit, "name_visit_lead", members[0].pk)).status_code == 404


def test_cancelled_visit_says_why_and_leaves_the_calendars(shown: Competition) -> None:
    visit = make_visit(shown)
    client = client_for(make_officer().user)
    calendar = body_of(client.get(of(visit, "feed_visit")))
    assert f"UID:{visit.uid}@lineshaft" in calendar
    assert "STATUS:CONFIRMED" in calendar
    assert "LOCATION:Hall 4\\, Anvil Street 1" in calendar
    assert client.post(of(visit, "cancel_visit"), {"why": "Snow"}).status_code == 302
    assert "Cancelled: Snow" in body_of(client.get(of(visit, "show_visit")))
    assert "STATUS:CANCELLED" in body_of(client.get(of(visit, "feed_visit")))


# ------------------------------------------------------------------------------------ the applicant


def applicant_of(shown: Competition) -> tuple[Applicant, Client]:
    ada = make_applicant()
    make_grant(ada.user, Role.MEMBER, ScopeKind.ORGANISATION, str(ada.organisation.pk))
    return ada, client_for(ada.user)


def test_applicant_sees_the_visit_and_answers_and_no_finding(
    shown: Competition, server_clock: Clock
) -> None:
    ada, client = applicant_of(shown)
    application = hand_in(shown, applicant=ada)
    own = reverse("awarding:show_own_visit", args=[application.pk])
    assert "No visit is planned" in body_of(client.get(own))
    assert own in body_of(client.get(application.get_absolute_url()))
    visit = make_held(shown, application=application)
    now = server_clock.now = during(visit)
    services.set_agenda(
        SYSTEM, visit, [rules.AgendaRow(TERMS.starts_at, "Walk the line", "Chief")], now=now
    )
    services.record_finding(SYSTEM, visit, "weakness", WORD, files=[photo()], now=now)
    services.answer_checklist(SYSTEM, visit, {1: Noted("no", WORD)}, now=now)
    asked = services.ask_open_question(SYSTEM, visit, "Who owns the hall?", now=now)
    page = body_of(client.get(own))
    assert "1 question waits for your answer" in page
    for text in ("Hall 4, Anvil Street 1", "Bring shoes.", "Walk the line", "Who owns the hall?"):
        assert text in page
    assert WORD not in page
    url = reverse("awarding:answer_open_question", args=[application.pk, visit.pk, asked.number])
    assert "Who owns the hall?" in body_of(client.get(url))
    assert client.post(url, {"answer": ""}).status_code == 422
    assert client.post(url, {"answer": "The city."}).status_code == 302
    page = body_of(client.get(own))
    assert "The city." in page
    assert "The visit is on" in page
    for number in range(2, visit.checklist.count() + 1):
        services.answer_checklist(SYSTEM, visit, {number: Noted("yes")}, now=now)
    services.report_visit(SYSTEM, visit, WORD, now=now)
    assert WORD not in body_of(client.get(own))
    for name in ("show_visit", "feed_visit", "record_finding", "answer_checklist"):
        assert client.get(of(visit, name)).status_code == 404
    file = FindingFile.objects.get()
    assert client.get(of(visit, "download_finding_file", file.pk)).status_code == 404
    assert client.get(of(visit, "download_visit_report", "en")).status_code == 404
    assert client.get(reverse("awarding:list_visits", args=[shown.key])).status_code == 404


def test_others_of_the_team_read_and_partners_and_rivals_do_not(shown: Competition) -> None:
    ada, _client = applicant_of(shown)
    application = hand_in(shown, applicant=ada)
    visit = make_visit(shown, application)
    asked = services.ask_open_question(SYSTEM, visit, "Why?", now=MOMENT)
    services.cancel_visit(SYSTEM, visit, why="Snow", now=MOMENT)
    own = reverse("awarding:show_own_visit", args=[application.pk])
    url = reverse("awarding:answer_open_question", args=[application.pk, visit.pk, asked.number])
    reader, partner, rival = make_somebody("R"), make_somebody("P"), make_somebody("X")
    other = make_applicant("Pat", "Partner Works").organisation
    for who, organisation in ((reader, ada.organisation), (partner, other)):
        application.team.create(
            user=who.user, name="x", organisation=organisation, role="reader", joined_at=MOMENT
        )
    page = body_of(client_for(reader.user).get(own))
    assert "Why it was cancelled" in page
    assert url not in page
    assert client_for(reader.user).get(url).status_code == 403
    assert client_for(partner.user).get(application.get_absolute_url()).status_code == 200
    for who in (partner, rival, make_officer()):
        assert client_for(who.user).get(own).status_code == 404
        assert client_for(who.user).get(url).status_code == 404


# -------------------------------------------------------------------------------------------- leaks


def test_who_may_not_see_a_visit_gets_nothing_of_it(
    shown: Competition, server_clock: Clock
) -> None:
    visit = make_held(shown)
    server_clock.now = during(visit)
    services.record_finding(SYSTEM, visit, "risk", WORD, files=[photo()], now=server_clock.now)
    file = FindingFile.objects.get()
    pages = [
        of(visit, name)
        for name in (
            *("show_visit", "feed_visit", "edit_visit", "cancel_visit", "set_agenda"),
            *("add_visit_member", "answer_checklist", "add_checklist_item", "record_finding"),
            *("ask_open_question", "report_visit"),
        )
    ]
    pages += [of(visit, "edit_finding", 1), of(visit, "attach_to_finding", 1)]
    pages.append(of(visit, "download_finding_file", file.pk))
    listed = reverse("awarding:list_visits", args=[shown.key])
    api = f"/api/v1/competitions/{shown.key}/visits"
    officer, stranger = make_officer(), make_somebody()
    other_panel = make_seated(stage_of(shown, 2))
    for who in (stranger, other_panel):
        client = client_for(who.user)
        assert {client.get(page).status_code for page in (*pages, listed, api)} == {404}
    close_to(officer.actor, visit.application)
    client = client_for(officer.user)
    assert {client.get(page).status_code for page in pages} == {404}
    assert client.post(of(visit, "hold_visit")).status_code == 404
    page = body_of(client.get(listed))
    assert "No visit is planned" in page
    assert WORD not in page
    assert client.get(api).json()["items"] == []
    assert client.get(f"{api}/{visit.pk}").status_code == 404


def test_panel_that_does_not_go_reads_and_writes_nothing(
    shown: Competition, server_clock: Clock
) -> None:
    visit = make_held(shown)
    server_clock.now = during(visit)
    services.record_finding(SYSTEM, visit, "risk", WORD, now=server_clock.now)
    client = client_for(make_seated(visit.stage).user)
    page = body_of(client.get(of(visit, "show_visit")))
    assert WORD in page
    assert "Word it anew" not in page
    assert reverse("competitions:list_submissions", args=[shown.key]) not in page
    for name in ("record_finding", "answer_checklist", "report_visit", "edit_visit"):
        assert client.get(of(visit, name)).status_code == 403
    assert client.get(reverse("awarding:list_visits", args=[shown.key])).status_code == 200


def test_visit_of_a_withdrawn_application_shows_nothing_noted(
    shown: Competition, server_clock: Clock
) -> None:
    ada, _client = applicant_of(shown)
    application = hand_in(shown, WORD, applicant=ada)
    visit = make_held(shown, application=application)
    server_clock.now = during(visit)
    services.record_finding(SYSTEM, visit, "risk", WORD, files=[photo()], now=server_clock.now)
    competing.withdraw_from_competition(ada.actor, application, why="x", now=server_clock.now)
    client = client_for(make_officer().user)
    page = body_of(client.get(of(visit, "show_visit")))
    assert "Application withdrawn" in page
    assert WORD not in page
    assert WORD not in body_of(client.get(reverse("awarding:list_visits", args=[shown.key])))
    assert WORD not in body_of(client.get(of(visit, "feed_visit")))
    file = FindingFile.objects.get()
    assert client.get(of(visit, "download_finding_file", file.pk)).status_code == 404
    assert client.get(f"/api/v1/competitions/{shown.key}/visits").json()["items"] == []
    assert client.get(f"/api/v1/competitions/{shown.key}/visits/{visit.pk}").status_code == 404


# --------------------------------------------------------------------------------------------- API


def test_api_lists_shows_and_plans_visits(shown: Competition, server_clock: Clock) -> None:
    visit = make_held(shown)
    now = server_clock.now = during(visit)
    services.record_finding(SYSTEM, visit, "risk", "Old roof", files=[photo()], now=now)
    services.ask_open_question(SYSTEM, visit, "Why?", now=now)
    client = client_for(make_officer().user)
    api = f"/api/v1/competitions/{shown.key}/visits"
    (listed,) = client.get(api).json()["items"]
    assert (listed["state"], listed["title"], listed["stage"]) == ("held", "Light castings", 3)
    detail = client.get(f"{api}/{visit.pk}").json()
    assert [(one["kind"], one["text"], len(one["files"])) for one in detail["findings"]] == [
        ("risk", "Old roof", 1)
    ]
    assert [one["text"] for one in detail["questions"]] == ["Why?"]
    assert detail["checklist"][0]["answer"] == ""
    sent = {
        "stage": VISIT_STAGE,
        "application": hand_in(shown, "Another").pk,
        "place": "Hall 9",
        "starts_at": TERMS.starts_at.isoformat(),
        "ends_at": TERMS.ends_at.isoformat(),
    }
    naive = sent | {"starts_at": TERMS.starts_at.replace(tzinfo=None).isoformat()}
    assert client.post(api, naive, content_type="application/json").status_code == 422
    made = client.post(api, sent, content_type="application/json")
    assert made.status_code == 200, made.content
    assert made.json()["title"] == "Another"
    again = client.post(api, sent, content_type="application/json")
    assert again.status_code == 409
    unknown = client.post(api, sent | {"application": 10**6}, content_type="application/json")
    assert unknown.status_code == 404
    stranger = client_for(make_somebody().user)
    assert stranger.post(api, sent, content_type="application/json").status_code == 404


# ----------------------------------------------------------------------------------------- counts


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_take_as_many_queries_for_any_number_of_rows(
    rows: int, shown: Competition, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visits = [make_visit(shown, hand_in(shown, f"Plan {place}")) for place in range(rows)]
    officer = make_officer()
    for visit in visits:
        for _each in range(rows):
            send(visit, make_seated(visit.stage))
            services.ask_open_question(SYSTEM, visit, "Why?", now=MOMENT)
    client = client_for(officer.user)
    listed = reverse("awarding:list_visits", args=[shown.key])
    client.get(listed)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(listed)
    with django_assert_num_queries(SHOW_QUERIES):
        client.get(of(visits[0], "show_visit"))
    with django_assert_num_queries(API_QUERIES):
        client.get(f"/api/v1/competitions/{shown.key}/visits")


LIST_QUERIES = 11
SHOW_QUERIES = 16
API_QUERIES = 8
