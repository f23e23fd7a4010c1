"""Pages of the versions of an application: what changed when by whom, and how it read before."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.competitions import queries, services
from lineshaft.apps.competitions.models import Application, ApplicationVersion
from lineshaft.apps.competitions.views.contents import difference
from lineshaft.apps.competitions.views.workspaces import of_application
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.pages import actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
@login_required
def list_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """The versions of the parts that are open to the reader, the latest first."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    page = paginate(request, queries.versions_of(actor, application))
    context = {
        "title": ngettext("%(count)s version", "%(count)s versions", page.total)
        % {"count": formats.number(page.total)},
        "lede": formats.local_name(application),
        "table": _table(application, page),
        **of_application(application),
    }
    return render_page(request, "competitions/list_versions.html", context)


@require_GET
@login_required
def show_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version beside the one of the same part before it."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    version = queries.version_by_number(actor, application, number)
    before = queries.version_before(version)
    currency = application.competition.currency
    old = services.lines_of(version.part, before.content, currency) if before else []
    new = services.lines_of(version.part, version.content, currency)
    said = {"number": number, "part": services.part_label(version.part)}
    context = {
        "title": _("%(part)s, version %(number)s") % said,
        "lede": _("%(who)s, %(moment)s")
        % {
            "who": formats.actor_name(version.made_by),
            "moment": formats.date_local(version.made_at),
        },
        "before": before,
        "lines": difference(old, new),
        **of_application(application),
    }
    return render_page(request, "competitions/show_version.html", context)


# ---------------------------------------------------------------------------------------- leaves


def _table(application: Application, page: Page[ApplicationVersion]) -> Table:
    return Table(
        _("Versions, the latest first"),
        (
            Column("number", _("Version"), is_number=True),
            Column("part", _("Part")),
            Column("moment", _("Made at"), is_short=True),
            Column("by", _("By")),
        ),
        tuple(
            Row(
                (
                    Cell(
                        formats.number(one.number),
                        reverse("competitions:show_version", args=[application.pk, one.number]),
                    ),
                    Cell(services.part_label(one.part)),
                    Cell(formats.date_local(one.made_at)),
                    Cell(formats.actor_name(one.made_by)),
                )
            )
            for one in page
        ),
        page=page,
        is_stacked=True,
    )
