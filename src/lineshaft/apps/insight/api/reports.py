"""Insight over the API: figures, reports, and the verbs on them.

Money is in whole units of the currency, exactly as in the report; quotients are rounded once.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Field, FilterSchema, Query, Router, Schema

from lineshaft.apps.insight import queries, rules, services
from lineshaft.apps.insight.models import InstitutePart, ReportEdition
from lineshaft.apps.insight.queries import Measured, Outlook, Report, ReportFigure
from lineshaft.apps.insight.rules import DocumentFormat
from lineshaft.engines.economics import Expected, ExpectedYear, Reason, Verdict
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import (
    LIMIT_DEFAULT,
    FiscalYear,
    PageOf,
    RowId,
    actor_of,
    idempotent,
    paged,
)

router = Router(tags=["insight"])

type Number = int | float | None


class FigureOut(Schema):
    """A figure in a fiscal year, of the network or of one institute."""

    id: str
    version: int
    title: str
    title_zh: str
    unit: str
    fiscal_year: int
    institute: str
    value: Number
    numerator: int | None
    denominator: int | None
    as_of: datetime
    snapshot: str


class PublishedOut(Schema):
    """What somebody published; `value` as published."""

    metric: str
    period: str
    value: str
    unit: str
    qualifier: str
    source: str
    confidence: str
    note: str


class ValueOut(Schema):
    """One value of a figure; `institute` is empty for the network, `dimension` for the whole."""

    institute: str
    dimension: str
    value: Number
    numerator: int | None
    denominator: int | None


class FigureDetailOut(FigureOut):
    """A figure with what it means, its query, its parts, and what others published."""

    definition: str
    definition_zh: str
    authority: str
    query: str
    values: list[ValueOut]
    published: list[PublishedOut]


class EditionOut(Schema):
    """An edition of the annual report. `sha256` is over the digests of its documents."""

    fiscal_year: int
    number: int
    state: str
    reason: str
    snapshot: str
    as_of: datetime
    published_at: datetime | None
    sha256: str

    @staticmethod
    def resolve_snapshot(edition: ReportEdition) -> str:
        return edition.snapshot.hash

    @staticmethod
    def resolve_as_of(edition: ReportEdition) -> datetime:
        return edition.snapshot.taken_at


class ReportFigureOut(Schema):
    """One figure of a report; a value of a dimension has an entry of its own, `figure/value`."""

    id: str
    title: str
    unit: str
    value: Number
    by_institute: dict[str, Number]
    published: list[dict[str, Any]]
    definition: str


class ReportOut(Schema):
    """The report as it is stored: `snapshot` is the hash of what it was computed from."""

    period: str
    as_of: datetime
    snapshot: str
    figures: list[ReportFigureOut]


class PartOut(Schema):
    """An institute's part. `digest` is over its figures of now: attest that one."""

    fiscal_year: int
    institute: str
    state: str
    is_stale: bool
    digest: str
    attested_at: datetime | None


class ExpectedOut(Schema):
    """A forecast in minor units; its interval is empty where the past is too short for one."""

    amount_minor: int
    low_minor: int | None
    high_minor: int | None

    @staticmethod
    def of(expected: Expected) -> "ExpectedOut":
        return ExpectedOut(
            amount_minor=expected.amount, low_minor=expected.low, high_minor=expected.high
        )


class OutlookYearOut(Schema):
    """A fiscal year to come. `own` is the sum of `streams`, in cash; in kind pays nothing."""

    fiscal_year: int
    base_minor: int
    streams: dict[str, ExpectedOut]
    own: ExpectedOut
    cost: ExpectedOut
    in_kind_minor: int
    balance_minor: int


