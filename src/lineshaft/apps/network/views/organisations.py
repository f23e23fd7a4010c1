"""Pages of organisations: the list, one of them, registering and amending."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.network import exchange, queries, rules, services
from lineshaft.apps.network.forms import (
    OrganisationAliasForm,
    OrganisationFilters,
    OrganisationForm,
    RegisterForm,
)
from lineshaft.apps.network.models import DESIGNATION_LABELS, Organisation
from lineshaft.apps.network.views import wording
from lineshaft.apps.network.views.lookalikes import lookalikes_table
from lineshaft.kernel.errors import Refused
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.sharing import LEVEL_LABELS, SharingLevel
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.entries import entry_items
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, Item, Tab, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS = {"name": "name", "kind": "kind", "region": "region"}


@require_GET
def list_organisations(request: HttpRequest) -> HttpResponse:
    """The organisations that the actor may read, narrowed and sorted as the address says."""
    actor, profile = actor_of(request), queries.profile_in_use()
    form = _filters(request, profile)
    chosen = form.chosen()
    order, sort = sorting(request, SORTS, "name")
    visible = queries.organisations_visible_to(actor)
    page = paginate(
        request, queries.organisations_filtered(visible, **chosen).order_by(order, "name", "pk")
    )
    query = request.GET.urlencode()
    exports = {
        form_key: reverse("network:export_organisations", args=[form_key])
        + (f"?{query}" if query else "")
        for form_key in ("csv", "xlsx", "json")
    }
    table = Table(
        caption=_("Organisations as of %(day)s") % {"day": formats.date_local(clock.today())},
        columns=(
            Column("name", _("Organisation"), sort="name"),
            Column("kind", _("Kind"), sort="kind"),
            Column("place", _("Place"), sort="region"),
            Column("ownership", _("Country of ownership")),
        ),
        rows=tuple(_row(one, profile) for one in page),
        page=page,
        sort=sort,
        export_url=exports["csv"],
        empty=_("No organisation fits these filters."),
        is_stacked=True,
    )
    actions = []
    if services.may_anywhere(actor, rules.PERMISSIONS["register_organisation"]):
        url = reverse("network:register_organisation")
        actions.append(Action(_("Register an organisation"), url))
    if may(actor, rules.PERMISSIONS["find_lookalikes"]):
        actions.append(Action(_("Look-alikes"), reverse("network:list_pairs")))
    return render_page(
        request,
        "network/list_organisations.html",
        {
            "table": table,
            "form": form,
            "total": page.total,
            "is_narrowed": bool(chosen),
            "actions": tuple(actions),
            "exports": [(key.upper(), exports[key]) for key in ("xlsx", "json")],
        },
    )


@require_GET
def export_organisations(request: HttpRequest, form: str) -> HttpResponseBase:
    """The organisations of the list as a file."""
    chosen = _filters(request, queries.profile_in_use()).chosen()
    visible = queries.organisations_visible_to(actor_of(request))
    rows = queries.organisations_filtered(visible, **chosen)
    return table_download(
        actor_of(request),
        form,
        name="organisations",
        columns=exchange.organisation_export_columns(),
        rows=exchange.organisation_export_rows(rows.order_by("name", "pk")),
        provenance=Provenance(
            title=_("Organisations"),
            generated_at=clock.now(),
            is_demonstration=rows.filter(is_demonstration=True).exists(),
            filters=chosen,
        ),
    )


@require_GET
def show_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation with its identifiers, its other names and who entered it."""
    actor, profile = actor_of(request), queries.profile_in_use()
    organisation = queries.organisation_detail(actor, pk)
    if organisation.pk != pk:
        return redirect("network:show_organisation", pk=organisation.pk)
    return render_page(
        request,
        "network/show_organisation.html",
        {
            "records": tuple(queries.records_of(organisation)),
            "organisation": organisation,
            "lede": organisation_lede(organisation, profile),
            "crumbs": (Crumb(_("Organisations"), reverse("network:list_organisations")),),
            "tag": Tag(_("Demonstration")) if organisation.is_demonstration else None,
            "tabs": organisation_tabs(organisation, "network:show_organisation"),
            "actions": _actions(actor, organisation),
            "items": _items(organisation, profile),
            "identifiers": _identifiers_table(organisation),
            "aliases": sorted(alias.name for alias in organisation.aliases.all()),
            "entry": entry_items(actor, organisation.registered_in_id, term=_("Registered at")),
        },
    )


