"""Claims over the API: open one with its lines, and decide on them line by line."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, FilterLookup, FilterSchema, Query, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.contributions import ContributionOut, LineIn
from lineshaft.apps.funding.api.values import AmountMinor, Reference
from lineshaft.apps.funding.models import Contribution, CostShareClaim
from lineshaft.apps.network.queries import organisation_by_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()


class ClaimOut(Schema):
    """What one contributor brought in one period; amounts are sums of its lines."""

    id: UUID
    agreement_id: int
    institute: str
    organisation_id: int
    number: str
    starts_on: date
    ends_on: date
    line_count: int
    waiting_count: int
    claimed_minor: int
    accepted_minor: int

    @staticmethod
    def resolve_institute(claim: CostShareClaim) -> str:
        return claim.agreement.institute.key


class ClaimWithLinesOut(ClaimOut):
    """A claim with its lines."""

    lines: list[ContributionOut]

    @staticmethod
    def resolve_lines(claim: CostShareClaim) -> list[Contribution]:
        return [line.contribution for line in claim.lines.all()]


class ClaimFilter(FilterSchema):
    """Narrows a list of claims."""

    institute: Annotated[str | None, FilterLookup("agreement__institute__key")] = None
    agreement_id: RowId | None = None
    organisation_id: RowId | None = None


class ClaimIn(Schema):
    """A claim over `[starts_on, ends_on)` with the lines that are there already."""

    id: UUID
    agreement_id: RowId
    organisation_id: RowId
    number: Reference = ""
    starts_on: date
    ends_on: date
    lines: Annotated[list[LineIn], Field(max_length=1_000)] = []


class LineDecisionIn(Schema):
    """What is decided on a line; accepted without an amount all of it counts."""

    contribution_id: UUID
    decision: Literal["accept", "refuse"]
    accepted_minor: AmountMinor | None = None
    reason: str = ""


class DecideIn(Schema):
    """Decisions on lines of one claim, all or none."""

    lines: Annotated[list[LineDecisionIn], Field(min_length=1, max_length=1_000)]


@router.get("/claims", response=PageOf[ClaimOut], operation_id="list_claims")
def list_claims(
    request: HttpRequest,
    narrowed: Query[ClaimFilter],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Claims that the reader may see, oldest first."""
    claims = queries.with_sums(narrowed.filter(queries.claims_visible_to(actor_of(request))))
    return paged(claims, cursor=cursor, limit=limit, order_by=("starts_on", "pk"))


@router.get("/claims/{uuid:claim_id}", response=ClaimWithLinesOut, operation_id="show_claim")
def show_claim(request: HttpRequest, claim_id: UUID) -> CostShareClaim:
    """One claim with its lines."""
    return queries.claim_with_lines(actor_of(request), claim_id)


@router.post("/claims", response=ClaimWithLinesOut, operation_id="open_claim")
def open_claim(request: HttpRequest, body: ClaimIn) -> HttpResponse:
    """Open a claim with its lines; each counts once it is accepted."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, body.agreement_id)
    organisation_by_id(actor, body.organisation_id)
    header = services.ClaimHeader(**body.model_dump(exclude={"lines"}))
    lines = [
        services.Claim(
            **line.model_dump() | {"evidence": tuple(line.evidence)},
            agreement_id=agreement.pk,
            organisation_id=body.organisation_id,
        )
        for line in body.lines
    ]

    def perform() -> ClaimWithLinesOut:
        claim = services.open_claim(actor, header, lines=lines, now=clock.now())
        return ClaimWithLinesOut.from_orm(queries.claim_with_lines(actor, claim.pk))

    return idempotent(request, "open_claim", perform)


@router.post(
    "/claims/{uuid:claim_id}/decision", response=ClaimWithLinesOut, operation_id="decide_claim"
)
def decide_claim(request: HttpRequest, claim_id: UUID, body: DecideIn) -> HttpResponse:
    """Accept or refuse lines of a claim, all or none."""
    actor = actor_of(request)
    claim = queries.claim_by_id(actor, claim_id)
    decisions = [
        services.LineDecision(
            line.contribution_id, line.decision == "refuse", line.accepted_minor, line.reason
        )
        for line in body.lines
    ]

    def perform() -> ClaimWithLinesOut:
        services.decide_claim(actor, claim.pk, decisions, today=clock.today(), now=clock.now())
        return ClaimWithLinesOut.from_orm(queries.claim_with_lines(actor, claim.pk))

    return idempotent(request, "decide_claim", perform)
