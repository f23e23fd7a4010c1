from dataclasses import replace
from datetime import date

import pytest

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.rules import Choice, Outcome, Tally, VoteRule
from lineshaft.kernel.jurisdiction import BodyKind, BodyMeasure
from lineshaft.kernel.profile import load_profile
from lineshaft.kernel.spans import Span

DAY = Span(date(2022, 9, 1), date(2022, 9, 2))
COUNCIL = load_profile("us").body_rules_in_force(DAY, BodyKind.LEADERSHIP_COUNCIL)


@pytest.mark.parametrize(
    ("rule", "tally", "outcome"),
    [
        (VoteRule.SIMPLE_MAJORITY, (2, 1, 9), Outcome.CARRIED),
        (VoteRule.SIMPLE_MAJORITY, (1, 2, 0), Outcome.LOST),
        (VoteRule.SIMPLE_MAJORITY, (2, 2, 0), Outcome.TIED),
        (VoteRule.SIMPLE_MAJORITY, (0, 0, 5), Outcome.LOST),
        (VoteRule.TWO_THIRDS, (2, 1, 0), Outcome.CARRIED),
        (VoteRule.TWO_THIRDS, (3, 2, 0), Outcome.LOST),
        (VoteRule.TWO_THIRDS, (2, 2, 0), Outcome.LOST),
        (VoteRule.TWO_THIRDS, (0, 0, 3), Outcome.LOST),
        (VoteRule.UNANIMITY, (3, 0, 1), Outcome.CARRIED),
        (VoteRule.UNANIMITY, (3, 1, 0), Outcome.LOST),
        (VoteRule.UNANIMITY, (0, 0, 3), Outcome.LOST),
    ],
)
def test_a_motion_ends_by_its_rule(
    rule: VoteRule, tally: tuple[int, int, int], outcome: Outcome
) -> None:
    assert rules.decide_motion(rule, Tally(*tally), is_quorate=True) is outcome
    assert rules.decide_motion(rule, Tally(*tally), is_quorate=False) is Outcome.NO_QUORUM


@pytest.mark.parametrize(
    ("casting", "outcome"),
    [
        (Choice.FOR, Outcome.CARRIED),
        (Choice.AGAINST, Outcome.LOST),
        (Choice.ABSTAIN, Outcome.TIED),
        (None, Outcome.TIED),
    ],
)
def test_a_tie_is_broken_by_the_casting_vote_alone(
    casting: Choice | None, outcome: Outcome
) -> None:
    tied, rule = Tally(2, 2), VoteRule.SIMPLE_MAJORITY
    assert rules.decide_motion(rule, tied, is_quorate=True, casting=casting) is outcome
    won = Tally(3, 2)
    assert rules.decide_motion(rule, won, is_quorate=True, casting=Choice.AGAINST) is (
        Outcome.CARRIED
    )


@pytest.mark.parametrize(
    ("votes", "against", "ended"),
    [
        ({1: 3, 2: 2}, 0, (Outcome.CARRIED, 1)),
        ({1: 2, 2: 2}, 0, (Outcome.TIED, None)),
        ({1: 2}, 2, (Outcome.LOST, None)),
        ({1: 0, 2: 0}, 0, (Outcome.LOST, None)),
        ({}, 0, (Outcome.LOST, None)),
    ],
)
def test_an_election_is_won_by_more_votes_than_any_other(
    votes: dict[int, int], against: int, ended: tuple[Outcome, int | None]
) -> None:
    assert rules.decide_election(votes, against, is_quorate=True) == ended
    assert rules.decide_election(votes, against, is_quorate=False) == (Outcome.NO_QUORUM, None)


@pytest.mark.parametrize(
    ("above_bp", "seats", "needed"), [(5_000, 4, 3), (5_000, 5, 3), (6_600, 17, 12), (0, 9, 1)]
)
def test_a_quorum_is_more_than_its_share(above_bp: int, seats: int, needed: int) -> None:
    assert rules.Quorum(above_bp).needed(seats) == needed


def test_the_profiles_rule_on_the_quorum_goes_before_the_charter() -> None:
    assert rules.quorum_of(COUNCIL, None).above_bp == 5_000
    assert rules.quorum_of(COUNCIL, 6_000).above_bp == 6_000
    law = replace(COUNCIL[0], measure=BodyMeasure.QUORUM_SHARE_ABOVE_BP, number=7_500)
    found = rules.quorum_of((*COUNCIL, law), 6_000)
    assert (found.above_bp, found.citation) == (7_500, law.authority.citation)


def test_the_council_is_asked_to_meet_twice_a_year() -> None:
    (check,) = rules.meets_often_enough(COUNCIL, 1)
    assert (check.rule.key, check.rule.number, check.is_met) == ("council_meetings", 2, False)
    assert rules.meets_often_enough(COUNCIL, 2)[0].is_met


@pytest.mark.parametrize(
    ("choice", "candidates", "is_on_it"),
    [
        ("for", None, True),
        ("1", None, False),
        ("1", [1, 2], True),
        ("3", [1, 2], False),
        ("for", [1], False),
        ("against", [1], True),
    ],
)
def test_a_ballot_lists_what_can_be_voted(
    choice: str, candidates: list[int] | None, *, is_on_it: bool
) -> None:
    assert (rules.refuse_choice(choice, candidates) is None) is is_on_it