@require_http_methods(["GET", "POST"])
def register_organisation(request: HttpRequest) -> HttpResponse:
    """Enter an organisation; one that is there already is shown instead."""
    actor, profile = actor_of(request), queries.profile_in_use()
    services.permit_anywhere(actor, rules.PERMISSIONS["register_organisation"])
    form = RegisterForm(
        request.POST or None,
        kinds=_kinds(profile),
        levels=services.levels_to_register(actor),
        initial={"country": profile.country_code, "level": SharingLevel.PUBLIC},
    )
    listed = reverse("network:list_organisations")
    context: dict[str, Any] = {
        "crumbs": (Crumb(_("Organisations"), listed),),
        "cancel_url": listed,
    }

    def perform() -> Organisation:
        row, is_new = form.row(), form.cleaned_data["is_new"]
        try:
            return services.register_organisation(actor, row, is_new=is_new, now=clock.now())
        except Refused:
            form.ask_whether_new()
            alike = queries.lookalikes(
                actor,
                row.name,
                name_zh=row.name_zh,
                region=row.region,
                city=row.city,
                website=row.website,
            )
            context["alike"] = lookalikes_table(actor, alike)
            raise

    return form_page(
        request,
        "network/register_organisation.html",
        form,
        context,
        perform=perform,
        told=lambda _found: _("The organisation is registered."),
        seen_at=lambda found: reverse("network:show_organisation", args=[found.pk]),
    )


@require_http_methods(["GET", "POST"])
def amend_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is stored of an organisation."""
    actor, profile = actor_of(request), queries.profile_in_use()
    organisation = queries.organisation_detail(actor, pk)
    permit(actor, rules.PERMISSIONS["amend_organisation"], organisation=str(pk))
    form = OrganisationForm(
        request.POST or None,
        kinds=_kinds(profile),
        initial=OrganisationForm.initial_of(organisation),
    )
    return form_page(
        request,
        "network/amend_organisation.html",
        form,
        _shown_of(organisation),
        perform=lambda: services.amend_organisation(
            actor,
            organisation,
            now=clock.now(),
            changes=form.columns(),
            identifiers=form.identifiers(),
        ),
        told=lambda _amended: _("The organisation was amended."),
        seen_at=lambda _amended: reverse("network:show_organisation", args=[pk]),
    )


@require_http_methods(["GET", "POST"])
def add_organisation_alias(request: HttpRequest, pk: int) -> HttpResponse:
    """Add another name under which an organisation is found."""
    actor = actor_of(request)
    organisation = queries.organisation_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["add_organisation_alias"], organisation=str(pk))
    form = OrganisationAliasForm(request.POST or None)
    return form_page(
        request,
        "network/add_organisation_alias.html",
        form,
        _shown_of(organisation),
        perform=lambda: services.add_organisation_alias(
            actor, organisation, form.cleaned_data["name"], now=clock.now()
        ),
        told=lambda _alias: _("The name is added."),
        seen_at=lambda _alias: reverse("network:show_organisation", args=[pk]),
    )


def organisation_tabs(organisation: Organisation, current: str) -> tuple[Tab, ...]:
    """The tabs of an organisation's pages; `current` is the URL name of the one shown."""
    entries = (
        (_("Overview"), "network:show_organisation"),
        (_("Memberships"), "memberships:list_memberships"),
    )
    return tuple(
        Tab(label, reverse(name, args=[organisation.pk]), name == current)
        for label, name in entries
    )


