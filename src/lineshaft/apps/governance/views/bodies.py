"""Pages of bodies: the list, and one body with its seats and how it is made up."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.governance import queries, rules
from lineshaft.apps.governance.forms import BodyFilter
from lineshaft.apps.governance.models import Appointment, Body
from lineshaft.apps.governance.queries import BodyStanding, SeatStanding
from lineshaft.apps.governance.rules import Check
from lineshaft.apps.network.queries import may_see_organisation
from lineshaft.kernel.jurisdiction import BodyMeasure
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may
from lineshaft.web import formats
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_SHARES: Final = frozenset(
    {BodyMeasure.INDUSTRY_SHARE_ABOVE_BP, BodyMeasure.HOLDERS_OF_KINDS_SHARE_ABOVE_BP}
)
"""Measures that count in basis points."""


@require_GET
def list_bodies(request: HttpRequest) -> HttpResponse:
    """Every body: whose it is, how many seats are held, and which rules it does not meet."""
    actor, today = actor_of(request), clock.today()
    form = BodyFilter(request.GET)
    bodies = queries.bodies_filtered(actor, kind=form.chosen())
    page = paginate(request, bodies)
    standings = queries.body_standings(page.items, on=today)
    seats, vacant = queries.seats_counted(bodies, on=today)
    establish = Action(_("Establish a body"), reverse("governance:establish_body"), is_primary=True)
    context = {
        "title": ngettext(
            "%(count)s body decides or advises in the network",
            "%(count)s bodies decide or advise in the network",
            page.total,
        )
        % {"count": formats.number(page.total)}
        if page.total
        else _("No body is established yet"),
        "lede": _("%(vacant)s of %(seats)s seats are vacant.")
        % {"vacant": formats.number(vacant), "seats": formats.number(seats)}
        if seats
        else "",
        "actions": (establish,) if may_establish(actor) else (),
        "form": form,
        "table": _bodies_table(standings, page),
    }
    return render_page(request, "governance/list_bodies.html", context)


@require_GET
def show_body(request: HttpRequest, key: str) -> HttpResponse:
    """One body: who sits in it, whether it is made up as the rules ask, and who sat before."""
    actor, today = actor_of(request), clock.today()
    shown = queries.body_standing(actor, key, on=today)
    reads = queries.may_read_holders(actor)
    past = paginate(request, queries.past_appointments(shown.body, on=today)) if reads else None
    context = {
        "body": shown.body,
        "title": _body_title(shown),
        "tag": Tag(_("Lacks what a rule asks"), "due") if shown.unmet else None,
        "lede": shown.body.get_kind_display(),
        "crumbs": body_crumbs(),
        "actions": _body_actions(actor, shown.body),
        "items": _body_items(shown.body),
        "seats": _seats_table(actor, shown),
        "checks": [
            _check(check)
            for check in (*shown.checks, *queries.meeting_checks(shown.body, on=today))
        ],
        "past": _past_table(past, keeps=may_keep(actor, "annul_appointment", shown.body))
        if past and past.total
        else None,
    }
    return render_page(request, "governance/show_body.html", context)


def may_keep(actor: Actor, verb: str, body: Body) -> bool:
    """Whether the actor may do that to a body and its seats."""
    key = body.institute.key if body.institute else None
    return may(actor, rules.PERMISSIONS[verb], institute=key)


def may_establish(actor: Actor) -> bool:
    """Whether the actor may establish some body: of the network, or of an own institute."""
    permission = rules.PERMISSIONS["establish_body"]
    return may(actor, permission) or any(
        may(actor, permission, institute=key) for key in actor.own_institute_keys
    )


def body_crumbs(*bodies: Body) -> tuple[Crumb, ...]:
    """The way to the list, and to a body."""
    listed = Crumb(_("Boards and councils"), reverse("governance:list_bodies"))
    return (
        listed,
        *(Crumb(formats.local_name(body), body.get_absolute_url()) for body in bodies),
    )


def _bodies_table(standings: tuple[BodyStanding, ...], page: Page[Body]) -> Table:
    return Table(
        _("Boards and councils"),
        (
            Column("body", _("Body")),
            Column("kind", _("Kind")),
            Column("institute", _("Institute")),
            Column("held", _("Seats held"), is_number=True),
            Column("vacant", _("Vacant"), is_number=True),
            Column("ending", _("Ending soon"), is_number=True),
            Column("rules", _("Composition")),
        ),
        tuple(_body_row(one) for one in standings),
        page=page,
        empty=_("No body fits."),
        is_stacked=True,
    )


def _body_row(one: BodyStanding) -> Row:
    url = one.body.get_absolute_url()
    institute = one.body.institute
    numbers = (len(one.seats) - one.vacant, one.vacant, one.ending)
    if one.unmet:
        made_up = Cell(
            ngettext("%(count)s rule is not met", "%(count)s rules are not met", len(one.unmet))
            % {"count": len(one.unmet)},
            tag="due",
        )
    else:
        made_up = Cell(_("As asked"), tag="ok") if one.checks else Cell(formats.MISSING)
    return Row(
        (
            Cell(formats.local_name(one.body), url),
            Cell(one.body.get_kind_display()),
            Cell(
                formats.local_name(institute),
                reverse("network:show_institute", args=[institute.key]),
            )
            if institute
            else Cell(formats.MISSING),
            *(Cell(formats.number(number), f"{url}#seats") for number in numbers),
            made_up,
        )
    )


def _body_title(shown: BodyStanding) -> str:
    name = formats.local_name(shown.body)
    if not shown.vacant:
        return name
    return ngettext(
        "%(body)s: %(count)s seat is vacant", "%(body)s: %(count)s seats are vacant", shown.vacant
    ) % {"body": name, "count": formats.number(shown.vacant)}


def _body_actions(actor: Actor, body: Body) -> tuple[Action, ...]:
    meetings = Action(_("Meetings"), f"{reverse('governance:list_meetings')}?body={body.key}")
    verbs = []
    if queries.may_record(actor, "call_meeting", body):
        verbs.append((_("Call a meeting"), "call_meeting"))
    if may_keep(actor, "add_seat", body):
        verbs += [(_("Open a seat"), "add_seat"), (_("How it votes"), "amend_charter")]
    links = (Action(label, reverse(f"governance:{verb}", args=[body.key])) for label, verb in verbs)
    return (meetings, *links)


def _body_items(body: Body) -> tuple[Item, ...]:
    items = [Item(_("Established on"), formats.date_local(body.established_on))]
    if body.institute:
        url = reverse("network:show_institute", args=[body.institute.key])
        items.insert(0, Item(_("Institute"), formats.local_name(body.institute), url))
    if body.charter:
        items.append(Item(_("Charter"), body.charter))
    return tuple(items)


def _seats_table(actor: Actor, shown: BodyStanding) -> Table:
    keeps, reads = may_keep(actor, "fill_seats", shown.body), queries.may_read_holders(actor)
    columns = [
        Column("seat", _("Seat"), is_short=True),
        Column("kind", _("Kept for")),
        Column("holder", _("Held by")),
        *((Column("organisation", _("Organisation")),) if reads else ()),
        Column("since", _("From"), is_short=True),
        Column("until", _("Until, not included"), is_short=True),
        Column("way", _("How")),
    ]
    if keeps:
        columns += [
            Column("act", _("The appointment")),
            Column("annul", _("A mistake")),
            Column("close", _("The seat")),
        ]
    return Table(
        _("Seats on %(day)s") % {"day": formats.date_local(shown.on)},
        tuple(columns),
        tuple(_seat_row(actor, one, shown, keeps=keeps) for one in shown.seats),
        empty=_("This body has no open seat."),
        is_stacked=True,
    )


def _seat_row(actor: Actor, one: SeatStanding, shown: BodyStanding, *, keeps: bool) -> Row:
    seat, holder = one.seat, one.holder
    reads = queries.may_read_holders(actor)
    cells = [
        Cell(str(seat.number)),
        Cell(seat.get_kind_display()),
        _holder_cell(one, reads=reads),
        *((Cell(_organisation_of(actor, holder)),) if reads else ()),
        Cell(formats.date_local(holder.starts_on if holder else None)),
        Cell(formats.date_local(holder.ends_on if holder else None)),
        Cell(holder.get_way_display() if holder else formats.MISSING),
    ]
    if keeps:
        fill = reverse("governance:fill_seats", args=[shown.body.key, seat.number])
        close = reverse("governance:close_seat", args=[shown.body.key, seat.number])
        held = one.next_holder or holder
        if held is None or one.is_ending(shown.on + queries.ENDING_WITHIN):
            label = _("Name a successor") if held else _("Fill the seat")
            cells.append(Cell(label, fill))
        else:
            end = reverse("governance:end_appointment", args=[held.pk])
            cells.append(Cell(_("End it"), end))
        cells.append(_annul_cell(held) if held else Cell(formats.MISSING))
        cells.append(Cell(_("Close it"), close))
    return Row(tuple(cells))


def _holder_cell(one: SeatStanding, *, reads: bool) -> Cell:
    """Who holds the seat, and who comes after; for the public only that it is held."""
    note = ""
    if one.next_holder is not None:
        day = {"day": formats.date_local(one.next_holder.starts_on)}
        note = _("a successor from %(day)s") % day
        if reads:
            named = {"person": formats.local_name(one.next_holder.person), **day}
            note = _("then %(person)s from %(day)s") % named
    if one.holder is None:
        return Cell(_("Vacant"), tag="due", note=note)
    return Cell(formats.local_name(one.holder.person) if reads else _("Held"), note=note)


def _organisation_of(actor: Actor, holder: Appointment | None) -> str:
    organisation = holder.person.organisation if holder else None
    if organisation is None or not may_see_organisation(actor, organisation):
        return formats.MISSING
    return formats.local_name(organisation)


def _check(check: Check) -> dict[str, object]:
    """A rule with what was counted, for the page: what it says, its citation, and the outcome."""
    rule = check.rule
    if rule.measure in _SHARES:
        counted = formats.percent_bp(check.counted)
    else:
        counted = formats.number(check.counted)
    return {
        "text": formats.local_name(rule),
        "citation": rule.authority.citation,
        "is_met": check.is_met,
        "counted": counted,
        "tag": Tag(_("Met"), "ok") if check.is_met else Tag(_("Not met"), "due"),
    }


def _annul_cell(appointment: Appointment) -> Cell:
    return Cell(_("Annul it"), reverse("governance:annul_appointment", args=[appointment.pk]))


def _past_table(page: Page[Appointment], *, keeps: bool) -> Table:
    return Table(
        _("Earlier holders, newest first"),
        (
            Column("holder", _("Held by")),
            Column("seat", _("Seat"), is_short=True),
            Column("since", _("From"), is_short=True),
            Column("until", _("Until, not included"), is_short=True),
            Column("way", _("How")),
            *((Column("annul", _("A mistake")),) if keeps else ()),
        ),
        tuple(_past_row(one, keeps=keeps) for one in page),
        page=page,
        is_stacked=True,
    )


def _past_row(one: Appointment, *, keeps: bool) -> Row:
    is_annulled = one.annulled_at is not None
    how = (
        Cell(_("Annulled"), tag="bad", note=one.why_annulled)
        if is_annulled
        else Cell(one.get_way_display())
    )
    cells = [
        Cell(formats.local_name(one.person)),
        Cell(str(one.seat.number)),
        Cell(formats.date_local(one.starts_on)),
        Cell(formats.date_local(one.ends_on)),
        how,
    ]
    if keeps:
        cells.append(Cell(formats.MISSING) if is_annulled else _annul_cell(one))
    return Row(tuple(cells))
