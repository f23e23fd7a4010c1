from collections import Counter
from collections.abc import Sequence
from secrets import SystemRandom

import pytest
from django.apps import apps
from django.db import connection

from lineshaft.apps.governance import rules, services
from lineshaft.apps.governance.models import (
    Appointment,
    Ballot,
    Candidate,
    Motion,
    RollEntry,
    UrnBallot,
    Vote,
)
from lineshaft.apps.governance.queries import motion_standing
from lineshaft.apps.governance.rules import Choice, MeetingForm, Outcome, VoteRule
from lineshaft.apps.governance.services import votes
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
    voted,
)
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.kernel.jurisdiction import SeatKind
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

FOR, AGAINST, ABSTAIN = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN


@pytest.mark.parametrize(
    ("rule", "choices", "outcome", "counts"),
    [
        (VoteRule.SIMPLE_MAJORITY, (FOR, FOR, AGAINST), Outcome.CARRIED, (2, 1, 0)),
        (VoteRule.SIMPLE_MAJORITY, (FOR, AGAINST, ABSTAIN), Outcome.TIED, (1, 1, 1)),
        (VoteRule.TWO_THIRDS, (FOR, AGAINST, ABSTAIN), Outcome.LOST, (1, 1, 1)),
        (VoteRule.UNANIMITY, (FOR, FOR, ABSTAIN), Outcome.CARRIED, (2, 0, 1)),
    ],
    ids=["majority", "tie", "two_thirds", "unanimity"],
)
def test_an_open_vote_ends_by_its_rule(
    rule: VoteRule, choices: tuple[Choice, ...], outcome: Outcome, counts: tuple[int, int, int]
) -> None:
    board, _people = seated_board("Ada", "Bo", "Cy")
    motion = voted(move(hold(call(board), 1, 2, 3), rule=rule), *choices)
    assert (motion.state, motion.outcome) == (rules.DECIDED, outcome)
    assert (motion.votes_for, motion.votes_against, motion.votes_abstained) == counts
    assert (motion.present_count, motion.quorum_count) == (3, 2)


@pytest.mark.parametrize(
    ("chairs", "outcome"),
    [(FOR, Outcome.CARRIED), (AGAINST, Outcome.LOST), (ABSTAIN, Outcome.TIED)],
)
def test_the_chair_breaks_a_tie_where_the_charter_says_so(chairs: Choice, outcome: Outcome) -> None:
    board, _people = seated_board("Ada", "Bo", "Cy", "Di", "Ed")
    services.amend_charter(
        SYSTEM, board, services.CharterTerms(has_casting_vote=True, charter="By-laws 2"), now=NOW
    )
    others = {FOR: (FOR, AGAINST, AGAINST, ABSTAIN), AGAINST: (FOR, FOR, AGAINST, ABSTAIN)}.get(
        chairs, (FOR, FOR, AGAINST, AGAINST)
    )
    motion = voted(move(hold(call(board), 1, 2, 3, 4, 5)), chairs, *others)
    assert motion.votes_for == motion.votes_against == 2
    assert motion.outcome == outcome


def test_a_chair_who_did_not_vote_breaks_no_tie() -> None:
    board, _people = seated_board("Ada", "Bo", "Cy")
    terms = services.CharterTerms(has_casting_vote=True, charter="By-laws 2")
    services.amend_charter(SYSTEM, board, terms, now=NOW)
    motion = move(hold(call(board), 1, 2, 3))
    services.open_vote(SYSTEM, motion, now=NOW)
    services.record_votes(SYSTEM, motion, {2: FOR, 3: AGAINST}, now=NOW)
    assert services.close_vote(SYSTEM, motion, now=NOW).outcome == Outcome.TIED


