"""The API of opportunities, in the words of the government's register of them.

The fields are named as Grants.gov names them (`opportunity_number`, `award_ceiling`), so that a
program that reads the one reads the other. Amounts are whole units of `currency` as decimals.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Competition, Question, Stage
from lineshaft.apps.competitions.queries import OpportunityStatus, Search
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, Words, actor_of, idempotent, paged

router = Router(tags=["competitions"])


class OpportunityOut(Schema):
    """An opportunity as it is listed; `close_date` is the deadline that is open or comes next."""

    opportunity_id: str
    opportunity_number: str
    opportunity_title: str
    opportunity_title_zh: str
    opportunity_status: str
    opportunity_category: str
    agency_code: str
    agency_name: str
    institute: str | None
    post_date: date | None
    close_date: datetime | None
    currency: str
    award_floor: Decimal | None
    award_ceiling: Decimal | None
    estimated_total_program_funding: Decimal | None
    expected_number_of_awards: int
    is_cost_sharing: bool
    is_demonstration: bool


class CriterionOut(Schema):
    """A criterion; the weights of a stage sum to 10,000 basis points."""

    name: str
    name_zh: str
    weight_bp: int


class StageOut(Schema):
    """A stage; of one in which something is handed in, `ends_at` is the deadline."""

    number: int
    kind: str
    name: str
    name_zh: str
    starts_at: datetime | None
    ends_at: datetime | None
    is_over: bool
    page_limit: int | None
    gate: str
    documents: list[str]
    criteria: list[CriterionOut]


class CompetitionAmendmentOut(Schema):
    """An amendment with what it changed."""

    number: int
    made_at: datetime
    summary: str
    summary_zh: str
    stage: str
    changed: list[str]


class OpportunityDetailOut(OpportunityOut):
    """An opportunity with its text, its stages, and what was amended."""

    summary_description: str
    summary_description_zh: str
    description: str
    description_zh: str
    applicant_eligibility_description: str
    applicant_eligibility_description_zh: str
    assistance_listings: list[str]
    agency_codes: list[str]
    technology_areas: list[str]
    agency_contact_description: str
    agency_email_address: str
    cost_sharing_least_bp: int | None
    term_months_least: int | None
    term_months_most: int | None
    time_zone: str
    questions_until: datetime | None
    information_day: datetime | None
    stages: list[StageOut]
    amendments: list[CompetitionAmendmentOut]
    decision: str | None
    decision_zh: str | None


class QuestionIn(Schema):
    """A question on an opportunity."""

    text: str


class QuestionOut(Schema):
    """A question; `answer` is empty until there is one."""

    number: int
    text: str
    asked_at: datetime
    answer: str
    answer_zh: str
    answered_at: datetime | None
    is_public: bool


@router.get(
    "/opportunities",
    response=PageOf[OpportunityOut],
    operation_id="list_opportunities",
    summary="Opportunities",
)
def list_opportunities(
    request: HttpRequest,
    *,
    q: Words = "",
    kind: str = "",
    agency: str = "",
    area: str = "",
    status: OpportunityStatus | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """What can be applied for, or what has the status asked for; `agency` and `area` are keys."""
    search = Search(words=q, kind=kind, agency=agency, area=area, status=status or "")
    rows = queries.opportunities_found(actor_of(request), search)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [OpportunityOut(**_listed(one)) for one in page["items"]]}


@router.get(
    "/opportunities/{key}",
    response=OpportunityDetailOut,
    operation_id="show_opportunity",
    summary="One opportunity",
)
def show_opportunity(request: HttpRequest, key: str) -> OpportunityDetailOut:
    """The opportunity with its stages, criteria and amendments."""
    found = queries.opportunity_by_key(actor_of(request), key, is_whole=True)
    return _detail(found)


@router.get(
    "/opportunities/{key}/questions",
    response=PageOf[QuestionOut],
    operation_id="list_questions",
    summary="Questions on an opportunity",
)
def list_questions(
    request: HttpRequest, key: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Those answered for everybody, and the caller's own."""
    actor = actor_of(request)
    rows = queries.questions_visible_to(actor, queries.opportunity_by_key(actor, key))
    page = paged(rows, cursor=cursor, limit=limit, order_by=("-number", "-pk"))
    return {**page, "items": [_question(one) for one in page["items"]]}


