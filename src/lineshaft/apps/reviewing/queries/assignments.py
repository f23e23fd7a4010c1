"""Reads of who reviews what, and of how well a stage is covered.

Whoever runs the competition reads the assignments of the applications that are open to them; what
is counted is counted among those. A reviewer reads their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import (
    Count,
    DecimalField,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import CONFLICT_KIND_LABELS, Stage, Submission
from lineshaft.apps.competitions.queries import (
    applications_judged,
    closing_conflicts,
    conflicted_pairs,
    may_read_submissions,
    open_to,
    title_handed_in,
)
from lineshaft.apps.competitions.rules import ConflictKind
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import ApplicationAffinity, Assignment, PanelSeat
from lineshaft.apps.reviewing.queries.panels import seats_accepted
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_ASSIGNMENT: Final = gettext_noop("There is no such assignment, or none that you may see.")
NO_APPLICATION: Final = gettext_noop("There is no such application, or none that you may see.")
NO_SEAT: Final = gettext_noop("Nobody of that number has accepted a seat on this panel.")
_ZERO: Final = Value(0, output_field=DecimalField(max_digits=16, decimal_places=6))


@dataclass(frozen=True, slots=True)
class Cover:
    """How a stage is covered, among what the reader sees: `lacking` have fewer reviewers than
    wanted; `worst` is the least sum of affinities of an application, in whole millionths.
    """

    applications: int
    pairs: int
    lacking: int
    demand: int
    worst: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the panel, for one application: how well they fit and what keeps them from it."""

    seat: PanelSeat
    load: int
    affinity: int | None
    assignment: Assignment | None
    is_closed: bool


def assignments_standing(stage: Stage) -> QuerySet[Assignment]:
    """The assignments of the stage that were not taken back, of applications that are still in."""
    rows = _standing().filter(seat__stage=stage)
    return rows.select_related("seat__reviewer__person__organisation", "application__lead")


def assignments_of(actor: Actor) -> QuerySet[Assignment]:
    """The actor's own assignments that stand, in stages that have begun; of none that a conflict
    of interest closes.
    """
    if actor.user_id is None:
        return Assignment.objects.none()
    rows = _standing().filter(
        seat__reviewer__person__user_id=actor.user_id,
        seat__state=rules.ACCEPTED,
        seat__stage__began_at__isnull=False,
    )
    return open_to(actor, rows).select_related("seat__stage__competition", "application__lead")


def assignments_shown(actor: Actor, stage: Stage) -> QuerySet[Assignment]:
    """The assignments of the stage that whoever runs the competition sees; nothing for others."""
    if not may_read_submissions(actor, stage.competition):
        return Assignment.objects.none()
    rows = open_to(actor, assignments_standing(stage))
    return rows.order_by("application__number", "seat_id")


def assignment_shown_by_id(actor: Actor, stage: Stage, pk: int) -> Assignment:
    """One of them; raises NotFound."""
    found = assignments_shown(actor, stage).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_ASSIGNMENT, code="no_assignment")
    return found


def applications_covered(actor: Actor, stage: Stage) -> QuerySet[Submission]:
    """What the stage judges, open to the actor, by number: annotated with `title`, `assigned` (how
    many review it) and `affinity_sum`; the whole text stays behind.
    """
    pairs = _standing().filter(seat__stage=stage, application=OuterRef("application"))
    grouped = pairs.order_by().values("application")
    return (
        applications_judged(actor, stage)
        .defer("content")
        .annotate(
            title=title_handed_in(),
            assigned=Coalesce(
                Subquery(grouped.annotate(found=Count("pk")).values("found")),
                Value(0),
                output_field=IntegerField(),
            ),
            affinity_sum=Coalesce(
                Subquery(grouped.annotate(found=Sum("affinity")).values("found")), _ZERO
            ),
        )
        .order_by("application__number", "pk")
    )


def application_covered(actor: Actor, stage: Stage, application_id: int) -> Submission:
    """One of them, by the application's id; raises NotFound."""
    found = applications_covered(actor, stage).filter(application=application_id).first()
    if found is None:
        raise NotFound(NO_APPLICATION, code="no_application")
    return found


def cover_of(actor: Actor, stage: Stage, demand: int) -> Cover:
    """How the stage is covered, in one query."""
    found = (
        applications_covered(actor, stage)
        .order_by()
        .aggregate(
            applications=Count("pk"),
            pairs=Coalesce(Sum("assigned"), 0),
            lacking=Count("pk", filter=Q(assigned__lt=demand)),
            worst=Min("affinity_sum"),
        )
    )
    worst = found["worst"]
    return Cover(
        applications=found["applications"],
        pairs=found["pairs"],
        lacking=found["lacking"],
        demand=demand,
        worst=None if worst is None else millionths(worst),
    )


