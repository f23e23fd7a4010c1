"""Pages of the annual report: the list, the report, and its way to publication."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.insight import queries, rules, services
from lineshaft.apps.insight.forms import OpenReportForm, RestateReportForm
from lineshaft.apps.insight.queries import Report
from lineshaft.apps.insight.rules import DocumentFormat
from lineshaft.apps.insight.services import wording
from lineshaft.apps.insight.views import drawing
from lineshaft.kernel.errors import Refused
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def list_reports(request: HttpRequest) -> HttpResponse:
    """Every edition that the reader may open."""
    actor = actor_of(request)
    editions = list(queries.editions_visible_to(actor))
    rows = tuple(
        Row(
            (
                Cell(
                    formats.fiscal_year(one.fiscal_year),
                    f"{one.get_absolute_url()}?edition={one.number}",
                ),
                Cell(formats.number(one.number)),
                Cell(drawing.edition_tag(one).text, tag=drawing.edition_tag(one).tone),
                Cell(formats.date_local(one.published_at.date()) if one.published_at else ""),
                Cell(formats.date_local(one.snapshot.taken_at)),
                Cell(one.snapshot.short_hash),
                Cell(one.reason),
            )
        )
        for one in editions
    )
    table = Table(
        caption=_("Editions of the annual report, newest first"),
        columns=(
            Column("year", _("Fiscal year")),
            Column("number", _("Edition"), is_number=True),
            Column("state", _("State")),
            Column("published", _("Published on")),
            Column("as_of", _("As of")),
            Column("snapshot", _("Snapshot")),
            Column("reason", _("Reason for restating")),
        ),
        rows=rows,
        is_stacked=True,
    )
    return render_page(
        request,
        "insight/list_reports.html",
        {
            "table": table,
            "waiting": [
                (one, drawing.part_tag(one)) for one in queries.attestations_waiting_for(actor)
            ],
            "actions": _list_actions(actor),
        },
    )


@require_GET
def show_report(request: HttpRequest, year: int) -> HttpResponse:
    """The annual report of a year."""
    actor = actor_of(request)
    report = queries.report_to_read(actor, year, number=_edition_number(request))
    names = {*drawing.TILES, *drawing.MONEY_PARTS}
    trends = queries.values_by_year(report.snapshot, figures=sorted(names), until=year)
    edition = report.edition
    parts = queries.parts_of(edition, institutes=report.institutes) if edition else ()
    drawings = (
        drawing.match_by_institute(report),
        drawing.members_by_kind(report),
        drawing.money_by_year(report, trends),
        drawing.institutes_map(report),
    )
    return render_page(
        request,
        "insight/show_report.html",
        {
            **drawing.report_context(report),
            "title": wording.report_finding(report),
            "lede": wording.report_lede(report),
            "crumbs": (Crumb(_("Annual report"), reverse("insight:list_reports")),),
            "tag": drawing.edition_tag(edition) if edition else None,
            "tiles": drawing.tiles(report, trends),
            "drawings": [one for one in drawings if one is not None],
            "institutes": drawing.institutes_table(report),
            "figures": drawing.figures_table(report),
            "steps": drawing.steps(edition, parts) if edition else (),
            "parts": drawing.parts_table(report, parts, opens=report.is_draft),
            "downloads": _downloads(report),
            "actions": _report_actions(actor, report),
        },
    )


@require_GET
def download_report(request: HttpRequest, year: int, form: str) -> HttpResponse:
    """The report as JSON, PDF or XLSX; as stored where it is published."""
    if form not in list(DocumentFormat):
        raise Http404
    document = services.report_document(
        actor_of(request),
        year,
        kind=DocumentFormat(form),
        language=_language(request),
        now=clock.now(),
        number=_edition_number(request),
    )
    response = HttpResponse(document.content, content_type=document.media_type)
    response["Content-Disposition"] = f'attachment; filename="{document.name}"'
    return response


@require_http_methods(["GET", "POST"])
def open_report(request: HttpRequest) -> HttpResponse:
    """Open the first edition of a year."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["open_report"])
    snapshot = queries.current_snapshot()
    taken = set(queries.editions_visible_to(actor).values_list("fiscal_year", flat=True))
    years = [year for year in snapshot.fiscal_years if year not in taken] if snapshot else []
    form = OpenReportForm(
        request.POST or None,
        choices=[(year, formats.fiscal_year(year)) for year in reversed(years)],
    )
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            edition = services.open_report(actor, form.cleaned_data["fiscal_year"], now=clock.now())
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("The report is open. The institutes can attest now."))
            return redirect(edition)
        status, refusal = outcome.status, outcome.refusal
    return render_page(
        request,
        "insight/open_report.html",
        {
            "form": form,
            "refusal": refusal,
            "snapshot": snapshot,
            "years": years,
            "crumbs": (Crumb(_("Annual report"), reverse("insight:list_reports")),),
            "actions": _list_actions(actor)[:1],
        },
        status=status,
    )


