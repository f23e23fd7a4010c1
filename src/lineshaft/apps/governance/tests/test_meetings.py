from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.models import (
    ActionItem,
    Attendance,
    Body,
    Disclosure,
    Meeting,
    Minutes,
    Motion,
)
from lineshaft.apps.governance.rules import Attending, Choice, MeetingForm
from lineshaft.apps.governance.services import MeetingTerms, Topic
from lineshaft.apps.governance.tests.factories import (
    NOW,
    SYSTEM,
    make_advisory,
    make_draft,
    make_person,
)
from lineshaft.apps.governance.tests.meetings import (
    LATER,
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
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.kernel.jurisdiction import SeatKind
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
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


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"place": ""}, "no_place"),
        ({"form": MeetingForm.HYBRID}, "no_link"),
        ({"form": MeetingForm.WRITTEN}, "no_last_day"),
        ({"closes_on": TODAY}, "last_day_early"),
        ({"ends_at": NOW}, "ends_early"),
        ({"starts_at": datetime(2021, 1, 1, tzinfo=UTC)}, "body_younger"),
        ({"level": SharingLevel.INSTITUTE}, "no_institute_level"),
    ],
)
def test_a_meeting_that_cannot_be_called_so_is_refused(changed: dict[str, Any], code: str) -> None:
    council = make_council(make_voter("Ada"))
    given: dict[str, Any] = {"form": MeetingForm.IN_PERSON, "starts_at": NOW, "place": "R"}
    terms = MeetingTerms(**(given | changed))
    with pytest.raises(Refused) as error:
        services.call_meeting(SYSTEM, council, terms, now=NOW)
    assert error.value.code == code


@pytest.mark.parametrize(
    "changed",
    [
        {"zone": "Mars/Base"},
        {"level": "secret"},
        {"link": "http://example.org"},
        {"place": "x" * 201},
        {"starts_at": datetime(2222, 1, 1, tzinfo=UTC)},
    ],
)
def test_a_meeting_with_a_bad_entry_is_not_taken(changed: dict[str, Any]) -> None:
    council = make_council(make_voter("Ada"))
    given: dict[str, Any] = {"form": MeetingForm.IN_PERSON, "starts_at": NOW, "place": "R"}
    terms = MeetingTerms(**(given | changed))
    with pytest.raises(Invalid):
        services.call_meeting(SYSTEM, council, terms, now=NOW)
    assert not Meeting.objects.exists()


def test_a_meeting_is_shared_no_wider_than_its_body(institute: Institute) -> None:
    board, _people = seated_board("Ada", institute=institute)
    Body.objects.update(level=SharingLevel.INSTITUTE)
    with pytest.raises(Refused, match="less widely"):
        call(board, level=SharingLevel.NETWORK)
    assert call(board, level=SharingLevel.INSTITUTE).level == SharingLevel.INSTITUTE


def test_an_agenda_has_titles_and_an_end() -> None:
    board, _people = seated_board("Ada")
    for topics in ((Topic(" "),), (Topic("x", "字" * 201),), (Topic("x"),) * 101):
        terms = MeetingTerms(MeetingForm.IN_PERSON, NOW, place="R")
        with pytest.raises(Invalid):
            services.call_meeting(SYSTEM, board, terms, agenda=topics, now=NOW)
    meeting = call(board, *["x"] * 100)
    with pytest.raises(Invalid):
        services.add_agenda_item(SYSTEM, meeting, Topic("one more"), now=NOW)
    with pytest.raises(Invalid):
        services.add_agenda_item(SYSTEM, meeting, Topic(""), now=NOW)


def test_an_agenda_grows_until_the_meeting_is_cancelled() -> None:
    board, _people = seated_board("Ada")
    meeting = call(board, "Fees")
    item = services.add_agenda_item(SYSTEM, meeting, Topic(" Rooms ", "会议室"), now=NOW)
    assert (item.number, item.title) == (2, "Rooms")
    done = services.cancel_meeting(SYSTEM, meeting, reason=" Snow ", now=NOW)
    assert (done.state, done.reason) == ("cancelled", "Snow")
    with pytest.raises(Refused):
        services.add_agenda_item(SYSTEM, meeting, Topic("Late", ""), now=NOW)


