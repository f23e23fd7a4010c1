"""Pages of the searches that somebody keeps."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import SaveSearchForm
from lineshaft.apps.competitions.models import SavedSearch
from lineshaft.apps.competitions.views.words import (
    agency_choices,
    area_choices,
    opportunity_crumbs,
)
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, actor_of, render_page


@require_GET
@login_required
def list_searches(request: HttpRequest) -> HttpResponse:
    """The reader's own searches, each with what it looks for."""
    actor = actor_of(request)
    searches = list(queries.searches_of(actor))
    context = {
        "title": ngettext("You keep %(count)s search", "You keep %(count)s searches", len(searches))
        % {"count": formats.number(len(searches))},
        "lede": _("You are told once a day of what is new in those that tell you."),
        "crumbs": opportunity_crumbs(),
        "actions": (
            Action(_("Keep a search"), reverse("competitions:save_search"), is_primary=True),
        ),
        "searches": [
            (one, _told(one), reverse("competitions:delete_search", args=[one.pk]))
            for one in searches
        ],
    }
    return render_page(request, "competitions/list_searches.html", context)


@require_http_methods(["GET", "POST"])
def save_search(request: HttpRequest) -> HttpResponse:
    """The form that keeps a search; it begins with what the address holds."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["save_search"])
    initial = {
        name: request.GET[name] for name in ("q", "kind", "agency", "area") if name in request.GET
    }
    form = SaveSearchForm(
        request.POST or None,
        agencies=agency_choices(),
        areas=area_choices(),
        initial={"is_told": True} | initial,
    )
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Keep a search"),
            "lede": _("What is new in it is told once a day, by e-mail, to you alone."),
            "submit_label": _("Keep"),
            "crumbs": opportunity_crumbs(),
            "cancel_url": reverse("competitions:list_searches"),
        },
        perform=lambda: services.save_search(
            actor,
            services.SearchTerms(
                form.cleaned_data["name"], form.search(), is_told=form.cleaned_data["is_told"]
            ),
            now=clock.now(),
        ),
        told=lambda saved: _("“%(name)s” is kept.") % {"name": saved.name},
        seen_at=lambda _saved: reverse("competitions:list_searches"),
    )


@require_POST
def delete_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop a search."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["delete_search"])
    services.delete_search(actor, queries.search_by_id(actor, pk), now=clock.now())
    return redirect("competitions:list_searches")


def _told(saved: SavedSearch) -> str:
    """What a search looks for, in a line."""
    parts = [
        saved.words,
        str(saved.get_kind_display()) if saved.kind else "",
        saved.agency.key if saved.agency else "",
        formats.local_name(saved.area) if saved.area else "",
    ]
    return formats.joined([part for part in parts if part]) or _("Everything")
