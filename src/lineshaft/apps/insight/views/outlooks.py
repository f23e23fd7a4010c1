"""Pages of outlooks: one institute's, for its board, and of all, for who watches the network."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.forms import OutlookForm
from lineshaft.apps.insight.queries import Outlook
from lineshaft.apps.insight.views import outlook_drawing as drawing
from lineshaft.apps.insight.views import outlook_wording as words
from lineshaft.apps.insight.views.outlook_exports import export_links
from lineshaft.apps.network import queries as network
from lineshaft.engines.economics import Levers
from lineshaft.kernel.errors import NotFound
from lineshaft.web import formats
from lineshaft.web.forms import status_of
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Crumb, actor_of, render_page


@require_GET
def show_outlook(request: HttpRequest, key: str) -> HttpResponse:
    """Whether an institute can stand alone, as recorded and under the changes in the address."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    if not queries.may_read_part(actor, key):
        raise NotFound(queries.NO_OUTLOOK, code="no_outlook")
    snapshot = queries.current_snapshot()
    name = queries.InstituteName(key, institute.name, institute.name_zh)
    outlook = queries.outlook_of(snapshot, name) if snapshot else None
    form = OutlookForm(request.GET or None)
    context: dict[str, Any] = {
        "institute": institute,
        "snapshot": snapshot,
        "outlook": outlook,
        "form": form,
        "tabs": institute_tabs(key, "insight:show_outlook", actor),
        "crumbs": (
            Crumb(_("Institutes"), reverse("network:list_institutes")),
            Crumb(formats.local_name(institute), reverse("network:show_institute", args=[key])),
        ),
    }
    if outlook is not None:
        levers = form.levers(records_end=outlook.records_end) if form.is_valid() else Levers()
        opened = queries.years_with_records(actor)
        context |= drawing.outlook_context(outlook, levers, opened)
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        context["exports"] = export_links("export_outlook", key, query=query)
    return render_page(request, "insight/show_outlook.html", context, status=status_of(form))


@require_GET
def list_outlooks(request: HttpRequest) -> HttpResponse:
    """Which institutes run out of money, why and when, most urgent first."""
    actor = actor_of(request)
    if not queries.may_read_outlooks(actor):
        raise NotFound(queries.NO_OUTLOOK, code="no_outlook")
    snapshot = queries.current_snapshot()
    outlooks = queries.outlooks_visible_to(actor, snapshot) if snapshot else ()
    return render_page(
        request,
        "insight/list_outlooks.html",
        {
            "title": _title(outlooks),
            "snapshot": snapshot,
            "table": drawing.outlooks_table(outlooks),
            "exports": export_links("export_outlooks") if outlooks else [],
            "tiles": drawing.network_tiles(outlooks),
            "outlooks": outlooks,
            "lag": words.lag_text(outlooks[0]) if outlooks else "",
        },
    )


def _title(outlooks: Sequence[Outlook]) -> str:
    urgent = sum(1 for one in outlooks if one.projection.is_urgent)
    if not outlooks:
        return _("No institute’s money is recorded yet")
    return _("Institutes whose money is spent within two years: %(urgent)s of %(all)s") % {
        "urgent": formats.number(urgent),
        "all": formats.number(len(outlooks)),
    }
