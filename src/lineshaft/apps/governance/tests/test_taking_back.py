"""What is taken back: adoptions before their day, appointments entered by mistake."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.models import Appointment, PolicyVersion
from lineshaft.apps.governance.rules import Attending, Choice, PositionKind, Standing
from lineshaft.apps.governance.tests.factories import (
    BEGINNING,
    NOW,
    SYSTEM,
    TODAY,
    make_adopted,
    make_board,
    make_draft,
    make_person,
    revise,
    seat,
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
)
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LATER = TODAY + timedelta(days=30)
LOCKED_S, POLL_S = 10, 0.05


@pytest.fixture(autouse=True)
def _platform(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)


@pytest.fixture
def officer() -> Client:
    user = make_user("officer@example.org")
    make_grant(user, Role.PROGRAMME_OFFICER, ScopeKind.NETWORK)
    client = Client()
    client.force_login(user)
    return client


def adopt_later(version: PolicyVersion, on: date = LATER) -> PolicyVersion:
    """The version, adopted today and in force from that day on."""
    return services.adopt_policy(
        SYSTEM, version, decision="Vote 4", adopted_on=TODAY, in_force_on=on, now=NOW
    )


# ------------------------------------------------------------------------------- adoptions


def test_a_draft_that_is_voted_on_is_not_adopted_beside_the_vote() -> None:
    council = make_council(make_voter("Ada"), make_voter("Bo"))
    meeting, draft = hold(call(council), 1, 2), make_draft()
    question = services.Question("Adopt it.", version=draft, in_force_on=TODAY)
    motion = services.propose_motion(SYSTEM, first_item(meeting), question, now=NOW)
    services.open_vote(SYSTEM, motion, now=NOW)
    with pytest.raises(Refused, match="motion 1 of Council, meeting 1, is on this draft"):
        adopt_later(draft)
    draft.refresh_from_db()
    assert draft.state == rules.DRAFT
    services.record_votes(SYSTEM, motion, {1: Choice.FOR, 2: Choice.FOR}, now=NOW)
    services.close_vote(SYSTEM, motion, now=NOW)
    draft.refresh_from_db()
    assert (draft.state, draft.decision) == (rules.ADOPTED, "Council, 1/1: 2-0")


def test_a_revoked_adoption_leaves_the_version_before_in_force() -> None:
    institute = make_institute("mxd", name="MxD")
    first = make_adopted()
    manager = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    services.state_position(manager, first, institute="mxd", kind=PositionKind.ADOPTS, now=NOW)
    second = adopt_later(revise(first))
    services.state_position(
        manager,
        second,
        institute="mxd",
        kind=PositionKind.DEVIATES,
        reason="Rented rooms",
        now=NOW,
    )
    policy = queries.policy_standing(manager, first.policy.key, today=TODAY)
    assert [one.standing for one in policy.institutes] == [Standing.DEVIATES]

    revoked = services.revoke_adoption(SYSTEM, second, why=" No quorum ", now=NOW)
    assert (revoked.state, revoked.in_force_on, revoked.adopted_on) == ("revoked", None, TODAY)
    assert (revoked.revoked_on, revoked.why_revoked) == (TODAY, "No quorum")
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.why) == ("revoke_adoption", "No quorum")
    assert event.changes == {"version": 2, "in_force_on": [LATER.isoformat(), None]}

    on = LATER + timedelta(days=400)
    policy = queries.policy_standing(manager, first.policy.key, today=on)
    assert policy.in_force == first
    assert [one.standing for one in policy.institutes] == [Standing.ADOPTS]
    said = services.state_position(
        manager, first, institute="mxd", kind=PositionKind.ADOPTS, now=NOW
    )
    assert (said.institute, said.version) == (institute, first)  # the one said before
    year = FiscalPeriod(2022, BEGINNING, date(2022, 10, 1))
    waiting = queries.policies_waiting_for(manager, today=on, year_over=year)
    assert [(one.version, one.fiscal_year) for one in waiting] == [(first, 2022)]
    attested = services.attest_policy(
        manager,
        first.policy,
        institute="mxd",
        fiscal_year=2022,
        is_kept=True,
        now=NOW + timedelta(days=60),
    )
    assert attested.version == first
    again = adopt_later(revise(first, second.text))  # its words and its day are free again
    assert again.in_force_on == LATER


def test_what_is_in_force_is_not_revoked() -> None:
    first = make_adopted()
    with pytest.raises(Refused, match="Version 1 is in force from"):
        services.revoke_adoption(SYSTEM, first, why="No quorum", now=NOW)
    today = adopt_later(make_draft("Fees"), TODAY)
    with pytest.raises(Refused, match="is in force from"):
        services.revoke_adoption(SYSTEM, today, why="No quorum", now=NOW)
    second = adopt_later(revise(first))
    with pytest.raises(Refused, match="Say why"):
        services.revoke_adoption(SYSTEM, second, why=" ", now=NOW)
    with pytest.raises(Invalid, match="longer than 200"):
        services.revoke_adoption(SYSTEM, second, why="x" * 201, now=NOW)
    with pytest.raises(NotPermitted):
        services.revoke_adoption(
            make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"), second, why="x", now=NOW
        )
    services.revoke_adoption(SYSTEM, second, why="No quorum", now=NOW)
    with pytest.raises(Refused):
        services.revoke_adoption(SYSTEM, second, why="No quorum", now=NOW)


def test_pages_revoke_an_adoption(officer: Client) -> None:
    second = adopt_later(revise(make_adopted()))
    address = second.get_absolute_url()
    assert Client().get(address).status_code == 200
    assert f"{address}revoke/" in officer.get(address).content.decode()
    assert "Why" not in officer.get(f"{address}revoke/").content.decode()
    answer = officer.post(f"{address}revoke/", {"reason": "No quorum"}, follow=True)
    page = answer.content.decode()
    assert "Adoption revoked" in page
    assert "No quorum" in page
    assert f"{address}revoke/" not in page
    assert Client().get(address).status_code == 404  # what was never in force is the network's own


# ---------------------------------------------------------------------------- appointments


def test_an_annulled_appointment_stays_on_record_and_counts_nowhere() -> None:
    board = make_board()
    ada, bo = make_voter("Ada"), make_voter("Bo")
    wrong = seat(board, 1, ada)
    assert queries.holds_seat(actor_for(ada), board, on=TODAY)
    annulled = services.annul_appointment(SYSTEM, wrong, why=" Another Ada ", now=NOW)
    assert (annulled.annulled_at, annulled.why_annulled) == (NOW, "Another Ada")
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.why, event.changes["seat"]) == (
        "annul_appointment",
        "Another Ada",
        1,
    )
    shown = queries.body_standing(SYSTEM, board.key, on=TODAY)
    assert (shown.vacant, [check.counted for check in shown.checks]) == (3, [0, 0])
    assert queries.seats_counted(queries.bodies_visible_to(SYSTEM), on=TODAY) == (3, 3)
    assert not queries.holds_seat(actor_for(ada), board, on=TODAY)
    assert list(queries.past_appointments(board, on=TODAY)) == [wrong]
    right = seat(board, 1, bo)  # the same seat in the same days
    seat(board, 2, ada)
    meeting = hold(call(board), 1, 2)
    motion = services.open_vote(SYSTEM, move(meeting), now=NOW)
    assert [one.person for one in motion.roll.order_by("number")] == [bo, ada]
    assert queries.body_standing(SYSTEM, board.key, on=TODAY).seats[0].holder == right
    services.close_seat(SYSTEM, board.seats.get(number=3), closed_on=LATER, now=NOW)
    assert Appointment.objects.count() == 3


def test_annulled_terms_are_no_terms(officer: Client) -> None:
    board = make_board()
    wrong = seat(board, 2, make_person("Ada"), BEGINNING, LATER)
    services.annul_appointment(SYSTEM, wrong, why="A slip", now=NOW)
    seats = board.seats.get(number=2)
    assert services.close_seat(SYSTEM, seats, closed_on=TODAY, now=NOW).closed_on == TODAY
    verbs: tuple[Callable[[], object], ...] = (
        lambda: services.annul_appointment(SYSTEM, wrong, why="Again", now=NOW),
        lambda: services.end_appointment(SYSTEM, wrong, ends_on=TODAY, now=NOW),
    )
    for verb in verbs:
        with pytest.raises(Refused, match="annulled already"):
            verb()
    page = officer.get(board.get_absolute_url()).content.decode()
    assert "A slip" in page
    assert f"/appointments/{wrong.pk}/annul/" not in page


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        pytest.param("attends", "has attended or voted", id="attended"),
        pytest.param("votes", "has attended or voted", id="voted"),
        pytest.param("waits", "on the roll of the vote on motion 1 of meeting 1", id="on a roll"),
        pytest.param("nothing", "Say why", id="without a reason"),
    ],
)
def test_whoever_has_acted_in_the_seat_is_not_annulled(acts: str, said: str) -> None:
    board, _people = seated_board("Ada", "Bo", "Cy")
    held = Appointment.objects.get(person__name="Ada")
    if acts == "attends":
        hold(call(board), 1, 2)
    elif acts != "nothing":
        meeting = hold(call(board), 2, 3)
        motion = services.open_vote(SYSTEM, move(meeting), now=NOW)
        if acts == "votes":
            services.record_votes(SYSTEM, motion, {1: Choice.FOR}, now=NOW)
    with pytest.raises(Refused, match=said):
        services.annul_appointment(SYSTEM, held, why="" if acts == "nothing" else "A slip", now=NOW)
    held.refresh_from_db()
    assert held.annulled_at is None


def test_who_annuls_where(officer: Client) -> None:
    board = make_board(make_institute("mxd", name="MxD"))
    held = seat(board, 1, make_person("Ada"))
    with pytest.raises(Invalid, match="longer than 200"):
        services.annul_appointment(SYSTEM, held, why="x" * 201, now=NOW)
    other = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    with pytest.raises(NotPermitted):
        services.annul_appointment(other, held, why="A slip", now=NOW)
    address = f"/appointments/{held.pk}/annul/"
    assert address in officer.get(board.get_absolute_url()).content.decode()
    page = officer.get(address).content.decode()
    assert "Annul the appointment of Ada" in page
    answer = officer.post(address, {"reason": "A slip"}, follow=True)
    assert "The appointment is annulled." in answer.content.decode()
    held.refresh_from_db()
    assert held.why_annulled == "A slip"
    answer = officer.post(
        f"/api/v1/appointments/{held.pk}/annul",
        data='{"why": "Again"}',
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "annulled")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"annulled_at": NOW}, id="without a reason"),
        pytest.param({"why_annulled": "A slip"}, id="without a time"),
    ],
)
def test_the_database_asks_for_a_reason(change: dict[str, object]) -> None:
    seat(make_board(), 1, make_person("Ada"))
    with pytest.raises(DatabaseError), transaction.atomic():
        Appointment.objects.update(**change)


def test_the_database_lets_nothing_be_taken_back_twice() -> None:
    held = seat(make_board(), 1, make_person("Ada"))
    services.annul_appointment(SYSTEM, held, why="A slip", now=NOW)
    undo: tuple[Callable[[], object], ...] = (
        lambda: Appointment.objects.update(annulled_at=None, why_annulled=""),
        lambda: Appointment.objects.update(why_annulled="Another"),
    )
    for change in undo:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(NotFound):
        queries.appointment_by_id(Actor.public(), held.pk + 1)


@pytest.mark.parametrize("acts", ["attends", "votes", "waits"])
def test_what_was_done_in_an_earlier_term_holds_no_later_one(acts: str) -> None:
    board, (ada, *_others) = seated_board("Ada", "Bo", "Cy")
    first = Appointment.objects.get(person=ada)
    meeting = hold(call(board), 1, 2, 3)
    if acts != "attends":
        motion = services.open_vote(SYSTEM, move(meeting), now=NOW)
        if acts == "votes":
            services.record_votes(SYSTEM, motion, {1: Choice.FOR}, now=NOW)
    services.end_appointment(SYSTEM, first, ends_on=LATER, now=NOW)
    again = seat(board, 1, ada, LATER)
    annulled = services.annul_appointment(SYSTEM, again, why="A slip", now=NOW)
    assert annulled.annulled_at == NOW
    with pytest.raises(Refused, match="has attended or voted"):
        services.annul_appointment(SYSTEM, first, why="A slip", now=NOW)


def test_the_day_of_a_meeting_is_that_of_its_place() -> None:
    board, _people = seated_board("Ada", "Bo")
    first = Appointment.objects.get(person__name="Ada")
    terms = services.MeetingTerms(
        rules.MeetingForm.REMOTE,
        datetime(2022, 8, 31, 23, tzinfo=UTC),
        zone="Asia/Shanghai",
        link="https://example.org/meet",
    )
    meeting = services.call_meeting(SYSTEM, board, terms, agenda=(services.Topic("Fees"),), now=NOW)
    services.end_appointment(SYSTEM, first, ends_on=date(2022, 9, 1), now=NOW)
    second = seat(board, 1, first.person, date(2022, 9, 1))
    hold(meeting, 1)
    with pytest.raises(Refused, match="has attended or voted"):
        services.annul_appointment(SYSTEM, second, why="A slip", now=NOW)
    assert services.annul_appointment(SYSTEM, first, why="A slip", now=NOW).annulled_at == NOW


@pytest.mark.django_db(transaction=True)
def test_attendance_recorded_at_the_same_moment_holds_an_annulment() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; this runs on PostgreSQL")
    board, _people = seated_board("Ada", "Bo")
    held = Appointment.objects.get(person__name="Ada")
    meeting = call(board)
    is_recorded, is_over = threading.Event(), threading.Event()

    def record() -> None:
        try:
            with transaction.atomic():
                services.record_attendance(SYSTEM, meeting, {1: Attending.PRESENT}, now=NOW)
                is_recorded.set()
                assert waits_for_a_lock(is_over)
        finally:
            is_recorded.set()
            connection.close()

    def annul() -> None:
        assert is_recorded.wait(LOCKED_S)
        try:
            services.annul_appointment(SYSTEM, held, why="A slip", now=NOW)
        finally:
            is_over.set()
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        recorded, annulled = pool.submit(record), pool.submit(annul)
        with pytest.raises(Refused, match="has attended or voted"):
            annulled.result()
        recorded.result()
    held.refresh_from_db()
    assert held.annulled_at is None


def waits_for_a_lock(is_over: threading.Event) -> bool:
    """Whether another connection waits for what this one holds; False once the other is through."""
    ends_s = time.monotonic() + LOCKED_S
    while time.monotonic() < ends_s and not is_over.is_set():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return True
        time.sleep(POLL_S)
    return False
