"""Motions and the votes on them: proposing, opening with a frozen roll, casting, closing.

An open vote is stored with its voter. A secret one is not: the trail and the roll say that a ballot
was issued, and the ballot goes into an urn that is stirred with it (see `models.votes`). What a
carried motion is about is done in the transaction of the close: a policy is adopted, a seat filled.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import SystemRandom
from typing import Final

from django.db import transaction

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    AgendaItem,
    Ballot,
    Body,
    CommonPolicy,
    Meeting,
    Motion,
    PolicyVersion,
    RollEntry,
    Seat,
    UrnBallot,
    Vote,
)
from lineshaft.apps.governance.services.bodies import Filling, fill_elected
from lineshaft.apps.governance.services.policies import adopt_by_vote
from lineshaft.apps.governance.services.record import (
    Held,
    audit_meeting,
    checked_text,
    faults_of_length,
    held_meeting,
    locked_meeting,
    own_person,
    seats_held,
)
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import Invalid, LineshaftError, NotFound
from lineshaft.kernel.ids import random_id
from lineshaft.kernel.jurisdiction import BodyKind
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_day
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.wiping import wiped

ROLL_MAX: Final = 5_000
CLOSING: Final = (
    "state",
    "closed_at",
    "outcome",
    "votes_for",
    "votes_against",
    "votes_abstained",
    "present_count",
    "quorum_count",
    "refused_message",
    "refused_params",
)

_NO_DAY: Final = gettext_noop("Enter the day from which the policy is in force.")
_NOT_ON_THE_ROLL: Final = gettext_noop("There is no place %(number)s on the roll.")
_BAD_WEIGHT: Final = gettext_noop("A weight is a whole number from 1 to %(most)s.")
_TWICE: Final = gettext_noop("%(person)s stands on the roll twice.")
_ROLL_LONG: Final = gettext_noop("A roll has at most %(most)s places.")

stir = SystemRandom().shuffle
"""Brings ballots into an order that nobody can foretell."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is moved, and by which rule it is carried; with a version, that it be adopted."""

    text: str
    text_zh: str = ""
    rule: rules.VoteRule = rules.VoteRule.SIMPLE_MAJORITY
    is_secret: bool = False
    moved_by: Person | None = None
    seconded_by: Person | None = None
    version: PolicyVersion | None = None
    in_force_on: date | None = None


@dataclass(frozen=True, slots=True)
class Voter:
    """Somebody on a roll, with a weight; a seat for who votes by one."""

    person: Person
    weight: int = 1
    seat: Seat | None = None


def propose_motion(actor: Actor, item: AgendaItem, question: Question, *, now: datetime) -> Motion:
    """Put a motion under an item of the agenda; its words are fixed from then on."""
    text = checked_text("text", question.text, rules.MOTION_MAX)
    if faults := faults_of_length({"text_zh": question.text_zh}, rules.MOTION_MAX):
        raise Invalid(faults)
    if question.version is not None and question.in_force_on is None:
        raise Invalid.in_field("in_force_on", _NO_DAY)
    if fault := check_day(question.in_force_on, name="in_force_on"):
        raise Invalid((fault,))
    with transaction.atomic():
        held = held_meeting(actor, item.meeting, "propose_motion")
        refuse_if(rules.refuse_agenda(held.meeting.state))
        if question.version is not None:
            refuse_if(rules.refuse_policy_motion(BodyKind(held.body.kind)))
            state = PolicyVersion.objects.get(pk=question.version.pk).state
            refuse_if(rules.TRANSITIONS["PolicyVersion"].check(state, "adopt_policy"))
        motion = Motion.objects.create(
            meeting=held.meeting,
            item=item,
            number=next_number(held.meeting),
            text=text,
            text_zh=question.text_zh.strip(),
            rule=question.rule,
            is_secret=question.is_secret,
            moved_by=question.moved_by,
            seconded_by=question.seconded_by,
            version=question.version,
            in_force_on=question.in_force_on if question.version else None,
        )
        audit_meeting(
            actor,
            "propose_motion",
            held,
            now=now,
            motion=motion.number,
            rule=question.rule,
            is_secret=question.is_secret,
        )
    return motion


