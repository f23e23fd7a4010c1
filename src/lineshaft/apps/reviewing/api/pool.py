"""The API of the pool: reviewers and their texts, for whoever runs a competition."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.network.queries import organisation_by_id
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import Reviewer
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, Words, actor_of, idempotent, paged

router = Router(tags=["reviewing"])


class ReviewerIn(Schema):
    """Somebody for the pool, by e-mail address; name and employer of who is not registered yet."""

    email: str
    sector: rules.Sector
    technology_areas: list[str] = Field(default_factory=list)
    load_most: int = rules.LOAD_USUAL
    statement: str = ""
    name: str = ""
    name_zh: str = ""
    organisation_id: RowId | None = None
    why: str = ""


class ReviewerOut(Schema):
    """A reviewer; `is_political_appointee` is null until they declared."""

    id: int
    name: str
    name_zh: str
    email: str
    organisation_id: int | None
    sector: str
    technology_areas: list[str]
    load_most: int
    statement: str
    is_political_appointee: bool | None
    is_active: bool
    texts: int
    panels: int
    added_at: datetime


class ReviewerTextIn(Schema):
    """A text of a reviewer's own."""

    title: str
    abstract: str = ""
    year: int | None = None


class ReviewerTextsIn(Schema):
    """Texts to add to a record."""

    texts: list[ReviewerTextIn]


class ReviewerTextsOut(Schema):
    """What became of the texts."""

    created: int
    updated: int
    unchanged: int


class ReviewerTextOut(Schema):
    """A text of a reviewer's own, as it is stored."""

    id: int
    title: str
    abstract: str = Field(alias="text")
    year: int | None


@router.get(
    "/reviewers", response=PageOf[ReviewerOut], operation_id="list_reviewers", summary="Reviewers"
)
def list_reviewers(
    request: HttpRequest,
    *,
    q: Words = "",
    area: str = "",
    sector: str = "",
    employer: str = "",
    activity: str = queries.ACTIVE,
    load_least: Annotated[int | None, Field(ge=1, le=rules.LOAD_MOST)] = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The reviewers whom the caller may see: the pool for whoever runs a competition, else the own
    record. `activity` is active, retired or all.
    """
    actor = actor_of(request)
    search = queries.PoolSearch(q, area, sector, employer, activity, load_least)
    rows = queries.with_counts(queries.reviewers_found(actor, search))
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_reviewer(one) for one in page["items"]]}


@router.get(
    "/reviewers/{reviewer_id}",
    response=ReviewerOut,
    operation_id="show_reviewer",
    summary="One reviewer",
)
def show_reviewer(request: HttpRequest, reviewer_id: RowId) -> ReviewerOut:
    """The record, for whoever runs a competition and for the reviewer."""
    return _reviewer(queries.reviewer_by_id(actor_of(request), reviewer_id))


@router.post(
    "/reviewers", response=ReviewerOut, operation_id="add_reviewer", summary="Add a reviewer"
)
def add_reviewer(request: HttpRequest, payload: ReviewerIn) -> HttpResponse:
    """The record; somebody who is in the pool is not added twice."""
    actor = actor_of(request)

    def perform() -> ReviewerOut:
        terms = services.ReviewingTerms(
            payload.sector, tuple(payload.technology_areas), payload.load_most, payload.statement
        )
        named = payload.organisation_id
        organisation = organisation_by_id(actor, named) if named is not None else None
        row = services.ReviewerRow(
            payload.email, terms, payload.name, payload.name_zh, organisation
        )
        made = services.add_reviewer(actor, row, now=clock.now(), why=payload.why)
        return _reviewer(queries.reviewer_by_id(actor, made.pk))

    return idempotent(request, "add_reviewer", perform)


@router.get(
    "/reviewers/{reviewer_id}/texts",
    response=PageOf[ReviewerTextOut],
    operation_id="list_reviewer_texts",
    summary="Texts of a reviewer",
)
def list_reviewer_texts(
    request: HttpRequest,
    reviewer_id: RowId,
    *,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The texts from which it is counted what the reviewer knows."""
    reviewer = queries.reviewer_by_id(actor_of(request), reviewer_id)
    return paged(reviewer.texts.all(), cursor=cursor, limit=limit, order_by=("pk",))


@router.post(
    "/reviewers/{reviewer_id}/texts",
    response=ReviewerTextsOut,
    operation_id="add_reviewer_texts",
    summary="Add texts of a reviewer",
)
def add_reviewer_texts(
    request: HttpRequest, reviewer_id: RowId, payload: ReviewerTextsIn
) -> HttpResponse:
    """How many texts are new, changed, and as they were; a known title is replaced."""
    actor = actor_of(request)

    def perform() -> ReviewerTextsOut:
        reviewer = queries.reviewer_by_id(actor, reviewer_id)
        rows = [rules.TextRow(one.title, one.abstract, one.year) for one in payload.texts]
        done = services.add_reviewer_texts(actor, reviewer, rows, now=clock.now())
        return ReviewerTextsOut(
            created=done.created, updated=done.updated, unchanged=done.unchanged
        )

    return idempotent(request, "add_reviewer_texts", perform)


def _reviewer(one: Reviewer) -> ReviewerOut:
    return ReviewerOut(
        id=one.pk,
        name=one.person.name,
        name_zh=one.person.name_zh,
        email=one.person.email,
        organisation_id=one.person.organisation_id,
        sector=one.sector,
        technology_areas=[area.key for area in one.technology_areas.all()],
        load_most=one.load_most,
        statement=one.statement,
        is_political_appointee=one.is_political_appointee,
        is_active=one.is_active,
        texts=one.texts_held,  # type: ignore[attr-defined] # annotated
        panels=one.panels_held,  # type: ignore[attr-defined] # annotated
        added_at=one.added_at,
    )
