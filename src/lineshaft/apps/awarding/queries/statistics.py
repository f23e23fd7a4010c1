"""Reads of the statistics of competitions, of what is open to the reader, for who runs them.

Nothing that is sealed leaks through a count: handed in is counted at calls that are over, and who
has a conflict of interest counts without the applications that are closed to them. The number of
queries does not depend on how many competitions, applications or reviewers there are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from lineshaft.apps.awarding import rules
from lineshaft.apps.competitions import rules as competing
from lineshaft.apps.competitions.models import Application, Competition, Submission
from lineshaft.apps.competitions.queries import competitions_run_by, open_to
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.reviewing.models import Assignment, Review
from lineshaft.apps.reviewing.rules import SUBMITTED
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.jurisdiction import OrganisationGroup
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import local_name

_OPENED = (
    competing.OPEN,
    competing.IN_REVIEW,
    competing.SELECTING,
    competing.DECIDED,
    competing.PUBLISHED,
    competing.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class CompetitionStatistics:
    """What is counted of one competition.

    `planned_days` are those of all its stages. `begun` and `withdrawn` are None until a call is
    over and while a later one is open, `selected` until it is decided.
    """

    competition: Competition
    stages: tuple[rules.StageTime, ...]
    calls: tuple[rules.CallCount, ...]
    loads: tuple[rules.StageLoad, ...]
    begun: int | None
    withdrawn: int | None
    selected: int | None

    @property
    def planned_days(self) -> int:
        return sum(one.planned_days for one in self.stages)

    @property
    def real_days(self) -> int | None:
        """From the opening to the decision; None before it."""
        return rules.days_between(self.competition.opened_at, self.competition.decided_at)

    @property
    def handed_in(self) -> int | None:
        """At the first call; None until it is over."""
        return self.calls[0].handed_in if self.calls else None

    @property
    def reviewer_loads(self) -> tuple[int, ...]:
        """Of all stages together, one for each seat on a panel."""
        return tuple(load for one in self.loads for load in one.loads)

    @property
    def in_time(self) -> int:
        return sum(one.in_time for one in self.loads)

    @property
    def submitted(self) -> int:
        return sum(one.submitted for one in self.loads)


def competitions_counted(actor: Actor) -> QuerySet[Competition]:
    """The competitions that the actor runs and that were opened, the last opened first."""
    rows = competitions_run_by(actor).filter(state__in=_OPENED, opened_at__isnull=False)
    return rows.prefetch_related("stages").order_by("-opened_at", "-pk")


def statistics_of(actor: Actor, competitions: Sequence[Competition]) -> list[CompetitionStatistics]:
    """What is counted of each of these competitions, which the actor reads; four queries."""
    ids = [one.pk for one in competitions]
    counted = _applications(actor, ids)
    handed_in = _handed_in(actor, ids)
    loads, reviews = _loads(actor, ids), _reviews(actor, ids)
    return [_of(one, counted, handed_in, loads, reviews) for one in competitions]


def outcomes_by(actor: Actor, competition: Competition) -> dict[str, tuple[rules.GroupCount, ...]]:
    """Applications handed in and selected by `state`, `kind` and `size` of the lead, most first;
    `rules.LeadSize` says which sizes there are.

    Empty until a call is over; nobody is selected before the decision. One query.
    """
    opened = submissions_counted(actor, [competition.pk])
    rows = open_to(actor, Application.objects.filter(competition=competition), "pk").filter(
        Exists(opened.filter(application=OuterRef("pk")))
    )
    is_decided = competition.state in competing.OVER
    selected = Q(outcome=competing.Outcome.SELECTED) if is_decided else Q(pk__in=[])
    counted = (
        rows.order_by()
        .values("lead__region", "lead__kind")
        .annotate(number=Count("pk"), chosen=Count("pk", filter=selected))
    )
    sizes = {
        kind.key: rules.size_of(
            is_firm=kind.group is OrganisationGroup.INDUSTRY, is_sme=kind.is_sme
        )
        for kind in profile_in_use().organisation_kinds
    }
    groups: dict[str, dict[str, list[int]]] = {"state": {}, "kind": {}, "size": {}}
    for row in counted:
        kind = row["lead__kind"]
        size = sizes.get(kind, rules.LeadSize.NO_FIRM)
        for name, key in (("state", row["lead__region"]), ("kind", kind), ("size", size.value)):
            sums = groups[name].setdefault(key, [0, 0])
            sums[0] += row["number"]
            sums[1] += row["chosen"]
    return {
        name: tuple(
            rules.GroupCount(key, *sums)
            for key, sums in sorted(found.items(), key=lambda one: (-one[1][0], one[0]))
        )
        for name, found in groups.items()
    }


def submissions_counted(actor: Actor, ids: Sequence[int]) -> QuerySet[Submission]:
    """What counts of what was handed in at calls of these competitions that are over, as
    `competitions.queries.submissions_visible_to` has it for one that the actor runs.
    """
    later = Submission.objects.filter(
        application=OuterRef("application"),
        stage=OuterRef("stage"),
        number__gt=OuterRef("number"),
        withdrawn_at__isnull=True,
    )
    rows = Submission.objects.filter(
        application__competition__in=ids,
        stage__ended_at__isnull=False,
        withdrawn_at__isnull=True,
    ).exclude(
        application__competition__state=competing.CANCELLED,
        stage__ended_at__lt=F("stage__ends_at"),
    )
    return open_to(actor, rows.exclude(Exists(later)))


# ---------------------------------------------------------------------------------------- leaves


def _of(
    competition: Competition,
    counted: Mapping[int, tuple[int, int, int]],
    handed_in: Mapping[int, tuple[int, int]],
    loads: Mapping[int, list[int]],
    reviews: Mapping[int, tuple[int, int]],
) -> CompetitionStatistics:
    stages = list(competition.stages.all())
    calls = tuple(
        rules.CallCount(one.number, local_name(one), *handed_in.get(one.pk, (0, 0)))
        for one in stages
        if one.stage_kind is StageKind.SUBMISSION
        and is_over(competition, one.ended_at, one.ends_at)
    )
    # while a later call is open the two would tell who begins or leaves
    is_told = bool(calls) and competition.state != competing.OPEN
    begun, withdrawn, selected = counted.get(competition.pk, (0, 0, 0))
    return CompetitionStatistics(
        competition,
        tuple(
            rules.StageTime(one.number, local_name(one), one.days, one.began_at, one.ended_at)
            for one in stages
        ),
        calls,
        tuple(
            rules.StageLoad(
                one.number,
                local_name(one),
                tuple(sorted(loads[one.pk])),
                *reviews.get(one.pk, (0, 0)),
            )
            for one in stages
            if one.pk in loads
        ),
        begun if is_told else None,
        withdrawn if is_told else None,
        selected if calls and competition.state in competing.OVER else None,
    )


def is_over(competition: Competition, ended_at: datetime | None, ends_at: datetime | None) -> bool:
    """Whether what was handed in at such a stage is opened; not where it was cut short because the
    competition was cancelled.
    """
    if ended_at is None:
        return False
    is_cut = ends_at is not None and ended_at < ends_at
    return not (is_cut and competition.state == competing.CANCELLED)


def _applications(actor: Actor, ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Begun, withdrawn and selected applications, by competition."""
    rows = open_to(actor, Application.objects.filter(competition__in=ids), "pk")
    counted = (
        rows.order_by()
        .values_list("competition")
        .annotate(
            begun=Count("pk"),
            withdrawn=Count("pk", filter=Q(state=competing.APPLICATION_WITHDRAWN)),
            selected=Count("pk", filter=Q(outcome=competing.Outcome.SELECTED)),
        )
    )
    return {pk: (begun, withdrawn, selected) for pk, begun, withdrawn, selected in counted}