def drop_motion(actor: Actor, motion: Motion, *, now: datetime) -> Motion:
    """Drop a motion on which no vote was opened."""
    with transaction.atomic():
        held = held_meeting(actor, motion.meeting, "drop_motion")
        row = _locked(held, motion)
        refuse_if(rules.TRANSITIONS["Motion"].check(row.state, "drop_motion"))
        row.state = rules.TRANSITIONS["Motion"].target(row.state, "drop_motion")
        row.save(update_fields=["state"])
        audit_meeting(actor, "drop_motion", held, now=now, motion=row.number)
    return row


def open_vote(
    actor: Actor,
    motion: Motion,
    *,
    roll: Sequence[Voter] | None = None,
    closes_on: date | None = None,
    now: datetime,
) -> Motion:
    """Open the vote and freeze its roll: whoever holds a seat on the day and has not recused.

    Another roll, with weights, is handed in by who knows it, such as that of an institute's
    members. A vote with a last day, and each of a written procedure, runs until that day and counts
    to its quorum who has voted; any other counts who is there.
    """
    if fault := check_day(closes_on, name="closes_on"):
        raise Invalid((fault,))
    with transaction.atomic():
        held = held_meeting(actor, motion.meeting, "open_vote")
        row = _locked(held, motion)
        refuse_if(rules.TRANSITIONS["Motion"].check(row.state, "open_vote"))
        row.closes_on = closes_on or held.meeting.closes_on
        refuse_if(rules.refuse_last_day(row.closes_on, now.date()))
        if row.version is not None:
            CommonPolicy.objects.select_for_update().get(pk=row.version.policy_id)
            row.version.refresh_from_db(fields=("state",))  # nobody adopts it beside the vote
            refuse_if(rules.TRANSITIONS["PolicyVersion"].check(row.version.state, "adopt_policy"))
        Body.objects.select_for_update().get(pk=held.body.pk)  # its charter stays until the close
        hall = _Hall.of(row)
        voters = hall.voters() if roll is None else hall.without_recused(_checked(roll))
        is_by_presence = roll is None and row.closes_on is None
        needed = hall.quorum.needed(len(voters) + hall.recused_counted)
        refuse_if(
            rules.refuse_opening_vote(
                [one.weight for one in voters],
                is_in_session=held.meeting.state == rules.OPEN,
                is_secret=row.is_secret,
                present=hall.present([one.seat for one in voters]) if is_by_presence else 0,
                needed=needed if is_by_presence else 0,
                candidates=row.candidates.count() if row.is_election else None,
            )
        )
        RollEntry.objects.bulk_create(
            RollEntry(
                motion=row, number=number, person=one.person, seat=one.seat, weight=one.weight
            )
            for number, one in enumerate(voters, start=1)
        )
        row.state, row.opened_at = rules.TRANSITIONS["Motion"].target(row.state, "open_vote"), now
        row.save(update_fields=["state", "opened_at", "closes_on"])
        audit_meeting(
            actor,
            "open_vote",
            held,
            now=now,
            motion=row.number,
            roll=[[one.person.pk, one.weight] for one in voters],
            closes_on=row.closes_on,
        )
    return row


def cast_vote(actor: Actor, motion: Motion, choice: str, *, now: datetime) -> RollEntry:
    """Vote as the actor's own person; raises Refused for who may not, or has voted already.

    Of a secret vote the trail says that a ballot was issued to the voter, and nothing more.
    """
    permit(actor, rules.PERMISSIONS["cast_vote"])
    with transaction.atomic():
        held = Held(locked_meeting(motion.meeting))
        row = _locked(held, motion)
        person = own_person(actor)
        entry = row.roll.filter(person=person).first() if person else None
        name = person.name if person else actor.label
        recused = row.item.disclosures.filter(person=person, is_recused=True)
        refuse_if(
            rules.refuse_vote(
                name,
                is_open=row.state == rules.VOTING,
                is_on_roll=entry is not None,
                is_recused=person is not None and recused.exists(),
                has_voted=entry is not None and entry.has_voted,
                closes_on=row.closes_on,
                today=now.date(),
            )
        )
        assert entry is not None  # noqa: S101 -- refused just above
        refuse_if(rules.refuse_choice(choice, _candidates(row)))
        entry.has_voted = True
        entry.save(update_fields=["has_voted"])
        if row.is_secret:
            _drop_into_urn(row, choice)
            said = {"ballot": "issued"}
        else:
            Vote.objects.create(entry=entry, choice=choice, cast_at=now)
            said = {"choice": choice}
        audit_meeting(
            actor,
            "cast_vote",
            held,
            now=now,
            motion=row.number,
            person=entry.person_id,
            vote=said,
        )
    return entry


