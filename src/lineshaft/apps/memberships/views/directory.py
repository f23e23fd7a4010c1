"""Pages of the directory of members: the list with its filters, one entry, standing in it."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.memberships import exchange, queries, rules, services
from lineshaft.apps.memberships.forms.directory import DirectoryFilters, DirectoryForm, SureForm
from lineshaft.apps.memberships.models import DirectoryEntry
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Organisation
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS = {"organisation": "organisation__name", "region": "organisation__region"}


@require_GET
def list_directory(request: HttpRequest) -> HttpResponse:
    """The members that chose to be found, narrowed as the address says."""
    actor, profile, today = actor_of(request), network.profile_in_use(), clock.today()
    form = _filters(request, actor, profile)
    chosen = form.chosen()
    order, sort = sorting(request, SORTS, "organisation")
    page = paginate(request, _rows(actor, chosen, today).order_by(order, "pk"))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    exports = {
        name: reverse("memberships:export_directory", args=[name]) + query
        for name in ("csv", "xlsx", "json")
    }
    table = Table(
        caption=_("Members that can be found, on %(day)s") % {"day": formats.date_local(today)},
        columns=(
            Column("organisation", _("Organisation"), sort="organisation"),
            Column("kind", _("Kind")),
            Column("region", _("Place"), sort="region"),
            Column("capabilities", _("What it can do")),
            Column("areas", _("Technology areas")),
        ),
        rows=tuple(_row(one, profile) for one in page),
        page=page,
        sort=sort,
        export_url=exports["csv"],
        empty=_("No member fits this search. Try fewer words, or ask on the board of needs."),
        is_stacked=True,
    )
    return render_page(
        request,
        "memberships/list_directory.html",
        {
            "table": table,
            "form": form,
            "total": page.total,
            "is_narrowed": bool(chosen),
            "actions": _own_actions(actor),
            "exports": [(name.upper(), exports[name]) for name in ("xlsx", "json")],
        },
    )


@require_GET
def export_directory(request: HttpRequest, form: str) -> HttpResponseBase:
    """The entries of the list as a file."""
    actor, today = actor_of(request), clock.today()
    chosen = _filters(request, actor, network.profile_in_use()).chosen()
    rows = _rows(actor, chosen, today)
    return table_download(
        actor,
        form,
        name="directory",
        columns=exchange.directory_export_columns(),
        rows=exchange.directory_export_rows(rows.order_by("organisation__name", "pk")),
        provenance=Provenance(
            title=_("Directory of members"),
            generated_at=clock.now(),
            is_demonstration=rows.filter(is_demonstration=True).exists(),
            filters=chosen,
        ),
    )


@require_GET
def show_directory_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """What one member says of itself, whom to ask, and what it looks for or offers now."""
    actor, profile, today = actor_of(request), network.profile_in_use(), clock.today()
    entry = queries.directory_entry_of(actor, pk, on=today)
    organisation = entry.organisation
    needs = queries.needs_filtered(queries.needs_visible_to(actor), on=today)
    return render_page(
        request,
        "memberships/show_directory_entry.html",
        {
            "entry": entry,
            "organisation": organisation,
            "lede": formats.local_of(entry, "description"),
            "tag": Tag(_("Demonstration")) if entry.is_demonstration else None,
            "crumbs": _crumbs(),
            "actions": _entry_actions(actor, organisation),
            "items": _items(entry, profile, today),
            "needs": tuple(
                needs.filter(organisation=organisation).order_by("expires_on", "pk")[:NEEDS_SHOWN]
            ),
        },
    )


NEEDS_SHOWN = 10


@require_http_methods(["GET", "POST"])
def list_in_directory(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the organisation does and whom to ask, and so stand in the directory."""
    actor = actor_of(request)
    organisation = network.organisation_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["list_in_directory"], organisation=str(organisation.pk))
    held = queries.own_directory_entry(organisation)
    form = DirectoryForm(
        request.POST or None,
        areas=area_choices(),
        initial=DirectoryForm.initial_of(held) if held else {},
    )
    return form_page(
        request,
        "memberships/list_in_directory.html",
        form,
        {"organisation": organisation, "crumbs": _crumbs(), "cancel_url": _list_url()},
        perform=lambda: services.list_in_directory(
            actor, organisation, form.row(), now=clock.now()
        ),
        told=lambda _entry: _("The organisation stands in the directory."),
        seen_at=lambda _entry: _entry_url(organisation),
    )


