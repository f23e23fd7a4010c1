"""Pages of what ends: memberships whose dues are unpaid, and terms without a next one."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import Invoice, MemberAgreement
from lineshaft.apps.memberships.views.pages import (
    confirmation,
    institute_crumbs,
    may_at,
    tier_name,
    verb_page,
)
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def list_lapses(request: HttpRequest, key: str) -> HttpResponse:
    """Which memberships of the institute lapse when, if their dues stay unpaid."""
    actor = actor_of(request)
    institute = _institute_of_staff(actor, key)
    today, grace_days = clock.today(), formats.profile().dues_grace_days
    page = paginate(request, queries.lapsing_invoices(institute=key, on=today))
    table = Table(
        caption=_("Unpaid dues of members in force, the earliest first"),
        columns=(
            Column("organisation", _("Organisation")),
            Column("invoice", _("Invoice")),
            Column("left", _("Owed"), is_number=True),
            Column("due", _("Due on"), is_short=True),
            Column("lapses", _("Lapses on"), is_short=True),
            Column("state", _("State")),
        ),
        rows=tuple(_lapse_row(one, today=today, grace_days=grace_days) for one in page),
        page=page,
        empty=_("Every member has paid what is due."),
        is_stacked=True,
    )
    lapse = Action(
        _("End those whose grace is over"),
        reverse("memberships:lapse_memberships", args=[key]),
        is_primary=True,
    )
    context = {
        "title": ngettext(
            "%(number)s membership lapses unless its dues are paid",
            "%(number)s memberships lapse unless their dues are paid",
            page.total,
        )
        % {"number": formats.number(page.total)},
        "lede": _("Dues that are unpaid %(days)s days after they were due end the membership.")
        % {"days": formats.number(grace_days)},
        "crumbs": institute_crumbs(institute),
        "tabs": institute_tabs(key, "memberships:list_members", actor),
        "actions": (
            *((lapse,) if may_at(actor, "lapse_memberships", institute) else ()),
            Action(_("Terms that end"), reverse("memberships:list_ending_terms", args=[key])),
        ),
        "table": table,
    }
    return render_page(request, "memberships/list_lapses.html", context)


@require_GET
def list_ending_terms(request: HttpRequest, key: str) -> HttpResponse:
    """Which memberships end with their term, and have no next one."""
    actor = actor_of(request)
    institute = _institute_of_staff(actor, key)
    today, days = clock.today(), rules.RENEWAL_DAYS_AHEAD
    page = paginate(request, queries.ending_agreements(institute, on=today, days=days))
    renews = may_at(actor, "renew_membership", institute)
    table = Table(
        caption=_("Memberships whose term ends, the earliest first"),
        columns=(
            Column("organisation", _("Organisation")),
            Column("tier", _("Membership tier")),
            Column("until", _("Until, not included"), is_short=True),
            *((Column("renew", _("Action")),) if renews else ()),
        ),
        rows=tuple(_ending_row(one, renews=renews) for one in page),
        page=page,
        empty=_("No term ends in that time without a next one."),
        is_stacked=True,
    )
    context = {
        "title": ngettext(
            "%(number)s membership ends soon with no next term",
            "%(number)s memberships end soon with no next term",
            page.total,
        )
        % {"number": formats.number(page.total)},
        "lede": _("Terms that end within %(days)s days and are not renewed.")
        % {"days": formats.number(days)},
        "crumbs": institute_crumbs(institute),
        "tabs": institute_tabs(key, "memberships:list_members", actor),
        "actions": (Action(_("Who lapses"), reverse("memberships:list_lapses", args=[key])),),
        "table": table,
    }
    return render_page(request, "memberships/list_ending_terms.html", context)


@require_http_methods(["GET", "POST"])
def lapse_memberships(request: HttpRequest, key: str) -> HttpResponse:
    """End the memberships whose days of grace are over."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["lapse_memberships"], institute=key)
    return verb_page(
        request,
        "lapse_memberships",
        confirmation(request),
        title=_("End the memberships whose grace is over"),
        lede=_("They end today. Whoever is concerned is told by mail; invoices are cancelled."),
        submit_label=_("End them"),
        crumbs=institute_crumbs(institute),
        back=reverse("memberships:list_lapses", args=[key]),
        perform=lambda: services.lapse_memberships(actor, institute=institute, now=clock.now()),
        told=lambda ended: (
            ngettext(
                "%(number)s membership has ended.", "%(number)s memberships have ended.", len(ended)
            )
            % {"number": formats.number(len(ended))}
        ),
    )


# -------------------------------------------------------------------------------------- leaves


def _institute_of_staff(actor: Actor, key: str) -> Institute:
    """The institute, for whoever reads all of it; others find nothing there."""
    institute = network.institute_by_key(actor, key)
    if not (actor.is_network_staff or key in actor.staff_institute_keys):
        raise NotFound
    return institute


def _lapse_row(one: Invoice, *, today: date, grace_days: int) -> Row:
    lapses_on = queries.lapses_on(one, grace_days=grace_days)
    if lapses_on <= today:
        state = Cell(_("Grace is over"), tag="bad")
    elif one.due_on < today:
        state = Cell(_("Overdue"), tag="due")
    else:
        state = Cell(_("Not due yet"), tag="quiet")
    return Row(
        (
            Cell(
                formats.local_name(one.organisation),
                url=reverse("memberships:show_member", args=[one.lapsing_id]),
            ),
            Cell(one.number, url=one.get_absolute_url()),
            Cell(formats.money(one.left)),
            Cell(formats.date_local(one.due_on)),
            Cell(formats.date_local(lapses_on)),
            state,
        )
    )


def _ending_row(one: MemberAgreement, *, renews: bool) -> Row:
    renew = Cell(_("Renew"), url=reverse("memberships:renew_membership", args=[one.pk]))
    return Row(
        (
            Cell(
                formats.local_name(one.organisation),
                url=reverse("memberships:show_member", args=[one.pk]),
            ),
            Cell(tier_name(one.tier)),
            Cell(formats.date_local(one.ends_on)),
            *((renew,) if renews else ()),
        )
    )
