"""The API of applications: a team's own, and what was handed in once it is opened.

Amounts are minor units; what a part holds is what the pages show of it, as plain values.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Application, Submission
from lineshaft.apps.network.queries import organisation_by_id, profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["competitions"])


class CompetitionApplicationOut(Schema):
    """An application of the caller's; `state` is writing, submitted or withdrawn.

    `number` is null until the first call of the competition is over.
    """

    id: int
    opportunity_id: str
    number: int | None
    title: str
    lead: int
    state: str
    changed_at: datetime


class SubmissionOut(Schema):
    """What was handed in: `sha256` is that of its content."""

    id: int
    application: int
    stage: int
    version: int
    title: str
    submitted_at: datetime
    is_late: bool
    sha256: str


class MissingOut(Schema):
    """What an application lacks, with the part where it belongs and the authority."""

    part: str
    code: str
    message: str
    citation: str


class ApplicationDetailOut(CompetitionApplicationOut):
    """An application with the parts that are open to the caller, and what it lacks."""

    parts: dict[str, Any]
    missing: list[MissingOut]
    keeps_back: list[MissingOut]
    submissions: list[SubmissionOut]


class StartIn(Schema):
    """An application to begin; `organisation` is the id of one of the caller's own."""

    organisation: RowId
    title: str


class SectionIn(Schema):
    """The text of a section; `seen` is the revision that was read, or null."""

    text: str
    seen: int | None = None


class SectionOut(Schema):
    """A section as it stands."""

    key: str
    text: str
    revision: int


class AmountIn(Schema):
    """An amount of a year, of a class of cost."""

    category: str
    year: int
    amount_minor: int


class BudgetIn(Schema):
    """All the money of one source."""

    source: rules.Source
    lines: list[AmountIn] = Field(default_factory=list)


class WithdrawFromCompetitionIn(Schema):
    """Why an application is withdrawn."""

    why: str


