"""The API of assignments: proposals of who reviews what, and what stands.

Affinities go from 0 to 1. Whoever asks gets the applications that are open to them, and where one
of the stage is closed, no number over all.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import Assignment, AssignmentRun
from lineshaft.apps.reviewing.queries import ExplanationShown
from lineshaft.engines.optimise.assignment import Remedy
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.rest import (
    LIMIT_DEFAULT,
    Accepted,
    PageOf,
    RowId,
    actor_of,
    idempotent,
    paged,
)

router = Router(tags=["reviewing"])

type StageNumber = Annotated[int, Field(ge=1, le=32_767)]
"""The number of a stage in its competition."""


class AssignmentOut(Schema):
    """That somebody reviews an application; `affinity` is null where none was counted."""

    id: int
    application_number: int
    lead: str
    seat_id: int
    reviewer: str
    origin: str
    affinity: Decimal | None
    made_at: datetime


class AssignmentTermsIn(Schema):
    """Under what an assignment is computed; pairs are of an application's and a seat's id."""

    objective: rules.Objective = rules.Objective.FAIR
    demand: int = 3
    load_least: int = 0
    load_most: int | None = None
    sector_least: int = 0
    lead_sector_least: int = 0
    employer_most: int | None = None
    time_limit_s: int = rules.TIME_LIMIT_S
    forced: list[tuple[RowId, RowId]] = []
    forbidden: list[tuple[RowId, RowId]] = []


class AssignmentRunOut(Schema):
    """A proposal; the numbers are null while nothing came out, and where they are withheld."""

    id: int
    state: str
    objective: str
    demand: int
    certainty: str
    total: Decimal | None
    worst: Decimal | None
    total_bound: Decimal | None
    worst_bound: Decimal | None
    took_ms: int | None
    is_withheld: bool
    made_at: datetime


class ExplainedApplicationOut(Schema):
    """An application that an explanation names by its id, with the title that was handed in."""

    application: int
    number: int
    title: str


class ExplainedSeatOut(Schema):
    """A seat that an explanation names by its id, and who sits there."""

    seat: int
    reviewer: str


class UnmetRuleOut(Schema):
    """A rule that cannot be met for an application. `group` is whom it counts: `private`, `public`,
    `employer:` with the id of the organisation, or `lead:` with the sectors of the lead.
    """

    group: str
    application: int


class WayOutOut(Schema):
    """A way out that is enough by itself: `by` how much, and of which applications and seats.

    Pairs are one of `applications` and one of `seats` at the same place; `group` is of a rule.
    """

    remedy: Remedy
    by: int
    applications: list[int]
    seats: list[int]
    group: str


class AssignmentExplanationOut(Schema):
    """What cannot all hold: `demanding` applications that want their reviewers, `idle` seats that
    want their least load, `unmet_rules` and `forced` pairs. Without any one of these the rest can.
    """

    missing: int
    demanding: list[int]
    idle: list[int]
    unmet_rules: list[UnmetRuleOut]
    forced: list[tuple[int, int]]
    ways_out: list[WayOutOut]
    applications: list[ExplainedApplicationOut]
    seats: list[ExplainedSeatOut]


class AssignmentRunDetailOut(AssignmentRunOut):
    """A proposal with its terms. `explanation` tells why there is none; it is null where one came
    out, and where it has to do with an application that is closed to the caller.
    """

    load_least: int
    load_most: int | None
    sector_least: int
    lead_sector_least: int
    employer_most: int | None
    explanation: AssignmentExplanationOut | None


@router.get(
    "/competitions/{key}/stages/{number}/assignments",
    response=PageOf[AssignmentOut],
    operation_id="list_assignments",
    summary="Who reviews what in a stage",
)
def list_assignments(
    request: HttpRequest,
    key: str,
    number: StageNumber,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The assignments that stand, for whoever runs the competition."""
    actor, stage = _stage_to(request, key, number)
    rows = queries.assignments_shown(actor, stage)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_assignment(one) for one in page["items"]]}


