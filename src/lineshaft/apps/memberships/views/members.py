"""Pages of memberships: an institute's members, an organisation's memberships, and the verbs."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.memberships import exchange, queries, rules, services
from lineshaft.apps.memberships.forms.agreements import (
    AdmitForm,
    EndForm,
    MemberFilters,
    end_reason,
)
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.memberships.views.changes import change_actions
from lineshaft.apps.memberships.views.invoices import invoices_table
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.entries import entry_items
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Item, Tab, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS = {
    "organisation": "organisation__name",
    "kind": "organisation__kind",
    "region": "organisation__region",
    "from": "starts_on",
}
TERM_SORTS = {"tier": "tier"}
"""For those who may read the terms: an order tells of the column it is by."""


@require_GET
def list_members(request: HttpRequest, key: str) -> HttpResponse:
    """The institute's members on a day, today where the address names none."""
    actor, profile = actor_of(request), network.profile_in_use()
    institute = network.institute_by_key(actor, key)
    form = _filters(request, profile)
    chosen = form.chosen()
    on = chosen.get("on") or clock.today()
    may_read = actor.is_network_staff or key in actor.staff_institute_keys
    sorts = SORTS | TERM_SORTS if may_read else SORTS
    order, sort = sorting(request, sorts, "organisation")
    page = paginate(request, _rows(actor, institute, chosen).order_by(order, "pk"))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    table = Table(
        caption=_("Members of %(institute)s on %(day)s")
        % {"institute": formats.local_name(institute), "day": formats.date_local(on)},
        columns=(
            Column("organisation", _("Organisation"), sort="organisation"),
            Column("kind", _("Kind"), sort="kind"),
            Column("region", _("Place"), sort="region"),
            *((Column("tier", _("Membership tier"), sort="tier"),) if may_read else ()),
            Column("from", _("Member since"), sort="from"),
            Column("until", _("Until, not included")),
        ),
        rows=tuple(_member_row(actor, one, profile, may_read=may_read) for one in page),
        page=page,
        sort=sort,
        export_url=reverse("memberships:export_members", args=[key, "csv"]) + query,
        empty=_("No member fits these filters."),
        is_stacked=True,
    )
    return render_page(
        request,
        "memberships/list_members.html",
        {
            "institute": institute,
            "day": on,
            "total": page.total,
            "is_narrowed": bool(set(chosen) - {"on"}),
            "table": table,
            "form": form,
            "crumbs": _crumbs(institute),
            "tabs": institute_tabs(key, "memberships:list_members", actor),
            "actions": _institute_actions(actor, institute),
            "exports": [
                (name.upper(), reverse("memberships:export_members", args=[key, name]) + query)
                for name in ("xlsx", "json")
            ],
        },
    )


