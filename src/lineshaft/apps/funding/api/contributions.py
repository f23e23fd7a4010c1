"""Contributions over the API: claims of cost share, and the decisions on them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, FilterLookup, FilterSchema, Query, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.values import AmountMinor, BasisPoints, Currency, Reference
from lineshaft.apps.funding.models import Contribution
from lineshaft.apps.funding.rules import UNITS_DECIMALS, UNITS_DIGITS, Valuation
from lineshaft.apps.network.queries import organisation_by_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()


class ContributionOut(Schema):
    """A claim of cost share, and what of it was accepted."""

    id: UUID
    agreement_id: RowId
    institute: str
    organisation_id: int
    kind: str
    is_cash: bool
    is_federal_origin: bool
    occurred_on: date
    currency: str
    claimed_minor: int
    accepted_minor: int
    state: str
    units: Decimal | None
    rate_minor: int | None
    fringe_bp: int | None
    market_value_minor: int | None
    book_value_minor: int | None
    base_minor: int | None
    approved_rate_bp: int | None
    charged_rate_bp: int | None
    basis_of_value: str
    appraisal: str
    approval: str
    external_id: str
    decision_reason: str

    @staticmethod
    def resolve_id(contribution: Contribution) -> UUID:
        return contribution.transfer_id

    @staticmethod
    def resolve_institute(contribution: Contribution) -> str:
        return contribution.agreement.institute.key


class DuplicateOut(Schema):
    """What another contribution has in common; without an id it is one that the reader may not see.

    `signs`: file, reference or content.
    """

    signs: list[str]
    contribution_id: UUID | None
    agreement_id: int | None


class ContributionFilter(FilterSchema):
    """Narrows a list of contributions."""

    institute: Annotated[str | None, FilterLookup("agreement__institute__key")] = None
    agreement_id: RowId | None = None
    state: str | None = None
    kind: str | None = None


class ValuationIn(Schema):
    """What a kind of contribution is valued by. Percentages are basis points."""

    units: Annotated[
        Decimal | None, Field(gt=0, max_digits=UNITS_DIGITS, decimal_places=UNITS_DECIMALS)
    ] = None
    rate_minor: AmountMinor | None = None
    fringe_bp: BasisPoints | None = None
    market_value_minor: AmountMinor | None = None
    book_value_minor: AmountMinor | None = None
    base_minor: AmountMinor | None = None
    approved_rate_bp: BasisPoints | None = None
    charged_rate_bp: BasisPoints | None = None
    basis_of_value: str = ""
    appraisal: Annotated[str, Field(max_length=200)] = ""
    approval: Annotated[str, Field(max_length=200)] = ""


class LineIn(ValuationIn):
    """A contribution as a line of a claim, which says whose it is and under which agreement.

    `evidence` names records in the recipient's own books. From `units` to `approval` it states what
    the kind is valued by; without `amount_minor` it claims all that it is worth. Percentages are
    basis points.
    """

    id: UUID
    kind: Annotated[str, Field(max_length=40)]
    amount_minor: AmountMinor | None = None
    currency: Currency
    occurred_on: date
    is_federal_origin: bool = False
    other_award: Annotated[str, Field(max_length=64)] = ""
    external_id: Reference = ""
    evidence: list[Annotated[str, Field(min_length=1, max_length=200)]] = []


class ContributionIn(LineIn):
    """A contribution by itself, or as a line of an open claim."""

    agreement_id: RowId
    organisation_id: RowId
    claim_id: UUID | None = None


class AcceptIn(Schema):
    """How much counts; without an amount all of it. A refused rest wants its reason."""

    accepted_minor: AmountMinor | None = None
    reason: str = ""


class RefuseIn(Schema):
    """Why the contribution does not count."""

    reason: str


@router.get("/contributions", response=PageOf[ContributionOut], operation_id="list_contributions")
def list_contributions(
    request: HttpRequest,
    narrowed: Query[ContributionFilter],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Contributions that the reader may see, oldest first."""
    contributions = narrowed.filter(queries.contributions_visible_to(actor_of(request)))
    return paged(contributions, cursor=cursor, limit=limit, order_by=("occurred_on", "pk"))


@router.get(
    "/contributions/{uuid:contribution_id}",
    response=ContributionOut,
    operation_id="show_contribution",
)
def show_contribution(request: HttpRequest, contribution_id: UUID) -> Contribution:
    """One contribution."""
    return queries.contribution_by_id(actor_of(request), contribution_id)


