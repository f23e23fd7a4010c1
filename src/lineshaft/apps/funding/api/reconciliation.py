"""Reconciliation over the API: lines of payment files and bank statements, and their matches."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, FilterLookup, FilterSchema, Query, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.transfers import BatchOut
from lineshaft.apps.funding.api.values import Currency, Reference
from lineshaft.apps.funding.models import LineMatch, StatementLine
from lineshaft.apps.funding.rules import LINES_MAX, LineSource, LineState
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()

type SignedMinor = Annotated[int, Field(ge=-(2**63 - 1), le=2**63 - 1)]
type Words = Annotated[str, Field(max_length=500)]
type Name = Annotated[str, Field(max_length=200)]


class StatementLineOut(Schema):
    """A line; `amount_minor` is above zero where the institute receives.

    `match_id` is the match that it stands in, `rule` how that came about; null while unmatched.
    """

    id: UUID
    source: LineSource
    institute: Annotated[str, Field(alias="institute.key")]
    agreement_id: int | None
    agency: str | None
    account: str
    booked_on: date
    value_on: date | None
    amount_minor: int
    currency: str
    counterparty: str
    text: str
    reference: str
    match_id: Annotated[UUID | None, Field(alias="match_pk")]
    rule: Annotated[str | None, Field(alias="match_rule")]

    @staticmethod
    def resolve_agency(line: StatementLine) -> str | None:
        return line.agency.key if line.agency else None


class LineFilter(FilterSchema):
    """Narrows a list of lines; `before` is left out itself."""

    institute: Annotated[str | None, FilterLookup("institute__key")] = None
    source: LineSource | None = None
    agency: Annotated[str | None, FilterLookup("agency__key")] = None
    agreement_id: RowId | None = None
    since: Annotated[date | None, FilterLookup("booked_on__gte")] = None
    before: Annotated[date | None, FilterLookup("booked_on__lt")] = None


class MatchPartOut(Schema):
    """One line or entry in a match, with its signed amount; one of the three ids is given."""

    line_id: UUID | None
    transfer_id: UUID | None
    own_income_id: UUID | None
    amount_minor: int


class LineMatchOut(Schema):
    """Lines and entries that belong together; `is_undone` where a person took them apart."""

    id: UUID
    source: LineSource
    institute: Annotated[str, Field(alias="institute.key")]
    rule: str
    reason: str
    is_undone: bool
    undo_reason: str
    parts: list[MatchPartOut]

    @staticmethod
    def resolve_is_undone(match: LineMatch) -> bool:
        return match.undone_at is not None

    @staticmethod
    def resolve_parts(match: LineMatch) -> list[Any]:
        return list(match.parts.all())


class MatchFilter(FilterSchema):
    """Narrows a list of matches."""

    institute: Annotated[str | None, FilterLookup("institute__key")] = None
    source: LineSource | None = None


class PaymentIn(Schema):
    """A line of a payment file; `agency` is its key, and without one the leading agency's."""

    agreement_id: RowId
    agency: str | None = None
    booked_on: date
    amount_minor: SignedMinor
    currency: Currency
    counterparty: Name = ""
    text: Words = ""
    reference: Reference = ""


class PaymentBatchIn(Schema):
    """Lines of a payment file, all or none, and why."""

    payments: Annotated[list[PaymentIn], Field(min_length=1, max_length=10_000)]
    why: str = ""


class StatementLineIn(Schema):
    """A line of a bank's statement."""

    account: Annotated[str, Field(min_length=1, max_length=120)]
    booked_on: date
    value_on: date | None = None
    amount_minor: SignedMinor
    currency: Currency
    agreement_id: RowId | None = None
    counterparty: Name = ""
    text: Words = ""
    reference: Reference = ""


class StatementBatchIn(Schema):
    """Lines of a bank's statement, all or none, and why."""

    lines: Annotated[list[StatementLineIn], Field(min_length=1, max_length=10_000)]
    why: str = ""


class MatchLinesIn(Schema):
    """Which lines to match by the rules."""

    source: LineSource


class MatchLinesOut(Schema):
    """What the rules joined: the matches by rule, and how many lines are in them."""

    matches_by_rule: dict[str, int]
    lines: int


class HandMatchIn(Schema):
    """What a person joins, under the caller's own id."""

    id: UUID
    lines: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    transfers: Annotated[list[UUID], Field(max_length=500)] = []
    own_incomes: Annotated[list[UUID], Field(max_length=500)] = []
    reason: str = ""


class ExplanationIn(Schema):
    """Why lines have nothing in the ledger, under the caller's own id."""

    id: UUID
    lines: Annotated[list[UUID], Field(min_length=1, max_length=LINES_MAX)]
    reason: str


class ExplainedLineOut(Schema):
    """An explained line, and the match that says so."""

    line_id: UUID
    match_id: UUID


class ExplainedOut(Schema):
    """The lines that were explained, in the order that they were named."""

    lines: list[ExplainedLineOut]


class UndoMatchesIn(Schema):
    """Which matches are taken apart, and why."""

    matches: Annotated[list[UUID], Field(min_length=1, max_length=LINES_MAX)]
    reason: str


class UndoneOut(Schema):
    """The matches that are undone now."""

    matches: list[UUID]


