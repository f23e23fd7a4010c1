"""The API of site visits: those that the caller may read, and planning one."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import AwareDatetime

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.models import SiteVisit
from lineshaft.apps.competitions.queries import competition_by_key, stage_by_number
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["awarding"])


class SiteVisitOut(Schema):
    """A visit; `state` is planned, held, reported or cancelled. Times are UTC."""

    id: int
    application: int
    stage: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    state: str


class VisitFindingOut(Schema):
    """What was found: `kind` is strength, weakness or risk; `files` are SHA-256 digests."""

    number: int
    kind: str
    text: str
    recorded_at: datetime
    files: list[str]


class VisitChecklistOut(Schema):
    """What was seen of an item of the checklist; `answer` is yes, partly, no, or empty."""

    number: int
    name: str
    answer: str
    note: str


class VisitQuestionOut(Schema):
    """What the applicant was asked, and its answer."""

    number: int
    text: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None


class SiteVisitDetailOut(SiteVisitOut):
    """A visit with all that was noted on it."""

    checklist: list[VisitChecklistOut]
    findings: list[VisitFindingOut]
    questions: list[VisitQuestionOut]
    summary: str


class SiteVisitIn(Schema):
    """A visit to plan of an application that the stage judges, by the ids of both."""

    stage: int
    application: RowId
    place: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    remark: str = ""


@router.get(
    "/competitions/{key}/visits",
    response=PageOf[SiteVisitOut],
    operation_id="list_visits",
    summary="The visits of a competition",
)
def list_visits(
    request: HttpRequest, key: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The visits that the caller may read; none of an application that was withdrawn."""
    actor = actor_of(request)
    found = competition_by_key(actor, key)
    if not queries.may_see_visits(actor, found):
        raise NotFound(queries.NO_VISIT, code="no_visits")
    rows = queries.visits_readable(actor, found)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [SiteVisitOut(**_listed(one)) for one in page["items"]]}


@router.get(
    "/competitions/{key}/visits/{visit_id}",
    response=SiteVisitDetailOut,
    operation_id="show_visit",
    summary="One visit",
)
def show_visit(request: HttpRequest, key: str, visit_id: RowId) -> SiteVisitDetailOut:
    """The visit with its checklist, findings and questions."""
    actor = actor_of(request)
    visit = queries.visit_by_id(actor, competition_by_key(actor, key), visit_id)
    if queries.is_withdrawn(visit):
        raise NotFound(queries.NO_VISIT, code="no_visit")
    report = getattr(visit, "report", None)
    return SiteVisitDetailOut(
        **_listed(visit),
        checklist=[
            VisitChecklistOut(number=one.number, name=one.name, answer=one.answer, note=one.note)
            for one in visit.checklist.all()
        ],
        findings=[
            VisitFindingOut(
                number=one.number,
                kind=one.kind,
                text=one.text,
                recorded_at=one.recorded_at,
                files=[each.file.sha256 for each in one.files.all()],
            )
            for one in visit.findings.all()
        ],
        questions=[
            VisitQuestionOut(
                number=one.number,
                text=one.text,
                asked_at=one.asked_at,
                answer=one.answer,
                answered_at=one.answered_at,
            )
            for one in visit.questions.all()
        ],
        summary=report.summary if report else "",
    )


@router.post(
    "/competitions/{key}/visits",
    response=SiteVisitOut,
    operation_id="plan_visit",
    summary="Plan a visit",
)
def plan_visit(request: HttpRequest, key: str, payload: SiteVisitIn) -> HttpResponse:
    """The visit as it is planned."""
    actor = actor_of(request)

    def perform() -> SiteVisitOut:
        found = competition_by_key(actor, key)
        if not queries.may_see_visits(actor, found):
            raise NotFound(queries.NO_VISIT, code="no_visits")
        stage = stage_by_number(found, payload.stage)
        application = queries.application_judged(actor, stage, payload.application)
        terms = services.VisitTerms(
            payload.place, payload.starts_at, payload.ends_at, payload.remark
        )
        made = services.plan_visit(actor, stage, application, terms, now=clock.now())
        return SiteVisitOut(**_listed(queries.visit_by_id(actor, found, made.pk)))

    return idempotent(request, "plan_visit", perform)


def _listed(one: SiteVisit) -> dict[str, Any]:
    return {
        "id": one.pk,
        "application": one.application_id,
        "stage": one.stage.number,
        "title": getattr(one, "title", None) or "",
        "place": one.place,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "state": one.state,
    }
