"""The extension centres that stand beside the institutes, and the form that registers one."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.forms import ProposalForm
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.views.institutes import area_choices, sponsor_choices
from lineshaft.plumbing import clock
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web.form_pages import form_page
from lineshaft.web.formats import joined, local_name
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def list_extension_centres(request: HttpRequest) -> HttpResponse:
    """The centres, each with its sponsors; their money stands under its own rule."""
    actor = actor_of(request)
    page = paginate(request, queries.extension_centres_visible_to(actor).order_by("name", "pk"))
    actions: tuple[Action, ...] = ()
    if may(actor, rules.PERMISSIONS["register_extension_centre"]):
        url = reverse("network:register_extension_centre")
        actions = (Action(_("Register an extension centre"), url, is_primary=True),)
    context = {
        "title": ngettext(
            "%(count)s extension centre is supported beside the institutes",
            "%(count)s extension centres are supported beside the institutes",
            page.total,
        )
        % {"count": page.total}
        if page.total
        else _("No extension centre is registered yet"),
        "lede": _("They are paid by agreements as institutes are, and counted apart from them."),
        "crumbs": (Crumb(_("Institutes"), reverse("network:list_institutes")),),
        "actions": actions,
        "table": _table(page),
    }
    return render_page(request, "network/list_extension_centres.html", context)


@require_http_methods(["GET", "POST"])
def register_extension_centre(request: HttpRequest) -> HttpResponse:
    """The form that registers a centre."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["register_extension_centre"])
    form = ProposalForm(request.POST or None, sponsors=sponsor_choices(), areas=area_choices())
    listed = reverse("network:list_extension_centres")
    return form_page(
        request,
        "network/register_extension_centre.html",
        form,
        {"crumbs": (Crumb(_("Extension centres"), listed),), "cancel_url": listed},
        perform=lambda: services.register_extension_centre(actor, form.proposal(), now=clock.now()),
        told=lambda _centre: _("The extension centre is registered."),
        seen_at=lambda centre: reverse("network:show_institute", args=[centre.key]),
    )


def _table(page: Page[Institute]) -> Table:
    return Table(
        caption=_("Extension centres"),
        columns=(
            Column("name", _("Name")),
            Column("sponsors", _("Sponsor agencies")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        local_name(centre),
                        url=reverse("network:show_institute", args=[centre.key]),
                    ),
                    Cell(joined([local_name(one.agency) for one in centre.sponsors.all()])),
                )
            )
            for centre in page
        ),
        page=page,
        empty=_("No extension centre is registered."),
        is_stacked=True,
    )
