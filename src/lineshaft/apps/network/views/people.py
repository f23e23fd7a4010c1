"""The pages of people: the list for those who work with them, registering, appointing."""

from urllib.parse import urlencode

from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.forms import AppointForm, PeopleFilters, PersonForm
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.network.views.institutes import institute_crumbs
from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

SORTS = {"name": "name", "organisation": "organisation__name"}


@require_GET
def list_people(request: HttpRequest) -> HttpResponse:
    """The people whom the actor works with; network staff see all."""
    actor = actor_of(request)
    if not queries.may_list_people(actor):
        raise NotPermitted(
            gettext_noop("People are listed for the staff of the network and of institutes.")
        )
    form = PeopleFilters(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    people = queries.people_visible_to(actor)
    if text:
        people = people.filter(
            Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(email__icontains=text)
        )
    order, sort = sorting(request, SORTS, "name")
    page = paginate(request, people.order_by(order, "pk"))
    table = Table(
        caption=_("People"),
        columns=(
            Column("name", _("Name"), sort="name"),
            Column("organisation", _("Organisation"), sort="organisation"),
            Column("email", _("E-mail address")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        formats.local_name(person),
                        url=reverse("network:show_person", args=[person.pk]),
                    ),
                    Cell(formats.local_name(person.organisation)),
                    Cell(person.email or formats.MISSING),
                )
            )
            for person in page
        ),
        page=page,
        sort=sort,
        empty=_("Nobody fits this search.")
        if text
        else _("The people of your institutes appear here."),
        is_stacked=True,
    )
    return render_page(
        request,
        "network/list_people.html",
        {"table": table, "form": form, "total": page.total, "actions": _list_actions(actor)},
    )


@require_http_methods(["GET", "POST"])
def register_person(request: HttpRequest) -> HttpResponse:
    """Register somebody; where the address names an institute, the appointment comes next."""
    actor = actor_of(request)
    permission = rules.PERMISSIONS["register_person"]
    services.permit_anywhere(actor, permission)
    form = PersonForm(request.POST or None, is_office=may(actor, permission))
    institute = request.GET.get("institute", "")
    cancel_url = reverse("network:list_people")
    if institute:
        cancel_url = reverse(
            "network:appoint_person", args=[queries.institute_by_key(actor, institute).key]
        )

    def perform() -> Person | None:
        entered = dict(form.cleaned_data)
        organisation = organisation_of(actor, form, entered.pop("organisation"))
        user = _user_of(form, entered.pop("user", ""))
        if form.errors:
            return None
        return services.register_person(
            actor,
            entered.pop("name"),
            organisation=organisation,
            user=user,
            now=clock.now(),
            **entered,
        )

    def seen_at(person: Person | None) -> str:
        if institute and person is not None:
            return f"{cancel_url}?{urlencode({'person': person.email or person.name})}"
        return cancel_url

    return form_page(
        request,
        "network/register_person.html",
        form,
        {"crumbs": (Crumb(_("People"), reverse("network:list_people")),), "cancel_url": cancel_url},
        perform=perform,
        told=lambda _person: _("The person is registered."),
        seen_at=seen_at,
    )


@require_http_methods(["GET", "POST"])
def appoint_person(request: HttpRequest, key: str) -> HttpResponse:
    """Give a registered person a role at the institute."""
    actor = actor_of(request)
    institute = queries.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["appoint_person"], institute=key)
    form = AppointForm(
        request.POST or None,
        initial={
            "person": request.GET.get("person", ""),
            "starts_on": clock.today().isoformat(),
        },
    )

    def perform() -> None:
        entered = dict(form.cleaned_data)
        person = person_named(actor, form, entered.pop("person"))
        if person is not None:
            kind = rules.PersonRoleKind(entered.pop("kind"))
            services.appoint_person(
                actor, person, kind=kind, institute=institute, now=clock.now(), **entered
            )

    url = reverse("network:show_institute", args=[key])
    register_url = reverse("network:register_person")
    return form_page(
        request,
        "network/appoint_person.html",
        form,
        {
            "institute": institute,
            "crumbs": institute_crumbs(institute),
            "cancel_url": url,
            "register_url": f"{register_url}?{urlencode({'institute': key})}",
        },
        perform=perform,
        told=lambda _done: _("The person is appointed."),
        seen_at=lambda _done: url,
    )


# -------------------------------------------------------------------------------------- leaves


def _list_actions(actor: Actor) -> tuple[Action, ...]:
    if not services.may_anywhere(actor, rules.PERMISSIONS["register_person"]):
        return ()
    return (Action(_("Register a person"), reverse("network:register_person")),)


def organisation_of(actor: Actor, form: Form, text: str) -> Organisation | None:
    """The organisation that the form names, None for none; a fault in the form for no one."""
    if not text:
        return None
    found = queries.organisations_named(actor, text)
    if len(found) == 1:
        return found[0]
    form.add_error(
        "organisation",
        _("Several organisations bear this name. Write the number of one.")
        if found
        else _("No organisation that you may see has this name. Register it first."),
    )
    return None


def _user_of(form: PersonForm, address: str) -> User | None:
    if not address:
        return None
    user = queries.user_of_address(address)
    if user is None:
        form.add_error("user", _("Nobody signs in with this e-mail address."))
    return user


def person_named(actor: Actor, form: Form, text: str, *, field: str = "person") -> Person | None:
    """The one person whom the form names; None with the fault in the form."""
    found = queries.people_named(actor, text)
    if len(found) == 1:
        return found[0]
    form.add_error(
        field,
        _("Several people bear this name. Write the e-mail address of one.")
        if found
        else _("Nobody is registered under this. Register the person first."),
    )
    return None