@router.get(
    "/competitions/{key}/stages/{number}/assignment-proposals",
    response=PageOf[AssignmentRunOut],
    operation_id="list_assignment_runs",
    summary="Proposals of an assignment",
)
def list_assignment_runs(
    request: HttpRequest,
    key: str,
    number: StageNumber,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The proposals of the stage, the newest first."""
    actor, stage = _stage_to(request, key, number)
    is_withheld = queries.is_some_closed(actor, stage)
    rows = queries.runs_shown(actor, stage)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("-pk",))
    return {**page, "items": [_run(one, is_withheld=is_withheld) for one in page["items"]]}


@router.post(
    "/competitions/{key}/stages/{number}/assignment-proposals",
    response={202: AssignmentRunOut},
    operation_id="propose_assignment",
    summary="Ask for a proposal of an assignment",
)
def propose_assignment(
    request: HttpRequest, key: str, number: StageNumber, payload: AssignmentTermsIn
) -> HttpResponse:
    """The proposal, which is computed in the background."""
    actor, stage = _stage_to(request, key, number)

    def perform() -> Accepted:
        terms = rules.AssignmentTerms(
            **payload.model_dump(exclude={"forced", "forbidden"}),
            forced=tuple(payload.forced),
            forbidden=tuple(payload.forbidden),
        )
        run = services.propose_assignment(actor, stage, terms, now=clock.now())
        return Accepted(_run(run, is_withheld=queries.is_some_closed(actor, stage)))

    return idempotent(request, "propose_assignment", perform)


@router.get(
    "/competitions/{key}/stages/{number}/assignment-proposals/{proposal}",
    response=AssignmentRunDetailOut,
    operation_id="show_assignment_run",
    summary="One proposal of an assignment",
)
def show_assignment_run(
    request: HttpRequest, key: str, number: StageNumber, proposal: RowId
) -> AssignmentRunDetailOut:
    """The proposal, or why there is none and what would free it."""
    actor, stage = _stage_to(request, key, number)
    run = queries.run_by_id(actor, stage, proposal)
    explanation = queries.explanation_shown(actor, run)
    return AssignmentRunDetailOut(
        **_run(run, is_withheld=queries.is_some_closed(actor, stage)).dict(),
        load_least=run.load_least,
        load_most=run.load_most,
        sector_least=run.sector_least,
        lead_sector_least=run.lead_sector_least,
        employer_most=run.employer_most,
        explanation=_explanation(explanation) if explanation else None,
    )


@router.post(
    "/competitions/{key}/stages/{number}/assignment-proposals/{proposal}/adopt",
    response=AssignmentRunOut,
    operation_id="adopt_assignment",
    summary="Adopt a proposal of an assignment",
)
def adopt_assignment(
    request: HttpRequest, key: str, number: StageNumber, proposal: RowId
) -> HttpResponse:
    """The proposal, which stands from now on."""
    actor, stage = _stage_to(request, key, number)

    def perform() -> AssignmentRunOut:
        run = queries.run_by_id(actor, stage, proposal)
        return _run(services.adopt_assignment(actor, run, now=clock.now()), is_withheld=False)

    return idempotent(request, "adopt_assignment", perform)


def _stage_to(request: HttpRequest, key: str, number: int) -> tuple[Actor, Stage]:
    actor = actor_of(request)
    shown = competitions.competition_by_key(actor, key)
    if not competitions.may_read_submissions(actor, shown):
        raise NotFound(code="no_assignment")
    return actor, competitions.stage_by_number(shown, number)


def _assignment(one: Assignment) -> AssignmentOut:
    return AssignmentOut(
        id=one.pk,
        application_number=one.application.number,
        lead=one.application.lead.name,
        seat_id=one.seat_id,
        reviewer=one.seat.reviewer.person.name,
        origin=one.origin,
        affinity=one.affinity,
        made_at=one.made_at,
    )


def _run(one: AssignmentRun, *, is_withheld: bool) -> AssignmentRunOut:
    return AssignmentRunOut(
        id=one.pk,
        state=one.state,
        objective=one.objective,
        demand=one.demand,
        certainty=one.certainty,
        total=None if is_withheld else one.total,
        worst=None if is_withheld else one.worst,
        total_bound=None if is_withheld else one.total_bound,
        worst_bound=None if is_withheld else one.worst_bound,
        took_ms=one.took_ms,
        is_withheld=is_withheld,
        made_at=one.made_at,
    )


def _explanation(shown: ExplanationShown) -> AssignmentExplanationOut:
    told = shown.told
    return AssignmentExplanationOut(
        missing=told["missing"],
        demanding=told["applications"],
        idle=told["seats"],
        unmet_rules=[UnmetRuleOut(group=key, application=one) for key, one in told["rules"]],
        forced=told["forced"],
        ways_out=[
            WayOutOut(
                remedy=Remedy(way["remedy"]),
                by=way["by"],
                applications=way["applications"],
                seats=way["seats"],
                group=way["rule"],
            )
            for way in told["freeing"]
        ],
        applications=[
            ExplainedApplicationOut(application=pk, number=number, title=shown.titles[pk])
            for pk, number in sorted(shown.numbers.items())
        ],
        seats=[
            ExplainedSeatOut(seat=pk, reviewer=name) for pk, name in sorted(shown.reviewers.items())
        ],
    )