def test_minutes_tell_of_a_conflict_that_kept_somebody_from_the_vote() -> None:
    board, (ada, _bo) = seated_board("Ada", "Bo")
    meeting = hold(call(board), 1, 2)
    services.disclose_conflict(
        actor_for(ada), first_item(meeting), nature="A cousin", is_recused=True, now=NOW
    )
    services.close_meeting(SYSTEM, meeting, now=NOW)
    made = services.approve_minutes(SYSTEM, meeting, now=NOW)
    assert made.file_en.size_bytes > 0


def test_a_meeting_opens_on_its_day_and_closes_once_no_vote_is_open() -> None:
    board, _people = seated_board("Ada")
    meeting = call(board, starts_at=LATER)
    with pytest.raises(Refused, match="can open on that day"):
        services.open_meeting(SYSTEM, meeting, now=NOW)
    meeting = hold(call(board), 1)
    motion = move(meeting)
    services.open_vote(SYSTEM, motion, now=NOW)
    with pytest.raises(Refused, match="vote on motion 1 is open"):
        services.close_meeting(SYSTEM, meeting, now=NOW)
    services.close_vote(SYSTEM, motion, now=NOW)
    assert services.close_meeting(SYSTEM, meeting, now=NOW).state == rules.CLOSED
    with pytest.raises(Refused):
        move(meeting)
    with pytest.raises(Refused):
        services.cancel_meeting(SYSTEM, meeting, reason="Late", now=NOW)
    with pytest.raises(Invalid):
        services.cancel_meeting(SYSTEM, meeting, reason="x" * 201, now=NOW)
    with pytest.raises(Refused, match="Say why"):
        services.cancel_meeting(SYSTEM, call(board), reason=" ", now=NOW)


def test_attendance_is_of_who_held_a_seat_and_can_be_mended() -> None:
    board, (ada, bo) = seated_board("Ada", "Bo")
    meeting = call(board)
    with pytest.raises(Refused, match="Nobody held seat 7"):
        services.record_attendance(SYSTEM, meeting, {7: Attending.PRESENT}, now=NOW)
    services.record_attendance(
        SYSTEM, meeting, {1: Attending.PRESENT, 2: Attending.ABSENT}, now=NOW
    )
    services.record_attendance(
        SYSTEM, meeting, {1: Attending.PRESENT, 2: Attending.REMOTE}, now=NOW
    )
    assert list(Attendance.objects.order_by("seat__number").values_list("person", "way")) == [
        (ada.pk, "present"),
        (bo.pk, "remote"),
    ]


def test_a_conflict_is_disclosed_by_who_has_it_or_for_them() -> None:
    board, (ada, bo, cy) = seated_board("Ada", "Bo", "Cy")
    meeting = hold(call(board, "Fees", "Labs"), 1, 2, 3)
    item = first_item(meeting)
    services.disclose_conflict(actor_for(ada), item, nature="My firm", is_recused=False, now=NOW)
    with pytest.raises(Refused, match="already"):
        services.disclose_conflict(actor_for(ada), item, nature="Yes", is_recused=False, now=NOW)
    with pytest.raises(NotPermitted):
        services.disclose_conflict(
            actor_for(ada), item, nature="His", is_recused=True, person=bo, now=NOW
        )
    services.disclose_conflict(SYSTEM, item, nature="His", is_recused=True, person=bo, now=NOW)
    services.disclose_conflict(
        actor_for(cy), item, nature="Mine", is_recused=False, person=cy, now=NOW
    )
    with pytest.raises(Refused, match="held no seat"):
        services.disclose_conflict(
            SYSTEM, item, nature="x", is_recused=True, person=make_person(), now=NOW
        )
    nobody = Actor(user_id=make_user("no@example.org").pk, label="No")
    with pytest.raises(NotPermitted):
        services.disclose_conflict(nobody, item, nature="x", is_recused=True, now=NOW)
    assert Disclosure.objects.count() == 3
    services.open_vote(SYSTEM, move(meeting), now=NOW)
    late = make_voter("Di")
    with pytest.raises(Refused):
        services.disclose_conflict(actor_for(late), item, nature="x", is_recused=True, now=NOW)


