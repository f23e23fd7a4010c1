"""The API of what goes across apps: search, jobs, imports, the audit trail."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from lineshaft.apps.desk.queries import audit_events
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.queries import events_visible_to
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.queries import batches_visible_to
from lineshaft.plumbing.exchange.services import report_of
from lineshaft.plumbing.gates import pass_gate
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.queries import jobs_visible_to
from lineshaft.plumbing.jobs.views import said
from lineshaft.plumbing.limits import Gate
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, paged
from lineshaft.plumbing.search import queries

NEWEST_FIRST = ("-requested_at", "-pk")

router = Router(tags=["search"])


class SearchAsked(Schema):
    """What to look for, and which part of what is found."""

    text: str = Field(max_length=200)
    offset: int = Field(0, ge=0, le=10_000)
    limit: int = Field(LIMIT_DEFAULT, ge=1, le=100)


class HitOut(Schema):
    """Something found: what kind of record, what it is called, and its page."""

    kind: str
    object_id: str
    title: str
    title_zh: str
    summary: str
    url: str


class SearchOut(Schema):
    """What was found, best first, and how many there are in all."""

    items: list[HitOut]
    total: int


@router.get(
    "/search",
    response=SearchOut,
    operation_id="search",
    summary="Institutes, organisations and other records by their words",
)
def search(request: HttpRequest, asked: Query[SearchAsked]) -> dict[str, Any]:
    """Every word has to be found; the last may be the beginning of a word. Chinese too."""
    actor = actor_of(request)
    pass_gate(actor, Gate.SEARCH, now=clock.now())
    found = queries.search(actor, asked.text, offset=asked.offset, limit=asked.limit)
    return {"items": found.hits, "total": found.total}


class JobOut(Schema):
    """Work in the background; `progress_total` is 0 while it is not known, `error` says why."""

    id: UUID
    kind: str
    state: str
    progress_done: int
    progress_total: int
    attempts: int
    note: str
    error: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_note(job: Job) -> str:
        return said(job.note, job.note_params)

    @staticmethod
    def resolve_error(job: Job) -> str:
        return said(job.error, job.error_params)


@router.get("/jobs", response=PageOf[JobOut], operation_id="list_jobs", summary="The jobs")
def list_jobs(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Jobs that the caller asked for, newest first; every job for the network's staff."""
    jobs = jobs_visible_to(actor_of(request))
    return paged(jobs, cursor=cursor, limit=limit, order_by=NEWEST_FIRST)


@router.get("/jobs/{uuid:job_id}", response=JobOut, operation_id="show_job", summary="One job")
def show_job(request: HttpRequest, job_id: UUID) -> Job:
    """How far the job is, and how it ended."""
    job = jobs_visible_to(actor_of(request)).filter(pk=job_id).first()
    if job is None:
        raise NotFound(code="job")
    return job


class ImportOut(Schema):
    """A run over a file; `job_id` names the job where the file is large."""

    id: UUID
    kind: str
    state: str
    is_dry_run: bool
    follows_id: UUID | None
    job_id: UUID | None
    rows_read: int
    rows_filtered: int
    created: int
    updated: int
    unchanged: int
    requested_at: datetime
    finished_at: datetime | None


class RowFaultOut(Schema):
    """A row that could not be taken, and how to mend it; `row` counts the header as 1."""

    row: int
    column: str
    value: str
    message: str


class ImportDetailOut(ImportOut):
    """A run with its first faults; `errors_more` counts those beyond."""

    errors: list[RowFaultOut]
    errors_more: int

    @staticmethod
    def resolve_errors(batch: ImportBatch) -> list[RowFaultOut]:
        return [
            RowFaultOut(
                row=fault.row, column=fault.column, value=fault.value, message=fault.as_text(_)
            )
            for fault in report_of(batch).errors
        ]


@router.get(
    "/imports", response=PageOf[ImportOut], operation_id="list_imports", summary="The imports"
)
def list_imports(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Imports that the caller asked for, newest first; every import for the network's staff."""
    batches = batches_visible_to(actor_of(request)).defer("mapping_text", "errors")
    return paged(batches, cursor=cursor, limit=limit, order_by=NEWEST_FIRST)


@router.get(
    "/imports/{uuid:import_id}",
    response=ImportDetailOut,
    operation_id="show_import",
    summary="One import",
)
def show_import(request: HttpRequest, import_id: UUID) -> ImportBatch:
    """What the run read, wrote and refused."""
    batch = batches_visible_to(actor_of(request)).filter(pk=import_id).first()
    if batch is None:
        raise NotFound(code="import")
    return batch


class EventOut(Schema):
    """Who did which verb to what, what it changed, why and when; `digest` stands in the chain."""

    id: int
    at: datetime
    actor_label: str
    verb: str
    subject_type: str
    subject_id: str
    institute: str
    agency: str
    count: int
    changes: dict[str, Any]
    why: str
    digest: str


@router.get(
    "/audit-events",
    response=PageOf[EventOut],
    operation_id="list_audit_events",
    summary="The audit trail",
)
def list_audit_events(
    request: HttpRequest,
    *,
    verb: Annotated[str, Query(max_length=64)] = "",
    institute: Annotated[str, Query(max_length=64)] = "",
    since: date | None = None,
    until: date | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Events that the caller may see, newest first: all for the network's staff, else those of
    one's institutes and one's own. `until` is the last day that counts.
    """
    events = audit_events(
        actor_of(request), verb=verb, institute=institute, since=since, until=until
    )
    return paged(events, cursor=cursor, limit=limit, order_by=("-pk",))


@router.get(
    "/audit-events/{event_id}",
    response=EventOut,
    operation_id="show_audit_event",
    summary="One event of the audit trail",
)
def show_audit_event(request: HttpRequest, event_id: RowId) -> AuditEvent:
    """The event whole."""
    event = events_visible_to(actor_of(request)).filter(pk=event_id).first()
    if event is None:
        raise NotFound(code="event")
    return event
