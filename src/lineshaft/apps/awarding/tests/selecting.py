"""A competition in its selection, with reviews, for tests of awarding."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.models import SelectionRecord
from lineshaft.apps.awarding.rules import LetterKind
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    RequiredDocument,
    Stage,
    Submission,
)
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    fill,
    make_applicant,
    make_application,
)
from lineshaft.apps.competitions.tests.factories import (
    MILLION_MINOR,
    NOW,
    SYSTEM,
    after_deadline,
    make_open,
    stage_of,
)
from lineshaft.apps.network.tests.factories import make_organisation, make_person
from lineshaft.apps.reviewing.models import (
    Assignment,
    PanelSeat,
    Review,
    Reviewer,
    ReviewScore,
)
from lineshaft.apps.reviewing.rules import ACCEPTED, SUBMITTED, Origin, Sector
from lineshaft.kernel.competitions import StageGate
from tests.replaying import Numbers, replayed

SCORES = (5, 4, 3)
"""What every reviewer gives the first application, the second, and so on."""

REVIEWERS = Numbers(__name__)


@dataclass(frozen=True, slots=True)
class Selecting:
    """A competition whose selection has begun, with who applied and at which moment it is."""

    competition: Competition
    applicants: tuple[Applicant, ...]
    applications: tuple[Application, ...]
    judged: Stage
    now: datetime


@replayed
def make_selecting(
    scores: Sequence[int] = SCORES,
    *,
    asked_minor: Sequence[int] = (),
    states: Sequence[str] = (),
    **changes: Any,
) -> Selecting:
    """A competition of DOC in its selection: one application for each score, in their order.

    Each asks for 70 M$ unless `asked_minor` says otherwise; up to two are awarded, for 140 M$.
    """
    terms = {"total_minor": 140 * MILLION_MINOR, "awards_most": 2, "agencies": ("DOC",), **changes}
    call = make_open(template="four_stage", **terms)
    RequiredDocument.objects.filter(stage__competition=call).delete()  # files take their time
    names = [f"Works {number}" for number in range(1, len(scores) + 1)]
    applicants = tuple(make_applicant(f"Lead of {name}", name) for name in names)
    made = []
    for place, who in enumerate(applicants):
        if states:
            who.organisation.region = states[place]
            who.organisation.save(update_fields=["region"])
        one = make_application(call, who, title=f"Anvils of {who.organisation.name}")
        asked = asked_minor[place] if asked_minor else 70 * MILLION_MINOR
        title = f"Anvils of {who.organisation.name}"
        one = fill(who.actor, one, federal_minor=asked, others_minor=asked, title=title)
        competitions.submit_application(who.actor, one, now=NOW)
        made.append(one)
    judged = run_to_selection(call, made, scores)
    call.refresh_from_db()
    return Selecting(call, applicants, tuple(made), judged, after_deadline(call, 4))


def run_to_selection(
    call: Competition, applications: Sequence[Application], scores: Sequence[int]
) -> Stage:
    """Run the competition to its selection, everybody going on and reviewed on the way."""
    call.stages.update(gate=StageGate.OPEN)
    competitions.begin_review(SYSTEM, call, now=after_deadline(call, 1))
    judged = stage_of(call, 2)
    seats = [make_seat(judged, sector) for sector in (Sector.INDUSTRY, Sector.GOVERNMENT)]
    for application, score in zip(applications, scores, strict=True):
        for seat in seats if score else ():
            make_review(seat, application, score)
    for number in (2, 3):
        competitions.begin_review(SYSTEM, call, now=after_deadline(call, number))
    competitions.begin_selection(SYSTEM, call, now=after_deadline(call, 4))
    return judged


def make_seat(stage: Stage, sector: Sector = Sector.INDUSTRY) -> PanelSeat:
    """A reviewer on the panel of the stage."""
    number = next(REVIEWERS)
    person = make_person(f"Quirin Reviewer {number}", organisation=make_organisation())
    reviewer = Reviewer.objects.create(
        person=person, sector=sector, added_at=NOW, added_by="test", is_political_appointee=False
    )
    return PanelSeat.objects.create(
        stage=stage, reviewer=reviewer, state=ACCEPTED, load_most=9, invited_at=NOW
    )


def make_review(seat: PanelSeat, application: Application, score: int) -> Review:
    """A review of the application with that score on each criterion."""
    assignment = Assignment.objects.create(
        seat=seat, application=application, origin=Origin.HAND, made_at=NOW, made_by="test"
    )
    review = Review.objects.create(
        assignment=assignment,
        state=SUBMITTED,
        summary="Fine.",
        confidential="Kept from the team.",
        changed_at=NOW,
        submitted_at=NOW,
    )
    for criterion in seat.stage.criteria.all():
        ReviewScore.objects.create(
            review=review,
            criterion=criterion,
            score=score,
            strengths=f"Strong on {application.number}.",
            weaknesses=f"Weak on {application.number}.",
        )
    return review


def choose(
    world: Selecting,
    *outcomes: Outcome,
    reasons: Sequence[str] = (),
    amounts: Sequence[int] = (),
) -> None:
    """Choose on the applications in their order."""
    for place, (application, outcome) in enumerate(zip(world.applications, outcomes, strict=True)):
        amount = amounts[place] if amounts else 70 * MILLION_MINOR
        terms = services.ChoiceTerms(
            outcome,
            None if outcome is Outcome.NOT_SELECTED else amount,
            reason=reasons[place] if reasons else "",
            explanation=f"Told to {application.number}.",
        )
        services.record_selection_choice(
            SYSTEM, world.competition, application, terms, now=world.now
        )


@replayed
def decided(world: Selecting, *outcomes: Outcome, **options: Any) -> list[SelectionRecord]:
    """Choose, and decide on it."""
    choose(world, *outcomes, **options)
    return services.decide_selection(SYSTEM, world.competition, "As chosen.", now=world.now)


@replayed
def published(scores: Sequence[int] = SCORES, *outcomes: Outcome, **changes: Any) -> Selecting:
    """A competition whose results are published: the first selected, unless told otherwise."""
    world = make_selecting(scores, **changes)
    rest = [Outcome.NOT_SELECTED] * (len(scores) - 1)
    decided(world, *(outcomes or (Outcome.SELECTED, *rest)))
    competitions.publish_results(SYSTEM, world.competition, now=world.now)
    world.competition.refresh_from_db()
    return world


@replayed
def with_letters(world: Selecting, *kinds: LetterKind) -> Selecting:
    """Its letters printed, and those of these kinds sent."""
    services.print_missing_letters(SYSTEM, world.competition, now=world.now)
    for kind in kinds:
        services.send_letters(SYSTEM, world.competition, kind, now=world.now)
    return world


def submission_of(application: Application) -> Submission:
    """What the application handed in last."""
    return queries.last_submissions([application.pk])[application.pk]
