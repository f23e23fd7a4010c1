"""What governance decides of votes: who may vote, by which rule a motion is carried, and how an
election ends.

A roll is frozen when a vote opens: who votes, with which weight. Whoever has recused from the item
is not on it. Abstentions are counted and decide nothing. A tie fails, unless the body's charter
gives its chair the casting vote and the chair's own vote is known. A quorum is counted at the
close: a vote without one decides nothing.

Secret votes: who has voted is on record, how is not. One with fewer than three ballots is not
counted: a count of one or two tells how each voted. Votes of different weights are refused in
secret: where weights are 5, 1 and 1, a count of 5 to 2 tells how the heaviest voted, whether its
weight is cast as one ballot or as five. A vote of all for one side tells how each voted, in secret
or not; no program can help that.

*Source*: that it must not be possible to link a vote to its voter, also not while counting, is the
Council of Europe's standard 26 (Recommendation CM/Rec(2017)5 on standards for e-voting).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, assert_never

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.jurisdiction import BodyKind
from lineshaft.kernel.text import Day, gettext_noop


class Choice(StrEnum):
    """What is voted on a motion. In an election, for a candidate stands as the number that the
    candidate has; against is against them all.
    """

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class VoteRule(StrEnum):
    """What carries a motion: more votes for than against; two thirds of these; none against."""

    SIMPLE_MAJORITY = "simple_majority"
    TWO_THIRDS = "two_thirds"
    UNANIMITY = "unanimity"


class Outcome(StrEnum):
    """How a vote ended."""

    CARRIED = "carried"
    LOST = "lost"
    TIED = "tied"
    NO_QUORUM = "no_quorum"


PROPOSED: Final = "proposed"
VOTING: Final = "voting"
DECIDED: Final = "decided"
DROPPED: Final = "dropped"

WEIGHT_MAX: Final = 1_000_000
MOTION_MAX: Final = 4_000
CHOICE_MAX: Final = 8
SECRET_LEAST: Final = 3
"""How many ballots a secret vote needs to be counted."""
VOTE_DAYS_MAX: Final = timedelta(days=366)

_NO_VOTERS: Final = gettext_noop("Nobody is on the roll, so there is nobody to vote.")
_NOT_IN_SESSION: Final = gettext_noop("A vote opens while the meeting is open.")
_NO_QUORUM: Final = gettext_noop(
    "Too few are there for a quorum: %(present)s of the %(needed)s that it takes. Record who is "
    "there, or vote another day."
)
_WEIGHTS_TELL: Final = gettext_noop(
    "The voters have different weights, and in secret the count would tell how the heaviest voted. "
    "Vote openly, or one vote each."
)
_RECUSED: Final = gettext_noop("%(person)s has recused from this item and has no vote on it.")
_NOT_ON_ROLL: Final = gettext_noop(
    "%(person)s is not on the roll of this vote. The roll was fixed when the vote opened."
)
_VOTED_ALREADY: Final = gettext_noop("%(person)s has voted already. A vote can't be changed.")
_VOTE_CLOSED: Final = gettext_noop("The vote is not open.")
_LAST_DAY_OVER: Final = gettext_noop("The last day of this vote was %(closes_on)s.")
_STILL_RUNS: Final = gettext_noop(
    "The vote runs until %(closes_on)s, and votes are still missing: %(count)s. Close it after "
    "that day."
)
_NO_SUCH_CHOICE: Final = gettext_noop("This choice is not on the ballot.")
_SECRET_BY_HAND: Final = gettext_noop(
    "The vote is secret: each votes alone, and nobody enters the vote of another."
)
_NO_CANDIDATE: Final = gettext_noop("An election needs a candidate. Nominate one first.")
_COUNCIL_ALONE: Final = gettext_noop(
    "The leadership council alone adopts a common policy. Move it there."
)
_NOMINATED: Final = gettext_noop("%(person)s is a candidate already.")
_NO_ELECTION: Final = gettext_noop("This motion elects nobody.")
_LONG_VOTE: Final = gettext_noop(
    "A vote runs for a year at most, so until %(last)s. Enter a day up to that one."
)
_DRAFT_VOTED_ON: Final = gettext_noop(
    "The vote on motion %(number)s of %(body)s, meeting %(meeting)s, is on this draft and is open. "
    "Leave the draft as it is until that vote is closed."
)
_CHARTER_VOTED_UNDER: Final = gettext_noop(
    "The vote on motion %(number)s of meeting %(meeting)s is open and is decided by the charter as "
    "it stands. Close that vote first."
)
_FEW_IN_SECRET: Final = gettext_noop(
    "A secret vote needs at least %(least)s voters, and %(count)s on the roll are too few: the "
    "count would tell how each voted. Vote openly."
)
_FEW_BALLOTS: Final = gettext_noop(
    "The vote is secret and fewer than %(least)s ballots are in (%(count)s so far): the count "
    "would tell how each voted. Wait for more. When the last day is over, and without one from "
    "tomorrow, the vote can be closed without being counted."
)
_SHORT_VOTE: Final = gettext_noop("The last day of the vote comes after the day on which it opens.")
_RECUSE_EARLIER: Final = gettext_noop(
    "The vote on motion %(number)s under this item is open and its roll fixed. Abstain, or close "
    "that vote first."
)
_DISCLOSED: Final = gettext_noop("%(person)s has disclosed a conflict on this item already.")
_NO_SEAT_THAT_DAY: Final = gettext_noop("%(person)s held no seat of the body on that day.")


@dataclass(frozen=True, slots=True)
class Tally:
    """The weights of what was voted on a motion."""

    votes_for: int = 0
    votes_against: int = 0
    abstained: int = 0


def is_carried(rule: VoteRule, tally: Tally) -> bool:
    """Whether a motion is carried by that rule, a quorum given."""
    match rule:
        case VoteRule.SIMPLE_MAJORITY:
            return tally.votes_for > tally.votes_against
        case VoteRule.TWO_THIRDS:
            cast = tally.votes_for + tally.votes_against
            return tally.votes_for > 0 and 3 * tally.votes_for >= 2 * cast
        case VoteRule.UNANIMITY:
            return tally.votes_for > 0 and tally.votes_against == 0
        case _:
            assert_never(rule)


def decide_motion(
    rule: VoteRule, tally: Tally, *, is_quorate: bool, casting: Choice | None = None
) -> Outcome:
    """How the vote on a motion ends; `casting` is the chair's own vote where that breaks a tie."""
    if not is_quorate:
        return Outcome.NO_QUORUM
    if is_carried(rule, tally):
        return Outcome.CARRIED
    is_tie = rule is VoteRule.SIMPLE_MAJORITY and tally.votes_for == tally.votes_against > 0
    if not is_tie:
        return Outcome.LOST
    if casting is Choice.FOR:
        return Outcome.CARRIED
    return Outcome.LOST if casting is Choice.AGAINST else Outcome.TIED