class OutlookOut(Schema):
    """How long an institute's money lasts. Months count from `counted_from`; a runway that is empty
    ends beyond the forecast. `diversity_hundredths` is the effective number of sources, times 100.
    """

    institute: str
    as_of: datetime
    snapshot: str
    last_recorded_year: int
    counted_from: date
    award_ends_on: date | None
    currency: str
    verdict: Verdict
    reasons: list[Reason]
    runway_months: int | None
    runway_low_months: int | None
    coverage_bp: int | None
    diversity_hundredths: int | None


class OutlookDetailOut(OutlookOut):
    """The same with every year of the forecast, and how the method did on the recorded years."""

    years: list[OutlookYearOut]
    own_error_bp: int | None
    own_interval_coverage_bp: int | None
    cost_error_bp: int | None
    cost_interval_coverage_bp: int | None


class ReportJobOut(Schema):
    """Work that goes on in the background."""

    id: str
    kind: str
    state: str


class AttestIn(Schema):
    """`seen_digest` is the digest of the figures that were read."""

    seen_digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    note: Annotated[str, Field(max_length=1000)] = ""


class ReportReasonIn(Schema):
    """Why."""

    reason: Annotated[str, Field(max_length=1000)] = ""


class FigureFilter(FilterSchema):
    """`period` is a fiscal year, by default the newest that may be read."""

    period: FiscalYear | None = None
    institute: Annotated[str, Field(max_length=64)] = ""


@router.get(
    "/figures",
    response=PageOf[FigureOut],
    operation_id="list_figures",
    summary="Every figure of a fiscal year, of the network or of one institute",
)
def list_figures(request: HttpRequest, filters: Query[FigureFilter]) -> dict[str, Any]:
    """Figures of the published report; the network's staff reads a draft where none is."""
    report = _report(request, filters.period)
    chosen = [_chosen(figure, filters.institute) for figure in report.figures]
    return {
        "items": [_figure(report, one) for one in chosen if one is not None],
        "next_cursor": None,
    }


@router.get(
    "/figures/{figure}",
    response=FigureDetailOut,
    operation_id="show_figure",
    summary="One figure: values, definition, query, published values",
)
def show_figure(
    request: HttpRequest, figure: str, period: FiscalYear | None = None
) -> dict[str, Any]:
    """The figure with every part of it, by institute and by dimension."""
    queries.figure_by_id(figure)
    report = _report(request, period)
    shown = report.figure(figure)
    definition = shown.definition
    return {
        **_figure(report, shown.total),
        "definition": definition.definition,
        "definition_zh": definition.definition_zh,
        "authority": definition.authority,
        "query": definition.sql,
        "values": [_value(one) for one in _all_values(shown)],
        "published": list(shown.published),
    }


@router.get(
    "/outlooks",
    response=PageOf[OutlookOut],
    operation_id="list_outlooks",
    summary="How long the money of each institute lasts, most urgent first",
)
def list_outlooks(request: HttpRequest) -> dict[str, Any]:
    """The institutes that the reader reads whole; 404 where there can be none."""
    actor = actor_of(request)
    if not queries.may_read_outlooks(actor):
        raise NotFound(queries.NO_OUTLOOK, code="no_outlook")
    snapshot = queries.current_snapshot()
    outlooks = queries.outlooks_visible_to(actor, snapshot) if snapshot else ()
    return {"items": [_outlook(one) for one in outlooks], "next_cursor": None}


@router.get(
    "/outlooks/{institute}",
    response=OutlookDetailOut,
    operation_id="show_outlook",
    summary="An institute's forecast, as recorded",
)
def show_outlook(request: HttpRequest, institute: str) -> dict[str, Any]:
    """For the institute's staff, its sponsor, and the network's staff."""
    found = queries.outlook_to_read(actor_of(request), institute)
    shown = found.projection
    return {
        **_outlook(found),
        "years": [_outlook_year(year) for year in shown.years],
        "own_error_bp": shown.own_test.error_bp,
        "own_interval_coverage_bp": shown.own_test.coverage_bp,
        "cost_error_bp": shown.cost_test.error_bp,
        "cost_interval_coverage_bp": shown.cost_test.coverage_bp,
    }


