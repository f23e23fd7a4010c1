"""Boards of extension centres: nobody sits on two of them at once."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.governance import queries, services
from lineshaft.apps.governance.models import Appointment, Body
from lineshaft.apps.governance.rules import AppointmentWay
from lineshaft.apps.governance.services import BodyTerms, Filling, SeatTerms
from lineshaft.apps.governance.tests.factories import (
    BEGINNING,
    NOW,
    SYSTEM,
    TODAY,
    make_board,
    make_person,
    seat,
)
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.errors import Refused
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _platform(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)


def make_centre_board(name: str, level: str = SharingLevel.PUBLIC) -> Body:
    terms = BodyTerms(
        BodyKind.EXTENSION_CENTRE_BOARD,
        name,
        BEGINNING,
        level=level,
        seats=(SeatTerms(SeatKind.SMALL_MANUFACTURER, 3),),
    )
    return services.establish_body(SYSTEM, terms, now=NOW)


def test_nobody_sits_on_the_boards_of_two_centres() -> None:
    west, east, ada = make_centre_board("West"), make_centre_board("East"), make_person("Ada")
    seat(west, 1, ada, BEGINNING, date(2023, 1, 1))
    with pytest.raises(Refused, match="Ada sits in West") as caught:
        seat(east, 1, ada, date(2022, 12, 31))
    assert caught.value.citation == "15 U.S.C. 278k(k)(3)(B)"
    assert seat(east, 1, ada, date(2023, 1, 1)).seat.body == east
    for place in range(2):  # a board of an institute is bound by no such rule
        seat(make_board(make_institute(f"i{place}")), 1, ada)
    hidden = make_centre_board("Inner", SharingLevel.NETWORK)
    bo = make_person("Bo")
    mistake = seat(hidden, 1, bo)
    with pytest.raises(Refused, match="Bo sits in another body of this kind"):
        seat(west, 2, bo, TODAY)
    services.annul_appointment(SYSTEM, mistake, why="Another Bo", now=NOW)
    assert seat(west, 2, bo, TODAY).person == bo
    assert Appointment.objects.count() == 6


def test_one_list_does_not_put_somebody_into_two_seats_of_a_centre() -> None:
    west, ada = make_centre_board("West"), make_person("Ada")
    rows = [Filling(number, ada, AppointmentWay.ELECTED, TODAY) for number in (1, 2)]
    with pytest.raises(Refused, match="holds another seat of this body"):
        services.fill_seats(SYSTEM, west, rows, now=NOW)


@pytest.mark.parametrize("number", [1, 3])
def test_two_boards_of_one_person_are_found(
    number: int, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards, ada = [make_centre_board(f"Centre {place}") for place in range(number)], make_person()
    monkeypatch.setattr("lineshaft.apps.governance.rules.refuse_other_bodies", lambda *_: None)
    for board in boards:
        seat(board, 1, ada)
    with django_assert_num_queries(4):
        standings = queries.body_standings(queries.bodies_filtered(SYSTEM), on=TODAY)
    found = [
        (check.counted, check.is_met)
        for one in standings
        for check in one.checks
        if check.rule.key == "centre_one_board"
    ]
    assert found == [(int(number > 1), number == 1)] * number
    page = Client().get(boards[0].get_absolute_url()).content.decode()
    assert "15 U.S.C. 278k(k)(3)(B)" in page
    assert "More than half of those who sit come from small" in page
    assert "100%" in page
