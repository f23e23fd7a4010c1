"""The API of awards that overlap: a text checked, what was found, and what is decided of it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import AwardOverlap
from lineshaft.apps.network.services import OverlapSeen, WorkDescribed
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["network"])


class PassageOut(Schema):
    """A run of characters that two texts share; the ends are excluded."""

    first_start: int
    first_end: int
    second_start: int
    second_end: int


class OverlapOut(Schema):
    """Two awards that overlap, and what somebody decided of it; likeness and shares in basis
    points. `is_outdated` tells that a register has corrected a text since.
    """

    id: int
    first_id: int
    second_id: int
    looks_like: rules.OverlapKind = Field(alias="kind")
    likeness_bp: int = Field(alias="score_bp")
    share_first_bp: int
    share_second_bp: int
    facts: list[str]
    state: rules.OverlapState
    why: str
    is_outdated: bool
    found_at: datetime
    decided_at: datetime | None


class OverlapDetailOut(OverlapOut):
    """The overlap with the passages that both texts share, as they were compared: characters of the
    first award's text, then of the second's.
    """

    passages: list[PassageOut]

    @staticmethod
    def resolve_passages(overlap: AwardOverlap) -> list[PassageOut]:
        return _passages([(one[0], one[1], one[2], one[3]) for one in overlap.passages])


class OverlapFilter(Schema):
    """What narrows the list; `agency` as a register writes it, of either award."""

    kind: rules.OverlapKind | None = None
    state: rules.OverlapState | None = None
    agency: str = Field("", max_length=200)
    award: RowId | None = None
    outdated: bool = False


class OverlapDecisionIn(Schema):
    """Why it is so."""

    why: str


class ComparisonIn(Schema):
    """Which awards to compare: `changed` for those that are new or were corrected since."""

    scope: rules.OverlapScope = rules.OverlapScope.CHANGED


class ComparisonOut(Schema):
    """The job that compares."""

    job_id: UUID


class WorkIn(Schema):
    """A work as its proposal tells it. `is_small_firm` says that the recipient is a party by
    itself, as in SBIR; `agency` is a key or name; `without` are ids of awards that don't count.
    """

    title: str = Field("", max_length=rules.TITLE_LENGTH_MAX)
    text: str = Field("", max_length=rules.ABSTRACT_LENGTH_MAX)
    lead: str = Field("", max_length=200)
    others: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=100)
    organisation: str = Field("", max_length=300)
    is_small_firm: bool = False
    agency: str = Field("", max_length=200)
    phase: int = Field(0, ge=0, le=3)
    starts_on: date | None = None
    ends_on: date | None = None
    without: list[RowId] = Field([], max_length=100)


class OverlapSeenOut(Schema):
    """An award that overlaps with the work; passages are characters of the work's text, then of the
    award's abstract.
    """

    award_id: int
    source: str
    number: str
    title: str
    agency_name: str
    likeness_bp: int
    looks_like: rules.OverlapKind
    share_of_work_bp: int
    share_of_award_bp: int
    facts: list[str]
    passages: list[PassageOut]
    is_over: bool


@router.post(
    "/outside-awards/check",
    response=list[OverlapSeenOut],
    operation_id="check_text",
    summary="What of other agencies' awards overlaps with a work",
)
def check_text(request: HttpRequest, payload: WorkIn) -> list[OverlapSeenOut]:
    """The awards that the caller may see, the most alike first; twenty at most. Nothing is kept."""
    asked = payload.dict(exclude={"without", "others"})
    work = WorkDescribed(**asked, others=tuple(payload.others))
    found = services.overlaps_with(actor_of(request), work, clock.now(), without=payload.without)
    return [_seen_out(one) for one in found]


@router.get(
    "/award-overlaps",
    response=PageOf[OverlapOut],
    operation_id="list_overlaps",
    summary="Awards that overlap",
)
def list_overlaps(
    request: HttpRequest,
    asked: Annotated[OverlapFilter, Query()],
    *,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """For the programme office, and for sponsors those of their own awards; in order of id."""
    actor = actor_of(request)
    queries.permit_reading_overlaps(actor)
    rows = queries.overlaps_filtered(
        actor,
        kind=asked.kind or "",
        state=asked.state or "",
        agency=asked.agency,
        award=asked.award,
        is_outdated=asked.outdated,
    )
    return paged(rows.defer("first__abstract", "second__abstract"), cursor=cursor, limit=limit)


@router.post(
    "/award-overlaps/find",
    response=ComparisonOut,
    operation_id="request_overlaps",
    summary="Have awards compared",
)
def request_overlaps(request: HttpRequest, payload: ComparisonIn) -> HttpResponse:
    """The job; one that waits already is given instead of another."""
    actor = actor_of(request)

    def perform() -> ComparisonOut:
        job = services.request_overlaps(actor, payload.scope, now=clock.now())
        return ComparisonOut(job_id=job.pk)

    return idempotent(request, "request_overlaps", perform)


@router.get(
    "/award-overlaps/{pk}",
    response=OverlapDetailOut,
    operation_id="show_overlap",
    summary="Two awards that overlap, with the passages",
)
def show_overlap(request: HttpRequest, pk: RowId) -> AwardOverlap:
    """The overlap; the texts are those of the two awards."""
    return queries.overlap_by_id(actor_of(request), pk)


@router.post(
    "/award-overlaps/{pk}/same-work",
    response=OverlapOut,
    operation_id="confirm_same_work",
    summary="Say that two awards pay for the same work",
)
def confirm_same_work(request: HttpRequest, pk: RowId, payload: OverlapDecisionIn) -> HttpResponse:
    """The overlap as it is decided."""
    return _decided(request, "confirm_same_work", pk, payload)


@router.post(
    "/award-overlaps/{pk}/continuation",
    response=OverlapOut,
    operation_id="confirm_continuation",
    summary="Say that one award continues the other",
)
def confirm_continuation(
    request: HttpRequest, pk: RowId, payload: OverlapDecisionIn
) -> HttpResponse:
    """The overlap as it is decided."""
    return _decided(request, "confirm_continuation", pk, payload)


@router.post(
    "/award-overlaps/{pk}/collaboration",
    response=OverlapOut,
    operation_id="confirm_collaboration",
    summary="Say that two awards pay for parts of one work",
)
def confirm_collaboration(
    request: HttpRequest, pk: RowId, payload: OverlapDecisionIn
) -> HttpResponse:
    """The overlap as it is decided."""
    return _decided(request, "confirm_collaboration", pk, payload)


@router.post(
    "/award-overlaps/{pk}/keep-apart",
    response=OverlapOut,
    operation_id="keep_awards_apart",
    summary="Say that two works are two",
)
def keep_awards_apart(request: HttpRequest, pk: RowId, payload: OverlapDecisionIn) -> HttpResponse:
    """The overlap as it is decided."""
    return _decided(request, "keep_awards_apart", pk, payload)


@router.post(
    "/award-overlaps/{pk}/reopen",
    response=OverlapOut,
    operation_id="reopen_overlap",
    summary="Take a decision on two awards up again",
)
def reopen_overlap(request: HttpRequest, pk: RowId, payload: OverlapDecisionIn) -> HttpResponse:
    """The overlap, which waits again."""
    return _decided(request, "reopen_overlap", pk, payload)


def _decided(request: HttpRequest, verb: str, pk: int, payload: OverlapDecisionIn) -> HttpResponse:
    actor = actor_of(request)

    def perform() -> OverlapOut:
        overlap = queries.overlap_by_id(actor, pk)
        decide = services.OVERLAP_VERBS[verb]
        return OverlapOut.from_orm(decide(actor, overlap, why=payload.why, now=clock.now()))

    return idempotent(request, verb, perform)


def _passages(passages: list[rules.Passage]) -> list[PassageOut]:
    return [
        PassageOut(first_start=one[0], first_end=one[1], second_start=one[2], second_end=one[3])
        for one in passages
    ]


def _seen_out(one: OverlapSeen) -> OverlapSeenOut:
    award = one.award
    return OverlapSeenOut(
        award_id=award.pk,
        source=award.source,
        number=award.number,
        title=award.title,
        agency_name=award.agency_name,
        likeness_bp=one.score_bp,
        looks_like=one.kind,
        share_of_work_bp=one.share_of_work_bp,
        share_of_award_bp=one.share_of_award_bp,
        facts=list(one.facts),
        passages=_passages(list(one.passages)),
        is_over=one.is_over,
    )
