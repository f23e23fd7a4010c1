"""The API of statistics over competitions, for whoever runs them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from lineshaft.apps.awarding import queries, rules
from lineshaft.apps.awarding.queries import CompetitionStatistics
from lineshaft.apps.competitions.queries import (
    may_read_submissions,
    opportunity_by_key,
    runs_any,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, actor_of, paged

router = Router(tags=["awarding"])


class StageTimeOut(Schema):
    """How long a stage was planned to take and took, in days; null while it is not over."""

    stage: int
    name: str
    planned_days: int
    real_days: int | None
    began_at: datetime | None
    ended_at: datetime | None


class CallCountOut(Schema):
    """What was handed in at a call that is over."""

    stage: int
    handed_in: int
    late: int


class StageLoadOut(Schema):
    """How many applications the reviewers of a stage have, and the reviews that they submitted."""

    stage: int
    reviewers: int
    least: int
    mean: Decimal | None
    most: int
    assigned: int
    submitted: int
    in_time: int


class LeadGroupOut(Schema):
    """Applications handed in, and selected, of one state, kind or size of lead."""

    key: str
    handed_in: int
    selected: int


class CompetitionStatisticsOut(Schema):
    """What is counted of a competition; what is sealed or has not come yet is null."""

    opportunity_id: str
    planned_days: int
    real_days: int | None
    begun: int | None
    handed_in: int | None
    withdrawn: int | None
    selected: int | None
    reviews_submitted: int
    reviews_in_time: int


class CompetitionStatisticsDetailOut(CompetitionStatisticsOut):
    """The same with stages, calls, loads, and outcomes by lead."""

    stages: list[StageTimeOut]
    calls: list[CallCountOut]
    loads: list[StageLoadOut]
    by_state: list[LeadGroupOut]
    by_kind: list[LeadGroupOut]
    by_size: list[LeadGroupOut]


@router.get(
    "/competition-statistics",
    response=PageOf[CompetitionStatisticsOut],
    operation_id="list_statistics",
    summary="Statistics over competitions",
)
def list_statistics(
    request: HttpRequest, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The competitions that the caller runs and that were opened."""
    actor = actor_of(request)
    if not runs_any(actor):
        raise NotFound(code="no_statistics")
    rows = queries.competitions_counted(actor)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    counted = queries.statistics_of(actor, page["items"])
    return {**page, "items": [CompetitionStatisticsOut(**_listed(one)) for one in counted]}


@router.get(
    "/opportunities/{key}/statistics",
    response=CompetitionStatisticsDetailOut,
    operation_id="show_statistics",
    summary="Statistics of a competition",
)
def show_statistics(request: HttpRequest, key: str) -> CompetitionStatisticsDetailOut:
    """What is counted of it, of what is open to the caller."""
    actor = actor_of(request)
    found = opportunity_by_key(actor, key)
    if not may_read_submissions(actor, found):
        raise NotFound(code="no_statistics")
    (one,) = queries.statistics_of(actor, [found])
    groups = queries.outcomes_by(actor, found)
    return CompetitionStatisticsDetailOut(
        **_listed(one),
        stages=[_stage(each) for each in one.stages],
        calls=[
            CallCountOut(stage=each.number, handed_in=each.handed_in, late=each.late)
            for each in one.calls
        ],
        loads=[_load(each) for each in one.loads],
        by_state=_groups(groups["state"]),
        by_kind=_groups(groups["kind"]),
        by_size=_groups(groups["size"]),
    )


def _listed(one: CompetitionStatistics) -> dict[str, Any]:
    return {
        "opportunity_id": one.competition.key,
        "planned_days": one.planned_days,
        "real_days": one.real_days,
        "begun": one.begun,
        "handed_in": one.handed_in,
        "withdrawn": one.withdrawn,
        "selected": one.selected,
        "reviews_submitted": one.submitted,
        "reviews_in_time": one.in_time,
    }


def _groups(some: Sequence[rules.GroupCount]) -> list[LeadGroupOut]:
    return [
        LeadGroupOut(key=one.key, handed_in=one.handed_in, selected=one.selected) for one in some
    ]


def _stage(one: rules.StageTime) -> StageTimeOut:
    return StageTimeOut(
        stage=one.number,
        name=one.name,
        planned_days=one.planned_days,
        real_days=one.real_days,
        began_at=one.began_at,
        ended_at=one.ended_at,
    )


def _load(one: rules.StageLoad) -> StageLoadOut:
    return StageLoadOut(
        stage=one.number,
        reviewers=len(one.loads),
        least=min(one.loads),
        mean=one.mean,
        most=max(one.loads),
        assigned=one.assigned,
        submitted=one.submitted,
        in_time=one.in_time,
    )
