"""A competition of the Department of Defense whose stage of reply is over: an application that the
member company leads, its review by the reviewer, and its reply, for the table of addresses.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Stage,
    Submission,
    TeamMember,
)
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.models import (
    Assignment,
    PanelSeat,
    Review,
    Reviewer,
    ReviewScore,
)
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

NOW: Final = datetime(2022, 3, 1, 12, tzinfo=UTC)
SYSTEM: Final = Actor.system("access table")
CALL, REVIEW, REPLY = 3, 4, 5
MILLION_MINOR: Final = 100_000_000
OF_APPLICATION: Final = (
    *("show_remarks", "write_reply", "submit_reply"),
    *("attach_reply_document", "download_reply_document", "remove_reply_document"),
)


def replying(lead: Organisation, users: dict[str, User]) -> dict[str, object]:
    """What the addresses of the ranked list and of replies name."""
    made = _opened()
    stages = {one.number: one for one in made.stages.all()}
    over = {
        number: one.ends_at + timedelta(minutes=1)
        for number, one in stages.items()
        if one.ends_at is not None
    }
    competitions.begin_review(SYSTEM, made, now=over[1])
    competitions.call_applications(SYSTEM, made, now=over[2])
    competitions.begin_review(SYSTEM, made, now=over[CALL])
    application = _proposal(stages[CALL], lead, users["member_company"])
    assignment = _reviewed(stages[REVIEW], application, users["reviewer"])
    competitions.begin_review(SYSTEM, made, now=over[REVIEW])
    reviewing.release_remarks(SYSTEM, made, now=over[REVIEW])
    reviewing.write_reply(SYSTEM, application, {0: "Thank you."}, now=over[REVIEW])
    reply = reviewing.submit_reply(SYSTEM, application, now=over[REVIEW])
    competitions.begin_selection(SYSTEM, made, now=over[REPLY])
    return {
        **{f"reviewing:{name}:pk": application.pk for name in OF_APPLICATION},
        "reviewing:key": made.key,
        "reviewing:number": REVIEW,
        "reviewing:application": application.number,
        "reviewing:pk": reply.pk,
        "reviewing:assignment": assignment.pk,
        "competitions:stage": 2,
    }


def _opened() -> Competition:
    terms = competitions.CompetitionTerms(
        title="Forge institute",
        summary="One institute for forges.",
        eligibility="Non-profits.",
        agencies=("DOD",),
        ceiling_minor=70 * MILLION_MINOR,
        opens_at=NOW,
    )
    proposal = competitions.CompetitionProposal(
        "2022-DOD-6", "institute", "concept_and_replies", terms
    )
    made = competitions.draft_competition(SYSTEM, proposal, now=NOW)
    return competitions.open_competition(SYSTEM, made, now=NOW)


def _proposal(call: Stage, lead: Organisation, leader: User) -> Application:
    application = Application.objects.create(
        competition=call.competition,
        number=1,
        title="Forges",
        lead=lead,
        state="submitted",
        begun_at=NOW,
        changed_at=NOW,
    )
    Submission.objects.create(
        application=application,
        stage=call,
        number=1,
        content={"terms": {"title": "Forges", "title_zh": ""}},
        digest="",
        submitted_at=NOW,
        submitted_by="somebody",
    )
    TeamMember.objects.create(
        application=application,
        user=leader,
        name=leader.name,
        organisation=lead,
        role="lead",
        joined_at=NOW,
    )
    return application


def _reviewed(stage: Stage, application: Application, user: User) -> Assignment:
    reviewer = Reviewer.objects.get(person__user=user)
    seat = PanelSeat.objects.create(
        stage=stage, reviewer=reviewer, state="accepted", load_most=1, invited_at=NOW
    )
    assignment = Assignment.objects.create(
        seat=seat, application=application, origin="hand", made_at=NOW, made_by="somebody"
    )
    review = Review.objects.create(
        assignment=assignment, state="submitted", changed_at=NOW, submitted_at=NOW
    )
    ReviewScore.objects.bulk_create(
        ReviewScore(review=review, criterion=one, score=4, strengths="Sound.")
        for one in stage.criteria.all()
    )
    return assignment