@router.get("/statement-lines", response=PageOf[StatementLineOut], operation_id="list_lines")
def list_lines(
    request: HttpRequest,
    narrowed: Query[LineFilter],
    state: LineState | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Lines that the reader may see, oldest first."""
    lines = narrowed.filter(queries.lines_visible_to(actor_of(request)))
    if state is not None:
        lines = lines.filter(queries.state_q(state))
    return paged(lines, cursor=cursor, limit=limit, order_by=("booked_on", "pk"))


@router.get("/line-matches", response=PageOf[LineMatchOut], operation_id="list_matches")
def list_matches(
    request: HttpRequest,
    narrowed: Query[MatchFilter],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Matches of what the reader may see, those undone too, oldest first."""
    matches = narrowed.filter(queries.matches_visible_to(actor_of(request)))
    return paged(
        matches.prefetch_related("parts"), cursor=cursor, limit=limit, order_by=("made_at", "pk")
    )


@router.post("/payments/batch", response=BatchOut, operation_id="record_payments")
def record_payments(request: HttpRequest, body: PaymentBatchIn) -> HttpResponse:
    """Record lines of a payment file, all or none; those that stand already are left so."""
    actor = actor_of(request)
    queries.agreements_are_visible(actor, {one.agreement_id for one in body.payments})

    def perform() -> BatchOut:
        agencies = queries.agency_ids(one.agency for one in body.payments)
        rows = [
            services.PaymentLine(
                **one.model_dump(exclude={"agency"}), agency_id=agencies.get(one.agency)
            )
            for one in body.payments
        ]
        outcome = services.record_payments(actor, rows, now=clock.now(), why=body.why)
        return BatchOut(recorded=outcome.recorded, unchanged=outcome.unchanged)

    return idempotent(request, "record_payments", perform)


@router.post(
    "/institutes/{institute}/statements/batch",
    response=BatchOut,
    operation_id="record_statements",
)
def record_statements(request: HttpRequest, institute: str, body: StatementBatchIn) -> HttpResponse:
    """Record lines of a bank's statement, all or none; those that stand already are left so."""
    actor = actor_of(request)
    found = institute_by_key(actor, institute)
    named = {one.agreement_id for one in body.lines if one.agreement_id is not None}
    queries.agreements_are_visible(actor, named)

    def perform() -> BatchOut:
        rows = [services.BankLine(institute_id=found.pk, **one.model_dump()) for one in body.lines]
        outcome = services.record_statements(actor, rows, now=clock.now(), why=body.why)
        return BatchOut(recorded=outcome.recorded, unchanged=outcome.unchanged)

    return idempotent(request, "record_statements", perform)


@router.post(
    "/institutes/{institute}/match-lines", response=MatchLinesOut, operation_id="match_lines"
)
def match_lines(request: HttpRequest, institute: str, body: MatchLinesIn) -> HttpResponse:
    """Match the institute's open lines by the rules."""
    actor = actor_of(request)
    found = institute_by_key(actor, institute)

    def perform() -> MatchLinesOut:
        outcome = services.match_lines(actor, found, body.source, now=clock.now())
        return MatchLinesOut(matches_by_rule=dict(outcome.matches_by_rule), lines=outcome.lines)

    return idempotent(request, "match_lines", perform)


@router.post("/line-matches", response=LineMatchOut, operation_id="match_by_hand")
def match_by_hand(request: HttpRequest, body: HandMatchIn) -> HttpResponse:
    """Join lines with entries of the ledger; a difference wants its reason."""
    actor = actor_of(request)
    queries.lines_are_visible(actor, set(body.lines))

    def perform() -> LineMatchOut:
        joined = services.Joined(body.lines, body.transfers, body.own_incomes)
        match = services.match_by_hand(
            actor, joined, id=body.id, reason=body.reason, now=clock.now()
        )
        return LineMatchOut.from_orm(match)

    return idempotent(request, "match_by_hand", perform)


@router.post("/statement-lines/explanations", response=ExplainedOut, operation_id="explain_lines")
def explain_lines(request: HttpRequest, body: ExplanationIn) -> HttpResponse:
    """Say once why lines have nothing in the ledger, all of them or none; each is undone alone."""
    actor = actor_of(request)
    queries.lines_are_visible(actor, set(body.lines))

    def perform() -> ExplainedOut:
        made = services.explain_lines(
            actor, body.lines, id=body.id, reason=body.reason, now=clock.now()
        )
        return ExplainedOut(
            lines=[
                ExplainedLineOut(line_id=pk, match_id=made[pk].pk)
                for pk in dict.fromkeys(body.lines)
            ]
        )

    return idempotent(request, "explain_lines", perform)


@router.post("/line-matches/undo", response=UndoneOut, operation_id="undo_matches")
def undo_matches(request: HttpRequest, body: UndoMatchesIn) -> HttpResponse:
    """Take matches or explanations apart, all or none."""
    actor = actor_of(request)
    queries.matches_are_visible(actor, set(body.matches))

    def perform() -> UndoneOut:
        undone = services.undo_matches(actor, body.matches, reason=body.reason, now=clock.now())
        return UndoneOut(matches=[match.pk for match in undone])

    return idempotent(request, "undo_matches", perform)