def decide_election(
    votes: Mapping[int, int], against: int, *, is_quorate: bool
) -> tuple[Outcome, int | None]:
    """How an election ends, and the number of the candidate who is elected, or None.

    Elected is who has more votes than any other, and more than there are against them all. Who
    comes second by no vote at all is tied: the vote is held again.
    """
    if not is_quorate:
        return Outcome.NO_QUORUM, None
    most = max(votes.values(), default=0)
    if most <= against:
        return Outcome.LOST, None
    first = [number for number, count in votes.items() if count == most]
    return (Outcome.CARRIED, first[0]) if len(first) == 1 else (Outcome.TIED, None)


def refuse_opening_vote(
    weights: Iterable[int],
    *,
    is_in_session: bool,
    is_secret: bool,
    present: int,
    needed: int,
    candidates: int | None,
) -> Refusal | None:
    """Why a vote with a roll of these weights can't open, or None.

    `present` and `needed` are both 0 where presence decides nothing before the close; `candidates`
    is None for a motion that elects nobody.
    """
    given = list(weights)
    if not is_in_session:
        return Refusal("not_in_session", _NOT_IN_SESSION)
    if candidates == 0:
        return Refusal("no_candidate", _NO_CANDIDATE)
    if not given:
        return Refusal("no_voters", _NO_VOTERS)
    if present < needed:
        return Refusal("no_quorum", _NO_QUORUM, params={"present": present, "needed": needed})
    if is_secret and len(set(given)) > 1:
        return Refusal("weights_tell", _WEIGHTS_TELL)
    if is_secret and len(given) < SECRET_LEAST:
        params = {"least": SECRET_LEAST, "count": len(given)}
        return Refusal("few_in_secret", _FEW_IN_SECRET, params=params)
    return None


def refuse_last_day(closes_on: date | None, today: date) -> Refusal | None:
    """Why a vote that opens today can't run up to and with that day, or None."""
    if closes_on is not None and closes_on <= today:
        return Refusal("short_vote", _SHORT_VOTE)
    last = today + VOTE_DAYS_MAX
    if closes_on is not None and closes_on > last:
        return Refusal("long_vote", _LONG_VOTE, params={"last": Day(last)})
    return None