def _handed_in(actor: Actor, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Applications handed in, and those of them that came late, by stage."""
    counted = (
        submissions_counted(actor, ids)
        .order_by()
        .values_list("stage")
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(is_late=True)))
    )
    return {pk: (number, late) for pk, number, late in counted}


def _standing(actor: Actor, ids: Sequence[int]) -> QuerySet[Assignment]:
    rows = Assignment.objects.filter(
        seat__stage__competition__in=ids, seat__stage__began_at__isnull=False, removed_at=None
    )
    return open_to(actor, rows)


def _loads(actor: Actor, ids: Sequence[int]) -> dict[int, list[int]]:
    """How many applications each seat has, by stage that has begun."""
    counted = (
        _standing(actor, ids)
        .order_by()
        .values_list("seat__stage", "seat")
        .annotate(number=Count("pk"))
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for stage, _seat, number in counted:
        found[stage].append(number)
    return dict(found)


def _reviews(actor: Actor, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Reviews submitted, and those submitted before the stage was planned to end, by stage."""
    in_time = Q(submitted_at__lt=F("assignment__seat__stage__ends_at"))
    counted = (
        Review.objects.filter(assignment__in=_standing(actor, ids), state=SUBMITTED)
        .order_by()
        .values_list("assignment__seat__stage")
        .annotate(number=Count("pk"), punctual=Count("pk", filter=in_time))
    )
    return {pk: (number, punctual) for pk, number, punctual in counted}
