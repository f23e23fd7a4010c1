"""Pages of the verbs of bodies: establishing one, opening, filling and closing its seats."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.forms import (
    BodyForm,
    ClosingForm,
    EndingForm,
    FillingForm,
    ReasonForm,
    SeatForm,
)
from lineshaft.apps.governance.models import Appointment, Body, Seat
from lineshaft.apps.governance.queries import institutes_at_work
from lineshaft.apps.governance.views.bodies import body_crumbs, may_establish
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.queries import institute_by_key, people_named
from lineshaft.kernel.jurisdiction import SeatKind
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import actor_of


@require_http_methods(["GET", "POST"])
def establish_body(request: HttpRequest) -> HttpResponse:
    """The form that establishes a body."""
    actor = actor_of(request)
    permission = rules.PERMISSIONS["establish_body"]
    if not may_establish(actor):
        permit(actor, permission)
    choices = [
        (one.key, formats.local_name(one))
        for one in institutes_at_work(actor)
        if may(actor, permission, institute=one.key)
    ]
    if may(actor, permission):
        choices.insert(0, ("", _("The network")))
    form = BodyForm(
        request.POST or None, institutes=choices, initial={"established_on": clock.today()}
    )

    def perform() -> Body:
        key = form.cleaned_data["institute"]
        institute = institute_by_key(actor, key) if key else None
        return services.establish_body(actor, form.terms(), institute=institute, now=clock.now())

    return form_page(
        request,
        "governance/establish_body.html",
        form,
        {"crumbs": body_crumbs(), "cancel_url": reverse("governance:list_bodies")},
        perform=perform,
        told=lambda _body: _("The body is established. Fill its seats."),
        seen_at=lambda body: body.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def add_seat(request: HttpRequest, key: str) -> HttpResponse:
    """The form that opens a seat."""
    actor = actor_of(request)
    body = queries.body_by_key(actor, key)
    _permit(actor, "add_seat", body)
    form = SeatForm(request.POST or None, initial={"opened_on": clock.today()})
    return form_page(
        request,
        "governance/add_seat.html",
        form,
        _context(body),
        perform=lambda: services.add_seat(
            actor,
            body,
            SeatKind(form.cleaned_data["kind"]),
            opened_on=form.cleaned_data["opened_on"],
            now=clock.now(),
        ),
        told=lambda seat: _("Seat %(number)s is open.") % {"number": seat.number},
        seen_at=lambda _seat: body.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def fill_seats(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that puts somebody into a seat."""
    actor = actor_of(request)
    seat = queries.seat_by_number(actor, key, number)
    _permit(actor, "fill_seats", seat.body)
    form = FillingForm(request.POST or None, initial={"starts_on": clock.today()})

    def perform() -> Appointment | None:
        person = _person_named(actor, form)
        if person is None:
            return None
        filling = services.Filling(
            number,
            person,
            form.appointment_way,
            form.cleaned_data["starts_on"],
            form.cleaned_data["ends_on"],
            form.cleaned_data["evidence"],
        )
        (made,) = services.fill_seats(actor, seat.body, [filling], now=clock.now())
        return made

    return form_page(
        request,
        "governance/fill_seats.html",
        form,
        _context(seat.body, seat),
        perform=perform,
        told=lambda _made: _("The seat is filled."),
        seen_at=lambda _made: seat.body.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def close_seat(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that closes a seat."""
    actor = actor_of(request)
    seat = queries.seat_by_number(actor, key, number)
    _permit(actor, "close_seat", seat.body)
    form = ClosingForm(request.POST or None, initial={"closed_on": clock.today()})
    return form_page(
        request,
        "governance/close_seat.html",
        form,
        _context(seat.body, seat),
        perform=lambda: services.close_seat(
            actor, seat, closed_on=form.cleaned_data["closed_on"], now=clock.now()
        ),
        told=lambda closed: _("Seat %(number)s is closed.") % {"number": closed.number},
        seen_at=lambda _seat: seat.body.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def end_appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that ends an appointment."""
    actor = actor_of(request)
    appointment = queries.appointment_by_id(actor, pk)
    body = appointment.seat.body
    _permit(actor, "end_appointment", body)
    form = EndingForm(request.POST or None, initial={"ends_on": clock.today()})
    return form_page(
        request,
        "governance/end_appointment.html",
        form,
        {**_context(body, appointment.seat), "appointment": appointment},
        perform=lambda: services.end_appointment(
            actor, appointment, now=clock.now(), **form.cleaned_data
        ),
        told=lambda _ended: _("The appointment has its end."),
        seen_at=lambda _ended: body.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def annul_appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that takes back an appointment entered by mistake."""
    actor = actor_of(request)
    appointment = queries.appointment_by_id(actor, pk)
    body = appointment.seat.body
    _permit(actor, "annul_appointment", body)
    form = ReasonForm(request.POST or None)
    named = {
        "person": formats.local_name(appointment.person),
        "body": formats.local_name(body),
    }
    return form_page(
        request,
        "governance/record_verb.html",
        form,
        {
            "title": _("Annul the appointment of %(person)s to %(body)s") % named,
            "lede": _(
                "For what was entered by mistake. It stays on record with the reason, and counts"
                " nowhere. Whoever has sat in the seat is not annulled: their appointment ends."
            ),
            "submit_label": _("Annul the appointment"),
            **_context(body, appointment.seat),
        },
        perform=lambda: services.annul_appointment(
            actor, appointment, why=form.cleaned_data["reason"], now=clock.now()
        ),
        told=lambda _annulled: _("The appointment is annulled."),
        seen_at=lambda _annulled: body.get_absolute_url(),
    )


def _permit(actor: Actor, verb: str, body: Body) -> None:
    key = body.institute.key if body.institute else None
    permit(actor, rules.PERMISSIONS[verb], institute=key)


def _context(body: Body, seat: Seat | None = None) -> dict[str, object]:
    return {
        "body": body,
        "seat": seat,
        "crumbs": body_crumbs(body),
        "cancel_url": body.get_absolute_url(),
    }


def _person_named(actor: Actor, form: Form) -> Person | None:
    """The one person that the form names; None with the fault in the form."""
    found = people_named(actor, form.cleaned_data["person"].strip())
    if len(found) == 1:
        return found[0]
    form.add_error(
        "person",
        _("Several people are registered under this. Enter the e-mail address of one.")
        if found
        else _("Nobody is registered under this. Register the person first."),
    )
    return None
