"""Reads of how far the reviews of a stage are, for whoever runs the competition.

Every number counts what is open to the reader. What is read of a page's rows is read together, so
that a list costs as much for three rows as for fifty.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.competitions.queries import may_read_submissions, open_to
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import (
    Assignment,
    PanelSeat,
    Review,
    ReviewScore,
    ReviewTally,
)
from lineshaft.apps.reviewing.queries.assignments import assignments_standing
from lineshaft.plumbing.actor import Actor

MISSING: Final = "missing"
COMPLETE: Final = "complete"
LATE: Final = "late"


@dataclass(frozen=True, slots=True)
class Counts:
    """Of so many reviews assigned, how many are submitted, returned, drafts; `late` came after the
    deadline or are missing behind it.
    """

    assigned: int = 0
    submitted: int = 0
    returned: int = 0
    draft: int = 0
    late: int = 0

    @property
    def not_begun(self) -> int:
        """How many nobody has begun."""
        return self.assigned - self.submitted - self.returned - self.draft

    @property
    def missing(self) -> int:
        """How many are not submitted."""
        return self.assigned - self.submitted


def assignments_judged(actor: Actor, stage: Stage) -> QuerySet[Assignment]:
    """The standing assignments of the stage to applications that are still in and open to the
    actor, who runs the competition.
    """
    if not may_read_submissions(actor, stage.competition):
        return Assignment.objects.none()
    rows = assignments_standing(stage).exclude(
        application__state=competition_rules.APPLICATION_WITHDRAWN
    )
    return open_to(actor, rows)


def tallies_judged(actor: Actor, stage: Stage) -> QuerySet[ReviewTally]:
    """The tallies of what `assignments_judged` reads one by one."""
    if not may_read_submissions(actor, stage.competition):
        return ReviewTally.objects.none()
    withdrawn = Application.objects.filter(
        competition=stage.competition_id, state=competition_rules.APPLICATION_WITHDRAWN
    )
    rows = ReviewTally.objects.filter(stage=stage, assigned__gt=0)
    return open_to(actor, rows.exclude(application__in=withdrawn.values("pk")))


def counts_of(actor: Actor, stage: Stage, *, now: datetime) -> Counts:
    """The reviews of the whole stage: a query of its tallies, and one of what came late."""
    sums = tallies_judged(actor, stage).aggregate(
        **{name: Sum(name, default=0) for name in ("assigned", "submitted", "returned", "draft")}
    )
    late = assignments_judged(actor, stage).filter(_since_its_end(stage)).order_by().count()
    if stage.ends_at is not None and now >= stage.ends_at:
        late += sums["assigned"] - sums["submitted"]
    return Counts(**sums, late=late)


def tallies_listed(
    actor: Actor, stage: Stage, *, state: str = "", now: datetime
) -> QuerySet[ReviewTally]:
    """The tallies of the applications that somebody is assigned to, in the order in which these
    were begun, which is that of their numbers.

    `state` keeps those with a review missing, those with none missing, or those with one late.
    """
    rows = tallies_judged(actor, stage)
    if state == MISSING:
        rows = rows.filter(submitted__lt=F("assigned"))
    elif state == COMPLETE:
        rows = rows.filter(submitted=F("assigned"))
    elif state == LATE:
        late = assignments_judged(actor, stage).filter(_late(stage, now)).order_by()
        rows = rows.filter(application__in=late.values("application"))
    return rows.select_related("application__lead").order_by("application_id")


def seats_reviewing(
    actor: Actor, stage: Stage, *, state: str = "", now: datetime
) -> QuerySet[PanelSeat]:
    """The seats that somebody sits in or has an assignment in, by name of the reviewer."""
    assigned = assignments_judged(actor, stage).filter(seat=OuterRef("pk")).order_by()
    rows = PanelSeat.objects.filter(Q(state=rules.ACCEPTED) | Exists(assigned), stage=stage)
    return (
        _narrowed(rows, assigned, stage, state, now)
        .select_related("reviewer__person__organisation")
        .order_by("reviewer__person__name", "pk")
    )


def reviews_listed(
    actor: Actor, stage: Stage, *, state: str = "", seat: int | None = None, now: datetime
) -> QuerySet[Assignment]:
    """Every assignment with its review, by number of the application. `state` keeps those so far,
    `seat` those of one reviewer.
    """
    rows = assignments_judged(actor, stage)
    if seat is not None:
        rows = rows.filter(seat=seat)
    if state == rules.Progress.NOT_BEGUN:
        rows = rows.filter(review__isnull=True)
    elif state in set(rules.Progress):
        rows = rows.filter(review__state=state)
    elif state in {MISSING, LATE}:
        rows = rows.filter(_missing() if state == MISSING else _late(stage, now))
    related = ("review", "seat__reviewer__person__organisation", "application__lead")
    return rows.select_related(*related).order_by("application__number", "pk")


def counts_by_application(
    actor: Actor, stage: Stage, applications: Iterable[Application], *, now: datetime
) -> dict[int, Counts]:
    """The reviews of these applications, by application, in one query."""
    rows = assignments_judged(actor, stage).filter(application__in=[one.pk for one in applications])
    return dict(_grouped(rows, "application", stage, now))


def counts_by_seat(
    actor: Actor, stage: Stage, seats: Iterable[PanelSeat], *, now: datetime
) -> dict[int, Counts]:
    """The reviews of these seats, by seat, in one query."""
    rows = assignments_judged(actor, stage).filter(seat__in=[one.pk for one in seats])
    return dict(_grouped(rows, "seat", stage, now))


def scores_by_review(
    stage: Stage, reviews: Iterable[int] | None = None
) -> dict[int, dict[int, int]]:
    """The scores of these submitted reviews of a stage, or of all, by review and by number of the
    criterion, in one query.
    """
    rows = ReviewScore.objects.filter(
        review__state=rules.SUBMITTED,
        score__isnull=False,
        review__assignment__seat__stage=stage,
    )
    if reviews is not None:
        rows = rows.filter(review__in=list(reviews))
    found: dict[int, dict[int, int]] = {}
    for review, number, score in rows.values_list("review_id", "criterion__number", "score"):
        found.setdefault(review, {})[number] = score or 0
    return found


def missing_of(actor: Actor, stage: Stage) -> int:
    """How many reviews of the stage are not submitted."""
    missing: int = tallies_judged(actor, stage).aggregate(
        missing=Sum(F("assigned") - F("submitted"), default=0)
    )["missing"]
    return missing


def assignments_missing(actor: Actor, stage: Stage) -> QuerySet[Assignment]:
    """The assignments of the stage whose review is not submitted, with who reviews."""
    rows = assignments_judged(actor, stage).filter(_missing(), seat__state=rules.ACCEPTED)
    return rows.select_related("seat__reviewer__person__user").order_by("seat", "pk")


def stages_to_remind_of(*, now: datetime) -> list[Stage]:
    """The judged stages whose deadline is some days off today."""
    rows = Stage.objects.filter(
        kind__in=competition_rules.JUDGED,
        began_at__isnull=False,
        ended_at__isnull=True,
        ends_at__gt=now,
        competition__state=competition_rules.IN_REVIEW,
        competition__stage_number=F("number"),
    ).exclude(phase__phase=rules.Phase.CLOSED)
    return [
        stage
        for stage in rows.select_related("competition").order_by("pk")
        if stage.ends_at is not None
        and rules.is_reminder_day(day_in(stage, stage.ends_at), day_in(stage, now))
    ]


def day_in(stage: Stage, moment: datetime) -> date:
    """The day of that moment by the clocks of the competition."""
    return moment.astimezone(ZoneInfo(stage.competition.zone)).date()


# ---------------------------------------------------------------------------------------- leaves


def _missing() -> Q:
    return Q(review__isnull=True) | ~Q(review__state=rules.SUBMITTED)


def _late(stage: Stage, now: datetime) -> Q:
    if stage.ends_at is None or now < stage.ends_at:
        return _came_late(stage)
    return _came_late(stage) | _missing()


def _came_late(stage: Stage) -> Q:
    if stage.ends_at is None:
        return Q(pk__in=())
    return Q(review__state=rules.SUBMITTED, review__submitted_at__gte=stage.ends_at)


def _since_its_end(stage: Stage) -> Q:
    """The same, found from all reviews that came since, which are few while a stage is judged; else
    SQLite goes through all of the stage's.
    """
    if stage.ends_at is None:
        return Q(pk__in=())
    since = Review.objects.filter(state=rules.SUBMITTED, submitted_at__gte=stage.ends_at)
    return Q(pk__in=since.values("assignment"))


def _counted(stage: Stage, now: datetime) -> dict[str, Count]:
    states = {name: Q(review__state=name) for name in ("submitted", "returned", "draft")}
    kept = {name: Count("pk", filter=condition) for name, condition in states.items()}
    return {"assigned": Count("pk"), **kept, "late": Count("pk", filter=_late(stage, now))}


def _grouped(
    rows: QuerySet[Assignment], by: str, stage: Stage, now: datetime
) -> Iterator[tuple[int, Counts]]:
    grouped = rows.order_by().values(by).annotate(**_counted(stage, now))
    for row in grouped:
        yield row.pop(by), Counts(**row)


def _narrowed(
    rows: QuerySet[PanelSeat],
    assigned: QuerySet[Assignment],
    stage: Stage,
    state: str,
    now: datetime,
) -> QuerySet[PanelSeat]:
    if state == MISSING:
        return rows.filter(Exists(assigned.filter(_missing())))
    if state == COMPLETE:
        return rows.exclude(Exists(assigned.filter(_missing()))).filter(Exists(assigned))
    if state == LATE:
        return rows.filter(Exists(assigned.filter(_late(stage, now))))
    return rows