def test_each_votes_once_and_only_while_the_vote_is_open() -> None:
    board, (ada, bo, _cy) = seated_board("Ada", "Bo", "Cy")
    motion = move(hold(call(board), 1, 2, 3))
    with pytest.raises(Refused, match="not open"):
        services.cast_vote(actor_for(ada), motion, FOR, now=NOW)
    services.open_vote(SYSTEM, motion, now=NOW)
    services.cast_vote(actor_for(ada), motion, FOR, now=NOW)
    with pytest.raises(Refused, match="Ada has voted already"):
        services.cast_vote(actor_for(ada), motion, AGAINST, now=NOW)
    with pytest.raises(Refused, match="Ada has voted already"):
        services.record_votes(SYSTEM, motion, {2: FOR, 1: AGAINST}, now=NOW)
    assert RollEntry.objects.filter(has_voted=True).count() == 1
    with pytest.raises(Refused, match="not on the ballot"):
        services.cast_vote(actor_for(bo), motion, "1", now=NOW)
    with pytest.raises(NotFound, match="no place 9"):
        services.record_votes(SYSTEM, motion, {9: FOR}, now=NOW)
    stranger = make_voter("Zoe")
    with pytest.raises(Refused, match="Zoe is not on the roll"):
        services.cast_vote(actor_for(stranger), motion, FOR, now=NOW)
    with pytest.raises(Refused, match="Nobody special is not on the roll"):
        services.cast_vote(Actor(user_id=10**6, label="Nobody special"), motion, FOR, now=NOW)
    with pytest.raises(NotPermitted):
        services.cast_vote(Actor.public(), motion, FOR, now=NOW)
    with pytest.raises(Refused, match="Nobody special"):
        services.cast_vote(
            Actor(user_id=None, label="Nobody special", is_system=True), motion, FOR, now=NOW
        )
    closed = services.close_vote(SYSTEM, motion, now=NOW)
    assert closed.outcome == Outcome.CARRIED
    with pytest.raises(Refused, match="not open"):
        services.cast_vote(actor_for(bo), motion, FOR, now=NOW)
    with pytest.raises(Refused):
        services.close_vote(SYSTEM, motion, now=NOW)
    (cast,) = AuditEvent.objects.filter(verb="cast_vote")
    assert cast.changes == {"motion": 1, "person": ada.pk, "vote": {"choice": "for"}}


@pytest.mark.parametrize(
    ("counts_recused", "quorum", "present", "outcome"),
    [(False, 2, 2, Outcome.CARRIED), (True, 3, 3, Outcome.CARRIED)],
)
def test_who_has_recused_is_not_on_the_roll_and_counts_as_the_charter_says(
    counts_recused: bool, quorum: int, present: int, outcome: Outcome
) -> None:
    board, (ada, _bo, _cy, _di) = seated_board("Ada", "Bo", "Cy", "Di")
    terms = services.CharterTerms(counts_recused=counts_recused, charter="By-laws 3")
    services.amend_charter(SYSTEM, board, terms, now=NOW)
    meeting = hold(call(board), 1, 2, 3)
    services.disclose_conflict(
        actor_for(ada), first_item(meeting), nature="Owns the lab.", is_recused=True, now=NOW
    )
    motion = move(meeting)
    services.open_vote(SYSTEM, motion, now=NOW)
    assert [one.person.name for one in motion.roll.order_by("number")] == ["Bo", "Cy", "Di"]
    with pytest.raises(Refused, match="Ada has recused"):
        services.cast_vote(actor_for(ada), motion, FOR, now=NOW)
    services.record_votes(SYSTEM, motion, {1: FOR, 2: FOR}, now=NOW)
    motion = services.close_vote(SYSTEM, motion, now=NOW)
    assert (motion.quorum_count, motion.present_count) == (quorum, present)
    assert motion.outcome == outcome
    assert [one.person for one in motion_standing(motion).recused] == [ada]


def test_a_quorum_that_is_lost_before_the_close_decides_nothing() -> None:
    board, _people = seated_board("Ada", "Bo", "Cy", "Di")
    meeting = hold(call(board), 1, 2)
    motion = move(meeting)
    with pytest.raises(Refused, match="2 of the 3 that it takes"):
        services.open_vote(SYSTEM, motion, now=NOW)
    services.record_attendance(SYSTEM, meeting, {3: rules.Attending.REMOTE}, now=NOW)
    services.open_vote(SYSTEM, motion, now=NOW)
    services.record_votes(SYSTEM, motion, {1: FOR, 2: FOR}, now=NOW)
    services.record_attendance(SYSTEM, meeting, {3: rules.Attending.LEFT}, now=NOW)
    motion = services.close_vote(SYSTEM, motion, now=NOW)
    assert (motion.outcome, motion.present_count, motion.quorum_count) == (Outcome.NO_QUORUM, 2, 3)


