"""Of the verbs that are broken off: those of a stage that judges the application of `applying`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.network.models import Institute
from tests.crash.applying import CODE
from tests.crash.scenarios import ACTOR


def _competition() -> Competition:
    return Competition.objects.get(code=CODE)


def _application() -> Application:
    return Application.objects.get(competition__code=CODE)


def _stage(number: int) -> Stage:
    return Stage.objects.get(competition=_competition(), number=number)


def _over() -> datetime:
    """A minute after the end of the call."""
    ends_at = _stage(1).ends_at
    assert ends_at is not None
    return ends_at + timedelta(minutes=1)


def _decide() -> object:
    terms = competitions.OutcomeTerms("goes_on", advice="Go on.")
    return competitions.decide_stage_outcomes(
        ACTOR, _stage(2), [_application().pk], terms, now=_over()
    )


def _judge() -> object:
    institute = Institute.objects.earliest("pk")
    terms = competitions.JudgementTerms("institute", institute.pk, "distinct", "Another field.")
    submission = Submission.objects.filter(application=_application()).latest("pk")
    return competitions.judge_topic_overlap(ACTOR, submission, terms, now=_over())


GATE_VERBS: Final[dict[str, Callable[[], object]]] = {
    "competitions.decide_stage_outcomes": _decide,
    "competitions.tell_stage_outcomes": lambda: competitions.tell_stage_outcomes(
        ACTOR, _stage(2), now=_over()
    ),
    "competitions.judge_topic_overlap": _judge,
}
