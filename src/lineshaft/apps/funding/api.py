"""Funding over the API: agreements, transfers and contributions, and the verbs on them.

Amounts are integer minor units with a currency. The `id` of a write is the caller's: sending the
same content again is harmless, other content under it is refused with `transfer_id_reused`.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import StringConstraints

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import Agreement, Contribution, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.network.queries import (
    institute_by_key,
    organisation_by_id,
    profile_in_use,
)
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, actor_of, idempotent, paged

router = Router(tags=["funding"])

type AmountMinor = Annotated[int, Field(gt=0, le=2**63 - 1)]
type Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
type Reference = Annotated[str, Field(max_length=120)]


class AgreementOut(Schema):
    """A cooperative agreement; `ends_on` is the first day after its term."""

    id: int
    number: str
    title: str
    institute: str
    agency: str
    currency: str
    signed_on: date
    starts_on: date
    ends_on: date
    federal_total_minor: int
    cost_share_required_minor: int | None
    state: str

    @staticmethod
    def resolve_institute(agreement: Agreement) -> str:
        return agreement.institute.key

    @staticmethod
    def resolve_agency(agreement: Agreement) -> str:
        return agreement.agency.key


class AccountOut(Schema):
    """An account of an agreement, with its four sums."""

    kind: str
    currency: str
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int


class AgreementDetailOut(AgreementOut):
    """An agreement with its accounts."""

    accounts: list[AccountOut]

    @staticmethod
    def resolve_accounts(agreement: Agreement) -> list[Any]:
        return list(agreement.accounts.filter(organisation__isnull=True).order_by("pk"))


class TransferOut(Schema):
    """One movement of money. `pending_id`: what it settles; `corrects_id`: what it takes back."""

    id: UUID
    agreement_id: int
    kind: str
    code: str
    amount_minor: int
    currency: str
    occurred_on: date
    pending_id: UUID | None
    corrects_id: UUID | None
    reference: str
    reason: str


class ContributionOut(Schema):
    """A claim of cost share, and what of it was accepted."""

    id: UUID
    agreement_id: int
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
    external_id: str
    decision_reason: str

    @staticmethod
    def resolve_id(contribution: Contribution) -> UUID:
        return contribution.transfer_id

    @staticmethod
    def resolve_institute(contribution: Contribution) -> str:
        return contribution.agreement.institute.key


class MatchOut(Schema):
    """How an institute stands; `ratio` is a decimal, null without federal money."""

    currency: str
    obligated_minor: int
    drawn_minor: int
    cash_minor: int
    in_kind_minor: int
    ratio: Decimal | None
    share_bp: int | None
    standing: str
    rule: str | None

    @staticmethod
    def resolve_rule(position: queries.MatchPosition) -> str | None:
        return position.rule.id if position.rule else None


class ContributionFilter(FilterSchema):
    """Narrows a list of contributions."""

    institute: Annotated[str | None, FilterLookup("agreement__institute__key")] = None
    agreement_id: int | None = None
    state: str | None = None
    kind: str | None = None


class TransferFilter(FilterSchema):
    """Narrows a list of transfers."""

    institute: Annotated[str | None, FilterLookup("agreement__institute__key")] = None
    agreement_id: int | None = None
    code: str | None = None
    since: Annotated[date | None, FilterLookup("occurred_on__gte")] = None
    before: Annotated[date | None, FilterLookup("occurred_on__lt")] = None


class AgreementIn(Schema):
    """What an agreement says; `ends_on` is the first day after its term.

    `institute` and `agency` are keys. Without `cost_share_required_minor` the matching rule binds.
    """

    institute: str
    agency: str
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    title: Annotated[str, Field(max_length=200)] = ""
    currency: Currency
    signed_on: date
    starts_on: date
    ends_on: date
    federal_total_minor: AmountMinor
    cost_share_required_minor: Annotated[int | None, Field(ge=0, le=2**63 - 1)] = None


class TerminateIn(Schema):
    """Why the agreement ends before its term."""

    reason: str


class CorrectionIn(Schema):
    """How much of a transfer to take back under the caller's own id, and why."""

    id: UUID
    amount_minor: AmountMinor
    occurred_on: date
    reason: str