@require_GET
def export_members(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The members of the list as a file; tiers stay blank where the actor may not read them."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    chosen = _filters(request, network.profile_in_use()).chosen()
    rows = _rows(actor, institute, chosen)
    return table_download(
        actor,
        form,
        name=f"{key}-members",
        institute=key,
        columns=exchange.member_export_columns(),
        rows=exchange.member_export_rows(actor, rows.order_by("organisation__name", "pk")),
        provenance=Provenance(
            title=_("Members of %(institute)s") % {"institute": formats.local_name(institute)},
            generated_at=clock.now(),
            is_demonstration=rows.filter(is_demonstration=True).exists(),
            filters={name: str(value) for name, value in chosen.items()},
        ),
    )


@require_GET
def list_memberships(request: HttpRequest, pk: int) -> HttpResponse:
    """The institutes that an organisation belongs or belonged to."""
    actor, profile = actor_of(request), network.profile_in_use()
    organisation = network.organisation_by_id(actor, pk)
    today = clock.today()
    rows = queries.memberships_of(actor, organisation)
    page = paginate(request, rows.order_by("-starts_on", "pk"))
    table = Table(
        caption=_("Memberships of %(name)s") % {"name": formats.local_name(organisation)},
        columns=(
            Column("institute", _("Institute")),
            Column("state", _("State")),
            Column("tier", _("Membership tier")),
            Column("from", _("From")),
            Column("until", _("Until, not included")),
        ),
        rows=tuple(_membership_row(actor, one, profile, today=today) for one in page),
        page=page,
        empty=_("It belongs to no institute, or to none that you may see."),
        is_stacked=True,
    )
    return render_page(
        request,
        "memberships/list_memberships.html",
        {
            "organisation": organisation,
            "current": rows.filter(queries.in_force_q(today)).count(),
            "table": table,
            "crumbs": (Crumb(_("Organisations"), reverse("network:list_organisations")),),
            "tabs": _organisation_tabs(organisation),
            "actions": _screening_actions(actor, organisation),
        },
    )


@require_GET
def show_member(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement: its span, its terms where they may be read, who entered it and why."""
    actor, profile = actor_of(request), network.profile_in_use()
    agreement = queries.member_agreement_by_id(actor, pk)
    return render_page(
        request,
        "memberships/show_member.html",
        {
            "agreement": agreement,
            "crumbs": (
                *_crumbs(agreement.institute),
                Crumb(
                    _("Members"),
                    reverse("memberships:list_members", args=[agreement.institute.key]),
                ),
            ),
            "tag": _state_tag(agreement, today=clock.today()),
            "actions": _agreement_actions(actor, agreement),
            "items": _terms(actor, agreement, profile),
            "invoices": _invoices(actor, agreement),
            "entry": entry_items(actor, agreement.admitted_in_id, term=_("Entered at")),
        },
    )


@require_http_methods(["GET", "POST"])
def admit_member(request: HttpRequest, key: str) -> HttpResponse:
    """Admit an organisation to the institute."""
    actor, profile = actor_of(request), network.profile_in_use()
    institute = network.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["admit_member"], institute=key)
    tiers = [(tier.key, formats.local_name(tier)) for tier in profile.tiers]
    form = AdmitForm(
        request.POST or None,
        tiers=tiers,
        initial={
            "starts_on": clock.today().isoformat(),
            "organisation": request.GET.get("organisation", ""),
        },
    )
    listed = reverse("memberships:list_members", args=[key])

    def perform() -> None:
        organisation = _organisation_named(actor, form)
        if organisation is None:
            return
        row = services.MemberRow(
            organisation_id=organisation.pk,
            institute_key=key,
            **{name: value for name, value in form.cleaned_data.items() if name != "organisation"},
        )
        services.admit_member(actor, row, now=clock.now())

    return form_page(
        request,
        "memberships/admit_member.html",
        form,
        {"institute": institute, "crumbs": _crumbs(institute), "cancel_url": listed},
        perform=perform,
        told=lambda _done: _("The member is admitted."),
        seen_at=lambda _done: listed,
    )


@require_http_methods(["GET", "POST"])
def end_membership(request: HttpRequest, pk: int) -> HttpResponse:
    """End an agreement."""
    actor = actor_of(request)
    agreement = queries.member_agreement_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["end_membership"], institute=agreement.institute.key)
    form = EndForm(request.POST or None, initial={"ends_on": clock.today().isoformat()})
    shown = reverse("memberships:show_member", args=[pk])
    return form_page(
        request,
        "memberships/end_membership.html",
        form,
        {
            "agreement": agreement,
            "crumbs": _crumbs(agreement.institute),
            "cancel_url": shown,
        },
        perform=lambda: services.end_membership(
            actor,
            agreement,
            ends_on=form.cleaned_data["ends_on"],
            reason=rules.EndReason(form.cleaned_data["reason"]),
            why=form.cleaned_data["why"],
            now=clock.now(),
        ),
        told=lambda _ended: _("The membership ends on that day."),
        seen_at=lambda _ended: shown,
    )


# -------------------------------------------------------------------------------------- leaves


def _filters(request: HttpRequest, profile: JurisdictionProfile) -> MemberFilters:
    kinds = [(kind.key, formats.local_name(kind)) for kind in profile.organisation_kinds]
    return MemberFilters(request.GET, kinds=kinds)


def _rows(actor: Actor, institute: Institute, chosen: dict[str, Any]) -> Any:
    rows = queries.members_of(actor, institute, on=chosen.get("on") or clock.today())
    if "q" in chosen:
        matching = Organisation.objects.filter(network.organisations_matching(chosen["q"]))
        rows = rows.filter(Q(organisation__in=matching) | Q(organisation__merged_into__in=matching))
    if "kind" in chosen:
        rows = rows.filter(organisation__kind=chosen["kind"])
    return rows


def _crumbs(institute: Institute) -> tuple[Crumb, ...]:
    return (
        Crumb(_("Institutes"), reverse("network:list_institutes")),
        Crumb(
            formats.local_name(institute), reverse("network:show_institute", args=[institute.key])
        ),
    )


def _organisation_tabs(organisation: Organisation) -> tuple[Tab, ...]:
    return (
        Tab(_("Overview"), reverse("network:show_organisation", args=[organisation.pk])),
        Tab(
            _("Memberships"),
            reverse("memberships:list_memberships", args=[organisation.pk]),
            is_current=True,
        ),
    )


def _screening_actions(actor: Actor, organisation: Organisation) -> tuple[Action, ...]:
    """Screening it for each institute that the actor manages."""
    keys = actor.scope_ids(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE)
    return tuple(
        Action(
            _("Screen it for %(institute)s") % {"institute": key},
            reverse("memberships:screen_organisation", args=[key, organisation.pk]),
        )
        for key in sorted(keys)
    )


def _institute_actions(actor: Actor, institute: Institute) -> tuple[Action, ...]:
    key = institute.key
    actions = [Action(_("Membership tiers"), reverse("memberships:list_tiers", args=[key]))]
    if actor.is_network_staff or key in actor.staff_institute_keys:
        listed = reverse("memberships:list_applications", args=[key])
        actions.append(Action(_("Applications"), listed))
        actions.append(Action(_("Invoices"), reverse("memberships:list_invoices", args=[key])))
    elif institute.status in rules.TAKES_NEW_MEMBERS:
        applies = reverse("memberships:apply_for_membership", args=[key])
        actions.insert(0, Action(_("Apply for membership"), applies, is_primary=True))
    if may(actor, rules.PERMISSIONS["admit_member"], institute=key):
        admits = reverse("memberships:admit_member", args=[key])
        actions.insert(0, Action(_("Admit a member"), admits, is_primary=True))
        reviews = reverse("memberships:list_institute_participation_reviews", args=[key])
        actions.append(Action(_("Foreign participation"), reviews))
    return tuple(actions)


def _agreement_actions(actor: Actor, agreement: MemberAgreement) -> tuple[Action, ...]:
    changes = change_actions(actor, agreement)
    permission = rules.PERMISSIONS["end_membership"]
    if not may(actor, permission, institute=agreement.institute.key):
        return changes
    url = reverse("memberships:end_membership", args=[agreement.pk])
    return (*changes, Action(_("End the membership"), url))


def _organisation_url(actor: Actor, organisation: Organisation) -> str:
    """Where its record stands; nothing for whoever sees the agreement and not the record."""
    if not network.may_see_organisation(actor, organisation):
        return ""
    return reverse("network:show_organisation", args=[organisation.pk])


def _member_row(
    actor: Actor, one: MemberAgreement, profile: JurisdictionProfile, *, may_read: bool
) -> Row:
    organisation = one.organisation.standing
    place = formats.town(organisation.city, organisation.region)
    return Row(
        (
            Cell(formats.local_name(organisation), url=_organisation_url(actor, organisation)),
            Cell(_named(profile.organisation_kinds, organisation.kind)),
            Cell(place or formats.MISSING),
            *((Cell(_named(profile.tiers, one.tier)),) if may_read else ()),
            Cell(
                formats.date_local(one.starts_on),
                url=reverse("memberships:show_member", args=[one.pk]),
            ),
            Cell(formats.date_local(one.ends_on)),
        )
    )


def _membership_row(
    actor: Actor, one: MemberAgreement, profile: JurisdictionProfile, *, today: Any
) -> Row:
    may_read = queries.may_read_terms(
        actor, institute=one.institute.key, organisation_id=one.organisation_id
    )
    tag = _state_tag(one, today=today)
    return Row(
        (
            Cell(
                formats.local_name(one.institute),
                url=reverse("network:show_institute", args=[one.institute.key]),
            ),
            Cell(tag.text, tag=tag.tone),
            Cell(_named(profile.tiers, one.tier) if may_read else formats.MISSING),
            Cell(
                formats.date_local(one.starts_on),
                url=reverse("memberships:show_member", args=[one.pk]),
            ),
            Cell(formats.date_local(one.ends_on)),
        )
    )


def _state_tag(one: MemberAgreement, *, today: Any) -> Tag:
    if one.starts_on > today:
        return Tag(_("Begins later"))
    if one.ends_on is not None and one.ends_on <= today:
        return Tag(_("Ended"))
    return Tag(_("In force"), "ok")


def _invoices(actor: Actor, agreement: MemberAgreement) -> Table | None:
    """The agreement's invoices, for whoever reads its terms."""
    if not queries.may_read_terms(
        actor, institute=agreement.institute.key, organisation_id=agreement.organisation_id
    ):
        return None
    rows = queries.invoices_of(agreement).select_related("institute", "organisation")
    return invoices_table(rows.order_by("-sequence"), _("Invoices"), is_of_one=True)


def _terms(actor: Actor, one: MemberAgreement, profile: JurisdictionProfile) -> tuple[Item, ...]:
    items = [
        Item(
            _("Organisation"),
            formats.local_name(one.organisation.standing),
            _organisation_url(actor, one.organisation.standing),
        ),
        Item(
            _("Institute"),
            formats.local_name(one.institute),
            reverse("network:show_institute", args=[one.institute.key]),
        ),
        Item(_("From"), formats.date_local(one.starts_on)),
        Item(_("Until, not included"), formats.date_local(one.ends_on)),
    ]
    if not queries.may_read_terms(
        actor, institute=one.institute.key, organisation_id=one.organisation_id
    ):
        return tuple(items)
    items.append(Item(_("Membership tier"), _named(profile.tiers, one.tier)))
    tier = next((entry for entry in profile.tiers if entry.key == one.tier), None)
    agreed = queries.agreed_terms_of(one)
    own = queries.tier_terms_on(one.institute, one.tier, on=one.starts_on)
    if agreed is not None:
        items.append(
            Item(_("Dues a year, as agreed"), formats.money(agreed.dues_minor, profile.currency))
        )
    elif own is not None:
        dues = formats.money(own.dues_minor, profile.currency)
        url = reverse("memberships:list_tiers", args=[one.institute.key])
        items.append(Item(_("Dues a year, as the institute has set them"), dues, url))
    elif tier is not None:
        dues = formats.money(tier.dues_minor, profile.currency)
        items.append(Item(_("Dues a year, by the tier's template"), dues))
    items.append(Item(_("Signed on"), formats.date_local(one.signed_on)))
    if one.ended_reason:
        items.append(Item(_("Why it ended"), end_reason(one.ended_reason)))
    if one.waiver_reference:
        items.append(Item(_("Reference of the waiver"), one.waiver_reference))
    following = queries.next_agreement_of(one)
    if following is not None:
        url = reverse("memberships:show_member", args=[following.pk])
        since = formats.date_local(following.starts_on)
        items.append(Item(_("Followed by"), _("the agreement from %(day)s") % {"day": since}, url))
    return tuple(items)


def _named(entries: Iterable[Any], key: str) -> str:
    found = next((entry for entry in entries if entry.key == key), None)
    return formats.local_name(found) if found else key


def _organisation_named(actor: Actor, form: Form) -> Organisation | None:
    """The one organisation that the form names; None with the fault in the form."""
    text = form.cleaned_data["organisation"].strip()
    found = network.organisations_named(actor, text)
    if len(found) == 1:
        return found[0]
    if found:
        places = "; ".join(f"{one.name}, {one.city} {one.region} ({one.pk})" for one in found[:10])
        form.add_error(
            "organisation",
            _("Several organisations bear this name. Write the number of one: %(places)s.")
            % {"places": places},
        )
    else:
        form.add_error(
            "organisation",
            _("No organisation that you may see has this name. Register it first."),
        )
    return None