@require_POST
def request_snapshot(request: HttpRequest) -> HttpResponse:
    """Bring the figures up to date, in the background."""
    job = services.request_snapshot(actor_of(request), now=clock.now())
    messages.success(request, _("The figures are being brought up to date."))
    return redirect("jobs:show_job", job.pk)


@require_http_methods(["GET", "POST"])
def publish_report(request: HttpRequest, year: int) -> HttpResponse:
    """Publish the draft of a year, once every institute stands behind its part."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["publish_report"])
    refusal = None
    if request.method == "POST":
        try:
            edition = services.publish_report(actor, year, now=clock.now())
        except Refused as error:
            refusal = error.refusal
        else:
            messages.success(request, _("The report is published."))
            return redirect(edition)
    edition = queries.edition_to_read(actor, year, number=_draft_number(year))
    report = queries.report_of(year, edition.snapshot, edition)
    parts = queries.parts_of(edition, institutes=report.institutes)
    return render_page(
        request,
        "insight/publish_report.html",
        {
            **drawing.report_context(report),
            "crumbs": _crumbs(report),
            "refusal": refusal,
            "citation": rules.YEARLY_REPORT,
            "steps": drawing.steps(edition, parts),
            "parts": drawing.parts_table(report, parts, opens=True),
            "waiting": sum(1 for one in parts if not one.is_attested),
        },
        status=409 if refusal else 200,
    )


@require_http_methods(["GET", "POST"])
def restate_report(request: HttpRequest, year: int) -> HttpResponse:
    """Open another edition after a published one, with its reason."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["restate_report"])
    form = RestateReportForm(request.POST or None)
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            edition = services.restate_report(
                actor, year, reason=form.cleaned_data["reason"], now=clock.now()
            )
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("A new edition is open. The institutes attest it anew."))
            return redirect(f"{edition.get_absolute_url()}?edition={edition.number}")
        status, refusal = outcome.status, outcome.refusal
    report = queries.report_to_read(actor, year)
    return render_page(
        request,
        "insight/restate_report.html",
        {
            **drawing.report_context(report),
            "crumbs": _crumbs(report),
            "form": form,
            "refusal": refusal,
            "cancel_url": reverse("insight:show_report", args=[year]),
        },
        status=status,
    )


def _list_actions(actor: Actor) -> tuple[Action, ...]:
    actions = []
    if services.may_take_snapshot(actor):
        actions.append(
            Action(
                _("Bring the figures up to date"), reverse("insight:request_snapshot"), is_post=True
            )
        )
    if may(actor, rules.PERMISSIONS["open_report"]):
        actions.append(Action(_("Open a report"), reverse("insight:open_report"), is_primary=True))
    return tuple(actions)


def _report_actions(actor: Actor, report: Report) -> tuple[Action, ...]:
    year = [report.period.year]
    edition = report.edition
    if edition is None:
        return ()
    if edition.is_draft and may(actor, rules.PERMISSIONS["publish_report"]):
        return (
            Action(_("Publish"), reverse("insight:publish_report", args=year), is_primary=True),
        )
    is_open = not edition.is_draft and not edition.is_restated
    if is_open and may(actor, rules.PERMISSIONS["restate_report"]):
        return (Action(_("Restate"), reverse("insight:restate_report", args=year)),)
    return ()


def _downloads(report: Report) -> tuple[tuple[str, str], ...]:
    number = f"?edition={report.edition.number}" if report.edition else ""
    return tuple(
        (
            kind.name,
            reverse("insight:download_report", args=[report.period.year, kind.value]) + number,
        )
        for kind in (DocumentFormat.PDF, DocumentFormat.XLSX, DocumentFormat.JSON)
    )


def _crumbs(report: Report) -> tuple[Crumb, ...]:
    return (
        Crumb(_("Annual report"), reverse("insight:list_reports")),
        Crumb(
            formats.fiscal_year(report.period.year),
            reverse("insight:show_report", args=[report.period.year]),
        ),
    )


def _edition_number(request: HttpRequest) -> int | None:
    text = request.GET.get("edition", "")
    return int(text) if text.isdecimal() and len(text) < 6 else None  # noqa: PLR2004 -- five digits


def _draft_number(year: int) -> int | None:
    draft = queries.draft_of(year)
    return draft.number if draft else None


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language") or get_language() or "en"
    return asked if asked in rules.LANGUAGES else rules.LANGUAGES[0]
