"""Bodies through services, queries, pages and API."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.governance import queries, services
from lineshaft.apps.governance.models import Appointment, Body, Seat
from lineshaft.apps.governance.rules import AppointmentWay
from lineshaft.apps.governance.services import BodyTerms, Filling, SeatTerms
from lineshaft.apps.governance.tests.factories import (
    BEGINNING,
    NOW,
    SYSTEM,
    TODAY,
    make_advisory,
    make_board,
    make_person,
    seat,
)
from lineshaft.apps.network.models import Institute, Person
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AFTER = datetime(2022, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _platform(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: AFTER)


@pytest.fixture
def institute() -> Institute:
    return make_institute("mxd", name="MxD")


def client_of(role: Role, kind: ScopeKind = ScopeKind.NETWORK, key: str = "") -> Client:
    user = make_user(f"{role}@example.org")
    make_grant(user, role, kind, key)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(institute: Institute) -> Client:
    return client_of(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute.key)


# -------------------------------------------------------------------------------- services


def test_establish_body_opens_its_seats() -> None:
    board = make_board(members=3)
    kinds = list(board.seats.order_by("number").values_list("number", "kind"))
    assert kinds == [(1, "chair"), (2, "member"), (3, "member"), (4, "member")]
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.changes["seats"], event.why) == ("establish_body", 4, "By-laws")
    with pytest.raises(Invalid, match="a body of this name already"):
        make_board(board.institute)
    assert Body.objects.count() == 1


def test_establish_body_refuses_every_fault(programme_officer: Actor) -> None:
    terms = BodyTerms(
        BodyKind.ADVISORY_BOARD,
        " ",
        BEGINNING,
        charter="x" * 201,
        seats=(SeatTerms(SeatKind.OTHER, 101),),
    )
    with pytest.raises(Invalid) as caught:
        services.establish_body(programme_officer, terms, now=NOW)
    assert {fault.field for fault in caught.value.errors} == {"name", "charter", "seats"}
    board = BodyTerms(BodyKind.INSTITUTE_BOARD, "Board", BEGINNING)
    with pytest.raises(Refused, match="Name the institute"):
        services.establish_body(programme_officer, board, now=NOW)


def test_fill_seats_is_all_or_none_with_one_event() -> None:
    board = make_board()
    ada, bo = make_person("Ada"), make_person("Bo")
    rows = [
        Filling(number, person, AppointmentWay.ELECTED, BEGINNING, evidence=" Vote 1 ")
        for number, person in ((1, ada), (2, bo))
    ]
    made = services.fill_seats(SYSTEM, board, rows, now=NOW)
    assert [one.evidence for one in made] == ["Vote 1", "Vote 1"]
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.count) == ("fill_seats", 2)
    assert event.changes["appointments"][0] == {
        "seat": 1,
        "person": ada.pk,
        "way": "elected",
        "starts_on": "2021-10-01",
        "ends_on": None,
        "evidence": "Vote 1",
    }
    more = [
        Filling(3, make_person("Cy"), AppointmentWay.APPOINTED, BEGINNING),
        Filling(1, make_person("Di"), AppointmentWay.APPOINTED, BEGINNING),
    ]
    with pytest.raises(Refused, match="Ada holds this seat"):
        services.fill_seats(SYSTEM, board, more, now=NOW)
    assert Appointment.objects.count() == 2
    assert services.fill_seats(SYSTEM, board, [], now=NOW) == ()
    stranger = Person.objects.create(name="Eve")
    assert seat(board, 3, stranger).person == stranger


def test_fill_seats_asks_every_rule() -> None:
    board, advisory = make_board(), make_advisory()
    ada = make_person("Ada")
    seat(board, 1, ada)

    def refused(body: Body, number: int, person: Any, **given: Any) -> str:
        filling = Filling(number, person, AppointmentWay.ELECTED, **given)
        with pytest.raises((Refused, Invalid, NotFound)) as caught:
            services.fill_seats(SYSTEM, body, [filling], now=NOW)
        return str(caught.value)

    bo = make_person("Bo")
    assert "no such seat" in refused(board, 9, bo, starts_on=TODAY)
    assert "open from" in refused(board, 2, bo, starts_on=date(2020, 1, 1))
    assert "Ada holds another seat" in refused(board, 2, ada, starts_on=TODAY)
    assert refused(board, 2, bo, starts_on=TODAY, ends_on=TODAY)
    assert "longer than 200" in refused(board, 2, bo, starts_on=TODAY, evidence="x" * 201)
    assert "Enter the end" in refused(advisory, 1, bo, starts_on=TODAY)
    official = make_person("Official", kind="federal_laboratory")
    said = refused(advisory, 1, official, starts_on=TODAY, ends_on=date(2024, 1, 1))
    assert "says: No federal employee" in said
    assert Appointment.objects.count() == 1


def test_the_database_keeps_a_seat_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    board = make_board()
    held = seat(board, 1, make_person("Ada"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(
            seat=held.seat,
            person=make_person("Bo"),
            way="elected",
            starts_on=TODAY,
            entered_at=NOW,
        )
    monkeypatch.setattr("lineshaft.apps.governance.rules.refuse_taken", lambda *_: None)
    with pytest.raises(Stale):
        seat(board, 1, make_person("Cy"))
    assert Appointment.objects.count() == 1


def test_seats_are_opened_and_closed() -> None:
    board = make_board()
    opened = services.add_seat(SYSTEM, board, SeatKind.INDEPENDENT, opened_on=TODAY, now=NOW)
    assert opened.number == 4
    held = seat(board, 1, make_person("Ada"))
    later = TODAY + timedelta(days=10)
    with pytest.raises(Refused, match="End the appointment first"):
        services.close_seat(SYSTEM, held.seat, closed_on=later, now=NOW)
    with pytest.raises(Invalid, match="closes after the day"):
        services.close_seat(SYSTEM, opened, closed_on=TODAY, now=NOW)
    assert services.close_seat(SYSTEM, opened, closed_on=later, now=NOW).closed_on == later
    with pytest.raises(Invalid, match="closed already"):
        services.close_seat(SYSTEM, opened, closed_on=later, now=NOW)
    empty = services.establish_body(
        SYSTEM, BodyTerms(BodyKind.LEADERSHIP_COUNCIL, "Council", BEGINNING), now=NOW
    )
    assert services.add_seat(SYSTEM, empty, SeatKind.OTHER, opened_on=TODAY, now=NOW).number == 1
    Seat.objects.create(body=empty, number=100, kind="other", opened_on=TODAY)
    with pytest.raises(Invalid, match="at most 100 seats"):
        services.add_seat(SYSTEM, empty, SeatKind.OTHER, opened_on=TODAY, now=NOW)


def test_end_appointment_keeps_it_with_its_end() -> None:
    held = seat(make_board(), 1, make_person("Ada"))
    ended = services.end_appointment(SYSTEM, held, ends_on=TODAY, now=NOW, why="Letter")
    assert ended.ends_on == TODAY
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.why, event.changes["ends_on"]) == (
        "end_appointment",
        "Letter",
        [None, "2022-09-01"],
    )
    with pytest.raises(Refused, match="has its end on"):
        services.end_appointment(SYSTEM, held, ends_on=TODAY, now=NOW)


def test_days_that_can_only_be_slips_are_refused() -> None:
    board = make_board()
    held = seat(board, 1, make_person("Ada"))
    slip = date(9999, 12, 31)
    for verb in (
        lambda: services.add_seat(SYSTEM, board, SeatKind.OTHER, opened_on=date(1, 1, 1), now=NOW),
        lambda: services.close_seat(SYSTEM, held.seat, closed_on=slip, now=NOW),
        lambda: services.end_appointment(SYSTEM, held, ends_on=slip, now=NOW),
        lambda: services.establish_body(
            SYSTEM, BodyTerms(BodyKind.LEADERSHIP_COUNCIL, "Council", date(1, 1, 1)), now=NOW
        ),
        lambda: services.establish_body(
            SYSTEM,
            BodyTerms(BodyKind.LEADERSHIP_COUNCIL, "Council", BEGINNING, level="restricted"),
            now=NOW,
        ),
    ):
        with pytest.raises(Invalid):
            verb()


def test_the_database_keeps_who_sat_where() -> None:
    held = seat(make_board(), 1, make_person("Ada"))
    for change in (
        lambda: Appointment.objects.all().delete(),
        lambda: Appointment.objects.update(person=make_person("Bo")),
        lambda: Seat.objects.update(kind="other"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    held.refresh_from_db()
    assert held.person.name == "Ada"


def test_bodies_of_one_name_have_keys_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = BodyTerms(BodyKind.INSTITUTE_BOARD, "Board of directors", BEGINNING)
    made = [
        services.establish_body(SYSTEM, terms, institute=make_institute(key), now=NOW)
        for key in ("lift", "mxd")
    ]
    assert [one.key for one in made] == ["board-of-directors", "board-of-directors-2"]
    council = BodyTerms(BodyKind.LEADERSHIP_COUNCIL, "Establish", BEGINNING)
    assert services.establish_body(SYSTEM, council, now=NOW).key == "establish-2"
    monkeypatch.setattr(
        "lineshaft.apps.governance.services.bodies.free_key", lambda *_: "board-of-directors"
    )
    with pytest.raises(Stale):
        services.establish_body(
            SYSTEM, BodyTerms(BodyKind.ADVISORY_BOARD, "Advice", BEGINNING), now=NOW
        )


def test_who_keeps_which_body(institute_manager: Actor, institute: Institute) -> None:
    with pytest.raises(NotPermitted):
        services.add_seat(
            institute_manager, make_advisory(), SeatKind.OTHER, opened_on=TODAY, now=NOW
        )
    with pytest.raises(NotPermitted):
        services.add_seat(
            institute_manager, make_board(institute), SeatKind.OTHER, opened_on=TODAY, now=NOW
        )
    own = make_board(make_institute())
    services.add_seat(institute_manager, own, SeatKind.OTHER, opened_on=TODAY, now=NOW)


# --------------------------------------------------------------------------------- queries


@pytest.mark.parametrize("number", [1, 3])
def test_body_standings_takes_three_queries(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        board = make_board(make_institute(f"i{place}"))
        seat(board, 1, make_person(f"Ada {place}"))
        seat(board, 2, make_person(f"Bo {place}"), ends_on=TODAY + timedelta(days=20))
    with django_assert_num_queries(3):
        found = queries.body_standings(queries.bodies_filtered(SYSTEM), on=TODAY)
        assert [(one.vacant, one.ending) for one in found] == [(1, 1)] * number
    assert [check.is_met for check in found[0].checks] == [True, True]
    assert found[0].unmet == ()


def test_body_standings_are_of_a_day_and_the_networks_come_first(institute: Institute) -> None:
    board = make_board(institute)
    make_advisory()
    first = seat(board, 1, make_person("Ada"), ends_on=TODAY)
    second = seat(board, 1, make_person("Bo"), starts_on=TODAY)
    rows = queries.bodies_filtered(SYSTEM)
    found = queries.body_standings(rows, on=TODAY - timedelta(days=1))
    assert [one.body.kind for one in found] == ["advisory_board", "institute_board"]
    (chair, *_others) = found[1].seats
    assert (chair.holder, chair.next_holder) == (first, second)
    assert (found[1].ending, found[0].vacant) == (0, 3)
    (chair, *_others) = queries.body_standing(SYSTEM, board.key, on=TODAY).seats
    assert (chair.holder, chair.next_holder, chair.is_vacant) == (second, None, False)
    assert list(queries.past_appointments(board, on=TODAY)) == [first]
    kinds = queries.bodies_filtered(SYSTEM, kind="institute_board", institute="mxd")
    assert list(kinds) == [board]
    assert queries.seats_counted(rows, on=TODAY) == (6, 5)


def test_bodies_are_read_as_their_level_says() -> None:
    terms = BodyTerms(
        BodyKind.LEADERSHIP_COUNCIL,
        "Council",
        BEGINNING,
        seats=(SeatTerms(SeatKind.OTHER),),
        level=SharingLevel.NETWORK,
    )
    council = services.establish_body(SYSTEM, terms, now=NOW)
    held = seat(council, 1, make_person("Ada"))
    outside = Actor.public()
    for ask in (
        lambda: queries.body_by_key(outside, council.key),
        lambda: queries.body_standing(outside, council.key, on=TODAY),
        lambda: queries.seat_by_number(outside, council.key, 1),
        lambda: queries.appointment_by_id(outside, held.pk),
    ):
        with pytest.raises(NotFound):
            ask()
    assert queries.body_by_key(SYSTEM, council.key) == council
    assert queries.appointment_by_id(SYSTEM, held.pk) == held


def test_bodies_to_fill_are_those_one_keeps(
    programme_officer: Actor, institute_manager: Actor, reviewer: Actor
) -> None:
    make_advisory()
    make_board(make_institute("mxd"))
    own = make_board(make_institute())

    def keys(actor: Actor) -> list[str]:
        return [one.body.key for one in queries.bodies_to_fill(actor, on=TODAY)]

    assert keys(programme_officer) == ["advisory-board"]
    assert keys(institute_manager) == [own.key]
    assert keys(reviewer) == []
    for number, name in ((1, "Ada"), (2, "Bo"), (3, "Cy")):
        seat(own, number, make_person(name))
    assert keys(institute_manager) == []


# ----------------------------------------------------------------------------------- pages


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_board_is_established_filled_and_ended(manager: Client, institute: Institute) -> None:
    entered = {
        "kind": "institute_board",
        "institute": "mxd",
        "name": "Board of MxD",
        "established_on": "2021-10-01",
        "level": "public",
        "seats_chair": "1",
        "seats_member": "1",
    }
    page = manager.post("/bodies/establish/", entered, follow=True)
    assert "Board of MxD: 2 seats are vacant" in text_of(page)
    assert "Not met" in text_of(page)
    person = make_person("Ada Example")
    person.email = "ada@example.org"
    person.save()
    fill = "/bodies/board-of-mxd/seats/1/fill/"
    given = {"way": "elected", "starts_on": "2021-10-01", "ends_on": "2022-12-01"}
    page = manager.post(fill, {"person": "nobody@example.org"} | given)
    assert "Register the person first" in text_of(page)
    page = manager.post(fill, {"person": "ada@example.org"} | given, follow=True)
    text = text_of(page)
    assert "Board of MxD: 1 seat is vacant" in text
    assert "Name a successor" in text
    held = Appointment.objects.get()
    page = manager.post(
        f"/appointments/{held.pk}/end/", {"ends_on": "2022-10-01", "why": "Letter"}, follow=True
    )
    assert "Earlier holders" in text_of(page)
    page = manager.post(
        "/bodies/board-of-mxd/seats/2/close/", {"closed_on": "2022-10-01"}, follow=True
    )
    assert "Seat 2 is closed." in text_of(page)
    page = manager.post(
        "/bodies/board-of-mxd/seats/add/", {"kind": "other", "opened_on": "2022-10-01"}, follow=True
    )
    assert "Seat 3 is open." in text_of(page)
    assert institute.bodies.get().seats.count() == 3


def test_list_of_bodies_for_public_and_officer(client: Client, institute: Institute) -> None:
    assert "No body is established yet" in text_of(client.get("/bodies/"))
    board = make_board(institute)
    seat(board, 1, make_person("Ada"))
    seat(board, 2, make_person("Bo"))
    make_advisory(1)
    text = text_of(client.get("/bodies/"))
    assert "2 bodies decide or advise in the network" in text
    assert "2 of 4 seats are vacant." in text
    assert "As asked" in text
    assert "rules are not met" in text
    assert "Establish a body" not in text
    text = text_of(client.get("/bodies/", {"kind": "advisory_board"}))
    assert "1 body decides or advises in the network" in text
    officer = client_of(Role.PROGRAMME_OFFICER)
    assert "Establish a body" in text_of(officer.get("/bodies/"))
    assert "The network" in text_of(officer.get("/bodies/establish/"))
    page = officer.get(board.get_absolute_url())
    assert ("Open a seat" in text_of(page), "End it" in text_of(page)) == (True, True)
    text = text_of(client.get(board.get_absolute_url()))
    assert ("Ada" in text, "Held" in text, "Open a seat" in text) == (False, True, False)
    reviewer = client_of(Role.REVIEWER)
    assert "Ada" in text_of(reviewer.get(board.get_absolute_url()))


def test_a_successor_is_shown_beside_the_holder(client: Client, institute: Institute) -> None:
    board = make_board(institute)
    seat(board, 1, make_person("Ada"), ends_on=date(2022, 12, 1))
    seat(board, 1, make_person("Zoe"), starts_on=date(2022, 12, 1))
    officer = client_of(Role.PROGRAMME_OFFICER)
    text = text_of(officer.get(board.get_absolute_url()))
    assert "then Zoe from Dec 1, 2022" in text
    assert "Close it" in text
    text = text_of(client.get(board.get_absolute_url()))
    assert ("Zoe" in text, "a successor from Dec 1, 2022" in text) == (False, True)


def test_who_keeps_no_body_is_told_so(client: Client) -> None:
    board = make_board()
    held = seat(board, 1, make_person("Ada"))
    for url in (
        "/bodies/establish/",
        f"/bodies/{board.key}/seats/add/",
        f"/bodies/{board.key}/seats/1/fill/",
        f"/bodies/{board.key}/seats/1/close/",
        f"/appointments/{held.pk}/end/",
    ):
        assert client.get(url).status_code == 403
    assert client.get("/bodies/none/").status_code == 404


def test_a_name_that_several_bear_is_asked_for(manager: Client, institute: Institute) -> None:
    board = make_board(institute)
    make_person("Ada")
    ada = make_person("Ada ")
    ada.name = "Ada"
    ada.save()
    officer = client_of(Role.PROGRAMME_OFFICER)
    page = officer.post(
        f"/bodies/{board.key}/seats/1/fill/",
        {"person": "Ada", "way": "elected", "starts_on": "2022-01-01"},
    )
    assert "Several people are registered under this" in text_of(page)
    assert manager.get("/bodies/").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_show_body_costs_the_same_for_any_number_of_seats(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    board = make_board(members=number)
    for place in range(number):
        seat(board, place + 2, make_person(f"Ada {place}"), ends_on=TODAY)
        seat(board, place + 2, make_person(f"Bo {place}"), starts_on=TODAY)
    with django_assert_num_queries(3):
        client.get(board.get_absolute_url())


# ------------------------------------------------------------------------------------- API


def test_api_tells_bodies_and_fills_seats(manager: Client, institute: Institute) -> None:
    board = make_board(institute)
    ada = make_person("Ada")
    ada.email = "ada@example.org"
    ada.save()
    address = f"/api/v1/bodies/{board.key}/appointments"
    row = {"seat": 1, "person": ada.email, "way": "elected", "starts_on": "2022-01-01"}
    answer = manager.post(address, json.dumps(row), content_type="application/json")
    assert (answer.status_code, answer.json()["seat"]) == (200, 1)
    (found,) = manager.get("/api/v1/bodies").json()["items"]
    assert (found["key"], found["vacant"]) == (board.key, 2)
    shown = manager.get(f"/api/v1/bodies/{board.key}").json()
    assert shown["seats"][0]["holder"] == "Ada"
    assert shown["seats"][1]["holder"] is None
    assert [rule["is_met"] for rule in shown["rules"]] == [True, False]
    public = Client().get(f"/api/v1/bodies/{board.key}").json()["seats"][0]
    assert (public["holder"], public["is_held"]) == (None, True)
    end = f"/api/v1/appointments/{answer.json()['id']}/end"
    body = json.dumps({"ends_on": "2022-10-01"})
    answer = manager.post(end, body, content_type="application/json")
    assert answer.json()["ends_on"] == "2022-10-01"
    row = {**row, "person": "bo@example.org"}
    answer = manager.post(address, json.dumps(row), content_type="application/json")
    assert answer.status_code == 404
