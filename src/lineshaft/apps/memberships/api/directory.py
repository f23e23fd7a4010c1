"""The API of the directory of members, and of the board of needs and offers."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import DirectoryEntry, Need
from lineshaft.apps.network.queries import organisation_by_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged
from lineshaft.plumbing.sharing import SharingLevel

router = Router(tags=["memberships"])


class DirectoryAsked(Schema):
    """What narrows the directory; `area`, `kind`, `region` and `institute` are keys."""

    q: str = Field("", max_length=100)
    area: str = ""
    kind: str = ""
    region: str = ""
    institute: str = ""


class DirectoryOut(Schema):
    """What a member says of itself; `areas` are keys of technology areas."""

    organisation_id: int
    organisation: str
    kind: str
    city: str
    region: str
    description: str
    description_zh: str
    capabilities: str
    areas: list[str]
    contact_name: str
    contact_email: str
    level: str
    is_demonstration: bool


class DirectoryIn(Schema):
    """What an organisation says of itself."""

    description: str
    description_zh: str = ""
    capabilities: str = ""
    areas: list[str] = []
    contact_name: str = ""
    contact_email: str = ""
    level: SharingLevel = SharingLevel.NETWORK


class NeedAsked(Schema):
    """What narrows the board; `state` "past" asks for those closed or expired."""

    q: str = Field("", max_length=100)
    kind: rules.NeedKind | None = None
    area: str = ""
    state: str = ""


class NeedOut(Schema):
    """A need or an offer; `expires_on` is the first day on which it does not stand any more."""

    id: int
    kind: rules.NeedKind
    organisation_id: int
    organisation: str
    title: str
    text: str
    area: str
    level: str
    state: rules.NeedState
    posted_at: datetime
    expires_on: date
    close_reason: str
    is_demonstration: bool


class NeedIn(Schema):
    """Something to look for or to offer."""

    organisation_id: RowId
    kind: rules.NeedKind
    title: str
    text: str
    expires_on: date
    area: str = ""
    level: SharingLevel = SharingLevel.NETWORK


class AnswerIn(Schema):
    """An answer, read by the two sides alone."""

    organisation_id: RowId
    text: str
    contact_email: str


class AnswerOut(Schema):
    """That the answer was given."""

    id: int
    need_id: int
    organisation_id: int
    answered_at: datetime


class CloseIn(Schema):
    """Why a need is closed."""

    reason: rules.CloseReason


@router.get(
    "/directory",
    response=PageOf[DirectoryOut],
    operation_id="list_directory",
    summary="The directory of members",
)
def list_directory(
    request: HttpRequest,
    asked: Annotated[DirectoryAsked, Query()],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Members that chose to be found and that the caller may see."""
    actor, today = actor_of(request), clock.today()
    rows = queries.directory_visible_to(actor, on=today)
    rows = queries.directory_filtered(actor, rows, on=today, **asked.dict())
    page = paged(rows, cursor=cursor, limit=limit)
    return {**page, "items": [_entry_out(one) for one in page["items"]]}


@router.post(
    "/directory/{pk}",
    response=DirectoryOut,
    operation_id="list_in_directory",
    summary="Stand in the directory",
)
def list_in_directory(request: HttpRequest, pk: RowId, payload: DirectoryIn) -> HttpResponse:
    """The entry of the organisation of that id."""
    actor = actor_of(request)

    def perform() -> DirectoryOut:
        row = services.DirectoryRow(
            **payload.model_dump(exclude={"areas"}), areas=tuple(payload.areas)
        )
        organisation = organisation_by_id(actor, pk)
        return _entry_out(services.list_in_directory(actor, organisation, row, now=clock.now()))

    return idempotent(request, "list_in_directory", perform)


@router.get(
    "/needs", response=PageOf[NeedOut], operation_id="list_needs", summary="Needs and offers"
)
def list_needs(
    request: HttpRequest,
    asked: Annotated[NeedAsked, Query()],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Those that are open and that the caller may see."""
    rows = queries.needs_visible_to(actor_of(request))
    given = asked.dict() | {"kind": asked.kind or ""}
    rows = queries.needs_filtered(rows, on=clock.today(), **given)
    page = paged(rows, cursor=cursor, limit=limit)
    return {**page, "items": [_need_out(one) for one in page["items"]]}


@router.get("/needs/{pk}", response=NeedOut, operation_id="show_need", summary="One need or offer")
def show_need(request: HttpRequest, pk: RowId) -> NeedOut:
    """The need or offer, without its answers."""
    return _need_out(queries.need_by_id(actor_of(request), pk))


@router.post(
    "/needs", response=NeedOut, operation_id="post_need", summary="Post a need or an offer"
)
def post_need(request: HttpRequest, payload: NeedIn) -> HttpResponse:
    """The need as it stands on the board."""
    actor = actor_of(request)

    def perform() -> NeedOut:
        organisation = organisation_by_id(actor, payload.organisation_id)
        row = services.NeedRow(**payload.model_dump(exclude={"organisation_id"}))
        return _need_out(services.post_need(actor, organisation, row, now=clock.now()))

    return idempotent(request, "post_need", perform)


@router.post(
    "/needs/{pk}/answers",
    response=AnswerOut,
    operation_id="answer_need",
    summary="Answer a need or an offer",
)
def answer_need(request: HttpRequest, pk: RowId, payload: AnswerIn) -> HttpResponse:
    """That it was answered."""
    actor = actor_of(request)

    def perform() -> AnswerOut:
        answer = services.answer_need(
            actor,
            queries.need_by_id(actor, pk),
            organisation_by_id(actor, payload.organisation_id),
            text=payload.text,
            contact_email=payload.contact_email,
            now=clock.now(),
        )
        return AnswerOut.model_validate(answer)

    return idempotent(request, "answer_need", perform)


@router.post(
    "/needs/{pk}/close",
    response=NeedOut,
    operation_id="close_need",
    summary="Close a need or an offer",
)
def close_need(request: HttpRequest, pk: RowId, payload: CloseIn) -> HttpResponse:
    """The need with the reason."""
    actor = actor_of(request)

    def perform() -> NeedOut:
        need = queries.need_by_id(actor, pk)
        return _need_out(services.close_need(actor, need, reason=payload.reason, now=clock.now()))

    return idempotent(request, "close_need", perform)


def _entry_out(one: DirectoryEntry) -> DirectoryOut:
    organisation = one.organisation
    return DirectoryOut(
        organisation_id=organisation.pk,
        organisation=organisation.name,
        kind=organisation.kind,
        city=organisation.city,
        region=organisation.region,
        description=one.description,
        description_zh=one.description_zh,
        capabilities=one.capabilities,
        areas=sorted(area.key for area in one.technology_areas.all()),
        contact_name=one.contact_name,
        contact_email=one.contact_email,
        level=one.level,
        is_demonstration=one.is_demonstration,
    )


def _need_out(one: Need) -> NeedOut:
    organisation = one.organisation.standing
    return NeedOut(
        id=one.pk,
        kind=rules.NeedKind(one.kind),
        organisation_id=organisation.pk,
        organisation=organisation.name,
        title=one.title,
        text=one.text,
        area=one.technology_area.key if one.technology_area else "",
        level=one.level,
        state=rules.NeedState(one.state),
        posted_at=one.posted_at,
        expires_on=one.expires_on,
        close_reason=one.close_reason,
        is_demonstration=one.is_demonstration,
    )
