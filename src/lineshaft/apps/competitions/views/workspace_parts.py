"""Pages on which a team writes: sections, budget, revenue, letters, documents."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import (
    AmountsForm,
    Choices,
    DocumentForm,
    LetterForm,
    SectionForm,
)
from lineshaft.apps.competitions.models import SOURCE_LABELS, Application, CommitmentLetter
from lineshaft.apps.competitions.views.workspaces import FORM, of_application, permit_seat
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.uploads import refuse_cut_upload
from lineshaft.plumbing.files.views import own_attachment
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import actor_of, render_page

AMOUNTS: Final = "competitions/amounts_form.html"
EVERY: Final = timedelta(minutes=rules.VERSION_MINUTES)


@require_http_methods(["GET", "POST"])
@login_required
def write_section(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """A section of the text: to be read by whom it is open to, written by those who write.

    With a script it saves itself while it is written; without one the button does.
    """
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    seat = queries.seat_of(actor, application)
    queries.require_part(seat, section)
    standing = queries.section_of(application, section)
    shown = {
        "title": services.part_label(section),
        "lede": formats.local_name(application),
        "submit_label": _("Save"),
        "most": rules.SECTION_MAX,
        **of_application(application),
    }
    if request.method == "GET" and not seat.may_write(section):
        return render_page(
            request, "competitions/show_section.html", {**shown, "text": standing.text}
        )
    permit_seat(actor, application, "write_section")
    initial = {"text": standing.text, "seen": standing.revision}
    form = SectionForm(request.POST or None, initial=initial)
    if request.headers.get("HX-Request") and request.method == "POST":
        return _saved_itself(request, actor, application, section, form)
    return form_page(
        request,
        "competitions/write_section.html",
        form,
        shown,
        perform=lambda: services.write_section(
            actor,
            application,
            section,
            form.cleaned_data["text"],
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _done: _("Saved."),
        seen_at=lambda _done: f"{application.get_absolute_url()}#sections",
    )


@require_http_methods(["GET", "POST"])
@login_required
def set_budget(request: HttpRequest, pk: int, source: str) -> HttpResponse:
    """The table of the money of a source, by class of cost and year."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    queries.require_part(queries.seat_of(actor, application), rules.BUDGET)
    permit_seat(actor, application, "set_budget")
    if source not in set(rules.Source):
        raise NotFound(code="no_source")
    form = AmountsForm(
        request.POST or None,
        rows=[(one.key, formats.local_name(one)) for one in formats.profile().cost_categories],
        years=rules.years_of(application.term_months),
        currency=application.competition.currency,
        amounts={
            (one.category, one.year): one.amount_minor
            for one in application.budget.all()
            if one.source == source
        },
        initial={"seen": services.last_version_of(application, rules.BUDGET)},
    )
    return form_page(
        request,
        AMOUNTS,
        form,
        {
            "title": _("Budget: %(source)s") % {"source": str(SOURCE_LABELS[rules.Source(source)])},
            "lede": _("By class of cost and year, in %(currency)s.")
            % {"currency": application.competition.currency},
            "head": _("Class of cost"),
            "submit_label": _("Save"),
            **of_application(application),
        },
        perform=lambda: services.set_budget(
            actor,
            application,
            source,
            form.amounts(),
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _done: _("Saved."),
        seen_at=lambda _done: f"{application.get_absolute_url()}#budget",
    )


@require_http_methods(["GET", "POST"])
@login_required
def set_revenue(request: HttpRequest, pk: int) -> HttpResponse:
    """The table of what streams of income are to bring, by year."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    queries.require_part(queries.seat_of(actor, application), rules.REVENUE)
    permit_seat(actor, application, "set_revenue")
    form = AmountsForm(
        request.POST or None,
        rows=[(one.key, formats.local_name(one)) for one in formats.profile().income_streams],
        years=rules.years_of(application.term_months) + rules.YEARS_AFTER,
        currency=application.competition.currency,
        amounts={(one.stream, one.year): one.amount_minor for one in application.revenue.all()},
        initial={"seen": services.last_version_of(application, rules.REVENUE)},
    )
    return form_page(
        request,
        AMOUNTS,
        form,
        {
            "title": _("Plan of revenue"),
            "lede": _("From what the institute lives, two years beyond the term, in %(currency)s.")
            % {"currency": application.competition.currency},
            "head": _("Stream"),
            "submit_label": _("Save"),
            **of_application(application),
        },
        perform=lambda: services.set_revenue(
            actor,
            application,
            form.amounts(),
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _done: _("Saved."),
        seen_at=lambda _done: f"{application.get_absolute_url()}#revenue",
    )


@require_http_methods(["GET", "POST"])
@login_required
def add_commitment(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that enters a letter of commitment."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    queries.require_part(queries.seat_of(actor, application), rules.COMMITMENTS)
    permit_seat(actor, application, "add_commitment")
    form = LetterForm(
        request.POST or None,
        kinds=[(one.key, formats.local_name(one)) for one in formats.profile().cost_share_kinds],
        years=rules.years_of(application.term_months),
        currency=application.competition.currency,
    )
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Enter a letter of commitment"),
            "lede": _("Who gives what in which year. Attach the letter itself as a document."),
            "submit_label": _("Enter"),
            **of_application(application),
        },
        perform=lambda: services.add_commitment(actor, application, form.row(), now=clock.now()),
        told=lambda _done: _("The letter is entered."),
        seen_at=lambda _done: f"{application.get_absolute_url()}#commitments",
    )


@require_POST
@login_required
def remove_commitment(request: HttpRequest, pk: int, letter: int) -> HttpResponse:
    """Take a letter of commitment out."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    found = CommitmentLetter(pk=letter)
    services.remove_commitment(actor, application, found, now=clock.now())
    messages.success(request, _("The letter is taken out."))
    return redirect(f"{application.get_absolute_url()}#commitments")


@require_http_methods(["GET", "POST"])
@login_required
def attach_document(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that attaches a file; it counts as arrived once it has arrived whole."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    queries.require_part(queries.seat_of(actor, application), rules.DOCUMENTS)
    permit_seat(actor, application, "attach_document")
    refuse_cut_upload(request)
    form = DocumentForm(request.POST or None, request.FILES or None, kinds=_kinds(application))
    stage = queries.call_to_show(application.competition)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Attach a document"),
            "lede": _limits(stage.page_limit if stage else None),
            "submit_label": _("Attach"),
            **of_application(application),
        },
        perform=lambda: services.attach_document(
            actor,
            application,
            form.cleaned_data["kind"],
            form.cleaned_data["file"].file,
            name=form.cleaned_data["file"].name,
            now=clock.now(),
        ),
        told=lambda made: _("“%(name)s” is attached.") % {"name": made.file.name},
        seen_at=lambda _made: f"{application.get_absolute_url()}#documents",
    )