def record_votes(
    actor: Actor, motion: Motion, votes: Mapping[int, str], *, now: datetime
) -> list[Vote]:
    """Enter open votes as they were given in the room, by places on the roll, all or none."""
    with transaction.atomic():
        held = held_meeting(actor, motion.meeting, "record_votes")
        row = _locked(held, motion)
        refuse_if(rules.refuse_record_by_hand(is_secret=row.is_secret))
        entries = {one.number: one for one in row.roll.select_related("person")}
        candidates = _candidates(row)
        given = []
        for number, choice in votes.items():
            entry = entries.get(number)
            if entry is None:
                raise NotFound(_NOT_ON_THE_ROLL, code="no_place", params={"number": number})
            refuse_if(
                rules.refuse_vote(
                    entry.person.name,
                    is_open=row.state == rules.VOTING,
                    is_on_roll=True,
                    is_recused=False,
                    has_voted=entry.has_voted,
                    closes_on=row.closes_on,
                    today=now.date(),
                )
            )
            refuse_if(rules.refuse_choice(choice, candidates))
            entry.has_voted = True
            given.append(Vote(entry=entry, choice=choice, cast_at=now))
        row.roll.filter(number__in=list(votes)).update(has_voted=True)
        made = Vote.objects.bulk_create(given)
        audit_meeting(
            actor,
            "record_votes",
            held,
            now=now,
            count=len(made),
            motion=row.number,
            votes={str(number): choice for number, choice in sorted(votes.items())},
        )
    return made


def close_vote(actor: Actor, motion: Motion, *, now: datetime) -> Motion:
    """Close the vote, count it and do what was carried: adopt the policy, or fill the seat.

    The outcome is fixed with the counts and the quorum. Where what was carried can't be done now
    (the seat was filled meanwhile, say) the motion keeps why. A secret vote without a quorum, or
    with fewer ballots than a count needs, is not counted: its ballots are thrown away.
    """
    with transaction.atomic():
        held = held_meeting(actor, motion.meeting, "close_vote")
        row = _locked(held, motion)
        refuse_if(rules.TRANSITIONS["Motion"].check(row.state, "close_vote"))
        roll = list(row.roll.select_related("seat"))
        cast = sum(one.has_voted for one in roll)
        assert row.opened_at is not None  # noqa: S101 -- the vote is open
        refuse_if(
            rules.refuse_closing_vote(
                row.closes_on or row.opened_at.date(),
                now.date(),
                waiting=len(roll) - cast,
                ballots=cast if row.is_secret else None,
                has_last_day=row.closes_on is not None,
            )
        )
        row.present_count, row.quorum_count = _Hall.of(row).counted(roll)
        if row.is_secret and cast < rules.SECRET_LEAST:
            row.present_count = cast
            row.quorum_count = max(row.quorum_count, rules.SECRET_LEAST)
        elected, counts = _decide(row, roll)
        if row.outcome == rules.Outcome.CARRIED:
            _try_to_carry_out(actor, row, elected, now)
        row.state = rules.TRANSITIONS["Motion"].target(row.state, "close_vote")
        row.closed_at = now
        row.save(update_fields=CLOSING)
        audit_meeting(
            actor,
            "close_vote",
            held,
            now=now,
            motion=row.number,
            outcome=row.outcome,
            counts=dict(sorted(counts.items())),
            present=row.present_count,
            quorum=row.quorum_count,
            refused=row.refused_text(),
        )
    return row


def next_number(meeting: Meeting) -> int:
    """The number of the meeting's next motion; the meeting is locked."""
    last = meeting.motions.order_by("number").last()
    return last.number + 1 if last else 1


