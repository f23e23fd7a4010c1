"""Pages of jobs: the list, one job with its progress, and the two verbs."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.kernel.text import Term, fill, gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs import rules, services
from lineshaft.plumbing.jobs.kinds import job_titles
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.queries import jobs_visible_to
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role, ScopeKind

TONES = {
    rules.QUEUED: "quiet",
    rules.RUNNING: "quiet",
    rules.DONE: "ok",
    rules.FAILED: "bad",
    rules.STOPPED: "due",
}


@require_safe
def list_jobs(request: HttpRequest) -> HttpResponse:
    """Every job that the actor may see, newest first."""
    actor = _signed_in(request)
    page = paginate(request, jobs_visible_to(actor))
    titles = job_titles()
    lines = [(job, _(titles.get(job.kind, job.kind)), TONES[job.state]) for job in page.items]
    return render(request, "jobs/list_jobs.html", {"lines": lines, "page": page})


@require_safe
def show_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One job: how far it is, what it said, who asked for it."""
    actor = _signed_in(request)
    job = jobs_visible_to(actor).filter(pk=pk).first()
    if job is None:
        raise NotFound(code="job")
    workflow = rules.TRANSITIONS["Job"]
    context = {
        "job": job,
        "title": _(job_titles().get(job.kind, job.kind)),
        "tone": TONES[job.state],
        "note": said(job.note, job.note_params),
        "error": said(job.error, job.error_params),
        "trace": job.trace if actor.has_role(Role.ADMINISTRATOR, ScopeKind.NETWORK) else "",
        "may_stop": _may(actor, job, "stop_job")
        and workflow.check(job.state, "stop_job") is None
        and not job.is_stopping,
        "may_retry": _may(actor, job, "retry_job")
        and workflow.check(job.state, "retry_job") is None,
    }
    return render(request, "jobs/show_job.html", context)


@require_POST
def stop_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop the job, then show it."""
    return redirect(services.stop_job(_signed_in(request), pk, now=clock.now()))


@require_POST
def retry_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Queue the job again, then show it."""
    return redirect(services.retry_job(_signed_in(request), pk, now=clock.now()))


def said(message: str, params: dict[str, object]) -> str:
    """A stored message in the reader's language; lists came from tuples of terms."""
    spoken = {
        key: tuple(Term(part) for part in value) if isinstance(value, list) else value
        for key, value in params.items()
    }
    return fill(message, spoken, _) if message else ""


def _may(actor: Actor, job: Job, verb: str) -> bool:
    is_own = actor.user_id is not None and job.requested_by_id == actor.user_id
    return is_own or may(actor, rules.PERMISSIONS[verb])


def _signed_in(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined] # set by config's middleware
    if actor.is_anonymous:
        raise NotPermitted(gettext_noop("Sign in to see jobs."))
    return actor
