"""Pages of membership tiers: what a membership costs and gives, at one institute and at all."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.agreements import TierKindFilter, TierTermsForm
from lineshaft.apps.memberships.queries import TierOffer
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.money import minor_units
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_COPIED: Final = (
    "term_months",
    "board_seats",
    "votes",
    "rate_class",
    "training_seats",
    "seats_roll_over",
    "licence_option_days",
    "may_lead_projects",
    "is_offered",
)


@require_GET
def compare_tiers(request: HttpRequest) -> HttpResponse:
    """What a membership costs a kind of organisation at each institute, cheapest first."""
    actor, profile = actor_of(request), network.profile_in_use()
    kinds = [(kind.key, formats.local_name(kind)) for kind in profile.organisation_kinds]
    smallest = next(kind.key for kind in profile.organisation_kinds if kind.is_sme)
    form = TierKindFilter(request.GET or {"kind": smallest}, kinds=kinds)
    kind = form.chosen(smallest)
    offers = queries.tier_offers(actor, on=clock.today(), kind=kind)
    context = {
        "title": _comparison_title(offers, dict(kinds)[kind], profile),
        "lede": _(
            "Dues a year, and what they give, as each institute has set them. Where an institute"
            " has set none, the template of the network stands."
        ),
        "form": form,
        "table": _offers_table(offers, profile, _("Memberships, cheapest first"), of_all=True),
    }
    return render_page(request, "memberships/compare_tiers.html", context)


@require_GET
def list_tiers(request: HttpRequest, key: str) -> HttpResponse:
    """The tiers of one institute, with what was asked and given before."""
    actor, profile = actor_of(request), network.profile_in_use()
    institute = network.institute_by_key(actor, key)
    offers = queries.tier_offers(actor, on=clock.today(), institute=key)
    may_set = may(actor, rules.PERMISSIONS["set_tier_terms"], institute=key)
    context = {
        "institute": institute,
        "title": _("What %(institute)s asks of its members, and gives")
        % {"institute": formats.local_name(institute)},
        "crumbs": _crumbs(institute),
        "tabs": institute_tabs(key, "memberships:list_members", actor),
        "table": _offers_table(
            offers, profile, _("Membership tiers"), of_all=False, may_set=may_set
        ),
        "history": _history_table(institute, profile),
        "compare_url": reverse("memberships:compare_tiers"),
    }
    return render_page(request, "memberships/list_tiers.html", context)


@require_http_methods(["GET", "POST"])
def set_tier_terms(request: HttpRequest, key: str, tier: str) -> HttpResponse:
    """The form that sets the terms of a tier from a day on."""
    actor, profile = actor_of(request), network.profile_in_use()
    institute = network.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["set_tier_terms"], institute=key)
    entry = next((one for one in profile.tiers if one.key == tier), None)
    if entry is None:
        raise Http404
    form = TierTermsForm(request.POST or None, initial=_initial(institute, tier, profile))
    listed = reverse("memberships:list_tiers", args=[key])
    return form_page(
        request,
        "memberships/set_tier_terms.html",
        form,
        {
            "institute": institute,
            "tier": entry,
            "crumbs": (*_crumbs(institute), Crumb(_("Membership tiers"), listed)),
            "cancel_url": listed,
        },
        perform=lambda: services.set_tier_terms(
            actor, institute, form.row(tier, profile.currency), now=clock.now()
        ),
        told=lambda terms: (
            _("The terms hold from %(day)s.") % {"day": formats.date_local(terms.in_force_on)}
        ),
        seen_at=lambda _terms: listed,
    )


def _comparison_title(offers: Sequence[TierOffer], kind: str, profile: JurisdictionProfile) -> str:
    if not offers:
        return _("No institute offers a membership for: %(kind)s") % {"kind": kind}
    least, most = offers[0].dues_minor, offers[-1].dues_minor
    money = {
        "kind": kind,
        "least": formats.money(least, profile.currency),
        "most": formats.money(most, profile.currency),
    }
    if least == most:
        return _("%(kind)s: a membership costs %(least)s a year") % money
    return _("%(kind)s: a membership costs %(least)s to %(most)s a year") % money


def _offers_table(
    offers: Sequence[TierOffer],
    profile: JurisdictionProfile,
    caption: str,
    *,
    of_all: bool,
    may_set: bool = False,
) -> Table:
    columns = [
        Column("tier", _("Membership tier")),
        Column("dues", _("Dues a year"), is_number=True),
        Column("in_kind", _("In kind a year"), is_number=True),
        Column("term", _("Term"), is_short=True),
        Column("seats", _("Seats on the board"), is_number=True),
        Column("votes", _("Votes"), is_number=True),
        Column("rate", _("Rate of bookings")),
        Column("training", _("Training seats a year"), is_number=True),
        Column("licence", _("Days to ask for a licence"), is_number=True),
        Column("lead", _("May lead in project calls")),
    ]
    if of_all:
        columns.insert(0, Column("institute", _("Institute")))
    columns.append(Column("act", _("To do")))
    return Table(
        caption,
        tuple(columns),
        tuple(_offer_row(one, profile, of_all=of_all, may_set=may_set) for one in offers),
        empty=_("No membership is offered."),
        is_stacked=True,
    )


def _offer_row(one: TierOffer, profile: JurisdictionProfile, *, of_all: bool, may_set: bool) -> Row:
    key, terms = one.institute.key, one.terms
    listed = reverse("memberships:list_tiers", args=[key])
    note = "" if terms else _("template")
    cells = [
        Cell(formats.local_name(one.tier), note=note),
        Cell(formats.money(one.dues_minor, profile.currency)),
        Cell(formats.money(terms.in_kind_minor, profile.currency) if terms else formats.MISSING),
        Cell(_("%(months)s months") % {"months": terms.term_months} if terms else formats.MISSING),
        Cell(formats.number(one.board_seats)),
        Cell(formats.number(terms.votes) if terms else formats.MISSING),
        Cell(terms.get_rate_class_display() if terms else formats.MISSING),
        Cell(_training(one) if terms else formats.MISSING),
        Cell(formats.number(terms.licence_option_days) if terms else formats.MISSING),
        Cell((_("Yes") if terms.may_lead_projects else _("No")) if terms else formats.MISSING),
    ]
    if of_all:
        cells.insert(0, Cell(formats.local_name(one.institute), listed))
    if may_set:
        url = reverse("memberships:set_tier_terms", args=[key, one.tier.key])
        cells.append(Cell(_("Set the terms"), url))
    else:
        url = reverse("memberships:apply_for_membership", args=[key])
        cells.append(Cell(_("Apply for membership"), f"{url}?tier={one.tier.key}"))
    return Row(tuple(cells))


def _training(one: TierOffer) -> str:
    terms = one.terms
    if terms is None:
        return formats.MISSING
    seats = formats.number(terms.training_seats)
    return _("%(seats)s, rolling over") % {"seats": seats} if terms.seats_roll_over else seats


def _history_table(institute: Institute, profile: JurisdictionProfile) -> Table:
    names = {tier.key: formats.local_name(tier) for tier in profile.tiers}
    rows = tuple(
        Row(
            (
                Cell(names.get(one.tier, one.tier)),
                Cell(formats.date_local(one.in_force_on)),
                Cell(formats.money(one.dues_minor, profile.currency)),
                Cell(_("Yes") if one.is_offered else _("No")),
                Cell(one.source),
            )
        )
        for one in queries.tier_terms_history(institute)
    )
    return Table(
        _("Terms as they were set, newest first"),
        (
            Column("tier", _("Membership tier")),
            Column("since", _("In force from"), is_short=True),
            Column("dues", _("Dues a year"), is_number=True),
            Column("offered", _("Offered")),
            Column("source", _("Source")),
        ),
        rows,
        empty=_("The institute has set no terms of its own yet."),
        is_stacked=True,
    )


def _initial(institute: Institute, tier: str, profile: JurisdictionProfile) -> dict[str, object]:
    """The terms in force, or the template, to begin from."""
    unit = Decimal(10 ** minor_units(profile.currency))
    last = queries.tier_terms_history(institute).filter(tier=tier).first()
    initial: dict[str, object] = {"in_force_on": clock.today(), "is_offered": True}
    if last is None:
        template = profile.tier(tier)
        return initial | {
            "dues": template.dues_minor / unit,
            "in_kind": 0,
            "term_months": 12,
            "board_seats": template.board_seats,
            "votes": 0,
            "rate_class": rules.RateClass.MEMBER,
            "training_seats": 0,
            "licence_option_days": 0,
        }
    return initial | {
        "dues": last.dues_minor / unit,
        "in_kind": last.in_kind_minor / unit,
        **{name: getattr(last, name) for name in _COPIED},
    }


def _crumbs(institute: Institute) -> tuple[Crumb, ...]:
    return (
        Crumb(_("Institutes"), reverse("network:list_institutes")),
        Crumb(
            formats.local_name(institute), reverse("network:show_institute", args=[institute.key])
        ),
        Crumb(_("Members"), reverse("memberships:list_members", args=[institute.key])),
    )