class MovementIn(Schema):
    """An amount to be moved under the caller's own id."""

    id: UUID
    amount_minor: AmountMinor
    currency: Currency
    occurred_on: date
    reference: Reference = ""


class ReleaseIn(Schema):
    """What to release of an obligation; without an amount, all that is left."""

    id: UUID
    occurred_on: date
    reason: str
    amount_minor: AmountMinor | None = None
    reference: Reference = ""


class TransferIn(MovementIn):
    """One row of a batch. `pending_id` names what a draw or release settles."""

    agreement_id: int
    code: TransferCode
    pending_id: UUID | None = None
    reason: str = ""


class BatchIn(Schema):
    """Transfers to be posted in this order, all or none, and why."""

    transfers: Annotated[list[TransferIn], Field(min_length=1, max_length=10_000)]
    why: str = ""


class BatchOut(Schema):
    """How many transfers are new, and how many stood already."""

    recorded: int
    unchanged: int


class ContributionIn(Schema):
    """A claim of cost share. `evidence` names records in the recipient's own books."""

    id: UUID
    agreement_id: int
    organisation_id: int
    kind: Annotated[str, Field(max_length=40)]
    amount_minor: AmountMinor
    currency: Currency
    occurred_on: date
    is_federal_origin: bool = False
    other_award: Annotated[str, Field(max_length=64)] = ""
    units: Annotated[Decimal | None, Field(gt=0, max_digits=14, decimal_places=4)] = None
    rate_minor: AmountMinor | None = None
    basis_of_value: str = ""
    external_id: Reference = ""
    evidence: list[Annotated[str, Field(min_length=1, max_length=200)]] = []


class AcceptIn(Schema):
    """How much counts; without an amount all of it. A refused rest wants its reason."""

    accepted_minor: AmountMinor | None = None
    reason: str = ""


class RefuseIn(Schema):
    """Why the contribution does not count."""

    reason: str