@router.get(
    "/reports",
    response=PageOf[EditionOut],
    operation_id="list_reports",
    summary="Editions of the annual report",
)
def list_reports(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Published and restated editions, newest first; drafts for the network's staff."""
    return paged(
        queries.editions_visible_to(actor_of(request)),
        cursor=cursor,
        limit=limit,
        order_by=("-fiscal_year", "-number"),
    )


@router.get(
    "/reports/{year}",
    response=ReportOut,
    operation_id="show_report",
    summary="The annual report of a fiscal year, as stored",
)
def show_report(
    request: HttpRequest, year: FiscalYear, edition: RowId | None = None
) -> HttpResponse:
    """The very bytes that were published; a draft is rendered for the network's staff."""
    document = services.report_document(
        actor_of(request),
        year,
        kind=DocumentFormat.JSON,
        language=_language(),
        now=clock.now(),
        number=edition,
    )
    return HttpResponse(document.content, content_type=document.media_type)


@router.post(
    "/reports/{year}/open",
    response={201: EditionOut},
    operation_id="open_report",
    summary="Open the report of a fiscal year",
)
def open_report(request: HttpRequest, year: FiscalYear) -> HttpResponse:
    """A draft on the newest figures, with a part for each institute that has any."""
    actor = actor_of(request)
    return idempotent(
        request,
        "open_report",
        lambda: EditionOut.from_orm(services.open_report(actor, year, now=clock.now())),
        status=201,
    )


@router.get(
    "/reports/{year}/parts/{institute}",
    response=PartOut,
    operation_id="show_part",
    summary="An institute's part of the open draft",
)
def show_part(request: HttpRequest, year: FiscalYear, institute: str) -> PartOut:
    """For the institute's staff, its sponsor, and the network's staff."""
    standing = queries.part_to_read(actor_of(request), year, institute)
    return _part(standing.part, standing.digest)


@router.post(
    "/reports/{year}/parts/{institute}/attest",
    response=PartOut,
    operation_id="attest_part",
    summary="Stand behind an institute's figures",
)
def attest_part(
    request: HttpRequest, year: FiscalYear, institute: str, content: AttestIn
) -> HttpResponse:
    """Refused where the figures are no longer those with the digest given."""
    actor = actor_of(request)

    def perform() -> PartOut:
        part = services.attest_part(
            actor,
            year,
            institute=institute,
            seen_digest=content.seen_digest,
            note=content.note,
            now=clock.now(),
        )
        return _part(part, part.figures_digest)

    return idempotent(request, "attest_part", perform)


@router.post(
    "/reports/{year}/parts/{institute}/withdraw",
    response=PartOut,
    operation_id="withdraw_attestation",
    summary="Take an attestation back",
)
def withdraw_attestation(
    request: HttpRequest, year: FiscalYear, institute: str, content: ReportReasonIn
) -> HttpResponse:
    """Possible while the report is a draft."""
    actor = actor_of(request)

    def perform() -> PartOut:
        part = services.withdraw_attestation(
            actor, year, institute=institute, why=content.reason, now=clock.now()
        )
        digest = queries.figures_digest(part.edition.snapshot, year, institute)
        return _part(part, digest)

    return idempotent(request, "withdraw_attestation", perform)


@router.post(
    "/reports/{year}/publish",
    response=EditionOut,
    operation_id="publish_report",
    summary="Publish the open draft",
)
def publish_report(request: HttpRequest, year: FiscalYear) -> HttpResponse:
    """Refused, with the institutes' names, while a part is not attested or has changed."""
    actor = actor_of(request)
    return idempotent(
        request,
        "publish_report",
        lambda: EditionOut.from_orm(services.publish_report(actor, year, now=clock.now())),
    )


@router.post(
    "/reports/{year}/restate",
    response={201: EditionOut},
    operation_id="restate_report",
    summary="Open a new edition after a published one",
)
def restate_report(request: HttpRequest, year: FiscalYear, content: ReportReasonIn) -> HttpResponse:
    """The published edition stays readable, marked as restated."""
    actor = actor_of(request)
    return idempotent(
        request,
        "restate_report",
        lambda: EditionOut.from_orm(
            services.restate_report(actor, year, reason=content.reason, now=clock.now())
        ),
        status=201,
    )


@router.post(
    "/snapshots",
    response={202: ReportJobOut},
    operation_id="request_snapshot",
    summary="Bring the figures up to date",
)
def request_snapshot(request: HttpRequest) -> HttpResponse:
    """Queued; a snapshot that waits already is the answer."""
    actor = actor_of(request)

    def perform() -> ReportJobOut:
        job = services.request_snapshot(actor, now=clock.now())
        return ReportJobOut(id=str(job.pk), kind=job.kind, state=job.state)

    return idempotent(request, "request_snapshot", perform, status=202)


def _report(request: HttpRequest, period: int | None) -> Report:
    actor = actor_of(request)
    year = queries.latest_fiscal_year(actor) if period is None else period
    if year is None:
        raise NotFound(code="no_report")
    return queries.report_to_read(actor, year)


def _chosen(figure: ReportFigure, institute: str) -> Measured | None:
    return figure.of_institute(institute) if institute else figure.total


def _figure(report: Report, one: Measured) -> dict[str, Any]:
    definition = one.definition
    return {
        "id": definition.id,
        "version": definition.version,
        "title": definition.title,
        "title_zh": definition.title_zh,
        "unit": report.currency if definition.unit == "money" else definition.unit,
        "fiscal_year": report.period.year,
        "institute": one.institute,
        "value": services.json_number(one.number),
        "numerator": one.numerator,
        "denominator": one.denominator,
        "as_of": report.snapshot.taken_at,
        "snapshot": report.snapshot.hash,
    }


def _all_values(figure: ReportFigure) -> Iterator[Measured]:
    yield figure.total
    yield from figure.by_dimension
    yield from figure.by_institute
    yield from figure.of_institute_by_dimension


def _value(one: Measured) -> dict[str, Any]:
    return {
        "institute": one.institute,
        "dimension": one.dimension,
        "value": services.json_number(one.number),
        "numerator": one.numerator,
        "denominator": one.denominator,
    }


def _outlook(found: Outlook) -> dict[str, Any]:
    shown = found.projection
    return {
        "institute": found.institute.key,
        "as_of": found.snapshot.taken_at,
        "snapshot": found.snapshot.hash,
        "last_recorded_year": found.books.years[-1],
        "counted_from": found.counted_from,
        "award_ends_on": found.award_ends_on,
        "currency": queries.profile_in_use().currency,
        "verdict": shown.verdict,
        "reasons": list(shown.reasons),
        "runway_months": shown.runway_months,
        "runway_low_months": shown.runway_low_months,
        "coverage_bp": shown.coverage_bp,
        "diversity_hundredths": shown.diversity,
    }


def _outlook_year(year: ExpectedYear) -> dict[str, Any]:
    return {
        "fiscal_year": year.year,
        "base_minor": year.base,
        "streams": {key: ExpectedOut.of(each) for key, each in year.streams},
        "own": ExpectedOut.of(year.own),
        "cost": ExpectedOut.of(year.cost),
        "in_kind_minor": year.in_kind,
        "balance_minor": year.balance,
    }


def _part(part: InstitutePart, digest: str) -> PartOut:
    return PartOut(
        fiscal_year=part.edition.fiscal_year,
        institute=part.institute,
        state=part.state,
        is_stale=rules.part_is_stale(part.state, part.figures_digest, digest),
        digest=digest,
        attested_at=part.attested_at,
    )


def _language() -> str:
    language = get_language() or rules.LANGUAGES[0]
    return language if language in rules.LANGUAGES else rules.LANGUAGES[0]