def refuse_vote(
    person: str,
    *,
    is_open: bool,
    is_on_roll: bool,
    is_recused: bool,
    has_voted: bool,
    closes_on: date | None,
    today: date,
) -> Refusal | None:
    """Why that person can't vote now, or None."""
    if not is_open:
        return Refusal("vote_closed", _VOTE_CLOSED)
    if is_recused:
        return Refusal("recused", _RECUSED, params={"person": person})
    if not is_on_roll:
        return Refusal("not_on_roll", _NOT_ON_ROLL, params={"person": person})
    if has_voted:
        return Refusal("voted_already", _VOTED_ALREADY, params={"person": person})
    if closes_on is not None and today > closes_on:
        return Refusal("last_day_over", _LAST_DAY_OVER, params={"closes_on": Day(closes_on)})
    return None


def refuse_choice(choice: str, candidates: Iterable[int] | None) -> Refusal | None:
    """Why that can't be voted, or None; `candidates` is None for a motion that elects nobody."""
    if candidates is None:
        known = {*Choice}
    else:
        known = {Choice.AGAINST, Choice.ABSTAIN, *(str(number) for number in candidates)}
    return None if choice in known else Refusal("no_such_choice", _NO_SUCH_CHOICE)


def refuse_record_by_hand(*, is_secret: bool) -> Refusal | None:
    """Why the votes of others can't be entered, or None."""
    return Refusal("secret_by_hand", _SECRET_BY_HAND) if is_secret else None


def refuse_closing_vote(
    last_day: date, today: date, *, waiting: int, ballots: int | None, has_last_day: bool
) -> Refusal | None:
    """Why a vote for which so many have not voted can't be closed today, or None.

    `last_day` is the day on which it opened where it has no other; `ballots` are those of a secret
    vote, None for an open one.
    """
    if today > last_day or not waiting:
        return None
    if has_last_day:
        params = {"closes_on": Day(last_day), "count": waiting}
        return Refusal("vote_runs", _STILL_RUNS, params=params)
    if ballots is not None and ballots < SECRET_LEAST:
        return Refusal(
            "few_ballots", _FEW_BALLOTS, params={"least": SECRET_LEAST, "count": ballots}
        )
    return None


def refuse_changing_draft(motions_open: Iterable[tuple[int, str, int]]) -> Refusal | None:
    """Why a draft on which these motions (number, body, meeting) vote can't change, or None."""
    for number, body, meeting in motions_open:
        params = {"number": number, "body": body, "meeting": meeting}
        return Refusal("draft_voted_on", _DRAFT_VOTED_ON, params=params)
    return None


def refuse_charter(motions_open: Iterable[tuple[int, int]]) -> Refusal | None:
    """Why a charter under which these motions (number, meeting) vote can't change, or None."""
    for number, meeting in motions_open:
        params = {"number": number, "meeting": meeting}
        return Refusal("charter_voted_under", _CHARTER_VOTED_UNDER, params=params)
    return None


def refuse_policy_motion(kind: BodyKind) -> Refusal | None:
    """Why a body of that kind can't adopt a common policy, or None."""
    if kind is not BodyKind.LEADERSHIP_COUNCIL:
        return Refusal("council_alone", _COUNCIL_ALONE)
    return None


def refuse_nomination(
    person: str, *, is_election: bool, is_proposed: bool, is_nominated: bool
) -> Refusal | None:
    """Why that person can't become a candidate, or None."""
    if not is_election:
        return Refusal("no_election", _NO_ELECTION)
    if not is_proposed:
        return Refusal("vote_closed", _VOTE_CLOSED)
    if is_nominated:
        return Refusal("nominated", _NOMINATED, params={"person": person})
    return None


def refuse_disclosure(
    person: str,
    *,
    is_seated: bool,
    has_recused: bool | None,
    is_recused: bool,
    motions_open: Iterable[int],
) -> Refusal | None:
    """Why that person can't disclose a conflict, or recuse for it, or None.

    `has_recused` is None where nothing was disclosed; who only disclosed can recuse later.
    """
    if not is_seated:
        return Refusal("no_seat_that_day", _NO_SEAT_THAT_DAY, params={"person": person})
    if has_recused is not None and (has_recused or not is_recused):
        return Refusal("disclosed", _DISCLOSED, params={"person": person})
    for number in motions_open if is_recused else ():
        return Refusal("recuse_earlier", _RECUSE_EARLIER, params={"number": number})
    return None
