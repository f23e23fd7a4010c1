"""Pages of delegations: the list, making one and revoking it."""

from collections.abc import Set as AbstractSet
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.forms import DelegationForm, ReasonForm
from lineshaft.apps.governance.models import Delegation
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key, people_named, profile_in_use
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.roles import ROLE_LABELS, Role
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table
from lineshaft.web.verbs import VERB_NAMES


@require_GET
def list_delegations(request: HttpRequest) -> HttpResponse:
    """Who may do what in the place of whose role it is, newest first."""
    actor, today = actor_of(request), clock.today()
    rows = queries.delegations_visible_to(actor)
    page = paginate(request, rows)
    in_force = rows.filter(queries.in_force_q(today)).count()
    add = Action(_("Delegate"), reverse("governance:delegate"), is_primary=True)
    context = {
        "title": ngettext(
            "%(count)s delegation is in force", "%(count)s delegations are in force", in_force
        )
        % {"count": formats.number(in_force)}
        if in_force
        else _("Nothing is delegated"),
        "lede": _("What can be decided nearer to the work is decided there."),
        "citation": rules.LOWEST_LEVEL,
        "actions": (add,) if services.has_power_to_delegate(actor) else (),
        "table": _table(page, today, queries.delegations_upheld(page, on=today)),
    }
    return render_page(request, "governance/list_delegations.html", context)


@require_http_methods(["GET", "POST"])
def delegate(request: HttpRequest) -> HttpResponse:
    """The form of a delegation."""
    actor = actor_of(request)
    choices = _choices(actor)
    if not choices:
        permit(actor, rules.PERMISSIONS["delegate"])
    institutes = {one.key: one for one in _institutes(actor)}
    bodies = {one.key: one for one in queries.bodies_filtered(actor)}
    form = DelegationForm(
        request.POST or None,
        verbs=[(verb, VERB_NAMES.get(verb, verb)) for verb in choices],
        institutes=[
            ("", "–"),
            *((key, formats.local_name(one)) for key, one in institutes.items()),
        ],
        bodies=[("", "–"), *((key, formats.local_name(one)) for key, one in bodies.items())],
        currency=profile_in_use().currency,
        initial={"starts_on": clock.today()},
    )

    def perform() -> Delegation | None:
        data = form.cleaned_data
        person = None
        if data["person"]:
            found = people_named(actor, data["person"].strip())
            if len(found) != 1:
                form.add_error("person", _("Nobody, or more than one, is registered under this."))
                return None
            (person,) = found
        key = data["institute"]
        terms = services.DelegationTerms(
            data["verb"],
            data["starts_on"],
            data["reason"],
            ends_on=data["ends_on"],
            person=person,
            role=data["role"],
            institute=institute_by_key(actor, key) if key else None,
            body=bodies.get(data["body"]),
            up_to_minor=data["amount"],
        )
        return services.delegate(actor, terms, now=clock.now())

    return form_page(
        request,
        "governance/record_verb.html",
        form,
        {
            "title": _("Delegate"),
            "lede": _("You delegate what you may do by your own role, and answer for it still."),
            "submit_label": _("Delegate"),
            "crumbs": delegation_crumbs(),
            "cancel_url": reverse("governance:list_delegations"),
        },
        perform=perform,
        told=lambda _made: _("It is delegated."),
        seen_at=lambda _made: reverse("governance:list_delegations"),
    )


@require_http_methods(["GET", "POST"])
def revoke_delegation(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that ends a delegation."""
    actor = actor_of(request)
    found = queries.delegation_by_id(actor, pk)
    institute = found.institute
    if found.verb not in services.may_delegate(actor, institute):
        permit(actor, rules.PERMISSIONS["revoke_delegation"])
    form = ReasonForm(request.POST or None)
    return form_page(
        request,
        "governance/record_verb.html",
        form,
        {
            "title": _("Revoke: %(what)s") % {"what": VERB_NAMES.get(found.verb, found.verb)},
            "submit_label": _("Revoke"),
            "crumbs": delegation_crumbs(),
            "cancel_url": reverse("governance:list_delegations"),
        },
        perform=lambda: services.revoke_delegation(
            actor, found, why=form.cleaned_data["reason"], now=clock.now()
        ),
        told=lambda _row: _("The delegation is over."),
        seen_at=lambda _row: reverse("governance:list_delegations"),
    )


def delegation_crumbs() -> tuple[Crumb, ...]:
    """The way to the list."""
    return (Crumb(_("Delegations"), reverse("governance:list_delegations")),)


def _institutes(actor: Actor) -> list[Institute]:
    """The institutes over which the actor may delegate something."""
    rows = queries.institutes_at_work(actor)
    if not actor.is_network_staff:
        rows = rows.filter(key__in=sorted(actor.staff_institute_keys))
    return list(rows)


def _choices(actor: Actor) -> list[str]:
    """The verbs that the actor may delegate somewhere."""
    if actor.is_network_staff:
        return list(services.may_delegate(actor, None))
    verbs = {verb for one in _institutes(actor) for verb in services.may_delegate(actor, one)}
    return sorted(verbs)


def _table(page: Page[Delegation], today: date, upheld: AbstractSet[int]) -> Table:
    return Table(
        _("Delegations, newest first"),
        (
            Column("what", _("What")),
            Column("to", _("To")),
            Column("over", _("Over")),
            Column("up_to", _("Up to"), is_number=True),
            Column("from", _("From"), is_short=True),
            Column("until", _("Until, not included"), is_short=True),
            Column("by", _("Delegated by")),
            Column("state", _("State")),
        ),
        tuple(_row(one, today, is_upheld=one.pk in upheld) for one in page),
        page=page,
        empty=_("Nothing is delegated."),
        is_stacked=True,
    )


def _row(one: Delegation, today: date, *, is_upheld: bool) -> Row:
    over = [formats.local_name(thing) for thing in (one.institute, one.body) if thing]
    amount = None if one.up_to_minor is None else Money(one.up_to_minor, one.currency)
    return Row(
        (
            Cell(str(VERB_NAMES.get(one.verb, one.verb)), note=one.reason),
            Cell(
                formats.local_name(one.person) if one.person else str(ROLE_LABELS[Role(one.role)])
            ),
            Cell(formats.joined(over) if over else _("The network")),
            Cell(formats.money(amount)),
            Cell(formats.date_local(one.starts_on)),
            Cell(formats.date_local(one.ends_on)),
            Cell(formats.actor_name(one.delegated_by)),
            _state_cell(one, today, is_upheld=is_upheld),
        )
    )


def _state_cell(one: Delegation, today: date, *, is_upheld: bool) -> Cell:
    if one.revoked_at is not None:
        return Cell(_("Revoked"), tag="bad", note=one.why_revoked)
    if one.ends_on is not None and one.ends_on <= today:
        return Cell(_("Over"), tag="quiet")
    revoke = reverse("governance:revoke_delegation", args=[one.pk])
    if not is_upheld:
        note = _("Whoever delegated it no longer holds the role for it.")
        return Cell(_("Without effect"), revoke, tag="bad", note=note)
    return Cell(_("In force") if one.starts_on <= today else _("To come"), revoke, tag="ok")