@router.get(
    "/contributions/{uuid:contribution_id}/duplicates",
    response=list[DuplicateOut],
    operation_id="list_duplicates",
)
def list_duplicates(request: HttpRequest, contribution_id: UUID) -> list[DuplicateOut]:
    """The contributions under other awards that this one looks like."""
    actor = actor_of(request)
    contribution = queries.contribution_by_id(actor, contribution_id)
    return [
        DuplicateOut(
            signs=list(one.signs),
            contribution_id=one.other.pk if one.other else None,
            agreement_id=one.other.agreement_id if one.other else None,
        )
        for one in queries.duplicates_of(actor, [contribution]).get(contribution.pk, ())
    ]


@router.post("/contributions", response=ContributionOut, operation_id="record_contribution")
def record_contribution(request: HttpRequest, body: ContributionIn) -> HttpResponse:
    """Record a claim of cost share; it counts once it is accepted."""
    actor = actor_of(request)
    queries.agreement_by_id(actor, body.agreement_id)
    organisation_by_id(actor, body.organisation_id)
    if body.claim_id is not None:
        queries.claim_by_id(actor, body.claim_id)

    def perform() -> ContributionOut:
        claim = services.Claim(**body.model_dump() | {"evidence": tuple(body.evidence)})
        recorded = services.record_contribution(actor, claim, now=clock.now())
        return ContributionOut.from_orm(recorded)

    return idempotent(request, "record_contribution", perform)


@router.post(
    "/contributions/{uuid:contribution_id}/valuation",
    response=ContributionOut,
    operation_id="value_contribution",
)
def value_contribution(
    request: HttpRequest, contribution_id: UUID, body: ValuationIn
) -> HttpResponse:
    """State by what a recorded contribution is valued, where its record lacks it."""
    actor = actor_of(request)
    found = queries.contribution_by_id(actor, contribution_id)

    def perform() -> ContributionOut:
        valued = services.value_contribution(
            actor, found.pk, Valuation(**body.model_dump()), now=clock.now()
        )
        return ContributionOut.from_orm(valued)

    return idempotent(request, "value_contribution", perform)


@router.post(
    "/contributions/{uuid:contribution_id}/acceptance",
    response=ContributionOut,
    operation_id="accept_contribution",
)
def accept_contribution(
    request: HttpRequest, contribution_id: UUID, body: AcceptIn
) -> HttpResponse:
    """Count a contribution as cost share, in part too."""
    return _decided(request, services.accept_contribution, contribution_id, body)


@router.post(
    "/contributions/{uuid:contribution_id}/refusal",
    response=ContributionOut,
    operation_id="refuse_contribution",
)
def refuse_contribution(
    request: HttpRequest, contribution_id: UUID, body: RefuseIn
) -> HttpResponse:
    """Refuse a contribution, with the reason."""
    return _decided(request, services.refuse_contribution, contribution_id, body)


class WithdrawIn(Schema):
    """Why the claim is taken back."""

    reason: str


@router.post(
    "/contributions/{uuid:contribution_id}/withdrawal",
    response=ContributionOut,
    operation_id="withdraw_contribution",
)
def withdraw_contribution(
    request: HttpRequest, contribution_id: UUID, body: WithdrawIn
) -> HttpResponse:
    """Take back a claim that was recorded by mistake, with the reason."""
    return _decided(request, services.withdraw_contribution, contribution_id, body)


class EvidenceIn(Schema):
    """References of records kept elsewhere; files are attached at the contribution's page."""

    references: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]], Field(min_length=1)
    ]


@router.post(
    "/contributions/{uuid:contribution_id}/evidence",
    response=ContributionOut,
    operation_id="attach_evidence",
)
def attach_evidence(request: HttpRequest, contribution_id: UUID, body: EvidenceIn) -> HttpResponse:
    """Name more records of the recipient's own books as evidence."""
    actor = actor_of(request)
    found = queries.contribution_by_id(actor, contribution_id)

    def perform() -> ContributionOut:
        attached = services.attach_evidence(
            actor, found.pk, references=body.references, now=clock.now()
        )
        return ContributionOut.from_orm(attached)

    return idempotent(request, "attach_evidence", perform)


def _decided(
    request: HttpRequest,
    decide: Callable[..., Contribution],
    contribution_id: UUID,
    body: AcceptIn | RefuseIn | WithdrawIn,
) -> HttpResponse:
    """The contribution after the service of that name decided on it, as the body says."""
    actor = actor_of(request)
    found = queries.contribution_by_id(actor, contribution_id)

    def perform() -> ContributionOut:
        decided = decide(actor, found.pk, **body.model_dump(), today=clock.today(), now=clock.now())
        return ContributionOut.from_orm(decided)

    return idempotent(request, decide.__name__, perform)
