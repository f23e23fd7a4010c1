"""Of the verbs that are broken off: those of topics and competitions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import (
    Competition,
    Endorsement,
    Question,
    SavedSearch,
    Stage,
    Topic,
)
from lineshaft.apps.competitions.queries import Search
from lineshaft.apps.network.models import Organisation
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from tests.crash.scenarios import ACTOR, MILLION_MINOR, NOW

WHY: Final = "As told"
WORDS: Final = competitions.AmendmentWords(WHY)
TERMS: Final = competitions.CompetitionTerms(
    title="Photonics",
    summary="One institute.",
    eligibility="Non-profits.",
    agencies=("DOD",),
    ceiling_minor=70 * MILLION_MINOR,
    opens_at=NOW,
)


def _topic(title: str) -> Topic:
    return Topic.objects.get(title=title)


def _propose(title: str) -> Topic:
    return competitions.propose_topic(ACTOR, competitions.TopicProposal(title, "Why."), now=NOW)


def _draft(code: str = "2022-1") -> Competition:
    proposal = competitions.CompetitionProposal(code, "institute", "two_step", TERMS)
    return competitions.draft_competition(ACTOR, proposal, now=NOW)


def _competition(code: str = "2022-1") -> Competition:
    return Competition.objects.get(code=code)


def _stage(number: int) -> Stage:
    return Stage.objects.get(competition=_competition(), number=number)


def _over(number: int) -> datetime:
    """A minute after the end of that stage."""
    ends_at = _stage(number).ends_at
    assert ends_at is not None
    return ends_at + timedelta(minutes=1)


def _somebody() -> Actor:
    user = User.objects.earliest("pk")
    return Actor(user_id=user.pk, label=user.name)


def _set_criteria() -> object:
    criteria = (competitions.CriterionTerms("Need", 10_000, number=1),)
    return competitions.set_criteria(ACTOR, _stage(2), criteria, now=NOW)


def _amend_stage() -> object:
    terms = competitions.StageTerms("review", "Merit review", 50, reviewers_least=4)
    stage = _stage(4)
    criteria = tuple(
        competitions.CriterionTerms(one.name, one.weight_bp, number=one.number)
        for one in stage.criteria.all()
    )
    return competitions.amend_stage(ACTOR, stage, terms, criteria, WORDS, now=NOW)


def _extend() -> object:
    until = _over(1) + timedelta(days=7)
    return competitions.extend_deadline(ACTOR, _stage(1), until, WORDS, now=NOW)


def _save() -> object:
    terms = competitions.SearchTerms("Mine", Search(words="photonics"))
    return competitions.save_search(_somebody(), terms, now=NOW)


COMPETING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "competitions.propose_topic": lambda: _propose("First"),
    "competitions.endorse_topic": lambda: competitions.endorse_topic(
        ACTOR, _topic("First"), Organisation.objects.earliest("pk"), remark=WHY, now=NOW
    ),
    "competitions.withdraw_endorsement": lambda: competitions.withdraw_endorsement(
        ACTOR, Endorsement.objects.get(), now=NOW
    ),
    "competitions.merge_topics": lambda: competitions.merge_topics(
        ACTOR, _topic("Second"), _topic("First"), why=WHY, now=NOW
    ),
    "competitions.withdraw_topic": lambda: competitions.withdraw_topic(
        ACTOR, _topic("Third"), why=WHY, now=NOW
    ),
    "competitions.draft_competition": _draft,
    "competitions.take_up_topic": lambda: competitions.take_up_topic(
        ACTOR, _topic("First"), _competition(), now=NOW
    ),
    "competitions.edit_competition": lambda: competitions.edit_competition(
        ACTOR, _competition(), replace(TERMS, title="Photonics anew"), now=NOW
    ),
    "competitions.add_stage": lambda: competitions.add_stage(
        ACTOR, _competition(), competitions.StageTerms("visit", "Visit", 20), after=4, now=NOW
    ),
    "competitions.edit_stage": lambda: competitions.edit_stage(
        ACTOR, _stage(5), competitions.StageTerms("visit", "Site visit", 25), now=NOW
    ),
    "competitions.remove_stage": lambda: competitions.remove_stage(ACTOR, _stage(5), now=NOW),
    "competitions.set_criteria": _set_criteria,
    "competitions.set_anchors": lambda: competitions.set_anchors(
        ACTOR, _stage(2).criteria.get(), (competitions.AnchorTerms(1, "Bad"),), now=NOW
    ),
    "competitions.announce_competition": lambda: competitions.announce_competition(
        ACTOR, _competition(), now=NOW
    ),
    "competitions.open_competition": lambda: competitions.open_competition(
        ACTOR, _competition(), now=NOW
    ),
    "competitions.ask_question": lambda: competitions.ask_question(
        _somebody(), _competition(), "May we?", now=NOW
    ),
    "competitions.answer_question": lambda: competitions.answer_question(
        ACTOR, Question.objects.get(), "You may.", is_public=True, now=NOW
    ),
    "competitions.amend_competition": lambda: competitions.amend_competition(
        ACTOR, _competition(), replace(TERMS, awards_most=2), WORDS, now=NOW
    ),
    "competitions.amend_stage": _amend_stage,
    "competitions.extend_deadline": _extend,
    "competitions.begin_review": lambda: competitions.begin_review(
        ACTOR, _competition(), now=_over(1)
    ),
    "competitions.call_applications": lambda: competitions.call_applications(
        ACTOR, _competition(), now=_over(2)
    ),
    "competitions.begin_selection": lambda: competitions.begin_selection(
        ACTOR, _competition(), now=_over(4)
    ),
    "competitions.decide_competition": lambda: competitions.decide_competition(
        ACTOR, _competition(), "The first.", now=_over(5)
    ),
    "competitions.publish_results": lambda: competitions.publish_results(
        ACTOR, _competition(), now=_over(5)
    ),
    "competitions.cancel_competition": lambda: competitions.cancel_competition(
        ACTOR, _competition("2022-2"), why=WHY, now=NOW
    ),
    "competitions.save_search": _save,
    "competitions.delete_search": lambda: competitions.delete_search(
        _somebody(), SavedSearch.objects.get(), now=NOW
    ),
}

BEFORE_COMPETING: Final[dict[str, Callable[[], object]]] = {
    "competitions.merge_topics": lambda: _propose("Second"),
    "competitions.withdraw_topic": lambda: _propose("Third"),
    "competitions.begin_selection": lambda: competitions.begin_review(
        ACTOR, _competition(), now=_over(3)
    ),
    "competitions.cancel_competition": lambda: _draft("2022-2"),
}
"""What has to happen before."""