@router.post(
    "/opportunities/{key}/questions",
    response=QuestionOut,
    operation_id="ask_question",
    summary="Ask a question",
)
def ask_question(request: HttpRequest, key: str, payload: QuestionIn) -> HttpResponse:
    """The question, with the next number."""
    actor = actor_of(request)

    def perform() -> QuestionOut:
        found = queries.opportunity_by_key(actor, key)
        return _question(services.ask_question(actor, found, payload.text, now=clock.now()))

    return idempotent(request, "ask_question", perform)


def _listed(one: Competition) -> dict[str, Any]:
    sponsors = list(one.sponsors.all())
    lead = sponsors[0].agency if sponsors else None
    status = queries.status_of(one.state)
    shown = one.first_shown_at
    return {
        "opportunity_id": one.key,
        "opportunity_number": one.code,
        "opportunity_title": one.title,
        "opportunity_title_zh": one.title_zh,
        "opportunity_status": status.value if status else "",
        "opportunity_category": one.kind,
        "agency_code": lead.key if lead else "",
        "agency_name": lead.name if lead else "",
        "institute": one.institute.key if one.institute else None,
        "post_date": shown.date() if shown else None,
        "close_date": one.closes_at,  # type: ignore[attr-defined] # annotated
        "currency": one.currency,
        "award_floor": _units(one.floor_minor, one.currency),
        "award_ceiling": _units(one.ceiling_minor, one.currency),
        "estimated_total_program_funding": _units(one.total_minor, one.currency),
        "expected_number_of_awards": one.awards_most,
        "is_cost_sharing": bool(one.match_share_bp),
        "is_demonstration": one.is_demonstration,
    }


def _detail(one: Competition) -> OpportunityDetailOut:
    is_published = one.state == rules.PUBLISHED
    return OpportunityDetailOut(
        **_listed(one),
        summary_description=one.summary,
        summary_description_zh=one.summary_zh,
        description=one.text,
        description_zh=one.text_zh,
        applicant_eligibility_description=one.eligibility,
        applicant_eligibility_description_zh=one.eligibility_zh,
        assistance_listings=[one.listing_number] if one.listing_number else [],
        agency_codes=[sponsor.agency.key for sponsor in one.sponsors.all()],
        technology_areas=[area.key for area in one.technology_areas.all()],
        agency_contact_description=one.contact,
        agency_email_address=one.contact_email,
        cost_sharing_least_bp=one.match_share_bp,
        term_months_least=one.term_months_least,
        term_months_most=one.term_months_most,
        time_zone=one.zone,
        questions_until=one.questions_until,
        information_day=one.information_at,
        stages=[_stage(stage) for stage in one.stages.all()],
        amendments=[
            CompetitionAmendmentOut(
                number=each.number,
                made_at=each.made_at,
                summary=each.summary,
                summary_zh=each.summary_zh,
                stage=each.stage,
                changed=[change[0] for change in each.changes],
            )
            for each in queries.amendments_of(one)
        ],
        decision=one.decision if is_published else None,
        decision_zh=one.decision_zh if is_published else None,
    )


def _stage(one: Stage) -> StageOut:
    return StageOut(
        number=one.number,
        kind=one.kind,
        name=one.name,
        name_zh=one.name_zh,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        is_over=one.ended_at is not None,
        page_limit=one.page_limit,
        gate=one.gate,
        documents=[document.kind for document in one.documents.all()],
        criteria=[
            CriterionOut(name=each.name, name_zh=each.name_zh, weight_bp=each.weight_bp)
            for each in one.criteria.all()
        ],
    )


def _question(one: Question) -> QuestionOut:
    return QuestionOut(
        number=one.number,
        text=one.text,
        asked_at=one.asked_at,
        answer=one.answer,
        answer_zh=one.answer_zh,
        answered_at=one.answered_at,
        is_public=one.is_public,
    )


def _units(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Money(minor, currency).amount