@router.get("/agreements", response=PageOf[AgreementOut], operation_id="list_agreements")
def list_agreements(
    request: HttpRequest,
    institute: str | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Signed agreements, and drafts where the reader prepares them."""
    agreements = queries.agreements_visible_to(actor_of(request))
    if institute is not None:
        agreements = agreements.filter(institute__key=institute)
    return paged(agreements, cursor=cursor, limit=limit)


@router.get(
    "/agreements/{int:agreement_id}", response=AgreementDetailOut, operation_id="show_agreement"
)
def show_agreement(request: HttpRequest, agreement_id: int) -> Agreement:
    """One agreement with its accounts."""
    return queries.agreement_by_id(actor_of(request), agreement_id)


@router.get("/transfers", response=PageOf[TransferOut], operation_id="list_transfers")
def list_transfers(
    request: HttpRequest,
    narrowed: Query[TransferFilter],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Transfers that the reader may see, oldest first."""
    transfers = narrowed.filter(queries.transfers_visible_to(actor_of(request)))
    return paged(transfers, cursor=cursor, limit=limit, order_by=("occurred_on", "pk"))


@router.get("/transfers/{uuid:transfer_id}", response=TransferOut, operation_id="show_transfer")
def show_transfer(request: HttpRequest, transfer_id: UUID) -> Transfer:
    """One transfer."""
    return queries.transfer_by_id(actor_of(request), transfer_id)


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


@router.get("/institutes/{institute}/match", response=MatchOut, operation_id="show_match")
def show_match(
    request: HttpRequest, institute: str, fiscal_year: int | None = None
) -> queries.MatchPosition:
    """Federal and non-federal money of an institute, in a fiscal year or in all."""
    key = institute_by_key(actor_of(request), institute).key
    period = profile_in_use().fiscal_year(fiscal_year) if fiscal_year is not None else None
    return queries.match_position(key, period, today=clock.today())


@router.post("/agreements", response=AgreementOut, operation_id="sign_agreement")
def sign_agreement(request: HttpRequest, body: AgreementIn) -> HttpResponse:
    """Record an agreement as a draft and open its accounts."""
    actor = actor_of(request)
    institute = institute_by_key(actor, body.institute)
    agency = queries.agency_by_key(body.agency)

    def perform() -> AgreementOut:
        terms = services.AgreementTerms(**body.model_dump(exclude={"institute", "agency"}))
        return _agreement(
            services.sign_agreement(actor, institute, agency, terms=terms, now=clock.now())
        )

    return idempotent(request, "sign_agreement", perform)


@router.post(
    "/agreements/{int:agreement_id}/activate",
    response=AgreementOut,
    operation_id="activate_agreement",
)
def activate_agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Let money move under a draft; it is public from then on."""
    actor = actor_of(request)
    found = queries.agreement_by_id(actor, agreement_id)

    def perform() -> AgreementOut:
        return _agreement(
            services.activate_agreement(actor, found.pk, today=clock.today(), now=clock.now())
        )

    return idempotent(request, "activate_agreement", perform)


@router.post(
    "/agreements/{int:agreement_id}/end", response=AgreementOut, operation_id="end_agreement"
)
def end_agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Close an agreement at the end of its term."""
    actor = actor_of(request)
    found = queries.agreement_by_id(actor, agreement_id)

    def perform() -> AgreementOut:
        return _agreement(
            services.end_agreement(actor, found.pk, today=clock.today(), now=clock.now())
        )

    return idempotent(request, "end_agreement", perform)


@router.post(
    "/agreements/{int:agreement_id}/terminate",
    response=AgreementOut,
    operation_id="terminate_agreement",
)
def terminate_agreement(request: HttpRequest, agreement_id: int, body: TerminateIn) -> HttpResponse:
    """Close an agreement before its term, with the reason."""
    actor = actor_of(request)
    found = queries.agreement_by_id(actor, agreement_id)

    def perform() -> AgreementOut:
        return _agreement(
            services.terminate_agreement(
                actor, found.pk, reason=body.reason, today=clock.today(), now=clock.now()
            )
        )

    return idempotent(request, "terminate_agreement", perform)


@router.post(
    "/agreements/{int:agreement_id}/authorisations",
    response=TransferOut,
    operation_id="authorise_funds",
)
def authorise_funds(request: HttpRequest, agreement_id: int, body: MovementIn) -> HttpResponse:
    """Put appropriated money at the agreement's disposal, within its federal total."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)

    def perform() -> TransferOut:
        return _transfer(
            services.authorise_funds(
                actor_of(request), agreement, **body.model_dump(), now=clock.now()
            )
        )

    return idempotent(request, "authorise_funds", perform)


@router.post(
    "/agreements/{int:agreement_id}/obligations",
    response=TransferOut,
    operation_id="obligate_funds",
)
def obligate_funds(request: HttpRequest, agreement_id: int, body: MovementIn) -> HttpResponse:
    """Reserve authorised money for the institute to draw."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)

    def perform() -> TransferOut:
        return _transfer(
            services.obligate_funds(
                actor_of(request), agreement, **body.model_dump(), now=clock.now()
            )
        )

    return idempotent(request, "obligate_funds", perform)


@router.post(
    "/transfers/{uuid:obligation_id}/drawdowns", response=TransferOut, operation_id="draw_funds"
)
def draw_funds(request: HttpRequest, obligation_id: UUID, body: MovementIn) -> HttpResponse:
    """Draw from an obligation."""
    obligation = queries.transfer_by_id(actor_of(request), obligation_id)

    def perform() -> TransferOut:
        return _transfer(
            services.draw_funds(actor_of(request), obligation, **body.model_dump(), now=clock.now())
        )

    return idempotent(request, "draw_funds", perform)


@router.post(
    "/transfers/{uuid:obligation_id}/releases",
    response=TransferOut,
    operation_id="release_obligation",
)
def release_obligation(request: HttpRequest, obligation_id: UUID, body: ReleaseIn) -> HttpResponse:
    """Give back what is left pending of an obligation, or a part of it."""
    obligation = queries.transfer_by_id(actor_of(request), obligation_id)

    def perform() -> TransferOut:
        return _transfer(
            services.release_obligation(
                actor_of(request), obligation, **body.model_dump(), now=clock.now()
            )
        )

    return idempotent(request, "release_obligation", perform)


@router.post(
    "/agreements/{int:agreement_id}/returns", response=TransferOut, operation_id="return_funds"
)
def return_funds(request: HttpRequest, agreement_id: int, body: MovementIn) -> HttpResponse:
    """Pay drawn money back to the award."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)

    def perform() -> TransferOut:
        return _transfer(
            services.return_funds(
                actor_of(request), agreement, **body.model_dump(), now=clock.now()
            )
        )

    return idempotent(request, "return_funds", perform)


@router.post(
    "/transfers/{uuid:transfer_id}/corrections",
    response=TransferOut,
    operation_id="correct_transfer",
)
def correct_transfer(request: HttpRequest, transfer_id: UUID, body: CorrectionIn) -> HttpResponse:
    """Take back a transfer, or a part of it, by one the other way that names it."""
    old = queries.transfer_by_id(actor_of(request), transfer_id)

    def perform() -> TransferOut:
        return _transfer(
            services.correct_transfer(actor_of(request), old, **body.model_dump(), now=clock.now())
        )

    return idempotent(request, "correct_transfer", perform)


@router.post("/transfers/batch", response=BatchOut, operation_id="post_transfers")
def post_transfers(request: HttpRequest, body: BatchIn) -> HttpResponse:
    """Post federal transfers in their order, all or none."""

    def perform() -> BatchOut:
        rows = [services.TransferRow(**row.model_dump()) for row in body.transfers]
        outcome = services.post_transfers(actor_of(request), rows, now=clock.now(), why=body.why)
        return BatchOut(recorded=outcome.recorded, unchanged=outcome.unchanged)

    return idempotent(request, "post_transfers", perform)


@router.post("/contributions", response=ContributionOut, operation_id="record_contribution")
def record_contribution(request: HttpRequest, body: ContributionIn) -> HttpResponse:
    """Record a claim of cost share; it counts once it is accepted."""
    actor = actor_of(request)
    queries.agreement_by_id(actor, body.agreement_id)
    organisation_by_id(actor, body.organisation_id)

    def perform() -> ContributionOut:
        fields = body.model_dump() | {"evidence": tuple(body.evidence)}
        return _contribution(
            services.record_contribution(actor, services.Claim(**fields), now=clock.now())
        )

    return idempotent(request, "record_contribution", perform)


@router.post(
    "/contributions/{uuid:contribution_id}/acceptance",
    response=ContributionOut,
    operation_id="accept_contribution",
)
def accept_contribution(
    request: HttpRequest, contribution_id: UUID, body: AcceptIn
) -> HttpResponse:
    """Count a contribution as cost share, in part too."""
    actor = actor_of(request)
    found = queries.contribution_by_id(actor, contribution_id)

    def perform() -> ContributionOut:
        return _contribution(
            services.accept_contribution(
                actor, found.pk, **body.model_dump(), today=clock.today(), now=clock.now()
            )
        )

    return idempotent(request, "accept_contribution", perform)


@router.post(
    "/contributions/{uuid:contribution_id}/refusal",
    response=ContributionOut,
    operation_id="refuse_contribution",
)
def refuse_contribution(
    request: HttpRequest, contribution_id: UUID, body: RefuseIn
) -> HttpResponse:
    """Refuse a contribution, with the reason."""
    actor = actor_of(request)
    found = queries.contribution_by_id(actor, contribution_id)

    def perform() -> ContributionOut:
        return _contribution(
            services.refuse_contribution(
                actor, found.pk, reason=body.reason, today=clock.today(), now=clock.now()
            )
        )

    return idempotent(request, "refuse_contribution", perform)


def _agreement(agreement: Agreement) -> AgreementOut:
    return AgreementOut.from_orm(agreement)


def _transfer(transfer: Transfer) -> TransferOut:
    return TransferOut.from_orm(transfer)


def _contribution(contribution: Contribution) -> ContributionOut:
    return ContributionOut.from_orm(contribution)