def test_nobody_recuses_while_the_vote_is_open() -> None:
    board, (ada, _bo) = seated_board("Ada", "Bo")
    meeting = hold(call(board), 1, 2)
    services.open_vote(SYSTEM, move(meeting), now=NOW)
    with pytest.raises(Refused, match="motion 1 under this item is open"):
        services.disclose_conflict(
            actor_for(ada), first_item(meeting), nature="Mine", is_recused=True, now=NOW
        )


def test_minutes_are_stored_in_two_languages_and_fix_the_record() -> None:
    board, (ada, _bo) = seated_board("Ada", "Bo")
    meeting = hold(call(board, level=SharingLevel.PUBLIC), 1, 2)
    item = first_item(meeting)
    services.note_item(SYSTEM, item, "Fees were discussed.", now=NOW)
    paper = services.Paper("fees.csv", BytesIO(b"a,b\n1,2\n"))
    services.attach_paper(SYSTEM, item, paper, now=NOW)
    services.disclose_conflict(actor_for(ada), item, nature="Lab", is_recused=False, now=NOW)
    voted(move(meeting), FOR, FOR)
    people = {"moved_by": ada, "seconded_by": ada}
    services.propose_motion(SYSTEM, item, services.Question("Later.", **people), now=NOW)  # type: ignore[arg-type]
    services.add_action(SYSTEM, meeting, "Tell all", owner=ada, due_on=TODAY, now=NOW)
    with pytest.raises(Refused):
        services.approve_minutes(SYSTEM, meeting, now=NOW)
    services.close_meeting(SYSTEM, meeting, now=NOW)
    made = services.approve_minutes(SYSTEM, meeting, now=NOW)
    for file in (made.file_en, made.file_zh):
        assert (file.media_type, file.level, file.purpose) == (
            "application/pdf",
            SharingLevel.NETWORK,
            "minutes",
        )
    assert made.file_en.sha256 != made.file_zh.sha256
    with pytest.raises(Refused, match="record fixed"):
        services.note_item(SYSTEM, item, "Otherwise.", now=NOW)
    with pytest.raises(Refused):
        services.approve_minutes(SYSTEM, meeting, now=NOW)
    assert Minutes.objects.count() == 1


def test_minutes_of_an_election_behind_closed_doors_stay_there() -> None:
    board, _people = seated_board("Ada", "Bo")
    vacant = services.add_seat(
        SYSTEM, board, SeatKind.OTHER, opened_on=board.established_on, now=NOW
    )
    meeting = hold(call(board, level=SharingLevel.RESTRICTED), 1, 2)
    motion = services.open_election(
        SYSTEM, first_item(meeting), vacant, text="Who", starts_on=TODAY, is_secret=False, now=NOW
    )
    services.nominate_candidate(SYSTEM, motion, make_person("Eve"), now=NOW)
    services.nominate_candidate(SYSTEM, motion, make_person("Fay"), now=NOW)
    services.open_vote(SYSTEM, motion, now=NOW)
    services.record_votes(SYSTEM, motion, {1: "1", 2: "1"}, now=NOW)
    services.close_vote(SYSTEM, motion, now=NOW)
    services.close_meeting(SYSTEM, meeting, now=NOW)
    made = services.approve_minutes(SYSTEM, meeting, now=NOW)
    assert made.file_en.level == SharingLevel.RESTRICTED


def test_minutes_of_a_written_procedure_name_its_last_day() -> None:
    board, _people = seated_board("Ada")
    meeting = call(board, form=MeetingForm.WRITTEN)
    services.open_meeting(SYSTEM, meeting, now=NOW)
    services.close_meeting(SYSTEM, meeting, now=NOW)
    assert services.approve_minutes(SYSTEM, meeting, now=NOW).file_zh.size_bytes > 0


