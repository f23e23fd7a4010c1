"""The API of organisations that look alike: asked before a record is made, and the pairs found."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import OrganisationPair
from lineshaft.apps.network.queries import LookAlike
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["network"])


class LookAlikeAsked(Schema):
    """What somebody is about to register."""

    name: str = Field(min_length=1, max_length=300)
    name_zh: str = Field("", max_length=300)
    region: str = Field("", max_length=16)
    city: str = Field("", max_length=120)
    website: str = Field("", max_length=300)


class LookAlikeOut(Schema):
    """A registered organisation that may be the one; `likeness_bp` in basis points, 10000 most."""

    organisation_id: int
    name: str
    name_zh: str
    city: str
    region: str
    likeness_bp: int
    reasons: list[rules.LikenessReason]


class PairOut(Schema):
    """Two organisations that look alike, and what was decided; `survivor_id` is the one that
    stays.
    """

    id: int
    first_id: int
    second_id: int
    state: rules.PairState
    likeness_bp: int
    reasons: list[rules.LikenessReason]
    survivor_id: int | None
    why: str


class MergeProposalIn(Schema):
    """Which record is the other, which of the two stays, and why."""

    organisation_id: RowId
    survivor_id: RowId
    why: str


class UndoingIn(Schema):
    """Why a merge is taken back."""

    why: str


@router.get(
    "/organisations/look-alikes",
    response=list[LookAlikeOut],
    operation_id="list_lookalikes",
    summary="What an organisation looks like before it is registered",
)
def list_lookalikes(
    request: HttpRequest, asked: Annotated[LookAlikeAsked, Query()]
) -> list[LookAlikeOut]:
    """Those that the caller may see, most alike first; ten at most."""
    found = queries.lookalikes(actor_of(request), asked.name, **asked.dict(exclude={"name"}))
    return [_lookalike_out(one) for one in found]


@router.get(
    "/organisation-pairs",
    response=PageOf[PairOut],
    operation_id="list_pairs",
    summary="Pairs of organisations that look alike",
)
def list_pairs(
    request: HttpRequest,
    *,
    state: rules.PairState | None = None,
    organisation: RowId | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """For the programme office; `organisation` keeps the pairs of that record."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    rows = queries.pairs_visible_to(actor)
    if state is not None:
        rows = rows.filter(state=state)
    if organisation is not None:
        rows = rows.filter(first_id=organisation) | rows.filter(second_id=organisation)
    page = paged(rows, cursor=cursor, limit=limit)
    return {**page, "items": [_pair_out(one) for one in page["items"]]}


@router.post(
    "/organisation-pairs",
    response=PairOut,
    operation_id="propose_merge",
    summary="Propose that two records are one organisation",
)
def propose_merge(request: HttpRequest, payload: MergeProposalIn) -> HttpResponse:
    """The pair, which waits for a second person."""
    actor = actor_of(request)

    def perform() -> PairOut:
        organisation = queries.organisation_by_id(actor, payload.organisation_id)
        survivor = queries.organisation_by_id(actor, payload.survivor_id)
        return _pair_out(
            services.propose_merge(actor, organisation, survivor, why=payload.why, now=clock.now())
        )

    return idempotent(request, "propose_merge", perform)


@router.post(
    "/organisation-pairs/{pk}/merge",
    response=PairOut,
    operation_id="merge_organisations",
    summary="Merge two records as it was proposed",
)
def merge_organisations(request: HttpRequest, pk: RowId) -> HttpResponse:
    """The pair, merged by somebody else than who proposed it."""
    actor = actor_of(request)

    def perform() -> PairOut:
        pair = queries.pair_by_id(actor, pk)
        return _pair_out(services.merge_organisations(actor, pair, now=clock.now()))

    return idempotent(request, "merge_organisations", perform)


@router.post(
    "/organisation-pairs/{pk}/undo",
    response=PairOut,
    operation_id="undo_merge",
    summary="Take a merge back",
)
def undo_merge(request: HttpRequest, pk: RowId, payload: UndoingIn) -> HttpResponse:
    """The pair; the record stands for itself again."""
    actor = actor_of(request)

    def perform() -> PairOut:
        pair = queries.pair_by_id(actor, pk)
        return _pair_out(services.undo_merge(actor, pair, why=payload.why, now=clock.now()))

    return idempotent(request, "undo_merge", perform)


def _lookalike_out(one: LookAlike) -> LookAlikeOut:
    organisation = one.organisation
    return LookAlikeOut(
        organisation_id=organisation.pk,
        name=organisation.name,
        name_zh=organisation.name_zh,
        city=organisation.city,
        region=organisation.region,
        likeness_bp=one.score_bp,
        reasons=list(one.reasons),
    )


def _pair_out(one: OrganisationPair) -> PairOut:
    return PairOut(
        id=one.pk,
        first_id=one.first_id,
        second_id=one.second_id,
        state=rules.PairState(one.state),
        likeness_bp=one.score_bp,
        reasons=list(one.reason_list),
        survivor_id=one.survivor_id,
        why=one.why,
    )