@require_http_methods(["GET", "POST"])
def leave_directory(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the organisation out of the directory."""
    actor = actor_of(request)
    organisation = network.organisation_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["leave_directory"], organisation=str(organisation.pk))
    return form_page(
        request,
        "memberships/leave_directory.html",
        SureForm(request.POST if request.method == "POST" else None),
        {
            "organisation": organisation,
            "crumbs": _crumbs(),
            "cancel_url": _entry_url(organisation),
        },
        perform=lambda: services.leave_directory(actor, organisation, now=clock.now()),
        told=lambda _entry: _("The organisation does not stand in the directory any more."),
        seen_at=lambda _entry: _list_url(),
    )


def area_choices() -> list[tuple[str, str]]:
    """Every technology area, those below one another behind it."""
    rows = network.technology_areas().order_by("name", "pk")
    return [(area.key, formats.local_name(area)) for area in rows]


# --------------------------------------------------------------------------------------- leaves


def _filters(request: HttpRequest, actor: Actor, profile: JurisdictionProfile) -> DirectoryFilters:
    chinese = formats.is_chinese()
    institutes = network.institutes_visible_to(actor).prefetch_related(None)
    return DirectoryFilters(
        request.GET,
        areas=area_choices(),
        kinds=[(kind.key, formats.local_name(kind)) for kind in profile.organisation_kinds],
        regions=[
            (code, name_zh if chinese else name)
            for code, name, name_zh in profile.place_codes.codes
        ],
        institutes=[
            (one.key, formats.local_name(one))
            for one in institutes.filter(status__in=rules.TAKES_NEW_MEMBERS).order_by("name")
        ],
    )


def _rows(actor: Actor, chosen: dict[str, str], today: date) -> Any:
    visible = queries.directory_visible_to(actor, on=today)
    return queries.directory_filtered(actor, visible, on=today, **chosen)


def _list_url() -> str:
    return reverse("memberships:list_directory")


def _entry_url(organisation: Organisation) -> str:
    return reverse("memberships:show_directory_entry", args=[organisation.pk])


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Directory of members"), _list_url()),)


def _areas(entry: DirectoryEntry) -> str:
    return formats.joined(sorted(formats.local_name(area) for area in entry.technology_areas.all()))


def _row(entry: DirectoryEntry, profile: JurisdictionProfile) -> Row:
    organisation = entry.organisation
    kind = profile.organisation_kind(organisation.kind)
    place = formats.town(organisation.city, organisation.region)
    return Row(
        (
            Cell(formats.local_name(organisation), url=_entry_url(organisation)),
            Cell(formats.local_name(kind)),
            Cell(place or formats.MISSING),
            Cell(entry.capabilities or formats.MISSING),
            Cell(_areas(entry) or formats.MISSING),
        )
    )


def _items(entry: DirectoryEntry, profile: JurisdictionProfile, today: date) -> tuple[Item, ...]:
    organisation = entry.organisation
    kind = profile.organisation_kind(organisation.kind)
    institutes = queries.institutes_of([organisation.pk], on=today)[organisation.pk]
    items = [
        Item(
            _("Organisation"),
            formats.local_name(organisation),
            reverse("network:show_organisation", args=[organisation.pk]),
        ),
        Item(_("Kind"), formats.local_name(kind)),
        Item(
            _("Place"),
            formats.town(organisation.city, organisation.region) or formats.MISSING,
        ),
        Item(_("What it can do"), entry.capabilities or formats.MISSING),
        Item(_("Technology areas"), _areas(entry) or formats.MISSING),
        Item(
            _("Member of"),
            formats.joined([formats.local_name(one) for one in institutes]) or formats.MISSING,
        ),
    ]
    if entry.contact_name:
        items.append(Item(_("Contact"), entry.contact_name))
    if entry.contact_email:
        address = entry.contact_email
        items.append(Item(_("E-mail address"), address, f"mailto:{address}"))
    if organisation.website:
        items.append(Item(_("Website"), organisation.website))
    return tuple(items)


def _own_actions(actor: Actor) -> tuple[Action, ...]:
    """Where each of the reader's own organisations is entered or changed."""
    return tuple(
        Action(
            _("Say what %(name)s does") % {"name": formats.local_name(one)},
            reverse("memberships:list_in_directory", args=[one.pk]),
        )
        for one in queries.own_organisations(actor)
        if may(actor, rules.PERMISSIONS["list_in_directory"], organisation=str(one.pk))
    )


def _entry_actions(actor: Actor, organisation: Organisation) -> tuple[Action, ...]:
    offered = (("list_in_directory", _("Change")), ("leave_directory", _("Leave the directory")))
    return tuple(
        Action(label, reverse(f"memberships:{verb}", args=[organisation.pk]))
        for verb, label in offered
        if may(actor, rules.PERMISSIONS[verb], organisation=str(organisation.pk))
    )