def test_an_action_is_closed_by_its_owner_or_the_keeper_once() -> None:
    board, (ada, bo) = seated_board("Ada", "Bo")
    meeting = hold(call(board), 1, 2)
    action = services.add_action(SYSTEM, meeting, "Tell", owner=ada, due_on=TODAY, now=NOW)
    with pytest.raises(NotPermitted):
        services.close_action(actor_for(bo), action, now=NOW)
    with pytest.raises(NotPermitted):
        services.close_action(Actor.public(), action, now=NOW)
    with pytest.raises(Invalid):
        services.close_action(actor_for(ada), action, remark="x" * 501, now=NOW)
    with pytest.raises(Invalid):
        services.add_action(SYSTEM, meeting, "Tell", owner=ada, due_on=date(2300, 1, 1), now=NOW)
    assert [one.pk for one in queries.own_actions(actor_for(ada), on=TODAY)] == [action.pk]
    assert not queries.own_actions(Actor.public(), on=TODAY)
    done = services.close_action(actor_for(ada), action, remark="Told", now=NOW)
    assert (done.done_on, done.remark) == (TODAY, "Told")
    assert services.close_action(SYSTEM, action, remark="Again", now=LATER).done_on == TODAY
    assert ActionItem.objects.get().remark == "Told"


def test_a_charter_is_stated_with_its_source() -> None:
    board, _people = seated_board("Ada")
    for terms in (
        services.CharterTerms(10_000, charter="x"),
        services.CharterTerms(-1, charter="x"),
        services.CharterTerms(5_000),
    ):
        with pytest.raises(Invalid):
            services.amend_charter(SYSTEM, board, terms, now=NOW)
    services.amend_charter(SYSTEM, board, services.CharterTerms(6_600, charter="By-laws"), now=NOW)
    board.refresh_from_db()
    assert queries.quorum_of_body(board, on=TODAY).needed(3) == 2
    assert queries.quorum_of_body(board, on=TODAY).needed(0) == 1


@pytest.mark.parametrize(
    ("ago", "is_met"), [((10, 200), True), ((10, 370), False), ((-5, 10), False)]
)
def test_the_council_meets_twice_a_year_by_law(ago: tuple[int, int], *, is_met: bool) -> None:
    advisory = make_advisory()
    Body.objects.update(established_on=date(2017, 1, 6))
    advisory.refresh_from_db()
    for days in ago:
        meeting = call(advisory, starts_at=NOW - timedelta(days=days))
        if days > 0:
            services.open_meeting(SYSTEM, meeting, now=NOW)
    written = call(advisory, starts_at=NOW - timedelta(days=20), form=MeetingForm.WRITTEN)
    services.open_meeting(SYSTEM, written, now=NOW)
    (check,) = queries.meeting_checks(advisory, on=TODAY)
    assert check.rule.authority.citation.text == "15 U.S.C. 278k(m)"
    assert check.is_met is is_met
    board, _people = seated_board("Ada")
    assert queries.meeting_checks(board, on=TODAY) == ()


def test_what_is_not_there_is_not_found() -> None:
    board, _people = seated_board("Ada")
    meeting = call(board)
    for find in (
        lambda: queries.item_by_number(meeting, 9),
        lambda: queries.paper_by_number(meeting, 1, 9),
        lambda: queries.action_by_number(meeting, 9),
        lambda: queries.motion_by_number(meeting, 9),
        lambda: queries.minutes_of(SYSTEM, meeting, on=TODAY),
    ):
        with pytest.raises(NotFound):
            find()
    assert list(queries.votes_waiting(Actor.public(), on=TODAY)) == []
    motion = move(hold(meeting, 1))
    services.open_vote(SYSTEM, motion, now=NOW)
    waiting = queries.votes_waiting(Actor(user_id=_people[0].user_id, label="Ada"), on=TODAY)
    assert list(waiting) == [motion]
    assert list(queries.motions_on(SYSTEM, make_draft(), on=TODAY)) == []
    assert Motion.objects.count() == 1
