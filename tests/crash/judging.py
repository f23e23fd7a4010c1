"""Of the verbs that are broken off: those of reviews and their discussion, on a competition of
their own.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.queries import contents_of, whole_application
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.models import Assignment, DiscussionRemark, PanelSeat, Reviewer
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from tests.crash.competing import TERMS, WHY
from tests.crash.scenarios import ACTOR, NOW

CODE: Final = "2022-6"
ADDRESS: Final = "reviewer@anvil.example"
REVIEW: Final = 2


def _stage() -> Stage:
    rows = Stage.objects.select_related("competition__institute", "phase")
    return rows.get(competition__code=CODE, number=REVIEW)


def _application() -> Application:
    return Application.objects.get(competition__code=CODE)


def _assignment() -> Assignment:
    return Assignment.objects.select_related("seat__stage__competition").get(seat__stage=_stage())


def _seat() -> PanelSeat:
    return _assignment().seat


def _reviewer() -> Actor:
    user = User.objects.get(email=ADDRESS)
    return Actor(user_id=user.pk, label=user.name)


def _now() -> datetime:
    began_at = _stage().began_at
    assert began_at is not None
    return began_at + timedelta(hours=1)


def _prepare() -> None:
    """A competition in review, whose one application is judged by the chair of its panel."""
    proposal = competitions.CompetitionProposal(CODE, "institute", "four_stage", TERMS)
    competition = competitions.draft_competition(ACTOR, proposal, now=NOW)
    competitions.open_competition(ACTOR, competition, now=NOW)
    firm = Organisation.objects.get(name="Anvil Works 1")
    competition = Competition.objects.get(code=CODE)
    application = competitions.start_application(ACTOR, competition, firm, title="Anvils", now=NOW)
    first = competition.stages.get(number=1)
    Submission.objects.create(
        application=application,
        stage=first,
        number=1,
        content=contents_of(whole_application(application)),
        digest="0" * 64,
        submitted_at=NOW,
        submitted_by="Applicant",
    )
    assert first.ends_at is not None
    competitions.begin_review(ACTOR, competition, now=first.ends_at + timedelta(minutes=1))
    user = User.objects.create_user(ADDRESS, name="Reviewer")
    network.register_person(ACTOR, "Reviewer", organisation=firm, user=user, now=NOW)
    reviewer = Reviewer.objects.create(
        person=Person.objects.get(user=user),
        sector=rules.Sector.INDUSTRY,
        added_at=NOW,
        added_by="test",
    )
    seat = PanelSeat.objects.create(
        stage=_stage(),
        reviewer=reviewer,
        state=rules.ACCEPTED,
        load_most=6,
        is_chair=True,
        invited_at=NOW,
    )
    Assignment.objects.create(
        seat=seat,
        application=application,
        origin=rules.Origin.HAND,
        made_at=NOW,
        made_by="test",
    )


def _write() -> object:
    numbers = [one.number for one in _stage().criteria.all()]
    entry = reviewing.ReviewEntry(
        {number: rules.Remarks(4, "Clear.", "") for number in numbers}, "Good.", "Told."
    )
    return reviewing.write_review(_reviewer(), _assignment(), entry, now=_now())


def _submit() -> object:
    return reviewing.submit_review(_reviewer(), _assignment(), now=_now())


def _record() -> object:
    numbers = [one.number for one in _stage().criteria.all()]
    entry = reviewing.ConsensusEntry("We agree.", dict.fromkeys(numbers, 4), [_seat().pk])
    return reviewing.record_consensus(_reviewer(), _stage(), _application(), entry, now=_now())


JUDGING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "reviewing.remind_reviewers": lambda: reviewing.remind_reviewers(ACTOR, _stage(), now=_now()),
    "reviewing.write_review": _write,
    "reviewing.submit_review": _submit,
    "reviewing.return_review": lambda: reviewing.return_review(
        ACTOR, _assignment(), why=WHY, now=_now()
    ),
    "reviewing.open_discussion": lambda: reviewing.open_discussion(
        ACTOR, _stage(), why=WHY, now=_now()
    ),
    "reviewing.post_remark": lambda: reviewing.post_remark(
        _reviewer(), _stage(), _application(), "Hm.", now=_now()
    ),
    "reviewing.withdraw_remark": lambda: reviewing.withdraw_remark(
        _reviewer(), DiscussionRemark.objects.get(), now=_now()
    ),
    "reviewing.record_consensus": _record,
    "reviewing.reopen_review": lambda: reviewing.reopen_review(
        _reviewer(), _assignment(), now=_now()
    ),
    "reviewing.close_reviewing": lambda: reviewing.close_reviewing(
        ACTOR, _stage(), why=WHY, now=_now()
    ),
}

BEFORE_JUDGING: Final[dict[str, Callable[[], object]]] = {
    "reviewing.remind_reviewers": _prepare,
    "reviewing.post_remark": _submit,
}
"""What has to happen before."""
