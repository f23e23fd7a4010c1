"""The API of records that may be one organisation: asked before one is made, the pairs found, and
what was decided of them.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import OrganisationPair
from lineshaft.apps.network.queries import Decision, LookAlike
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


class EvidenceOut(Schema):
    """What one comparison found of a pair, and its weight in hundredths of a bit."""

    comparison: str
    level: str
    weight_centibits: int


class PairOut(Schema):
    """Two organisations that may be one, and what was decided; `survivor_id` is the one that
    stays.

    `probability_bp` (basis points) and `weight_centibits` (hundredths of a bit) say how likely they
    are one by all that is known; the weight is null where they were not weighed.
    """

    id: int
    first_id: int
    second_id: int
    state: rules.PairState
    probability_bp: int
    weight_centibits: int | None
    evidence: list[EvidenceOut]
    weighed_at: datetime | None
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
    """Why a merge is taken back, or a pair taken up again."""

    why: str


class ApartIn(Schema):
    """Which two records are two organisations, and why."""

    organisation_id: RowId
    other_id: RowId
    why: str


class DecisionOut(Schema):
    """What was decided of two records, as a rule for every later search."""

    pair_id: int
    one: int
    other: int
    rule: rules.LinkRule
    why: str
    decided_at: datetime | None


class ResolutionJobOut(Schema):
    """The job that was queued; ask for its progress under /jobs/{id}."""

    id: UUID
    state: str


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
    likelihood: rules.Likelihood | None = None,
    organisation: RowId | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """For the programme office; `organisation` keeps the pairs of that record, `likelihood` those
    as likely as the word says.
    """
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    rows = queries.pairs_visible_to(actor)
    if state is not None:
        rows = rows.filter(state=state)
    if likelihood is not None:
        rows = queries.pairs_filtered(rows, likelihood=likelihood)
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


@router.post(
    "/organisation-pairs/apart",
    response=PairOut,
    operation_id="keep_apart",
    summary="Say that two records are two organisations",
)
def keep_apart(request: HttpRequest, payload: ApartIn) -> HttpResponse:
    """The pair, which is not brought up again."""
    actor = actor_of(request)

    def perform() -> PairOut:
        one = queries.organisation_by_id(actor, payload.organisation_id)
        other = queries.organisation_by_id(actor, payload.other_id)
        return _pair_out(services.keep_apart(actor, one, other, why=payload.why, now=clock.now()))

    return idempotent(request, "keep_apart", perform)


@router.post(
    "/organisation-pairs/{pk}/reopen",
    response=PairOut,
    operation_id="reopen_pair",
    summary="Take a proposal or a decision back that merged nothing",
)
def reopen_pair(request: HttpRequest, pk: RowId, payload: UndoingIn) -> HttpResponse:
    """The pair, which waits for a decision again."""
    actor = actor_of(request)

    def perform() -> PairOut:
        pair = queries.pair_by_id(actor, pk)
        return _pair_out(services.reopen_pair(actor, pair, why=payload.why, now=clock.now()))

    return idempotent(request, "reopen_pair", perform)


@router.post(
    "/organisation-pairs/search",
    response={202: ResolutionJobOut},
    operation_id="request_resolution",
    summary="Search the registry for records of one organisation",
)
def request_resolution(request: HttpRequest) -> HttpResponse:
    """The job that does it; one that waits already is returned instead."""
    actor = actor_of(request)

    def perform() -> ResolutionJobOut:
        job = services.request_resolution(actor, now=clock.now())
        return ResolutionJobOut(id=job.pk, state=job.state)

    return idempotent(request, "request_resolution", perform, status=202)


@router.get(
    "/organisation-decisions",
    response=PageOf[DecisionOut],
    operation_id="list_decisions",
    summary="What was decided of records, as rules for a search",
)
def list_decisions(
    request: HttpRequest, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """For the programme office: records that are one (merged) and that are two (kept apart)."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    page = paged(queries.decided_pairs(actor), cursor=cursor, limit=limit)
    return {**page, "items": [_decision_out(one) for one in queries.decisions(page["items"])]}


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
        probability_bp=one.probability_bp,
        weight_centibits=one.weight_centibits,
        evidence=[
            EvidenceOut(comparison=comparison, level=level, weight_centibits=centibits)
            for comparison, level, centibits in one.evidence
        ],
        weighed_at=one.weighed_at,
        likeness_bp=one.score_bp,
        reasons=list(one.reason_list),
        survivor_id=one.survivor_id,
        why=one.why,
    )


def _decision_out(one: Decision) -> DecisionOut:
    return DecisionOut(
        pair_id=one.pair_id,
        one=one.one.pk,
        other=one.other.pk,
        rule=one.rule,
        why=one.why,
        decided_at=one.decided_at,
    )