def test_a_vote_opens_only_in_a_meeting_that_is_open_and_with_voters() -> None:
    board, (ada,) = seated_board("Ada")
    meeting = call(board)
    motion = move(meeting)
    with pytest.raises(Refused, match="while the meeting is open"):
        services.open_vote(SYSTEM, motion, now=NOW)
    hold(meeting, 1)
    with pytest.raises(Refused, match="comes after the day on which it opens"):
        services.open_vote(SYSTEM, motion, closes_on=NOW.date(), now=NOW)
    with pytest.raises(Invalid):
        services.open_vote(SYSTEM, motion, closes_on=NOW.date().replace(year=2300), now=NOW)
    services.disclose_conflict(
        actor_for(ada), first_item(meeting), nature="My firm.", is_recused=True, now=NOW
    )
    with pytest.raises(Refused, match="Nobody is on the roll"):
        services.open_vote(SYSTEM, motion, now=NOW)


def test_weights_are_counted_and_a_weighted_vote_is_not_secret() -> None:
    board, (ada, bo, cy) = seated_board("Ada", "Bo", "Cy")
    meeting = hold(call(board))
    motion = move(meeting)
    roll = [Voter(ada, 5), Voter(bo, 1), Voter(cy, 1)]
    for wrong in ([Voter(ada, 0)], [Voter(ada), Voter(ada)], [Voter(ada)] * 5_001):
        with pytest.raises(Invalid):
            services.open_vote(SYSTEM, motion, roll=wrong, now=NOW)
    services.open_vote(SYSTEM, motion, roll=roll, now=NOW)
    services.record_votes(SYSTEM, motion, {1: AGAINST, 2: FOR, 3: FOR}, now=NOW)
    motion = services.close_vote(SYSTEM, motion, now=NOW)
    assert (motion.votes_for, motion.votes_against, motion.outcome) == (2, 5, Outcome.LOST)
    assert motion.present_count == 3
    secret = move(meeting, "In secret", is_secret=True)
    with pytest.raises(Refused, match="would tell how the heaviest voted"):
        services.open_vote(SYSTEM, secret, roll=roll, now=NOW)
    services.open_vote(SYSTEM, secret, roll=[Voter(one, 2) for one in (ada, bo, cy)], now=NOW)
    services.cast_vote(actor_for(ada), secret, FOR, now=NOW)
    services.cast_vote(actor_for(bo), secret, FOR, now=NOW)
    services.cast_vote(actor_for(cy), secret, AGAINST, now=NOW)
    assert services.close_vote(SYSTEM, secret, now=NOW).votes_for == 4


def test_a_written_procedure_runs_until_its_last_day_and_counts_who_voted() -> None:
    board, (ada, bo, cy) = seated_board("Ada", "Bo", "Cy")
    meeting = services.open_meeting(SYSTEM, call(board, form=MeetingForm.WRITTEN), now=NOW)
    motion = move(meeting)
    services.open_vote(SYSTEM, motion, now=NOW)
    services.cast_vote(actor_for(ada), motion, FOR, now=NOW)
    with pytest.raises(Refused, match="runs until 2022-09-10, and votes are still missing: 2"):
        services.close_vote(SYSTEM, motion, now=NOW)
    with pytest.raises(Refused, match="last day of this vote was 2022-09-10"):
        services.cast_vote(actor_for(bo), motion, FOR, now=LATER)
    late = services.close_vote(SYSTEM, motion, now=LATER)
    assert (late.outcome, late.present_count, late.quorum_count) == (Outcome.NO_QUORUM, 1, 2)
    again = move(meeting)
    services.open_vote(SYSTEM, again, now=NOW)
    for person in (ada, bo, cy):
        services.cast_vote(actor_for(person), again, FOR, now=NOW)
    assert services.close_vote(SYSTEM, again, now=NOW).outcome == Outcome.CARRIED


def test_a_motion_is_dropped_while_no_vote_was_opened() -> None:
    board, _people = seated_board("Ada")
    motion = move(hold(call(board), 1))
    assert services.drop_motion(SYSTEM, motion, now=NOW).state == rules.DROPPED
    with pytest.raises(Refused):
        services.open_vote(SYSTEM, motion, now=NOW)


@pytest.mark.parametrize(
    "question",
    [
        services.Question(" "),
        services.Question("x" * 4_001),
        services.Question("Yes", "字" * 4_001),
    ],
)
def test_a_motion_wants_words_of_some_length(question: services.Question) -> None:
    board, _people = seated_board("Ada")
    with pytest.raises(Invalid):
        services.propose_motion(SYSTEM, first_item(call(board)), question, now=NOW)


