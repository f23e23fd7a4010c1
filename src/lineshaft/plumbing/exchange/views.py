"""Pages of imports: what ran, a file sent for a dry run, its report, and the confirmation."""

import csv
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.kernel.errors import Invalid, LineshaftError, NotFound, NotPermitted, Refused
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange import limits, rules, services
from lineshaft.plumbing.exchange.forms import ImportForm
from lineshaft.plumbing.exchange.mapping import ColumnMapping, parse_mapping, shipped_mappings
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.queries import (
    batches_visible_to,
    earlier_import,
    import_spec,
    import_specs,
)
from lineshaft.plumbing.exchange.spec import ImportSpec
from lineshaft.plumbing.files.uploads import refuse_cut_upload
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.listing import paginate

TONES = {
    rules.WAITING: "quiet",
    rules.CHECKED: "due",
    rules.REFUSED: "bad",
    rules.APPLIED: "ok",
}
INVALID_STATUS = 422
REFUSED_STATUS = 409


@require_GET
def list_imports(request: HttpRequest) -> HttpResponse:
    """Every import that the actor may see, and the kinds that the actor may start."""
    actor = _signed_in(request)
    page = paginate(request, batches_visible_to(actor).defer("mapping_text", "errors"))
    context = {
        "lines": [(batch, title_of(batch.kind), TONES[batch.state]) for batch in page.items],
        "page": page,
        "kinds": [
            (kind, title_of(kind), _(spec.help) if spec.help else "")
            for kind, spec in import_specs().items()
            if rules.may_import(actor, spec.permission)
        ],
    }
    return render(request, "exchange/list_imports.html", context)


@require_http_methods(["GET", "POST"])
def start_import(request: HttpRequest, kind: str) -> HttpResponse:
    """Take a file and check it in a dry run; a large one is checked by a job."""
    actor = _signed_in(request)
    spec = import_spec(kind)
    rules.permit_import(actor, spec.permission)
    shipped = shipped_mappings(spec)
    language = get_language() or "en"
    titles = {key: mapping.title_in(language) for key, mapping in shipped.items()}
    is_sent = request.method == "POST"
    form = ImportForm(request.POST if is_sent else None, request.FILES or None, mappings=titles)
    status = 200
    if is_sent:
        refuse_cut_upload(request)
        status = INVALID_STATUS
        if form.is_valid():
            try:
                batch = _store(actor, spec, form, shipped)
            except Refused as error:
                form.add_error("file", error.as_text(_))
                status = REFUSED_STATUS
            except Invalid as error:
                form.add_error("mapping_file", LineshaftError.as_text(error, _))
            else:
                return _run(actor, batch)
    columns = [(column, _(column.help) if column.help else "") for column in spec.columns]
    context = {"title": title_of(kind), "form": form, "columns": columns, "kind": kind}
    return render(request, "exchange/start_import.html", context, status=status)


@require_GET
def download_template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty CSV file with the columns that are read, to be filled in."""
    spec = import_spec(kind)
    rules.permit_import(_signed_in(request), spec.permission)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    csv.writer(response).writerow(column.name for column in spec.columns)
    return response


@require_GET
def show_import(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the run found and did; while it waits, how far it is."""
    actor = _signed_in(request)
    batch = _batch(actor, pk)
    report = services.report_of(batch)
    job = Job.objects.filter(pk=batch.job_id).first() if batch.job_id else None
    spec = import_specs().get(batch.kind)
    context: dict[str, Any] = {
        "batch": batch,
        "title": title_of(batch.kind),
        "tone": TONES[batch.state],
        "job": job,
        "is_running": batch.is_waiting and job is not None and job.is_open,
        "errors": [(error, error.as_text(_)) for error in report.errors],
        "errors_more": report.errors_more,
        "notices": [(notice.row, notice.as_text(_)) for notice in report.notices],
        "earlier": earlier_import(batch),
        "follower": batch.followed_by.order_by("-requested_at").first(),
        "may_confirm": spec is not None
        and batch.is_ready_to_import
        and rules.may_import(actor, spec.permission),
    }
    return render(request, "exchange/show_import.html", context)


@require_POST
def confirm_import(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Import what the dry run has checked."""
    actor = _signed_in(request)
    batch = services.confirm_import(actor, _batch(actor, pk), now=clock.now())
    return _run(actor, batch)


def title_of(kind: str) -> str:
    """The name of a kind of import in the reader's language."""
    spec = import_specs().get(kind)
    return _(spec.title) if spec and spec.title else kind


def _run(actor: Actor, batch: ImportBatch) -> HttpResponse:
    now = clock.now()
    if batch.source.size_bytes > limits.INLINE_BYTES_MAX:
        services.enqueue_batch(actor, batch, now=now)
    else:
        services.run_batch(actor, batch, now=now)
    return redirect(batch)


def _store(
    actor: Actor, spec: ImportSpec, form: ImportForm, shipped: dict[str, ColumnMapping]
) -> ImportBatch:
    file: UploadedFile[Any] = form.cleaned_data["file"]
    own: UploadedFile[Any] | None = form.cleaned_data["mapping_file"]
    if own is not None:
        mapping: ColumnMapping | None = _own_mapping(own, spec)
    else:
        mapping = shipped.get(form.cleaned_data["mapping"])
    return services.store_import(
        actor,
        spec,
        file.file,  # type: ignore[arg-type] # Django's uploads always have one
        name=file.name or "",
        mapping=mapping,
        is_dry_run=True,
        now=clock.now(),
    )


def _own_mapping(own: UploadedFile[Any], spec: ImportSpec) -> ColumnMapping:
    try:
        text = own.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(message=gettext_noop("The mapping file is not UTF-8.")) from error
    return parse_mapping(text, spec, key=(own.name or "mapping").removesuffix(".toml")[:100])


def _batch(actor: Actor, pk: UUID) -> ImportBatch:
    batch = batches_visible_to(actor).filter(pk=pk).first()
    if batch is None:
        raise NotFound(code="import")
    return batch


def _signed_in(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined] # set by config's middleware
    if actor.is_anonymous:
        raise NotPermitted(gettext_noop("Sign in to import."))
    return actor
