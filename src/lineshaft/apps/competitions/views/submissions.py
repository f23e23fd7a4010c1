"""Pages of what was handed in, for whoever runs the competition and once the stage is over; and
which kinds of organisations may lead.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import LeadsForm
from lineshaft.apps.competitions.models import Competition, Submission
from lineshaft.apps.competitions.views.competitions import competition_to
from lineshaft.apps.competitions.views.conflict_words import unwanted_table
from lineshaft.apps.competitions.views.words import running_crumbs
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.files.views import attachment
from lineshaft.plumbing.listing import Page, paginate_parts
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
@login_required
def list_submissions(request: HttpRequest, key: str) -> HttpResponse:
    """What was handed in at the stages that are over."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    if not queries.may_read_submissions(actor, shown):
        raise NotFound(code="no_submissions")
    page = paginate_parts(
        request,
        queries.submissions_by_stage(actor, shown),
        queries.titles_of(queries.submissions_listed()),
    )
    context = {
        "title": ngettext(
            "%(count)s application was handed in",
            "%(count)s applications were handed in",
            page.total,
        )
        % {"count": formats.number(page.total)}
        if page.total
        else _("Nothing can be read yet"),
        "lede": _("What is handed in stays sealed until its stage is over, and is not counted."),
        "crumbs": running_crumbs(shown),
        "tabs": competition_tabs(key, "competitions:list_submissions"),
        "table": _table(shown, page),
    }
    return render_page(request, "competitions/list_submissions.html", context)


@require_GET
@login_required
def show_submission(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """An application as it was handed in."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    one = queries.submission_by_id(actor, shown, pk)
    content: dict[str, Any] = one.content
    listed = Crumb(
        pgettext("competition", "Applications"),
        reverse("competitions:list_submissions", args=[shown.key]),
    )
    context = {
        "title": services.title_in(content),
        "lede": _("Handed in on %(moment)s by %(who)s as version %(number)s.")
        % {
            "moment": services.moment_in(shown.zone, one.submitted_at),
            "who": formats.actor_name(one.submitted_by),
            "number": one.number,
        },
        "crumbs": (*running_crumbs(shown), listed),
        "parts": [
            (services.part_label(part), lines)
            for part in rules.PARTS
            if part != rules.DOCUMENTS
            and (lines := services.lines_of(part, content[part], shown.currency))
        ],
        "documents": [
            (
                line,
                reverse(
                    "competitions:download_submitted", args=[shown.key, one.pk, document["id"]]
                ),
            )
            for document, line in zip(
                content[rules.DOCUMENTS]["documents"],
                services.lines_of(rules.DOCUMENTS, content[rules.DOCUMENTS], shown.currency),
                strict=True,
            )
        ],
        "actions": (
            Action(
                _("Topic overlap"),
                reverse("competitions:show_topic_overlaps", args=[shown.key, one.pk]),
            ),
        ),
        "digest": one.digest,
        "is_late": one.is_late,
        "unwanted": unwanted_table(
            queries.unwanted_until(actor, one.application, one.submitted_at)
        ),
    }
    return render_page(request, "competitions/show_submission.html", context)


@require_GET
@login_required
def download_submitted(request: HttpRequest, key: str, pk: int, document: int) -> FileResponse:
    """A document as it was handed in."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    one = queries.submission_by_id(actor, shown, pk)
    return attachment(actor, queries.submitted_document(one, document).file)


@require_http_methods(["GET", "POST"])
@login_required
def set_eligible_leads(request: HttpRequest, key: str) -> HttpResponse:
    """The form that says which kinds of organisations may lead."""
    actor, shown = competition_to(request, key, "set_eligible_leads")
    kinds = [(one.key, formats.local_name(one)) for one in formats.profile().organisation_kinds]
    initial = {"kinds": [one.kind for one in shown.eligible_leads.all()]}
    form = LeadsForm(request.POST or None, kinds=kinds, initial=initial)
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Who may lead an application to %(code)s") % {"code": shown.code},
            "lede": _("An application of another kind of organisation is not begun at all."),
            "submit_label": _("Save"),
            "crumbs": running_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: services.set_eligible_leads(
            actor, shown, form.cleaned_data["kinds"], now=clock.now()
        ),
        told=lambda _done: _("Saved."),
        seen_at=lambda _done: shown.get_absolute_url(),
    )


# ---------------------------------------------------------------------------------------- leaves


def _table(competition: Competition, page: Page[Submission]) -> Table:
    return Table(
        _("Applications by stage and number"),
        (
            Column("stage", _("Stage")),
            Column("number", _("Number"), is_number=True),
            Column("title", _("Application")),
            Column("lead", _("Lead organisation")),
            Column("moment", _("Handed in")),
            Column("state", _("State")),
        ),
        tuple(_row(competition, one) for one in page),
        page=page,
        empty=_("What is handed in is opened when its stage is over."),
        is_stacked=True,
    )


def _row(competition: Competition, one: Submission) -> Row:
    application = one.application
    url = reverse("competitions:show_submission", args=[competition.key, one.pk])
    return Row(
        (
            Cell(formats.local_name(one.stage)),
            Cell(formats.number(application.number)),
            Cell(one.title, url),  # type: ignore[attr-defined] # annotated
            Cell(formats.local_name(application.lead)),
            Cell(services.moment_in(competition.zone, one.submitted_at)),
            Cell(_("Late") if one.is_late else _("In time"), tag="due" if one.is_late else "quiet"),
        )
    )
