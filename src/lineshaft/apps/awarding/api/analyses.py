"""The API of the analysis of business plans. Money is minor units, shares are basis points."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.models import PlanAnalysis
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.queries import competition_by_key
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["awarding"])


class PlanAnalysisOut(Schema):
    """A run of the analysis; `break_even` is a year of the plan from 1, or null for never."""

    id: int
    application: int
    stage: int
    run: int
    chance_bp: int
    break_even: int | None
    lowest_minor: int
    lowest_year: int
    rating: str
    run_at: datetime


class PlanAnalysisDetailOut(PlanAnalysisOut):
    """A run with what was counted, by which assumptions, what came out, and the judgement."""

    plan: dict[str, Any]
    assumptions: dict[str, Any]
    result: dict[str, Any]
    judgement: str
    is_out_of_date: bool


class PlanAssumptionsIn(Schema):
    """What a run takes for granted; `honoured` and `spreads` by the key of a letter or stream."""

    honoured_bp: int = rules.HONOURED_BP
    spread_bp: int = rules.SPREAD_BP
    cost_spread_bp: int = rules.COST_SPREAD_BP
    reserve_minor: int = 0
    years_after: int = 0
    seed: int = rules.ANALYSIS_SEED
    honoured: dict[str, int] = Field(default_factory=dict)
    spreads: dict[str, int] = Field(default_factory=dict)
    why: str = ""


class PlanJudgementIn(Schema):
    """What the analyst makes of the last run; `seen` is when it was last judged, or null."""

    rating: rules.PlanRating
    judgement: str
    seen: datetime | None = None


@router.get(
    "/competitions/{key}/stages/{number}/analyses",
    response=PageOf[PlanAnalysisOut],
    operation_id="list_analyses",
    summary="The analyses of a stage",
)
def list_analyses(
    request: HttpRequest,
    key: str,
    number: RowId,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The last run of each plan that the caller may read."""
    actor = actor_of(request)
    stage = _stage(actor, key, number)
    page = paged(queries.last_runs(actor, stage), cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [PlanAnalysisOut(**_listed(one)) for one in page["items"]]}


@router.get(
    "/competitions/{key}/stages/{number}/analyses/{application_id}",
    response=PlanAnalysisDetailOut,
    operation_id="show_analysis",
    summary="The analysis of one application",
)
def show_analysis(
    request: HttpRequest, key: str, number: RowId, application_id: RowId
) -> PlanAnalysisDetailOut:
    """The last run of the analysis of that application's plan."""
    actor = actor_of(request)
    return _detail(_last(actor, _stage(actor, key, number), application_id))


@router.post(
    "/competitions/{key}/stages/{number}/analyses/{application_id}",
    response=PlanAnalysisDetailOut,
    operation_id="run_plan_analysis",
    summary="Analyse a plan",
)
def run_plan_analysis(
    request: HttpRequest,
    key: str,
    number: RowId,
    application_id: RowId,
    payload: PlanAssumptionsIn,
) -> HttpResponse:
    """The run; the same plan, assumptions and seed give the same result."""
    actor = actor_of(request)

    def perform() -> PlanAnalysisDetailOut:
        stage = _stage(actor, key, number)
        application = queries.plan_judged(actor, stage, application_id).application
        said = payload.dict()
        why = said.pop("why")
        services.run_plan_analysis(
            actor, stage, application, rules.Assumptions(**said), why=why, now=clock.now()
        )
        return _detail(_last(actor, stage, application_id))

    return idempotent(request, "run_plan_analysis", perform)


@router.post(
    "/competitions/{key}/stages/{number}/analyses/{application_id}/judgement",
    response=PlanAnalysisDetailOut,
    operation_id="judge_plan",
    summary="Judge a plan",
)
def judge_plan(
    request: HttpRequest,
    key: str,
    number: RowId,
    application_id: RowId,
    payload: PlanJudgementIn,
) -> HttpResponse:
    """The last run with the judgement beside it."""
    actor = actor_of(request)

    def perform() -> PlanAnalysisDetailOut:
        stage = _stage(actor, key, number)
        last = _last(actor, stage, application_id)
        services.judge_plan(
            actor,
            last,
            payload.rating,
            payload.judgement,
            seen=payload.seen,
            now=clock.now(),
        )
        return _detail(_last(actor, stage, application_id))

    return idempotent(request, "judge_plan", perform)


def _stage(actor: Actor, key: str, number: int) -> Stage:
    for stage in queries.analysis_stages(actor, competition_by_key(actor, key)):
        if stage.number == number:
            return stage
    raise NotFound(queries.NO_PLAN, code="no_stage")


def _last(actor: Actor, stage: Stage, application_id: int) -> PlanAnalysis:
    submission = queries.plan_judged(actor, stage, application_id)
    found = queries.runs_of(submission, stage).first()
    if found is None:
        raise NotFound(queries.NO_PLAN, code="no_run")
    return found


def _listed(one: PlanAnalysis) -> dict[str, Any]:
    names = ("chance_bp", "break_even", "lowest_minor", "lowest_year", "rating", "run_at")
    return {
        "id": one.pk,
        "application": one.application_id,
        "stage": one.stage.number,
        "run": one.number,
        **{name: getattr(one, name) for name in names},
    }


def _detail(one: PlanAnalysis) -> PlanAnalysisDetailOut:
    return PlanAnalysisDetailOut(
        **_listed(one),
        plan=one.plan,
        assumptions=one.assumptions,
        result=one.result,
        judgement=one.judgement,
        is_out_of_date=one.is_out_of_date,  # type: ignore[attr-defined] # an annotation
    )
