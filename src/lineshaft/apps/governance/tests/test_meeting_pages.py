import json
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.governance import rules, services
from lineshaft.apps.governance.models import (
    Body,
    Meeting,
    RollEntry,
)
from lineshaft.apps.governance.rules import Choice, MeetingForm
from lineshaft.apps.governance.tests.factories import (
    NOW,
    SYSTEM,
    make_draft,
)
from lineshaft.apps.governance.tests.meetings import (
    actor_for,
    call,
    first_item,
    hold,
    make_council,
    make_voter,
    move,
    seated_board,
    voted,
)
from lineshaft.apps.network.models import Institute, Person
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.jurisdiction import SeatKind
from lineshaft.plumbing.access.models import IdempotencyRecord
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

FOR, AGAINST = Choice.FOR, Choice.AGAINST
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _platform(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)


@pytest.fixture
def institute() -> Institute:
    return make_institute("mxd", name="MxD")


def client_of(email: str, role: Role, kind: ScopeKind = ScopeKind.NETWORK, key: str = "") -> Client:
    user = make_user(email)
    make_grant(user, role, kind, key)
    client = Client()
    client.force_login(user)
    return client


def client_for(person: Person) -> Client:
    assert person.user is not None
    client = Client()
    client.force_login(person.user)
    return client


