"""Reads of the discussion of an application: who takes part, what they read, what was said.

Within a panel names are known. While everybody judges alone, nobody but who runs the competition
learns who else reviews an application, or how many do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.competitions.queries import may_read_submissions, open_to
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import (
    Assignment,
    Consensus,
    DiscussionRemark,
    PanelSeat,
    Review,
)
from lineshaft.apps.reviewing.queries.assignments import assignments_standing
from lineshaft.apps.reviewing.queries.judging import (
    judging_of,
    runs_judging,
    stage_by_id,
    titles_judged,
)
from lineshaft.apps.reviewing.queries.panels import seat_of
from lineshaft.apps.reviewing.queries.reviews import consensuses_of, review_of, weighted_of
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_DISCUSSION: Final = gettext_noop("There is no such discussion, or none that you may see.")
_NO_REMARK: Final = gettext_noop("There is no such remark of yours.")


@dataclass(frozen=True, slots=True)
class Place:
    """What the actor is where an application is discussed: who runs it, who chairs the panel, who
    reviews the application. `assignment` is their own, where they have one.
    """

    stage: Stage
    application: Application
    title: str
    seat: PanelSeat | None
    assignment: Assignment | None
    runs: bool

    @property
    def chairs(self) -> bool:
        """Whether they chair the panel."""
        return self.seat is not None and self.seat.is_chair

    @property
    def owes_review(self) -> bool:
        """Whether they were to review the application and have not submitted it yet."""
        return self.assignment is not None and _owes_review(self.assignment)

    @property
    def reads_others(self) -> bool:
        """Whether they read what others say of the application."""
        return self.runs or _reads_others(self.stage, owes_review=self.owes_review)


@dataclass(frozen=True, slots=True)
class PanelCounts:
    """Of one application: reviews submitted, remarks said, consensuses recorded."""

    submitted: int
    said: int
    recorded: int


def place_in(actor: Actor, stage_id: int, application_id: int) -> Place:
    """What the actor is there; raises NotFound for everybody who has no business there, and while
    what others say is not theirs to read.
    """
    stage = stage_by_id(stage_id)
    application = _application_discussed(actor, stage, application_id)
    runs = may_read_submissions(actor, stage.competition)
    seat = seat_of(actor, stage)
    assignment = None
    if seat is not None:
        assignment = (
            assignments_standing(stage)
            .select_related("review")
            .filter(seat=seat, application=application)
            .first()
        )
    title = titles_judged(stage, [application.pk]).get(application.pk, "")
    found = Place(stage, application, title, seat, assignment, runs)
    takes_part = runs or found.chairs or assignment is not None
    if not takes_part or not found.reads_others:
        raise NotFound(NO_DISCUSSION, code="no_discussion")
    return found


def speaks_in(actor: Actor, place: Place) -> bool:
    """Whether the actor takes part in what is said there: the panel and whoever runs the
    competition do, whoever reads alone does not.
    """
    on_panel = place.chairs or place.assignment is not None
    return on_panel or runs_judging(actor, place.stage)


def reads_others(assignment: Assignment) -> bool:
    """Whether who reviews the application there reads what others say of it."""
    return _reads_others(assignment.seat.stage, owes_review=_owes_review(assignment))


def reviews_read_in(place: Place) -> QuerySet[Review]:
    """The submitted reviews of the application, each with `weighted_bp` and its scores at hand;
    for whoever runs the competition those that were returned or taken up again too.
    """
    rows = Review.objects.filter(
        assignment__seat__stage=place.stage,
        assignment__application=place.application,
        assignment__removed_at__isnull=True,
    )
    condition = Q(state=rules.SUBMITTED)
    if place.runs:
        condition |= Q(submitted_at__isnull=False)
    return (
        rows.filter(condition)
        .select_related("assignment__seat__reviewer__person__organisation")
        .prefetch_related("scores__criterion", "versions")
        .annotate(weighted_bp=weighted_of("pk"))
        .order_by("assignment__seat__reviewer__person__name", "pk")
    )


def remarks_said(place: Place) -> QuerySet[DiscussionRemark]:
    """What was said of the application, the first first."""
    rows = DiscussionRemark.objects.filter(stage=place.stage, application=place.application)
    return rows.select_related("seat__reviewer__person")


def remark_of(actor: Actor, place: Place, pk: int) -> DiscussionRemark:
    """A remark of the actor's own; raises NotFound."""
    found = remarks_said(place).filter(pk=pk, author_user_id=actor.own_id).first()
    if found is None:
        raise NotFound(_NO_REMARK, code="no_remark")
    return found