def test_the_council_adopts_a_policy_by_its_vote() -> None:
    ada, bo = make_voter("Ada"), make_voter("Bo")
    council = make_council(ada, bo)
    meeting = hold(call(council), 1, 2)
    draft = make_draft()
    undated = services.Question("Adopt it.", version=draft)
    with pytest.raises(Invalid):
        services.propose_motion(SYSTEM, first_item(meeting), undated, now=NOW)
    far = services.Question("Adopt", version=draft, in_force_on=NOW.date().replace(year=2300))
    with pytest.raises(Invalid):
        services.propose_motion(SYSTEM, first_item(meeting), far, now=NOW)
    question = services.Question("Adopt it.", version=draft, in_force_on=NOW.date())
    motion = services.propose_motion(SYSTEM, first_item(meeting), question, now=NOW)
    voted(motion, FOR, FOR)
    draft.refresh_from_db()
    assert (draft.state, draft.adopted_on, draft.decision) == (
        rules.ADOPTED,
        NOW.date(),
        "Council, 1/1: 2-0",
    )
    with pytest.raises(Refused):
        services.propose_motion(SYSTEM, first_item(meeting), question, now=NOW)
    board, _people = seated_board("Cy", institute=make_institute("mxd", name="MxD"))
    with pytest.raises(Refused, match="leadership council alone"):
        services.propose_motion(SYSTEM, first_item(call(board)), question, now=NOW)


def elect(*names: str, is_secret: bool = True) -> Motion:
    board, people = seated_board(*names)
    vacant = services.add_seat(
        SYSTEM, board, SeatKind.MEMBER, opened_on=board.established_on, now=NOW
    )
    meeting = hold(call(board), *range(1, len(people) + 1))
    return services.open_election(
        SYSTEM,
        first_item(meeting),
        vacant,
        text="Who takes the vacant seat",
        starts_on=NOW.date(),
        is_secret=is_secret,
        now=NOW,
    )


def test_an_election_fills_the_seat_with_who_has_most_votes() -> None:
    motion = elect("Ada", "Bo", "Cy")
    with pytest.raises(Refused, match="needs a candidate"):
        services.open_vote(SYSTEM, motion, now=NOW)
    eve, fay = make_person("Eve"), make_person("Fay")
    services.nominate_candidate(SYSTEM, motion, eve, now=NOW)
    with pytest.raises(Refused, match="Eve is a candidate already"):
        services.nominate_candidate(SYSTEM, motion, eve, now=NOW)
    services.nominate_candidate(SYSTEM, motion, fay, now=NOW)
    voters = [one.person for one in Appointment.objects.order_by("seat__number")]
    with pytest.raises(Refused, match="holds another seat"):
        services.nominate_candidate(SYSTEM, motion, voters[0], now=NOW)
    services.open_vote(SYSTEM, motion, now=NOW)
    with pytest.raises(Refused, match="not open"):
        services.nominate_candidate(SYSTEM, motion, make_person("Gil"), now=NOW)
    with pytest.raises(Refused, match="each votes alone"):
        services.record_votes(SYSTEM, motion, {1: "1"}, now=NOW)
    for person, choice in zip(voters, ("2", "2", ABSTAIN), strict=True):
        services.cast_vote(actor_for(person), motion, choice, now=NOW)
    motion = services.close_vote(SYSTEM, motion, now=NOW)
    assert (motion.outcome, motion.votes_abstained) == (Outcome.CARRIED, 1)
    assert list(Candidate.objects.order_by("number").values_list("votes", "is_elected")) == [
        (0, False),
        (2, True),
    ]
    made = Appointment.objects.get(person=fay)
    assert (made.way, made.evidence) == ("elected", f"{motion.meeting.body.name}, 1/1")


def test_an_election_that_is_tied_or_lost_fills_no_seat() -> None:
    motion = elect("Ada", "Bo", is_secret=False)
    for name in ("Eve", "Fay"):
        services.nominate_candidate(SYSTEM, motion, make_person(name), now=NOW)
    motion = voted(motion, *("1", "2"))  # type: ignore[arg-type]
    assert motion.outcome == Outcome.TIED
    assert Appointment.objects.count() == 2
    with pytest.raises(Refused, match="elects nobody"):
        services.nominate_candidate(SYSTEM, move(motion.meeting), make_person("Gil"), now=NOW)


def test_an_election_is_to_a_seat_of_the_same_body_with_a_term() -> None:
    motion = elect("Ada")
    assert motion.seat is not None
    other, _people = seated_board("Bo", institute=make_institute("mxd", name="MxD"))
    item = first_item(call(other))
    day = NOW.date()
    with pytest.raises(NotFound):
        services.open_election(SYSTEM, item, motion.seat, text="Who", starts_on=day, now=NOW)
    with pytest.raises(Invalid):
        services.open_election(
            SYSTEM, item, motion.seat, text="Who", starts_on=day, ends_on=day, now=NOW
        )