def opens(client: Client, address: str) -> bool:
    """Whether the address answers; a file is read to its end, which closes it."""
    response: Any = client.get(address)
    if response.streaming:
        b"".join(response.streaming_content)
    return bool(response.status_code == 200)


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_for_any_number_of_records(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    board, people = seated_board(*"ABCD"[: number + 1])
    client = client_of("officer@example.org", Role.PROGRAMME_OFFICER)
    for _one in range(number):
        meeting = hold(call(board, *["Fees"] * number), *range(1, number + 2))
        for person in people:
            services.add_action(SYSTEM, meeting, "Tell", owner=person, due_on=TODAY, now=NOW)
        for _each in range(number):
            motion = move(meeting)
        services.open_vote(SYSTEM, motion, now=NOW)
        services.record_votes(SYSTEM, motion, {1: FOR}, now=NOW)
    url = meeting.get_absolute_url()
    for address, count in (
        ("/meetings/", 7),
        ("/meetings/actions/", 7),
        (url, 14),
        (motion.get_absolute_url(), 10),
        ("/meetings.ics", 5),
        (board.get_absolute_url(), 8),
    ):
        with django_assert_num_queries(count):
            assert client.get(address).status_code == 200


CALLED = {
    "form": "hybrid",
    "starts_on": "2022-09-01",
    "starts_time": "08:00",
    "ends_time": "10:00",
    "zone": "America/New_York",
    "place": "Room 101",
    "link": "https://meet.example/1",
    "level": "network",
    "agenda": "Fees\n\nPolicies\n",
}


@dataclass(frozen=True, slots=True)
class Secretary:
    """Whoever keeps the council's record, at a browser."""

    client: Client
    base: str

    def posts(self, address: str, **content: object) -> str:
        sent = content or {"sent": "1"}
        page = self.client.post(f"{self.base}{address}", sent, follow=True)
        assert page.status_code == 200, text_of(page)
        return text_of(page)

    def reads(self, address: str, **headers: str) -> str:
        return text_of(self.client.get(f"{self.base}{address}", headers=headers))


def secretary_of(council: Body) -> Secretary:
    officer = client_of("officer@example.org", Role.PROGRAMME_OFFICER)
    return Secretary(officer, f"{council.get_absolute_url()}meetings/")


def test_a_policy_is_adopted_from_the_call_to_the_vote_in_the_browser() -> None:
    ada, bo, cy = make_voter("Ada"), make_voter("Bo"), make_voter("Cy")
    desk = secretary_of(make_council(ada, bo, cy))
    draft = make_draft()
    refused = desk.client.post(f"{desk.base}call/", {**CALLED, "place": ""})
    assert (refused.status_code, "Name the place" in text_of(refused)) == (409, True)
    text = desk.posts("call/", **CALLED)
    assert "Sep 1, 2022 08:00 (America/New_York)" in text
    assert Meeting.objects.get().starts_at == NOW
    assert "3. Labs" in desk.posts("1/items/add/", title="Labs")
    seats = dict.fromkeys(("seat_1", "seat_2", "seat_3"), "present")
    assert "3 of 3" in desk.posts("1/attendance/", **seats)
    assert "Close the meeting" in desk.posts("1/open/")
    conflict = {"nature": "His firm", "is_recused": "yes", "person": str(cy.pk)}
    said = "Cy disclosed a conflict and recused"
    assert said in desk.posts("1/items/2/disclose/", **conflict)
    question = {
        "text": "Adopt it.",
        "rule": "two_thirds",
        "moved_by": str(ada.pk),
        "version": str(draft.pk),
        "in_force_on": "2022-09-01",
    }
    assert "Moved by" in desk.posts("1/items/2/motions/propose/", **question)
    assert "0 of 2 have voted" in desk.posts("1/motions/1/open/", closes_on="")
    mine = client_for(ada)
    assert "Your vote" in text_of(mine.get(f"{desk.base}1/motions/1/"))
    page = mine.post(f"{desk.base}1/motions/1/vote/", {"choice": "for"}, follow=True)
    assert "Your vote is cast." in text_of(page)
    assert mine.post(f"{desk.base}1/motions/1/vote/", {"choice": "for"}).status_code == 409
    assert "The votes are recorded" in desk.posts("1/motions/1/votes/", vote_2="for")
    assert "2 for, 0 against" in desk.posts("1/motions/1/close/")
    draft.refresh_from_db()
    assert draft.state == rules.ADOPTED
    version = text_of(mine.get(draft.get_absolute_url()))
    assert f'href="{desk.base}1/motions/1/"' in version


def test_a_meeting_ends_with_elections_actions_and_minutes_in_the_browser() -> None:
    ada = make_voter("Ada")
    council = make_council(ada)
    services.add_seat(SYSTEM, council, SeatKind.AGENCY, opened_on=council.established_on, now=NOW)
    desk = secretary_of(council)
    hold(call(council), 1)
    paper = SimpleUploadedFile("fees.csv", b"a,b\n1,2\n", "text/csv")
    assert "fees.csv" in desk.posts("1/items/1/papers/attach/", file=paper)
    assert "They were told." in desk.posts("1/items/1/note/", text="They were told.")
    desk.posts("1/items/1/motions/propose/", text="Nothing.", rule="unanimity")
    assert "Dropped" in desk.posts("1/motions/1/drop/")
    election = {"seat": "2", "text": "Who follows", "starts_on": "2022-09-01"}
    assert "Nobody stands yet" in desk.posts("1/items/1/elections/open/", **election)
    unknown = desk.client.post(f"{desk.base}1/motions/2/nominate/", {"person": "x@example.org"})
    assert "registered under this" in text_of(unknown)
    make_voter("Zoe")
    assert "Zoe" in desk.posts("1/motions/2/nominate/", person="zoe@example.org")
    desk.posts("1/motions/2/open/", closes_on="")
    assert "1 of 1 have voted" in desk.posts("1/motions/2/votes/", vote_1="1")
    assert "Zoe is elected" in desk.posts("1/motions/2/close/")
    action = {"text": "Tell all", "due_on": "2022-08-01", "owner": "ada@example.org"}
    lost = desk.client.post(f"{desk.base}1/actions/add/", {**action, "owner": "x@example.org"})
    assert lost.status_code == 422
    assert "Late" in desk.posts("1/actions/add/", **action)
    assert "1 action is late" in text_of(desk.client.get("/meetings/actions/"))
    page = client_for(ada).post(f"{desk.base}1/actions/1/close/", {"remark": "Told"}, follow=True)
    assert "Done on" in text_of(page)
    assert "Minutes approved" in desk.posts("1/close/")
    assert "PDF as approved" in desk.posts("1/minutes/approve/")
    pdf: Any = desk.client.get(f"{desk.base}1/minutes/en.pdf")
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    assert desk.client.get(f"{desk.base}1/minutes/fr.pdf").status_code == 404
    desk.posts("call/", **CALLED)
    assert "Snow" in desk.posts("2/cancel/", reason="Snow")
    charter = {"quorum_percent": "66", "charter": "By-laws"}
    address = f"{council.get_absolute_url()}charter/"
    assert "By-laws" in text_of(desk.client.post(address, charter, follow=True))
    assert "more than 66%" in desk.reads("1/")
    assert "通过1项动议" in desk.reads("1/", **{"accept-language": "zh-hans"})


def test_who_keeps_no_record_is_offered_none_of_its_verbs() -> None:
    board, (ada,) = seated_board("Ada")
    meeting = call(board, level=SharingLevel.PUBLIC)
    url = meeting.get_absolute_url()
    text = text_of(client_for(ada).get(url))
    assert ("Disclose a conflict" in text, "Open the meeting" in text) == (True, False)
    page = client_for(ada).post(
        f"{url}items/1/disclose/", {"nature": "Mine", "is_recused": "no"}, follow=True
    )
    assert "Ada disclosed a conflict: Mine" in text_of(page)
    text = text_of(Client().get(url))
    assert ("Ada" in text, "Somebody disclosed a conflict." in text) == (False, True)
    stranger = client_for(make_voter("Zoe"))
    assert stranger.get(f"{url}items/1/disclose/").status_code == 403
    assert stranger.get(f"{url}items/9/disclose/").status_code == 403


LEVELS = [
    (SharingLevel.PUBLIC, {"public", "outsider", "reviewer", "manager", "other", "seated"}),
    (SharingLevel.NETWORK, {"reviewer", "manager", "other", "seated"}),
    (SharingLevel.INSTITUTE, {"manager", "seated"}),
    (SharingLevel.RESTRICTED, {"manager", "seated"}),
]


def test_what_is_not_for_all_leaks_through_no_door(institute: Institute) -> None:
    board, (ada, _bo) = seated_board("Ada", "Bo", institute=institute)
    make_institute("lift", name="LIFT")
    clients = {
        "public": Client(),
        "outsider": client_for(make_voter("Zoe")),
        "reviewer": client_of("r@example.org", Role.REVIEWER),
        "manager": client_of("m@example.org", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd"),
        "other": client_of("o@example.org", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift"),
        "seated": client_for(ada),
    }
    for level, readers in LEVELS:
        meeting = hold(call(board, f"Topic {level}", level=level), 1, 2)
        item = first_item(meeting)
        paper = services.Paper("fees.csv", BytesIO(f"{level},b\n1,2\n".encode()))
        made = services.attach_paper(SYSTEM, item, paper, now=NOW)
        voted(move(meeting), FOR, AGAINST)
        services.add_action(SYSTEM, meeting, f"Do {level}", owner=ada, due_on=TODAY, now=NOW)
        services.close_meeting(SYSTEM, meeting, now=NOW)
        services.approve_minutes(SYSTEM, meeting, now=NOW)
        url, uid = meeting.get_absolute_url(), str(meeting.uid)
        for who, client in clients.items():
            may = who in readers
            named = may and who not in {"public", "outsider"}
            doors = {
                "page": opens(client, url),
                "motion": opens(client, f"{url}motions/1/"),
                "paper": opens(client, f"{url}items/1/papers/1/"),
                "feed": uid in text_of(client.get("/meetings.ics")),
                "body feed": uid in text_of(client.get(f"{board.get_absolute_url()}meetings.ics")),
                "list": f'href="{url}"' in text_of(client.get("/meetings/")),
                "api": opens(client, f"/api/v1{url[:-1]}"),
                "api list": f'"number": {meeting.number},'
                in json.dumps(client.get("/api/v1/meetings").json()),
            }
            assert doors == dict.fromkeys(doors, may), (level, who)
            names = {
                "minutes": opens(client, f"{url}minutes/en.pdf"),
                "actions": f"Do {level}" in text_of(client.get("/meetings/actions/")),
                "api actions": f"Do {level}"
                in json.dumps(client.get("/api/v1/meetings/actions").json()),
            }
            assert names == dict.fromkeys(names, named), (level, who)
            plain = opens(client, made.file.get_absolute_url())
            assert plain is (may and not (who == "seated" and level != SharingLevel.PUBLIC))


def test_a_feed_is_a_calendar_that_tells_what_was_cancelled() -> None:
    board, _people = seated_board("Ada")
    call(board, level=SharingLevel.PUBLIC)
    gone = call(board, level=SharingLevel.PUBLIC)
    services.cancel_meeting(SYSTEM, gone, reason="Snow", now=NOW)
    call(board, level=SharingLevel.PUBLIC, form=MeetingForm.WRITTEN)
    answer = Client().get("/meetings.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    events = {str(one["url"])[-2:]: one for one in Calendar.from_ical(answer.content).events}
    assert events["1/"]["status"] == "CONFIRMED"
    assert events["1/"].decoded("dtend") - events["1/"].decoded("dtstart") == timedelta(hours=2)
    assert "conference" not in events["1/"]
    assert (events["2/"]["status"], events["2/"]["sequence"]) == ("CANCELLED", 1)
    assert events["3/"].decoded("dtend") == date(2022, 9, 11)
    for_reader = client_of("o@example.org", Role.PROGRAMME_OFFICER).get("/meetings.ics")
    assert b"https://example.org/meet" in for_reader.content


def test_another_system_calls_a_meeting_and_somebody_votes_over_the_api(
    institute: Institute,
) -> None:
    board, (ada, *others) = seated_board("Ada", "Bo", "Cy", institute=institute)
    manager = client_of("m@example.org", Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    sent = {
        "form": "remote",
        "starts_at": "2022-09-01T08:00:00-04:00",
        "zone": "America/New_York",
        "link": "https://meet.example/1",
        "agenda": ["Fees"],
    }
    address = f"/api/v1{board.get_absolute_url()}meetings"
    naive = {**sent, "starts_at": "2022-09-01T08:00:00"}
    answer = manager.post(address, json.dumps(naive), content_type="application/json")
    assert answer.status_code == 422
    answer = manager.post(address, json.dumps(sent), content_type="application/json")
    assert (answer.status_code, answer.json()["number"]) == (200, 1)
    meeting = Meeting.objects.get()
    motion = move(hold(meeting, 1, 2, 3), is_secret=True)
    services.open_vote(SYSTEM, motion, now=NOW)
    voter = client_for(ada)
    votes = f"{address}/1/motions/1/votes"
    answer = voter.post(
        votes,
        json.dumps({"choice": "for"}),
        content_type="application/json",
        headers={"Idempotency-Key": "once"},
    )
    assert not IdempotencyRecord.objects.filter(user=ada.user).exists()
    assert answer.json() == {"motion": 1, "place": 1, "weight": 1, "is_secret": True}
    again = voter.post(votes, json.dumps({"choice": "for"}), content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "voted_already")
    for person in others:
        services.cast_vote(actor_for(person), motion, FOR, now=NOW)
    services.close_vote(SYSTEM, motion, now=NOW)
    record = manager.get(f"{address}/1").json()
    assert record["attendance"] == {"present": 3}
    (told,) = record["motions"]
    assert (told["votes_for"], told["outcome"], told["is_refused"]) == (3, "carried", False)
    assert RollEntry.objects.filter(has_voted=True).count() == 3
    assert manager.get(f"{address}/7").status_code == 404