def seats_loaded(actor: Actor, stage: Stage) -> QuerySet[PanelSeat]:
    """The panel, by name, each with `load`: how many applications, open to the actor, they review;
    and `affinity_sum` over those.
    """
    pairs = open_to(actor, _standing().filter(seat=OuterRef("pk"))).order_by().values("seat")
    return (
        seats_accepted(stage)
        .annotate(
            load=Coalesce(
                Subquery(pairs.annotate(found=Count("pk")).values("found")),
                Value(0),
                output_field=IntegerField(),
            ),
            affinity_sum=Coalesce(
                Subquery(pairs.annotate(found=Sum("affinity")).values("found")), _ZERO
            ),
        )
        .order_by("reviewer__person__name", "pk")
    )


def seat_loaded(actor: Actor, stage: Stage, pk: int) -> PanelSeat:
    """One of them; raises NotFound."""
    found = seats_loaded(actor, stage).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_SEAT, code="no_seat")
    return found


def candidates_for(actor: Actor, stage: Stage, application_id: int) -> list[Candidate]:
    """Everybody on the panel for an application that is open to the actor: first who reviews it,
    then who fits best, those closed to it last.
    """
    seats = list(seats_loaded(actor, stage))
    closed = closed_seats(stage, application_id, seats)
    fits = affinities_of(stage, application_id)
    standing = {
        one.seat_id: one
        for one in assignments_shown(actor, stage).filter(application=application_id)
    }
    found = [
        Candidate(
            seat=seat,
            load=seat.load,  # type: ignore[attr-defined] # annotated
            affinity=fits.get(seat.pk),
            assignment=standing.get(seat.pk),
            is_closed=seat.pk in closed,
        )
        for seat in seats
    ]
    return sorted(
        found,
        key=lambda one: (one.assignment is None, one.is_closed, -(one.affinity or 0), one.seat.pk),
    )


def closed_seats(stage: Stage, application_id: int, seats: Iterable[PanelSeat]) -> frozenset[int]:
    """Those of the seats whose holder a conflict of interest keeps from the application."""
    of_person = {seat.reviewer.person_id: seat.pk for seat in seats}
    closed = conflicted_pairs(stage.competition, sorted(of_person))
    return frozenset(of_person[person] for one, person in closed if one == application_id)


def closing_kinds(application_id: int, seat: PanelSeat) -> tuple[str, ...]:
    """The kinds of the conflicts that close the application to who holds the seat, in words."""
    rows = closing_conflicts().filter(application=application_id, person=seat.reviewer.person_id)
    kinds = rows.order_by("kind").values_list("kind", flat=True).distinct()
    return tuple(str(CONFLICT_KIND_LABELS[ConflictKind(kind)]) for kind in kinds)


def affinities_of(stage: Stage, application_id: int) -> dict[int, int]:
    """The affinity of the application to each seat, in millionths; empty while none is counted."""
    row = ApplicationAffinity.objects.filter(stage=stage, application=application_id).first()
    return {int(seat): units for seat, units in row.of_seats.items()} if row else {}


def conflicted_standing(stage: Stage) -> list[Assignment]:
    """The standing assignments that a conflict of interest closes; two queries beside those of the
    conflicts.
    """
    seats = PanelSeat.objects.filter(stage=stage).order_by("pk")
    people = list(seats.values_list("reviewer__person_id", flat=True))
    closed = conflicted_pairs(stage.competition, people)
    rows = assignments_standing(stage).filter(
        seat__reviewer__person__in={person for _application, person in closed}
    )
    return [one for one in rows if (one.application_id, one.seat.reviewer.person_id) in closed]


def is_some_closed(actor: Actor, stage: Stage) -> bool:
    """Whether an application that the stage judges is closed to the actor."""
    if actor.is_system:
        return False
    seen = applications_judged(actor, stage).order_by().values("pk")
    return applications_judged(None, stage).exclude(pk__in=seen).exists()


def millionths(value: object) -> int:
    """An affinity as it is stored, in whole millionths."""
    return round(float(str(value)) * rules.AFFINITY_UNITS)


def _standing() -> QuerySet[Assignment]:
    return Assignment.objects.filter(removed_at__isnull=True).exclude(
        application__state=competition_rules.APPLICATION_WITHDRAWN
    )