@dataclass(slots=True)
class _Hall:
    """Who could vote on a motion and who is there, by the record of its meeting."""

    body: Body
    seated: list[Voter]
    recused: set[int]
    there: set[int]
    quorum: rules.Quorum
    is_by_presence: bool

    @classmethod
    def of(cls, motion: Motion) -> "_Hall":
        meeting = motion.meeting
        day = meeting.held_on
        binding = profile_in_use().body_rules_in_force(
            Span(day, date.fromordinal(day.toordinal() + 1)), BodyKind(meeting.body.kind)
        )
        recused = motion.item.disclosures.filter(is_recused=True)
        there = meeting.attendance.filter(way__in=rules.THERE)
        return cls(
            meeting.body,
            [Voter(one.person, seat=one.seat) for one in seats_held(meeting.body, day)],
            set(recused.values_list("person_id", flat=True)),
            set(there.values_list("seat_id", flat=True)),
            rules.quorum_of(binding, meeting.body.quorum_above_bp),
            motion.closes_on is None,
        )

    @property
    def recused_counted(self) -> int:
        """How many who have recused count among the seats all the same, by the charter."""
        if not self.body.counts_recused:
            return 0
        return sum(one.person.pk in self.recused for one in self.seated)

    def voters(self) -> list[Voter]:
        """Whoever holds a seat and has not recused."""
        return self.without_recused(self.seated)

    def without_recused(self, voters: Sequence[Voter]) -> list[Voter]:
        """These less those who have recused."""
        return [one for one in voters if one.person.pk not in self.recused]

    def present(self, seats: Sequence[Seat | None]) -> int:
        """How many of these seats' holders are there, and who has recused where that counts."""
        there = sum(seat is not None and seat.pk in self.there for seat in seats)
        return there + self._recused_there()

    def counted(self, roll: Sequence[RollEntry]) -> tuple[int, int]:
        """How many count to the quorum at the close, and how many have to.

        In a room counts who is there, else who has voted. Recusals count on both sides or on
        neither: where nobody has to be in a room nobody is missed there, and a roll that was
        handed in is not that of the seats.
        """
        voted = sum(one.has_voted for one in roll)
        if not any(one.seat_id for one in roll):
            return voted, self.quorum.needed(len(roll))
        needed = self.quorum.needed(len(roll) + self.recused_counted)
        if not self.is_by_presence:
            return voted + self.recused_counted, needed
        there = sum(one.has_voted or one.seat_id in self.there for one in roll)
        return there + self._recused_there(), needed

    def _recused_there(self) -> int:
        if not self.body.counts_recused:
            return 0
        return sum(
            one.person.pk in self.recused and one.seat is not None and one.seat.pk in self.there
            for one in self.seated
        )


def _locked(held: Held, motion: Motion) -> Motion:
    """The motion behind its lock, with the locked meeting."""
    rows = Motion.objects.select_for_update(of=("self",)).select_related("item", "seat", "version")
    row = rows.get(pk=motion.pk)
    row.meeting = held.meeting
    return row


def _checked(roll: Sequence[Voter]) -> Sequence[Voter]:
    """The roll that was handed in; raises Invalid for a bad weight or somebody named twice."""
    if len(roll) > ROLL_MAX:
        raise Invalid.in_field("roll", _ROLL_LONG, most=ROLL_MAX)
    seen: set[int] = set()
    for one in roll:
        if not 1 <= one.weight <= rules.WEIGHT_MAX:
            raise Invalid.in_field("roll", _BAD_WEIGHT, most=rules.WEIGHT_MAX)
        if one.person.pk in seen:
            raise Invalid.in_field("roll", _TWICE, person=one.person.name)
        seen.add(one.person.pk)
    return roll


def _candidates(motion: Motion) -> list[int] | None:
    """The numbers of the candidates; None for a motion that elects nobody."""
    if not motion.is_election:
        return None
    return list(motion.candidates.values_list("number", flat=True))


def _drop_into_urn(motion: Motion, choice: str) -> None:
    """Put a ballot into the urn and stir it: every ballot gets a new key and a new place."""
    choices = [*_emptied(motion), choice]
    stir(choices)
    UrnBallot.objects.bulk_create(
        UrnBallot(id=random_id(), motion=motion, choice=each) for each in choices
    )


def _emptied(motion: Motion) -> list[str]:
    """What lay in the urn, which is empty from then on."""
    choices = list(motion.urn.values_list("choice", flat=True))
    motion.urn.all().delete()
    return choices