def consensuses_in(place: Place) -> QuerySet[Consensus]:
    """What was recorded as consensus on the application, the one that counts last."""
    return consensuses_of(place.stage).filter(application=place.application)


def seats_that_submitted(stage: Stage, application: Application) -> QuerySet[PanelSeat]:
    """The seats whose review of the application is submitted."""
    submitted = Assignment.objects.filter(
        seat=OuterRef("pk"),
        application=application,
        removed_at__isnull=True,
        review__state=rules.SUBMITTED,
    )
    rows = PanelSeat.objects.filter(Exists(submitted), stage=stage)
    return rows.select_related("reviewer__person").order_by("reviewer__person__name", "pk")


def applications_of_panel(actor: Actor, stage: Stage) -> QuerySet[Application]:
    """The applications that a panel discusses and that are open to its chair, by number."""
    return _discussed(actor, stage).order_by("number", "pk")


def panel_counts(stage: Stage, applications: Iterable[int]) -> dict[int, PanelCounts]:
    """What was submitted, said and recorded on each of these applications, in three queries."""
    keys = list(applications)
    assigned = Assignment.objects.filter(
        seat__stage=stage, removed_at__isnull=True, review__state=rules.SUBMITTED
    )
    said = DiscussionRemark.objects.filter(stage=stage, withdrawn_at__isnull=True)
    recorded = Consensus.objects.filter(stage=stage)
    submitted, remarks, consensuses = (
        dict(
            rows.filter(application__in=keys)
            .order_by()
            .values_list("application_id")
            .annotate(count=Count("pk"))
        )
        for rows in (assigned, said, recorded)
    )
    return {
        key: PanelCounts(submitted.get(key, 0), remarks.get(key, 0), consensuses.get(key, 0))
        for key in keys
    }


def panels_led(actor: Actor) -> QuerySet[PanelSeat]:
    """The seats in which the actor chairs a panel whose discussion was opened, the latest first."""
    rows = PanelSeat.objects.filter(
        reviewer__person__user_id=actor.own_id,
        state=rules.ACCEPTED,
        is_chair=True,
        stage__phase__discussed_at__isnull=False,
    )
    return rows.select_related("stage__competition", "stage__phase").order_by("-stage__began_at")


def panel_led(actor: Actor, stage_id: int) -> PanelSeat:
    """The one of that stage; raises NotFound."""
    found = panels_led(actor).filter(stage=stage_id).first()
    if found is None:
        raise NotFound(NO_DISCUSSION, code="no_panel")
    return found


# ---------------------------------------------------------------------------------------- leaves


def _discussed(actor: Actor, stage: Stage) -> QuerySet[Application]:
    assigned = assignments_standing(stage).filter(application=OuterRef("pk")).order_by()
    rows = Application.objects.filter(Exists(assigned), competition_id=stage.competition_id)
    rows = rows.exclude(state=competition_rules.APPLICATION_WITHDRAWN)
    return open_to(actor, rows, "pk")


def _application_discussed(actor: Actor, stage: Stage, pk: int) -> Application:
    found = _discussed(actor, stage).select_related("lead").filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_DISCUSSION, code="no_discussion")
    return found


def _owes_review(assignment: Assignment) -> bool:
    review = review_of(assignment)
    return review is None or review.submitted_at is None


def _reads_others(stage: Stage, *, owes_review: bool) -> bool:
    judging = judging_of(stage)
    return rules.reads_others(
        judging.phase, was_discussed=judging.was_discussed, has_submitted=not owes_review
    )