def organisation_lede(organisation: Organisation, profile: JurisdictionProfile) -> str:
    """Kind and place in one line."""
    place = wording.organisation_place(organisation)
    kind = wording.kind_name(organisation.kind, profile)
    if place == formats.MISSING:
        return kind
    return _("%(kind)s in %(place)s") % {"kind": kind, "place": place}


def _filters(request: HttpRequest, profile: JurisdictionProfile) -> OrganisationFilters:
    chinese = formats.is_chinese()
    regions = [
        (code, name_zh if chinese else name) for code, name, name_zh in profile.place_codes.codes
    ]
    return OrganisationFilters(request.GET, kinds=_kinds(profile), regions=regions)


def _kinds(profile: JurisdictionProfile) -> list[tuple[str, str]]:
    return [(kind.key, formats.local_name(kind)) for kind in profile.organisation_kinds]


def _row(one: Organisation, profile: JurisdictionProfile) -> Row:
    return Row(
        (
            Cell(formats.local_name(one), url=reverse("network:show_organisation", args=[one.pk])),
            Cell(wording.kind_name(one.kind, profile)),
            Cell(wording.organisation_place(one)),
            Cell(formats.country(one.ownership_country)),
        )
    )


def _shown_of(organisation: Organisation) -> dict[str, Any]:
    """What a form on an organisation draws beside its fields."""
    url = reverse("network:show_organisation", args=[organisation.pk])
    return {
        "organisation": organisation,
        "crumbs": (
            Crumb(_("Organisations"), reverse("network:list_organisations")),
            Crumb(formats.local_name(organisation), url),
        ),
        "cancel_url": url,
    }


def _actions(actor: Actor, organisation: Organisation) -> tuple[Action, ...]:
    offered = (
        ("amend_organisation", _("Amend")),
        ("add_organisation_alias", _("Add another name")),
        ("propose_merge", _("Is another record too")),
    )
    return tuple(
        Action(label, reverse(f"network:{verb}", args=[organisation.pk]))
        for verb, label in offered
        if may(actor, rules.PERMISSIONS[verb], organisation=str(organisation.pk))
    )


def _items(organisation: Organisation, profile: JurisdictionProfile) -> tuple[Item, ...]:
    items = [
        Item(_("Kind"), wording.kind_name(organisation.kind, profile)),
        Item(_("Country of ownership"), formats.country(organisation.ownership_country)),
        Item(
            _("Address"),
            ", ".join(
                part
                for part in (
                    organisation.address,
                    organisation.city,
                    " ".join(
                        text for text in (organisation.region, organisation.postal_code) if text
                    ),
                    organisation.country,
                )
                if part
            )
            or formats.MISSING,
        ),
    ]
    if organisation.latitude is not None and organisation.longitude is not None:
        point = f"{organisation.latitude:.4f}, {organisation.longitude:.4f}"
        items.append(Item(_("Coordinates"), point))
    if organisation.website:
        items.append(Item(_("Website"), organisation.website))
    designations = [
        str(DESIGNATION_LABELS[rules.Designation(one.designation)])
        for one in organisation.designations.all()
    ]
    if designations:
        items.append(Item(_("Designations"), formats.joined(sorted(designations))))
    if organisation.level != SharingLevel.PUBLIC:
        label = str(LEVEL_LABELS[SharingLevel(organisation.level)])
        items.append(Item(_("Shared with"), label))
    return tuple(items)


def _identifiers_table(organisation: Organisation) -> Table:
    return Table(
        caption=_("Identifiers"),
        columns=(Column("scheme", _("Scheme")), Column("value", _("Value"))),
        rows=tuple(
            Row((Cell(one.label), Cell(one.value))) for one in organisation.identifiers.all()
        ),
        empty=_("No identifier is known."),
    )