@require_POST
@login_required
def remove_document(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    """Take a document off."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    found = queries.document_by_id(actor, application, document)
    services.remove_document(actor, application, found, now=clock.now())
    messages.success(request, _("The document is taken off."))
    return redirect(f"{application.get_absolute_url()}#documents")


@require_GET
@login_required
def download_document(request: HttpRequest, pk: int, document: int) -> FileResponse:
    """A document of the application, for whom on its team it is open to."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    return own_attachment(queries.document_by_id(actor, application, document).file)


# ---------------------------------------------------------------------------------------- leaves


def _saved_itself(
    request: HttpRequest, actor: Actor, application: Application, section: str, form: SectionForm
) -> HttpResponse:
    """The line under the text that says whether it was saved, and the revision to write on."""
    saved, status, moment = None, status_of(form), clock.now()
    if form.is_valid():
        with errors_into_form(form) as outcome:
            saved = services.write_section(
                actor,
                application,
                section,
                form.cleaned_data["text"],
                seen=form.cleaned_data["seen"],
                now=moment,
                every=EVERY,
            )
        status = outcome.status
    faults = [str(fault) for errors in form.errors.values() for fault in errors]
    context = {"saved": saved, "moment": moment, "faults": faults}
    shown = status if status != HTTPStatus.OK else HTTPStatus.OK
    return render_page(request, "competitions/section_saved.html", context, status=shown)


def _kinds(application: Application) -> Choices:
    """The kinds of documents, those that the call asks for first."""
    stage = queries.call_to_show(application.competition)
    asked = [one.kind for one in stage.documents.all()] if stage else []
    kinds = {one.key: formats.local_name(one) for one in formats.profile().competing.documents}
    others = [key for key in kinds if key not in asked]
    return [(key, kinds[key]) for key in (*asked, *others) if key in kinds]


def _limits(pages: int | None) -> str:
    if pages is None:
        return _("PDF, office documents, tables, images and texts are taken.")
    return _("A narrative is a PDF of at most %(pages)s pages.") % {"pages": pages}
