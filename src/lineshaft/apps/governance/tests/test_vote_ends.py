"""How votes end where something is in the way, and what a secret vote never tells."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.models import (
    Appointment,
    Ballot,
    Candidate,
    Disclosure,
    Motion,
    UrnBallot,
)
from lineshaft.apps.governance.rules import Choice, MeetingForm, Outcome
from lineshaft.apps.governance.services.votes import Voter
from lineshaft.apps.governance.tests.factories import NOW, SYSTEM, make_draft, make_person
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
)
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import Invalid, Refused
from lineshaft.kernel.jurisdiction import SeatKind
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.limits import Limits
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

FOR, AGAINST = Choice.FOR, Choice.AGAINST
TODAY = NOW.date()
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _platform(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: NOW)


def text_of(client: Client, address: str, language: str = "en") -> str:
    return client.get(address, headers={"accept-language": language}).content.decode()


def test_a_vote_closes_although_what_it_carried_cannot_be_done() -> None:
    council = make_council(make_voter("Ada"), make_voter("Bo"))
    meeting = hold(call(council, level=SharingLevel.PUBLIC), 1, 2)
    draft = make_draft()
    question = services.Question("Adopt it.", version=draft, in_force_on=TODAY)
    first, second, third = (
        services.propose_motion(SYSTEM, first_item(meeting), question, now=NOW) for _ in range(3)
    )
    for motion in (first, second):
        services.open_vote(SYSTEM, motion, now=NOW)
        services.record_votes(SYSTEM, motion, {1: FOR, 2: FOR}, now=NOW)
    with pytest.raises(Refused, match="motion 1 of Council, meeting 1, is on this draft"):
        services.revise_policy(SYSTEM, draft.policy, services.Wording("Other words."), now=NOW)
    with pytest.raises(Refused, match="is on this draft and is open"):
        services.withdraw_draft(SYSTEM, draft, now=NOW)
    assert services.close_vote(SYSTEM, first, now=NOW).refused_message == ""
    ended = services.close_vote(SYSTEM, second, now=NOW)
    assert (ended.state, ended.outcome, ended.votes_for) == (rules.DECIDED, Outcome.CARRIED, 2)
    assert ended.refused_text()
    draft.refresh_from_db()
    assert (draft.state, draft.decision) == (rules.ADOPTED, "Council, 1/1: 2-0")
    last = AuditEvent.objects.filter(verb="close_vote").latest("pk")
    assert last.changes["refused"] == ended.refused_text()
    with pytest.raises(Refused):
        services.open_vote(SYSTEM, third, now=NOW)
    page = text_of(Client(), ended.get_absolute_url())
    assert "Not carried out" in page
    assert "未能执行" in text_of(Client(), ended.get_absolute_url(), "zh-hans")
    services.close_meeting(SYSTEM, meeting, now=NOW)
    services.approve_minutes(SYSTEM, meeting, now=NOW)


def test_an_election_whose_winner_got_another_seat_ends_all_the_same() -> None:
    board, _people = seated_board("Ada", "Bo")
    seats = [
        services.add_seat(SYSTEM, board, SeatKind.MEMBER, opened_on=board.established_on, now=NOW)
        for _ in range(2)
    ]
    meeting, eve = hold(call(board, level=SharingLevel.PUBLIC), 1, 2), make_person("Quist")
    elections = []
    for seat in seats:
        motion = services.open_election(
            SYSTEM,
            first_item(meeting),
            seat,
            text="Who",
            starts_on=TODAY,
            is_secret=False,
            now=NOW,
        )
        services.nominate_candidate(SYSTEM, motion, eve, now=NOW)
        services.open_vote(SYSTEM, motion, now=NOW)
        services.record_votes(SYSTEM, motion, {1: "1", 2: "1"}, now=NOW)
        elections.append(motion)
    won, lost = (services.close_vote(SYSTEM, motion, now=NOW) for motion in elections)
    assert (won.refused_text(), lost.outcome) == ("", Outcome.CARRIED)
    assert "Quist" in lost.refused_text()
    assert [one.seat for one in Appointment.objects.filter(person=eve)] == [seats[0]]
    for motion in (won, lost):
        assert "Quist" not in text_of(Client(), motion.get_absolute_url())
    assert "Motion 1: Carried" in text_of(Client(), won.get_absolute_url())
    assert Candidate.objects.filter(votes=2).count() == 2


@pytest.mark.parametrize(("days", "code"), [(0, "short_vote"), (366, None), (367, "long_vote")])
def test_a_vote_runs_for_a_year_at_most(days: int, code: str | None) -> None:
    refusal = rules.refuse_last_day(TODAY + timedelta(days=days), TODAY)
    assert (refusal.code if refusal else None) == code


def secret_vote(*names: str) -> Motion:
    board, people = seated_board(*names)
    motion = move(hold(call(board), *range(1, len(people) + 1)), is_secret=True)
    return services.open_vote(SYSTEM, motion, now=NOW)


def cast(motion: Motion, *choices: Choice) -> None:
    for entry, choice in zip(motion.roll.order_by("number"), choices, strict=False):
        services.cast_vote(actor_for(entry.person), motion, choice, now=NOW)


def test_a_secret_vote_with_too_few_ballots_is_not_counted() -> None:
    motion = secret_vote("Ada", "Bo", "Cy", "Di")
    cast(motion, FOR, AGAINST)
    with pytest.raises(Refused, match=r"fewer than 3 ballots are in \(2 so far\)"):
        services.close_vote(SYSTEM, motion, now=NOW)
    assert UrnBallot.objects.count() == 2
    ended = services.close_vote(SYSTEM, motion, now=TOMORROW)
    assert (ended.outcome, ended.present_count, ended.quorum_count) == (Outcome.NO_QUORUM, 2, 3)
    assert (ended.votes_for, ended.votes_against, ended.votes_abstained) == (None, None, None)
    assert not UrnBallot.objects.exists()
    assert not Ballot.objects.exists()
    assert AuditEvent.objects.get(verb="close_vote").changes["counts"] == {}
    assert services.outcome_text(ended).endswith(
        "2 of the 3 it takes; the ballots were not counted"
    )


@pytest.mark.parametrize(
    ("is_secret", "voters", "code"),
    [(True, 2, "few_in_secret"), (True, 3, None), (False, 1, None)],
)
def test_a_secret_vote_wants_three_on_its_roll(
    *, is_secret: bool, voters: int, code: str | None
) -> None:
    refusal = rules.refuse_opening_vote(
        [1] * voters, is_in_session=True, is_secret=is_secret, present=0, needed=0, candidates=None
    )
    assert (refusal.code if refusal else None) == code


def test_three_ballots_of_a_secret_vote_are_counted_and_other_urns_left_alone() -> None:
    motion = secret_vote("Ada", "Bo", "Cy", "Di")
    other = services.open_vote(SYSTEM, move(motion.meeting, is_secret=True), now=NOW)
    cast(motion, FOR, FOR, AGAINST)
    cast(other, FOR, FOR, FOR)
    assert services.close_vote(SYSTEM, motion, now=NOW).votes_for == 2
    assert UrnBallot.objects.count() == 3
    assert services.close_vote(SYSTEM, other, now=NOW).votes_for == 3


def urn_file() -> object:
    if connection.vendor == "sqlite":
        statement = "PRAGMA secure_delete"
    else:
        statement = "SELECT pg_relation_filenode('governance_urnballot')"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.mark.database
def test_nothing_of_an_emptied_urn_stays_in_its_file() -> None:
    motion = secret_vote("Ada", "Bo", "Cy")
    cast(motion, FOR, FOR, FOR)
    before = urn_file()
    services.close_vote(SYSTEM, motion, now=NOW)
    assert urn_file() == 1 if connection.vendor == "sqlite" else urn_file() != before


@pytest.mark.parametrize(
    ("last_day", "ballots", "has_last_day", "code"),
    [
        (TODAY, None, True, "vote_runs"),
        (TODAY, 9, True, "vote_runs"),
        (TODAY, None, False, None),
        (TODAY, 2, False, "few_ballots"),
        (TODAY, 3, False, None),
        (TODAY - timedelta(days=1), 2, False, None),
        (TODAY - timedelta(days=1), 2, True, None),
    ],
)
def test_when_a_vote_with_missing_votes_closes(
    last_day: date, ballots: int | None, *, has_last_day: bool, code: str | None
) -> None:
    for waiting in (1, 0):
        refusal = rules.refuse_closing_vote(
            last_day, TODAY, waiting=waiting, ballots=ballots, has_last_day=has_last_day
        )
        assert (refusal.code if refusal else None) == (code if waiting else None)


def test_every_file_of_a_meeting_passes_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    board, (ada,) = seated_board("Ada")
    meeting = hold(call(board), 1)
    paper = services.Paper("fees.csv", BytesIO(b"a,b\n1,2\n"))
    services.attach_paper(SYSTEM, first_item(meeting), paper, now=NOW)
    services.close_meeting(SYSTEM, meeting, now=NOW)
    services.approve_minutes(SYSTEM, meeting, now=NOW)
    asked = []

    def shut(_actor: object, gate: str, **said: object) -> None:
        asked.append((gate, said["level"]))
        raise Refused(Refusal("limited", "Not under the conditions."))

    monkeypatch.setattr("lineshaft.plumbing.files.views.pass_gate", shut)
    client = Client()
    assert ada.user is not None
    client.force_login(ada.user)
    for address in ("items/1/papers/1/", "minutes/en.pdf"):
        assert client.get(f"{meeting.get_absolute_url()}{address}").status_code == 409
    assert asked == [("file_download", "network")] * 2


def test_names_are_read_by_whom_the_institute_lets_read() -> None:
    board, (ada,) = seated_board("Ada", institute=make_institute("mxd", name="MxD"))
    meeting = hold(call(board, level=SharingLevel.PUBLIC), 1)
    services.add_action(SYSTEM, meeting, "Tell", owner=ada, due_on=TODAY, now=NOW)
    limits = Limits("mxd", 7, ("memberships.participationreview", "1"), "FP-1", "denied")
    free = make_actor(user_id=10**6, institute_keys=frozenset({"mxd"}))
    shut = replace(free, limits=(replace(limits, is_shut=True),))
    named = replace(
        free,
        institute_keys=frozenset({"lift"}),
        limits=(replace(limits, institute="lift", institutes=frozenset({"rime"})),),
    )
    for actor, may in ((free, True), (shut, False), (named, False), (SYSTEM, True)):
        assert queries.may_read_names(actor, board, on=TODAY) is may
        assert queries.actions_visible_to(actor, on=TODAY).exists() is may


def recused_written(*, is_handed_in: bool) -> Motion:
    board, (ada, bo, cy, di) = seated_board("Ada", "Bo", "Cy", "Di")
    terms = services.CharterTerms(counts_recused=True, charter="By-laws 3")
    services.amend_charter(SYSTEM, board, terms, now=NOW)
    meeting = services.open_meeting(SYSTEM, call(board, form=MeetingForm.WRITTEN), now=NOW)
    for person in (ada, bo):
        services.disclose_conflict(
            actor_for(person), first_item(meeting), nature="Mine.", is_recused=True, now=NOW
        )
    roll = [Voter(cy), Voter(di)] if is_handed_in else None
    motion = services.open_vote(SYSTEM, move(meeting), roll=roll, now=NOW)
    services.record_votes(SYSTEM, motion, {1: FOR, 2: FOR}, now=NOW)
    return services.close_vote(SYSTEM, motion, now=NOW)


@pytest.mark.parametrize(("is_handed_in", "counted"), [(False, (4, 3)), (True, (2, 2))])
def test_recusals_count_on_both_sides_of_a_written_quorum(
    *, is_handed_in: bool, counted: tuple[int, int]
) -> None:
    motion = recused_written(is_handed_in=is_handed_in)
    assert (motion.present_count, motion.quorum_count) == counted
    assert motion.outcome == Outcome.CARRIED


def test_a_charter_stays_while_a_vote_is_decided_by_it() -> None:
    board, _people = seated_board("Ada", "Bo")
    motion = services.open_vote(SYSTEM, move(hold(call(board), 1, 2)), now=NOW)
    terms = services.CharterTerms(9_000, charter="By-laws 2")
    with pytest.raises(Refused, match="vote on motion 1 of meeting 1 is open"):
        services.amend_charter(SYSTEM, board, terms, now=NOW)
    services.close_vote(SYSTEM, motion, now=NOW)
    assert services.amend_charter(SYSTEM, board, terms, now=NOW).quorum_above_bp == 9_000


def test_who_is_on_the_roll_reads_the_meeting_until_the_vote_closes() -> None:
    board, (ada, _bo) = seated_board("Ada", "Bo")
    meeting = hold(call(board, level=SharingLevel.RESTRICTED), 1, 2)
    motion = services.open_vote(SYSTEM, move(meeting), closes_on=LATER.date(), now=NOW)
    services.end_appointment(
        SYSTEM, Appointment.objects.get(person=ada), ends_on=TOMORROW.date(), now=NOW
    )
    actor = actor_for(ada)
    assert list(queries.votes_waiting(actor, on=LATER.date())) == [motion]
    assert queries.meeting_by_number(actor, board.key, 1, on=LATER.date()) == meeting
    services.close_vote(SYSTEM, motion, now=LATER + timedelta(days=1))
    assert not queries.meetings_visible_to(actor, on=LATER.date()).exists()


def test_who_has_disclosed_can_recuse_later_but_not_take_it_back() -> None:
    board, (ada, _bo, _cy) = seated_board("Ada", "Bo", "Cy")
    meeting = hold(call(board), 1, 2, 3)
    item = first_item(meeting)

    def disclose(*, is_recused: bool) -> Disclosure:
        return services.disclose_conflict(
            actor_for(ada), item, nature="Mine.", is_recused=is_recused, now=NOW
        )

    made = disclose(is_recused=False)
    motion = services.open_vote(SYSTEM, move(meeting), now=NOW)
    with pytest.raises(Refused, match="its roll fixed"):
        disclose(is_recused=True)
    services.close_vote(SYSTEM, motion, now=NOW)
    with pytest.raises(Refused, match="disclosed a conflict on this item already"):
        disclose(is_recused=False)
    assert disclose(is_recused=True).pk == made.pk
    assert [one.is_recused for one in Disclosure.objects.all()] == [True]
    for again in (True, False):
        with pytest.raises(Refused, match="already"):
            disclose(is_recused=again)
    events = AuditEvent.objects.filter(verb="disclose_conflict").order_by("pk")
    assert [event.changes["is_recused"] for event in events] == [False, True]


@pytest.mark.parametrize(
    "ends_at",
    [
        datetime.fromisoformat("9999-12-31T23:59-12:00"),
        datetime(2300, 1, 1, tzinfo=UTC),
        NOW + timedelta(days=31, minutes=1),
    ],
)
def test_a_meeting_ends_on_a_day_that_can_be_meant(ends_at: datetime) -> None:
    board, _people = seated_board("Ada")
    terms = services.MeetingTerms(MeetingForm.IN_PERSON, NOW, place="Room 1", ends_at=ends_at)
    with pytest.raises((Invalid, Refused)):
        services.call_meeting(SYSTEM, board, terms, now=NOW)
    fitting = replace(terms, ends_at=NOW + timedelta(days=31))
    assert services.call_meeting(SYSTEM, board, fitting, now=NOW).number == 1


def test_a_written_procedure_runs_for_a_year_at_most() -> None:
    board, _people = seated_board("Ada")
    terms = services.MeetingTerms(MeetingForm.WRITTEN, NOW, closes_on=TODAY + timedelta(days=367))
    with pytest.raises(Refused, match="runs for a year at most, so until 2023-09-02"):
        services.call_meeting(SYSTEM, board, terms, now=NOW)
