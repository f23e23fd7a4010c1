"""The API of who goes on after a judged stage, for whoever runs the competition."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import AwareDatetime

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Competition, StageOutcome
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["competitions"])


class StageOutcomeOut(Schema):
    """How an application came out of a stage; `told_at` is null for a draft.

    `reason` is for those who run the competition, `advice` for the applicants.
    """

    application: int
    number: int
    outcome: rules.StageResult
    reason: str
    advice: str
    advice_zh: str
    decided_at: datetime
    told_at: datetime | None


class StageOutcomesIn(Schema):
    """One outcome for several applications, given by id; `seen` is when they were read, or null."""

    applications: list[RowId]
    outcome: rules.StageResult
    reason: str = ""
    advice: str = ""
    advice_zh: str = ""
    seen: AwareDatetime | None = None


class StageOutcomesDecidedOut(Schema):
    """The outcomes that were decided."""

    outcomes: list[StageOutcomeOut]


class StageOutcomesToldOut(Schema):
    """How many outcomes were told."""

    told: int


@router.get(
    "/opportunities/{key}/stages/{number}/outcomes",
    response=PageOf[StageOutcomeOut],
    operation_id="list_stage_outcomes",
    summary="Who goes on after a stage",
)
def list_stage_outcomes(
    request: HttpRequest,
    key: str,
    number: RowId,
    *,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """How the applications that are open to the caller came out of the stage."""
    actor = actor_of(request)
    stage = queries.gated_stage(_competition(actor, key), number)
    rows = queries.outcomes_visible_to(actor, stage)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_outcome(one) for one in page["items"]]}


@router.post(
    "/opportunities/{key}/stages/{number}/outcomes",
    response=StageOutcomesDecidedOut,
    operation_id="decide_stage_outcomes",
    summary="Decide who goes on after a stage",
)
def decide_stage_outcomes(
    request: HttpRequest, key: str, number: RowId, payload: StageOutcomesIn
) -> HttpResponse:
    """The outcomes as they are decided; drafts until they are told."""
    actor = actor_of(request)

    def perform() -> StageOutcomesDecidedOut:
        stage = queries.gated_stage(_competition(actor, key), number)
        terms = services.OutcomeTerms(
            payload.outcome, payload.reason, payload.advice, payload.advice_zh
        )
        made = services.decide_stage_outcomes(
            actor, stage, payload.applications, terms, seen=payload.seen, now=clock.now()
        )
        return StageOutcomesDecidedOut(outcomes=[_outcome(one) for one in made])

    return idempotent(request, "decide_stage_outcomes", perform)


@router.post(
    "/opportunities/{key}/stages/{number}/outcomes/tell",
    response=StageOutcomesToldOut,
    operation_id="tell_stage_outcomes",
    summary="Tell applicants what came of a stage",
)
def tell_stage_outcomes(request: HttpRequest, key: str, number: RowId) -> HttpResponse:
    """How many outcomes were told; from then on they stand."""
    actor = actor_of(request)

    def perform() -> StageOutcomesToldOut:
        stage = queries.gated_stage(_competition(actor, key), number)
        told = services.tell_stage_outcomes(actor, stage, now=clock.now())
        return StageOutcomesToldOut(told=told)

    return idempotent(request, "tell_stage_outcomes", perform)


def _competition(actor: Actor, key: str) -> Competition:
    """The competition, for whoever reads what was handed in; raises NotFound."""
    found = queries.opportunity_by_key(actor, key)
    if not queries.may_read_submissions(actor, found):
        raise NotFound(code="no_outcomes")
    return found


def _outcome(one: StageOutcome) -> StageOutcomeOut:
    return StageOutcomeOut(
        application=one.application_id,
        number=one.application.number,
        outcome=rules.StageResult(one.outcome),
        reason=one.reason,
        advice=one.advice,
        advice_zh=one.advice_zh,
        decided_at=one.decided_at,
        told_at=one.told_at,
    )