@router.get(
    "/competition-applications",
    response=PageOf[CompetitionApplicationOut],
    operation_id="list_workspaces",
    summary="One's own applications",
)
def list_workspaces(
    request: HttpRequest, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The applications on whose team the caller is."""
    rows = queries.applications_listed(actor_of(request))
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [CompetitionApplicationOut(**_listed(one)) for one in page["items"]]}


@router.get(
    "/competition-applications/{application_id}",
    response=ApplicationDetailOut,
    operation_id="show_workspace",
    summary="One application",
)
def show_workspace(request: HttpRequest, application_id: RowId) -> ApplicationDetailOut:
    """The application as far as it is open to the caller."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, application_id)
    return _detail(application, queries.seat_of(actor, application))


@router.post(
    "/opportunities/{key}/applications",
    response=CompetitionApplicationOut,
    operation_id="start_application",
    summary="Begin an application",
)
def start_application(request: HttpRequest, key: str, payload: StartIn) -> HttpResponse:
    """The application as it is begun."""
    actor = actor_of(request)

    def perform() -> CompetitionApplicationOut:
        organisation = organisation_by_id(actor, payload.organisation)
        found = queries.opportunity_by_key(actor, key)
        made = services.start_application(
            actor, found, organisation, title=payload.title, now=clock.now()
        )
        return CompetitionApplicationOut(**_listed(made))

    return idempotent(request, "start_application", perform)


@router.post(
    "/competition-applications/{application_id}/sections/{key}",
    response=SectionOut,
    operation_id="write_section",
    summary="Write a section",
)
def write_section(
    request: HttpRequest, application_id: RowId, key: str, payload: SectionIn
) -> HttpResponse:
    """The section as it stands."""
    actor = actor_of(request)

    def perform() -> SectionOut:
        application = queries.application_by_id(actor, application_id)
        done = services.write_section(
            actor, application, key, payload.text, seen=payload.seen, now=clock.now()
        )
        return SectionOut(key=done.key, text=done.text, revision=done.revision)

    return idempotent(request, "write_section", perform)


@router.post(
    "/competition-applications/{application_id}/budget",
    response=CompetitionApplicationOut,
    operation_id="set_budget",
    summary="Set the budget of a source",
)
def set_budget(request: HttpRequest, application_id: RowId, payload: BudgetIn) -> HttpResponse:
    """The application; its lines of that source are the ones that were sent."""
    actor = actor_of(request)

    def perform() -> CompetitionApplicationOut:
        application = queries.application_by_id(actor, application_id)
        amounts: dict[tuple[str, int], int] = {}
        for line in payload.lines:
            cell = (line.category, line.year)
            amounts[cell] = amounts.get(cell, 0) + line.amount_minor
        services.set_budget(actor, application, payload.source, amounts, now=clock.now())
        return CompetitionApplicationOut(
            **_listed(queries.application_by_id(actor, application_id))
        )

    return idempotent(request, "set_budget", perform)


@router.post(
    "/competition-applications/{application_id}/submit",
    response=SubmissionOut,
    operation_id="submit_application",
    summary="Hand an application in",
)
def submit_application(request: HttpRequest, application_id: RowId) -> HttpResponse:
    """What was handed in, with its digest."""
    actor = actor_of(request)

    def perform() -> SubmissionOut:
        application = queries.application_by_id(actor, application_id)
        return _submission(services.submit_application(actor, application, now=clock.now()))

    return idempotent(request, "submit_application", perform)


@router.post(
    "/competition-applications/{application_id}/withdraw",
    response=CompetitionApplicationOut,
    operation_id="withdraw_from_competition",
    summary="Withdraw an application",
)
def withdraw_from_competition(
    request: HttpRequest, application_id: RowId, payload: WithdrawFromCompetitionIn
) -> HttpResponse:
    """The application as it is withdrawn."""
    actor = actor_of(request)

    def perform() -> CompetitionApplicationOut:
        application = queries.application_by_id(actor, application_id)
        done = services.withdraw_from_competition(
            actor, application, why=payload.why, now=clock.now()
        )
        return CompetitionApplicationOut(**_listed(done))

    return idempotent(request, "withdraw_from_competition", perform)


@router.get(
    "/opportunities/{key}/submissions",
    response=PageOf[SubmissionOut],
    operation_id="list_submissions",
    summary="What was handed in",
)
def list_submissions(
    request: HttpRequest, key: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """What was handed in at stages that are over, for whoever runs the competition."""
    actor = actor_of(request)
    found = queries.opportunity_by_key(actor, key)
    if not queries.may_read_submissions(actor, found):
        raise NotFound(code="no_submissions")
    rows = queries.submissions_visible_to(actor, found)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_submission(one) for one in page["items"]]}


def _listed(one: Application) -> dict[str, Any]:
    return {
        "id": one.pk,
        "opportunity_id": one.competition.key,
        "number": queries.number_told_of(one),
        "title": one.title,
        "lead": one.lead_id,
        "state": one.state,
        "changed_at": one.changed_at,
    }


def _detail(one: Application, seat: queries.Seat) -> ApplicationDetailOut:
    stage = queries.call_to_show(one.competition)
    plan = queries.plan_of(one, stage, on=clock.today())
    checks = rules.checks_of_plan(plan, profile_in_use(), clock.today())
    kept = [
        rules.Missing(check.part, check.fault)
        for check in checks
        if check.keeps_back and check.fault is not None
    ]
    return ApplicationDetailOut(
        **_listed(one),
        parts={part: queries.content_of(one, part) for part in rules.PARTS if part in seat.parts},
        missing=[_missing(each) for each in rules.missing_in(plan) if each.part in seat.parts],
        keeps_back=[_missing(each) for each in kept if each.part in seat.parts],
        submissions=[_submission(each) for each in queries.submissions_of(one)],
    )


def _missing(one: rules.Missing) -> MissingOut:
    citation = one.refusal.citation
    return MissingOut(
        part=one.part,
        code=one.refusal.code,
        message=one.refusal.as_text(),
        citation=citation.text if citation else "",
    )


def _submission(one: Submission) -> SubmissionOut:
    return SubmissionOut(
        id=one.pk,
        application=one.application_id,
        stage=one.stage.number,
        version=one.number,
        title=one.content[rules.TERMS]["title"],
        submitted_at=one.submitted_at,
        is_late=one.is_late,
        sha256=one.digest,
    )
