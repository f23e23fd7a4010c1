"""A competition whose proposals are reviewed, for tests of the ranked list and of replies."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.test import Client
from django.urls import reverse

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Stage,
    Submission,
    TeamMember,
)
from lineshaft.apps.competitions.queries import contents_of, whole_application
from lineshaft.apps.competitions.rules import TeamRole
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, after_deadline, make_open
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.tests.factories import make_organisation, make_person
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Review, Reviewer, ReviewScore
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.replaying import Numbers, replayed

CONCEPT_REVIEW: Final = 2
CALL: Final = 3
REVIEW: Final = 4
REPLY: Final = 5
CONFIDENTIAL: Final = "Zwischen uns"
"""Stands in the confidential note of every review, and nowhere else."""

REVIEWERS: Final = Numbers(__name__)


@replayed
def make_in_review(**options: Any) -> Competition:
    """A competition of concept papers, proposals and replies, whose proposals are under review."""
    made = make_open(template="concept_and_replies", **options)
    competitions.begin_review(SYSTEM, made, now=after_deadline(made, 1))
    competitions.call_applications(SYSTEM, made, now=after_deadline(made, 2))
    competitions.begin_review(SYSTEM, made, now=after_deadline(made, CALL))
    made.refresh_from_db()
    return made


def begin_replies(competition: Competition) -> datetime:
    """Begin the stage of reply; returns a moment in it."""
    now = after_deadline(competition, REVIEW)
    competitions.begin_review(SYSTEM, competition, now=now)
    competition.refresh_from_db()
    return now + timedelta(hours=1)


def end_replies(competition: Competition) -> datetime:
    """End the stage of reply by beginning the selection; returns a moment in it."""
    now = after_deadline(competition, REPLY)
    competitions.begin_selection(SYSTEM, competition, now=now)
    competition.refresh_from_db()
    return now + timedelta(hours=1)


def make_proposal(
    competition: Competition,
    title: str = "Light castings",
    *,
    lead: Organisation | None = None,
    leader: User | None = None,
) -> Application:
    """An application that handed a proposal in, led by that user if there is one."""
    number = Application.objects.filter(competition=competition).count() + 1
    made = Application.objects.create(
        competition=competition,
        number=number,
        title=title,
        lead=lead or make_organisation(),
        state="submitted",
        begun_at=NOW,
        changed_at=NOW,
    )
    Submission.objects.create(
        application=made,
        stage=competition.stages.get(number=CALL),
        number=1,
        content=contents_of(whole_application(made)),
        digest="",
        submitted_at=NOW,
        submitted_by="somebody",
    )
    if leader is not None:
        join(made, leader)
    return made


def join(
    application: Application,
    user: User,
    role: str = TeamRole.LEAD,
    *,
    organisation: Organisation | None = None,
) -> Actor:
    """The user as somebody of the team, by default of the lead organisation."""
    of = organisation or application.lead
    TeamMember.objects.create(
        application=application,
        user=user,
        name=user.name,
        email=user.email,
        organisation=of,
        role=role,
        joined_at=NOW,
    )
    return Actor(user_id=user.pk, label=user.name, organisation_ids=frozenset({of.pk}))


def make_seat(stage: Stage, name: str = "") -> PanelSeat:
    """Somebody with a user who accepted to sit on the panel of the stage."""
    called = name or f"Rita Reviewer {next(REVIEWERS)}"
    person = make_person(called, user=make_user(called))
    reviewer = Reviewer.objects.create(
        person=person, sector=rules.Sector.INDUSTRY, added_at=NOW, added_by="test"
    )
    return PanelSeat.objects.create(
        stage=stage, reviewer=reviewer, state=rules.ACCEPTED, load_most=6, invited_at=NOW
    )


def reviewer_actor(seat: PanelSeat) -> Actor:
    """Who sits there."""
    user = seat.reviewer.person.user
    assert user is not None
    return Actor(user_id=user.pk, label=user.name)


def make_review(
    seat: PanelSeat,
    application: Application,
    scores: int | Mapping[int, int] = 3,
    *,
    state: str = rules.SUBMITTED,
    weaknesses: str = "It is thin.",
) -> Review:
    """A review with that score on every criterion, or by the criterion's number."""
    assignment = Assignment.objects.create(
        seat=seat, application=application, origin=rules.Origin.HAND, made_at=NOW, made_by="test"
    )
    review = Review.objects.create(
        assignment=assignment,
        state=state,
        confidential=CONFIDENTIAL,
        changed_at=NOW,
        submitted_at=NOW if state == rules.SUBMITTED else None,
    )
    ReviewScore.objects.bulk_create(
        ReviewScore(
            review=review,
            criterion=one,
            score=scores if isinstance(scores, int) else scores[one.number],
            strengths="It is needed.",
            weaknesses=weaknesses,
        )
        for one in seat.stage.criteria.all()
    )
    return review


# ------------------------------------------------------------------------------- asking for pages


class Clock:
    """The server's clock, which a test sets."""

    def __init__(self) -> None:
        self.now = NOW


def client_for(user: User) -> Client:
    """A browser in which the user has signed in."""
    client = Client()
    client.force_login(user)
    return client


def client_in(role: Role, kind: ScopeKind = ScopeKind.NETWORK, key: str = "") -> Client:
    """A browser of somebody who holds that role."""
    user = make_user(f"{role} {key}")
    make_grant(user, role, kind, key)
    return client_for(user)


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    """The page of reviewing as it is drawn."""
    response = client.get(reverse(f"reviewing:{name}", args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def text_of(response: Any) -> str:
    """What the answer holds, also where it is a stream."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode(errors="replace"))
