"""A competition in review, whose one application the reviewer judges and whose panel they chair,
for the table of addresses.
"""

from datetime import timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Stage, Submission
from lineshaft.apps.competitions.queries import contents_of, whole_application
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Reviewer
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from tests.access.competing import MILLION_MINOR, NOW, SYSTEM

REVIEW: Final = 2


def judging(organisations: list[Organisation], users: dict[str, User]) -> dict[str, object]:
    """What the addresses of reviews name; the review is submitted and its discussion open.

    The reviewer is of the pool already.
    """
    terms = competitions.CompetitionTerms(
        title="Hammer institute",
        summary="One institute for hammers.",
        eligibility="Non-profits.",
        agencies=("DOD",),
        ceiling_minor=70 * MILLION_MINOR,
        opens_at=NOW,
    )
    proposal = competitions.CompetitionProposal("2022-DOD-4", "institute", "four_stage", terms)
    draft = competitions.draft_competition(SYSTEM, proposal, now=NOW)
    opened = competitions.open_competition(SYSTEM, draft, now=NOW)
    made = competitions.start_application(
        SYSTEM, opened, organisations[1], title="Hammers", now=NOW
    )
    first = Stage.objects.get(competition=opened, number=1)
    Submission.objects.create(
        application=made,
        stage=first,
        number=1,
        content=contents_of(whole_application(made)),
        digest="0" * 64,
        submitted_at=NOW,
        submitted_by="Applicant",
    )
    assert first.ends_at is not None
    now = first.ends_at + timedelta(minutes=1)
    competitions.begin_review(SYSTEM, opened, now=now)
    stage = Stage.objects.select_related("competition").get(competition=opened, number=REVIEW)
    assignment = _assigned(users["reviewer"], stage, made.pk)
    actor = Actor(user_id=users["reviewer"].pk, label=users["reviewer"].name)
    numbers = [one.number for one in stage.criteria.all()]
    entry = reviewing.ReviewEntry(
        {number: rules.Remarks(4, "Clear.", "") for number in numbers}, "Good.", "Told."
    )
    reviewing.write_review(actor, assignment, entry, now=now)
    review = reviewing.submit_review(actor, assignment, now=now)
    reviewing.open_discussion(SYSTEM, stage, now=now)
    remark = reviewing.post_remark(actor, stage, made, "Hm.", now=now)
    return {
        "reviewing:key": opened.key,
        "reviewing:number": REVIEW,
        "reviewing:assignment": assignment.pk,
        "reviewing:stage": stage.pk,
        "reviewing:application": made.pk,
        "reviewing:review": review.pk,
        "reviewing:remark": remark.pk,
        "reviewing:form": "csv",
        "reviewing:document": 1,
        "reviews:assignment_id": assignment.pk,
    }


def _assigned(user: User, stage: Stage, application_id: int) -> Assignment:
    reviewer = Reviewer.objects.get(person__user=user)
    seat = PanelSeat.objects.create(
        stage=stage,
        reviewer=reviewer,
        state=rules.ACCEPTED,
        load_most=6,
        is_chair=True,
        invited_at=NOW,
    )
    return Assignment.objects.create(
        seat=seat,
        application_id=application_id,
        origin=rules.Origin.HAND,
        made_at=NOW,
        made_by="access table",
    )