def _decide(motion: Motion, roll: Sequence[RollEntry]) -> tuple[Person | None, Counter[str]]:
    """Count the vote and fix its outcome: who is elected, and the counts, none of what is not
    counted.
    """
    if motion.is_secret and not _is_quorate(motion):
        with wiped(UrnBallot):
            motion.urn.all().delete()
        motion.outcome = rules.Outcome.NO_QUORUM
        return None, Counter()
    counts = _count(motion, roll)
    if motion.is_election:
        return _decide_election(motion, counts), counts
    _decide_motion(motion, counts, roll)
    return None, counts


def _count(motion: Motion, roll: Sequence[RollEntry]) -> Counter[str]:
    """The weight of each choice; of a secret vote the urn is emptied into what was counted."""
    if motion.is_secret:
        with wiped(UrnBallot):
            choices = _emptied(motion)
        stir(choices)
        Ballot.objects.bulk_create(
            Ballot(id=random_id(), motion=motion, choice=choice) for choice in choices
        )
        weight = roll[0].weight  # all alike, or the vote would not have opened
        return Counter({choice: count * weight for choice, count in Counter(choices).items()})
    counts: Counter[str] = Counter()
    for vote in Vote.objects.filter(entry__motion=motion).select_related("entry"):
        counts[vote.choice] += vote.entry.weight
    return counts


def _decide_motion(motion: Motion, counts: Counter[str], roll: Sequence[RollEntry]) -> None:
    tally = rules.Tally(
        counts[rules.Choice.FOR], counts[rules.Choice.AGAINST], counts[rules.Choice.ABSTAIN]
    )
    motion.votes_for, motion.votes_against = tally.votes_for, tally.votes_against
    motion.votes_abstained = tally.abstained
    motion.outcome = rules.decide_motion(
        rules.VoteRule(motion.rule),
        tally,
        is_quorate=_is_quorate(motion),
        casting=_casting(motion, roll),
    )


def _casting(motion: Motion, roll: Sequence[RollEntry]) -> rules.Choice | None:
    """The chair's own open vote, where the charter lets it break a tie."""
    if motion.is_secret or not motion.meeting.body.has_casting_vote:
        return None
    chairs = [one for one in roll if one.seat is not None and one.seat.kind == "chair"]
    cast = Vote.objects.filter(entry__in=chairs).order_by("entry__number").first()
    return rules.Choice(cast.choice) if cast else None


def _decide_election(motion: Motion, counts: Counter[str]) -> Person | None:
    """Count the candidates' votes; returns who is elected."""
    candidates = list(motion.candidates.select_related("person").order_by("number"))
    votes = {one.number: counts[str(one.number)] for one in candidates}
    motion.votes_against = counts[rules.Choice.AGAINST]
    motion.votes_abstained = counts[rules.Choice.ABSTAIN]
    motion.outcome, elected = rules.decide_election(
        votes, motion.votes_against, is_quorate=_is_quorate(motion)
    )
    for one in candidates:
        one.votes, one.is_elected = votes[one.number], one.number == elected
        one.save(update_fields=["votes", "is_elected"])
    return next((one.person for one in candidates if one.is_elected), None)


def _is_quorate(motion: Motion) -> bool:
    return (motion.present_count or 0) >= (motion.quorum_count or 0)


def _try_to_carry_out(actor: Actor, motion: Motion, elected: Person | None, now: datetime) -> None:
    """Do what was decided, whole; where that can't be done the motion keeps why."""
    try:
        with transaction.atomic():
            _carry_out(actor, motion, elected, now)
    except LineshaftError as error:
        motion.refused_message = error.message
        motion.refused_params = {name: str(value) for name, value in error.params.items()}


def _carry_out(actor: Actor, motion: Motion, elected: Person | None, now: datetime) -> None:
    """Do what was decided; the evidence names the meeting and the motion."""
    evidence = f"{motion.meeting.body.name[:120]}, {motion.meeting.number}/{motion.number}"
    if motion.version is not None and motion.in_force_on is not None:
        adopt_by_vote(
            actor,
            motion.version,
            decision=f"{evidence}: {motion.votes_for}-{motion.votes_against}",
            adopted_on=now.date(),
            in_force_on=max(motion.in_force_on, now.date()),
            now=now,
        )
    if motion.seat is not None and elected is not None and motion.starts_on is not None:
        filling = Filling(
            motion.seat.number,
            elected,
            rules.AppointmentWay.ELECTED,
            motion.starts_on,
            motion.ends_on,
            evidence,
        )
        fill_elected(actor, motion.meeting.body, filling, now=now)
