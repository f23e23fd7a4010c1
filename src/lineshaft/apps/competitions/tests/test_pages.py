from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.competitions import rules, services
from lineshaft.apps.competitions.models import Competition, Question, SavedSearch, Topic
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_call,
    make_draft,
    make_open,
    make_terms,
    make_topic,
    stage_of,
)
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.network.tests.factories import make_agency, make_institute, make_organisation
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


class Clock:
    """The server's clock, which a test sets."""

    def __init__(self) -> None:
        self.now = NOW


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


def client_of(role: Role | None, kind: ScopeKind = ScopeKind.NETWORK, key: str = "") -> Client:
    user = make_user(f"{role} {key}")
    if role is not None:
        make_grant(user, role, kind, key)
    return client_for(user)


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer() -> Client:
    return client_of(Role.PROGRAMME_OFFICER)


@pytest.fixture
def firm() -> Organisation:
    return make_organisation("Anvil Works")


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_for_any_number_of_records(
    number: int,
    officer: Client,
    firm: Organisation,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for place in range(number):
        topic = make_topic(f"Topic {place}")
        services.endorse_topic(SYSTEM, topic, firm, now=NOW)
    for place in range(number):
        twin = make_organisation(f"Bolt {place}")
        services.endorse_topic(SYSTEM, topic, twin, now=NOW)
    for _place in range(number):
        draft = make_draft()
        services.take_up_topic(SYSTEM, make_topic(), draft, now=NOW)
        opened = services.open_competition(SYSTEM, draft, now=NOW)
        services.announce_competition(SYSTEM, make_draft(), now=NOW)
    for place in range(number):
        services.amend_competition(
            SYSTEM,
            opened,
            make_terms(title=f"Title {place}"),
            services.AmendmentWords("Another title."),
            now=NOW,
        )
        asked = services.ask_question(SYSTEM, opened, "May we?", now=NOW)
        services.answer_question(SYSTEM, asked, "Yes.", is_public=True, now=NOW)
    url = opened.get_absolute_url()
    for client, address, count in (
        (officer, "/topics/", 7),
        (officer, topic.get_absolute_url(), 10),
        (officer, "/competitions/", 7),
        (Client(), "/opportunities/", 6),
        (officer, url, 14),
        (Client(), url, 10),
        (Client(), f"{url}questions/", 5),
        (Client(), "/opportunities.ics", 2),
        (Client(), "/api/v1/opportunities", 2),
        (Client(), f"/api/v1/opportunities/{opened.key}", 8),
        (officer, "/api/v1/topics", 7),
    ):
        with django_assert_num_queries(count):
            assert client.get(address).status_code == 200


# ------------------------------------------------------------------------------------- a whole run

TERMS = {
    "title": "Photonics institute",
    "summary": "One institute for photonics.",
    "eligibility": "Non-profits.",
    "agencies": ["DOE"],
    "areas": ["robotics"],
    "level": "public",
    "floor_minor": "70,000,000",
    "ceiling_minor": "110,000,000",
    "awards_least": "0",
    "awards_most": "1",
    "term_months_least": "60",
    "term_months_most": "60",
    "match_share_bp": "50",
    "zone": "America/New_York",
    "opens_at": "2026-03-02T09:00",
    "closing_time": "17:00",
    "questions_until": "2026-04-01T12:00",
    "late_policy": "grace",
    "grace_minutes": "30",
}


def draft_by_page(client: Client) -> Competition:
    make_draft()  # stores what the forms offer
    answer = client.post(
        "/competitions/draft/",
        {
            "kind": "institute",
            "template": "two_step",
            "code": "2026-DOE-01",
            "title": "Photonics",
            "agencies": ["DOE"],
        },
    )
    assert answer["Location"] == "/opportunities/2026-doe-01/", text_of(answer)
    return Competition.objects.get(key="2026-doe-01")


def test_officer_writes_opens_and_amends_a_competition_by_pages(
    officer: Client, server_clock: Clock
) -> None:
    competition = draft_by_page(officer)
    url, base = competition.get_absolute_url(), f"/competitions/{competition.key}"
    page = text_of(officer.get(url))
    assert "Announce it" in page
    assert "45 days" in page
    refused = officer.post(f"{base}/open/")
    assert refused.status_code == 409
    assert "no summary" in text_of(refused)

    assert officer.post(f"{base}/edit/", TERMS)["Location"] == url
    competition.refresh_from_db()
    assert (competition.floor_minor, competition.match_share_bp) == (7_000_000_000, 5_000)
    assert (competition.opens_at, competition.grace_minutes) == (NOW, 30)
    edited = officer.get(f"{base}/edit/").context["form"]
    assert edited["opens_at"].value().isoformat() == "2026-03-02T09:00:00"
    assert edited["ceiling_minor"].value() == "110000000.00"

    assert officer.post(f"{base}/announce/").status_code == 302
    assert officer.post(f"{base}/open/").status_code == 302
    page = text_of(officer.get(url))
    assert "Apr 16, 2026 17:00 (America/New_York)" in page
    assert "A first award takes 5 to 7 years, and so do 60 to 60 months." in page
    assert "An award of up to $110,000,000 lies within the $70,000,000 to $120,000,000" in page

    amended = officer.post(
        f"{base}/amend/", TERMS | {"awards_most": "2", "summary_of_change": "Two, perhaps."}
    )
    assert amended["Location"] == f"{url}#amendments"
    extended = officer.post(
        f"{base}/stages/1/extend/",
        {"until": "2026-04-20T17:00", "summary_of_change": "Storm."},
    )
    assert extended["Location"] == f"{url}#amendments"
    page = text_of(Client().get(url))
    assert "Awards, at most: 1, now 2" in page
    assert "Deadline: Apr 16, 2026 17:00 (America/New_York), now Apr 20, 2026 17:00" in page
    notice: Any = Client().get(f"{url}notices/2/zh-hans.pdf")
    assert b"".join(notice.streaming_content).startswith(b"%PDF-")

    server_clock.now = after_deadline(competition)
    assert officer.post(f"{base}/review/").status_code == 409  # within the minutes of grace
    server_clock.now += timedelta(minutes=30)
    assert officer.post(f"{base}/review/").status_code == 302
    assert "Open “Full proposal”" in text_of(officer.get(url))
    assert officer.post(f"{base}/selection/begin/").status_code == 409


def test_stages_and_criteria_are_written_by_pages(officer: Client) -> None:
    competition = make_draft()
    base = f"/competitions/{competition.key}/stages"
    stage = {"days": 20, "gate": "open", "blindness": "open", "reviewers_least": 3}
    added = officer.post(
        f"{base}/add/", stage | {"after": 4, "kind": "visit", "name": "Visit", "name_zh": "考察"}
    )
    assert added["Location"].endswith("#stages")
    edited = officer.post(
        f"{base}/5/edit/", stage | {"kind": "visit", "name": "Site visit", "days": 25}
    )
    assert edited.status_code == 302
    assert stage_of(competition, 5).days == 25
    wrong = officer.post(
        f"{base}/5/criteria/", {"name_0": "Place", "weight_0": "60", "name_1": "", "weight_1": ""}
    )
    assert wrong.status_code == 422
    assert "The weights sum to 60 per cent." in text_of(wrong)
    right = {"name_0": "Place", "weight_0": "62.5", "name_1": "People", "weight_1": "37.5"}
    assert officer.post(f"{base}/5/criteria/", right).status_code == 302
    weights = list(stage_of(competition, 5).criteria.values_list("name", "weight_bp"))
    assert weights == [("Place", 6_250), ("People", 3_750)]
    means = {"text_1": "Bare ground.", "text_zh_1": "空地。"}
    assert officer.post(f"{base}/5/criteria/1/anchors/", means).status_code == 302
    assert "1: Bare ground." in text_of(officer.get(competition.get_absolute_url()))
    assert officer.post(f"{base}/5/remove/").status_code == 302
    assert competition.stages.count() == 5


def test_stage_to_come_is_amended_by_its_page(officer: Client) -> None:
    competition = make_open()
    address = f"/competitions/{competition.key}/stages/4/amend/"
    form = officer.get(address).context["form"]
    sent = {name: field.initial for name, field in form.fields.items() if field.initial}
    sent |= {name: value for name, value in form.initial.items() if value}
    sent |= {"reviewers_least": 5, "summary_of_change": "More eyes."}
    answer = officer.post(address, sent)
    assert answer.status_code == 302, text_of(answer)
    (change,) = competition.amendments.get().changes
    assert change == ["reviewers_least", 3, 5]
    assert officer.get(f"/competitions/{competition.key}/stages/9/amend/").status_code == 404


def test_official_of_no_known_address_is_a_fault_in_the_form(officer: Client) -> None:
    competition = make_draft()
    base = f"/competitions/{competition.key}/edit/"
    answer = officer.post(base, TERMS | {"official": "none@example.org"})
    assert answer.status_code == 422
    assert "There is no such person" in text_of(answer)
    Person.objects.create(name="O", email="o@example.org")
    assert officer.post(base, TERMS | {"official": "O@example.org"}).status_code == 302


def test_what_the_official_decided_is_read_once_it_is_published(
    officer: Client, server_clock: Clock
) -> None:
    user = make_user("Official")
    official = Person.objects.create(name="Official", user=user)
    call = make_call(level="network", selecting_official=official)
    services.begin_review(SYSTEM, call, now=after_deadline(call))
    services.begin_selection(SYSTEM, call, now=after_deadline(call, 2))
    url = call.get_absolute_url()
    named = make_actor(Role.REVIEWER, user_id=user.pk)
    services.decide_competition(
        named, call, "Team 3, on merit.", now=after_deadline(call, 2), outcomes={}
    )
    reader = client_of(Role.REVIEWER)
    assert "Team 3" not in text_of(reader.get(url))
    assert "Team 3" in text_of(officer.get(url))
    assert officer.post(f"/competitions/{call.key}/publish/").status_code == 302
    assert "Team 3, on merit." in text_of(reader.get(url))


def test_cancellation_gives_its_reason_to_everybody(officer: Client) -> None:
    competition = make_open()
    address = f"/competitions/{competition.key}/cancel/"
    assert officer.post(address, {"why": ""}).status_code == 422
    assert officer.post(address, {"why": "The money went elsewhere."}).status_code == 302
    assert "The money went elsewhere." in text_of(Client().get(competition.get_absolute_url()))


# ----------------------------------------------------------------------------------- closed doors


def pages_of(competition: Competition) -> list[tuple[str, str]]:
    """Every address that changes a competition, with the method by which it is asked."""
    base = f"/competitions/{competition.key}/"
    forms = ["edit", "amend", "cancel", "stages/add", "stages/1/edit", "stages/2/amend"]
    forms += ["stages/2/criteria", "stages/2/criteria/1/anchors", "stages/1/extend"]
    posts = ("announce", "open", "review", "call", "selection/begin", "publish", "stages/1/remove")
    return [
        *((f"{base}{name}/", method) for name in forms for method in ("get", "post")),
        *((f"{base}{name}/", "post") for name in posts),
    ]


READERS: dict[str, tuple[Role | None, ScopeKind, str]] = {
    "learner": (Role.LEARNER, ScopeKind.NETWORK, ""),
    "reviewer": (Role.REVIEWER, ScopeKind.NETWORK, ""),
    "another agency": (Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
    "manager of another": (Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift"),
    "auditor": (Role.AUDITOR, ScopeKind.NETWORK, ""),
}


@pytest.mark.parametrize("who", READERS)
def test_nobody_but_who_runs_it_changes_or_sees_a_draft(who: str) -> None:
    make_agency("DOD")
    make_institute("lift", sponsors=("DOD",))
    draft = make_draft("2026-SECRET", title="Zylinder")
    client = client_of(*READERS[who])
    expected = 403 if who == "auditor" else 404  # who reads everything
    for address, method in pages_of(draft):
        status = getattr(client, method)(address).status_code
        assert (address, status) == (address, expected)
    for address in ("", "questions/", "notices/0/en.pdf"):
        status = client.get(f"{draft.get_absolute_url()}{address}").status_code
        assert status == (404 if who != "auditor" or "notices" in address else 200)
    for address in (
        "/opportunities/?status=all",
        "/opportunities.ics",
        "/search/?q=zylind",
        "/api/v1/opportunities?status=posted",
        "/",
        "/topics/",
        "/competitions/",
    ):
        assert "Zylinder" not in text_of(client.get(address)), address
    assert client.get(f"/opportunities/{draft.key}.ics").status_code == 404
    assert client.get(f"/api/v1/opportunities/{draft.key}").status_code == 404
    assert Competition.objects.get().state == rules.DRAFT


@pytest.mark.parametrize("who", READERS)
def test_nobody_but_who_runs_it_changes_what_is_open(who: str) -> None:
    make_agency("DOD")
    make_institute("lift", sponsors=("DOD",))
    opened = make_open()
    client = client_of(*READERS[who])
    for address, method in pages_of(opened):
        status = getattr(client, method)(address).status_code
        assert (address, status) == (address, 403)
    page = text_of(client.get(opened.get_absolute_url()))
    assert "Amend the terms" not in page
    assert "Rules in force" not in page


def test_call_to_members_is_seen_by_those_it_is_shared_with() -> None:
    institute = make_institute("lift", sponsors=("DOD",))
    make_institute("iacmi", sponsors=("DOE",))
    call = make_call(institute, title="Zylinder")
    doors = (call.get_absolute_url(), f"/opportunities/{call.key}.ics")
    seen = {
        name: [client.get(door).status_code for door in doors]
        for name, client in (
            ("public", Client()),
            ("reviewer", client_of(Role.REVIEWER)),
            ("its manager", client_of(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")),
            ("another's", client_of(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "iacmi")),
            ("its agency", client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")),
            ("another", client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOE")),
        )
    }
    assert seen == {
        "public": [404, 404],
        "reviewer": [404, 404],
        "its manager": [200, 200],
        "another's": [404, 404],
        "its agency": [200, 200],
        "another": [404, 404],
    }
    for address in ("/opportunities/", "/opportunities.ics", "/search/?q=zylin"):
        assert "Zylinder" not in text_of(client_of(Role.REVIEWER).get(address))


# ------------------------------------------------------------------------------- topics by pages


@pytest.fixture
def member(firm: Organisation) -> Client:
    """Speaks for the firm, which is a member of an institute."""
    make_agreement(firm, make_institute("lift"))
    return client_of(Role.MEMBER, ScopeKind.ORGANISATION, str(firm.pk))


def test_member_proposes_and_endorses_and_the_office_merges(
    member: Client, officer: Client, firm: Organisation
) -> None:
    other = make_topic("Casting")
    sent = {
        "speaker": f"organisation:{firm.pk}",
        "title": "Bonding",
        "text": "Why.",
        "areas": ["robotics"],
        "level": "network",
    }
    topic_url = member.post("/topics/propose/", sent)["Location"]
    topic = Topic.objects.get(title="Bonding")
    assert (topic_url, topic.organisation) == (f"/topics/{topic.pk}/", firm)
    endorsed = member.post(
        f"{topic_url}endorse/", {"organisation": firm.pk, "remark": "We have a line."}
    )
    assert endorsed["Location"] == f"{topic_url}#endorsements"
    page = text_of(member.get(topic_url))
    assert "1 organisation endorses it" in page
    assert "We have a line." in page
    assert member.post(f"{topic_url}merge/", {"into": other.pk, "why": "x"}).status_code == 403
    merged = officer.post(f"{topic_url}merge/", {"into": other.pk, "why": "The same."})
    assert merged["Location"] == other.get_absolute_url()
    assert "Bonding" in text_of(officer.get(other.get_absolute_url()))
    endorsement = topic.endorsements.get()
    address = f"/topics/{topic.pk}/endorsements/{endorsement.pk}/withdraw/"
    assert officer.post(address).status_code == 403
    assert member.post(address).status_code == 302


def test_office_takes_a_topic_up_and_the_link_stands_on_both(officer: Client) -> None:
    topic, draft = make_topic("Casting"), make_draft("2026-C")
    address = f"{topic.get_absolute_url()}take-up/"
    assert officer.post(address, {"competition": draft.key}).status_code == 302
    assert "2026-C" in text_of(officer.get(topic.get_absolute_url()))
    assert "Casting" in text_of(officer.get(draft.get_absolute_url()))
    assert officer.post(f"{topic.get_absolute_url()}withdraw/", {"why": "x"}).status_code == 409


def test_stranger_opens_no_form_of_topics() -> None:
    topic = make_topic(level="public")
    learner = client_of(Role.LEARNER)
    base = topic.get_absolute_url()
    assert learner.get(base).status_code == 200
    assert "Ada" not in text_of(learner.get(base))
    for address in ("/topics/propose/", *(f"{base}{verb}/" for verb in ("endorse", "withdraw"))):
        assert learner.get(address).status_code == 403
    for verb in ("merge", "take-up"):
        assert learner.get(f"{base}{verb}/").status_code == 403


# ----------------------------------------------------------------- questions, searches, calendars


def test_question_is_asked_and_answered_by_pages(officer: Client) -> None:
    url = make_open().get_absolute_url()
    asker = client_of(Role.LEARNER)
    assert "Sign in to ask a question" in text_of(Client().get(f"{url}questions/"))
    assert asker.post(f"{url}questions/ask/", {"text": "May we?"}).status_code == 302
    assert "May we?" not in text_of(Client().get(f"{url}questions/"))
    assert asker.get(f"{url}questions/1/answer/").status_code == 403
    answer = {"answer": "You may.", "is_public": "on"}
    assert officer.post(f"{url}questions/1/answer/", answer).status_code == 302
    assert Question.objects.get().is_public
    page = text_of(Client().get(f"{url}questions/"))
    assert "You may." in page
    assert str(Role.LEARNER) not in page


def test_search_is_kept_from_the_list_and_deleted() -> None:
    client = client_of(Role.LEARNER)
    make_open()
    page = text_of(client.get("/opportunities/?q=smart&kind=institute"))
    assert "/opportunities/searches/save/?q=smart&amp;kind=institute" in page
    form = client.get("/opportunities/searches/save/?q=smart&kind=institute").context["form"]
    assert (form["q"].value(), form["kind"].value()) == ("smart", "institute")
    sent = {"name": "Mine", "q": "smart", "kind": "institute", "is_told": "on"}
    assert client.post("/opportunities/searches/save/", sent).status_code == 302
    saved = SavedSearch.objects.get()
    assert "Mine" in text_of(client.get("/opportunities/searches/"))
    other = client_of(Role.PROGRAMME_OFFICER)
    assert other.post(f"/opportunities/searches/{saved.pk}/delete/").status_code == 404
    assert "Mine" not in text_of(other.get("/opportunities/searches/"))
    assert client.post(f"/opportunities/searches/{saved.pk}/delete/").status_code == 302


def test_calendar_holds_openings_days_and_deadlines() -> None:
    opened = make_open(
        "2026-I",
        information_at=NOW + timedelta(days=9),
        information_place="Atlanta",
        questions_until=NOW + timedelta(days=20),
    )
    calendar = Calendar.from_ical(Client().get("/opportunities.ics").content)
    events = {str(one["uid"]).partition("-")[2]: one for one in calendar.walk("VEVENT")}
    names = sorted(str(one["summary"]) for one in events.values())
    assert names == [
        "2026-I opens: Smart manufacturing institute",
        "2026-I, Concept paper due: Smart manufacturing institute",
        "2026-I, Full proposal due: Smart manufacturing institute",
        "2026-I, information day: Smart manufacturing institute",
        "2026-I, last questions: Smart manufacturing institute",
    ]
    services.cancel_competition(SYSTEM, opened, why="x", now=NOW)
    own = Calendar.from_ical(Client().get(f"/opportunities/{opened.key}.ics").content)
    assert {str(one["status"]) for one in own.walk("VEVENT")} == {"CANCELLED"}


def test_pages_are_written_in_chinese_too(officer: Client) -> None:
    url = make_open().get_absolute_url()
    officer.cookies["django_language"] = "zh-hans"
    page = text_of(officer.get(url))
    assert "智能制造创新中心" in page
    assert "项目概念书" in page
    assert "公告" in page