CAST = [FOR, FOR, AGAINST, FOR, ABSTAIN, AGAINST, FOR, FOR, AGAINST, ABSTAIN, FOR, FOR]


def cast_in_secret(monkeypatch: pytest.MonkeyPatch) -> tuple[Motion, list[list[str]]]:
    """A secret vote, all in, and the orders in which it was stirred: backwards each time."""
    orders: list[list[str]] = []

    def backwards(choices: list[str]) -> None:
        choices.reverse()
        orders.append(list(choices))

    monkeypatch.setattr(votes, "stir", backwards)
    board, people = seated_board(*(f"V{number}" for number in range(len(CAST))))
    motion = move(hold(call(board), *range(1, len(CAST) + 1)), is_secret=True)
    services.open_vote(SYSTEM, motion, now=NOW)
    for person, choice in zip(people, CAST, strict=True):
        services.cast_vote(actor_for(person), motion, choice, now=NOW)
    return motion, orders


def stored_order(table: str) -> list[str]:
    place = "ctid" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT choice FROM {table} ORDER BY {place}")  # noqa: S608 -- own names
        return [choice for (choice,) in cursor.fetchall()]


@pytest.mark.database
def test_secret_ballots_are_stored_as_they_were_stirred(monkeypatch: pytest.MonkeyPatch) -> None:
    motion, orders = cast_in_secret(monkeypatch)
    keys = set(UrnBallot.objects.values_list("pk", flat=True))
    assert len(orders) == len(CAST)
    assert stored_order("governance_urnballot") == orders[-1] != CAST
    closed = services.close_vote(SYSTEM, motion, now=NOW)
    assert stored_order("governance_ballot") == orders[-1]
    assert len(orders) == len(CAST) + 1
    assert not UrnBallot.objects.exists()
    assert not keys & set(Ballot.objects.values_list("pk", flat=True))
    assert Counter(Ballot.objects.values_list("choice", flat=True)) == Counter(CAST)
    assert (closed.votes_for, closed.votes_against, closed.votes_abstained) == (7, 3, 2)


def test_each_vote_gives_every_ballot_in_the_urn_a_new_key() -> None:
    board, (ada, bo, _cy) = seated_board("Ada", "Bo", "Cy")
    motion = move(hold(call(board), 1, 2), is_secret=True)
    services.open_vote(SYSTEM, motion, now=NOW)
    services.cast_vote(actor_for(ada), motion, FOR, now=NOW)
    (first,) = UrnBallot.objects.all()
    services.cast_vote(actor_for(bo), motion, FOR, now=NOW)
    assert first.pk not in set(UrnBallot.objects.values_list("pk", flat=True))
    assert first.pk.version == 4
    assert isinstance(votes.stir.__self__, SystemRandom)  # type: ignore[attr-defined]


def columns_of(model: type[Ballot | UrnBallot]) -> Sequence[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, model._meta.db_table)
    return sorted(column.name for column in found)


def test_no_column_of_any_table_links_voter_and_ballot(monkeypatch: pytest.MonkeyPatch) -> None:
    motion, _orders = cast_in_secret(monkeypatch)
    services.close_vote(SYSTEM, motion, now=NOW)
    for model in (Ballot, UrnBallot):
        assert columns_of(model) == ["choice", "id", "motion_id"]
        pointing = [one for one in model._meta.get_fields() if one.auto_created and one.is_relation]
        assert pointing == []
    assert not Vote.objects.exists()
    issued = AuditEvent.objects.filter(verb="cast_vote").order_by("pk")
    assert [event.changes for event in issued] == [
        {"motion": 1, "person": entry.person_id, "vote": {"ballot": "issued"}}
        for entry in motion.roll.order_by("number")
    ]
    ballots = {key.hex for key in Ballot.objects.values_list("pk", flat=True)}
    for model_of_any in apps.get_models(include_auto_created=True):
        if model_of_any is Ballot or not model_of_any._meta.managed:
            continue
        for row in model_of_any._default_manager.values_list():
            told = " ".join(str(value) for value in row).replace("-", "")
            assert not [key for key in ballots if key in told], model_of_any
    roll_columns = {field.column for field in RollEntry._meta.concrete_fields}
    assert roll_columns == {
        "id", "motion_id", "number", "person_id", "seat_id", "weight", "has_voted",
    }  # fmt: skip
