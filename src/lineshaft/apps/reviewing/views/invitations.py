"""Pages of what a reviewer is asked: invitations to panels, the answers, leaving a panel."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.forms import AcceptForm, SeatReasonForm
from lineshaft.apps.reviewing.models import PanelSeat
from lineshaft.apps.reviewing.views.words import SEAT_TONES, own_crumbs
from lineshaft.plumbing import clock
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
@login_required
def list_panel_invitations(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's answer, and every panel to which they were asked."""
    actor = actor_of(request)
    waiting = list(queries.panel_invitations_to(actor))
    own = queries.own_reviewing(actor)
    actions: tuple[Action, ...] = ()
    if own is not None:
        actions = (Action(_("Your profile as a reviewer"), own.get_absolute_url()),)
    title = ngettext(
        "%(count)s invitation waits for your answer",
        "%(count)s invitations wait for your answer",
        len(waiting),
    ) % {"count": formats.number(len(waiting))}
    context = {
        "title": title if waiting else _("No invitation waits for your answer"),
        "lede": _(
            "Whoever runs a competition invites reviewers to the panel of one of its stages. What"
            " you are to read is assigned after you accept."
        ),
        "actions": actions,
        "waiting": [_card(seat) for seat in waiting],
        "table": _table(paginate(request, queries.own_seats(actor))),
    }
    return render_page(request, "reviewing/list_panel_invitations.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def accept_panel_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """The form in which a reviewer takes the seat."""
    actor = actor_of(request)
    seat = queries.own_seat_by_id(actor, pk)
    bound = queries.panel_rules_of(seat.stage.competition)
    form = AcceptForm(
        request.POST or None,
        is_declared=not rules.wants_declaration(seat.reviewer.sitting, bound),
        initial={"load_most": seat.load_most},
    )
    return _answer_page(
        request,
        seat,
        form,
        {
            "title": _("Take a seat on the panel of %(stage)s in %(code)s") % _named(seat),
            "lede": _(
                "You can leave until applications are assigned to you. Conflicts of interest are"
                " looked for, and you are given no application with which you have one."
            ),
            "submit_label": _("Accept"),
        },
        perform=lambda: services.accept_panel_invitation(
            actor,
            seat,
            load_most=form.cleaned_data["load_most"],
            is_political_appointee=form.answer(),
            now=clock.now(),
        ),
        told=_("You sit on the panel."),
    )


@require_http_methods(["GET", "POST"])
@login_required
def decline_panel_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """The form in which a reviewer says no."""
    actor = actor_of(request)
    seat = queries.own_seat_by_id(actor, pk)
    form = SeatReasonForm(request.POST or None)
    return _answer_page(
        request,
        seat,
        form,
        {
            "title": _("Decline the invitation to %(stage)s in %(code)s") % _named(seat),
            "lede": _("Whoever invited you reads the reason, and may ask again."),
            "submit_label": _("Decline"),
        },
        perform=lambda: services.decline_panel_invitation(
            actor, seat, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=_("The invitation is declined."),
    )


@require_http_methods(["GET", "POST"])
@login_required
def leave_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The form in which a reviewer gives a seat up."""
    actor = actor_of(request)
    seat = queries.own_seat_by_id(actor, pk)
    form = SeatReasonForm(request.POST or None)
    return _answer_page(
        request,
        seat,
        form,
        {
            "title": _("Leave the panel of %(stage)s in %(code)s") % _named(seat),
            "lede": _("You read nothing of it from then on."),
            "submit_label": _("Leave the panel"),
        },
        perform=lambda: services.leave_panel(
            actor, seat, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=_("You left the panel."),
    )


# ---------------------------------------------------------------------------------------- leaves


def _answer_page(
    request: HttpRequest,
    seat: PanelSeat,
    form: Any,
    context: dict[str, Any],
    *,
    perform: Any,
    told: str,
) -> HttpResponse:
    """A page on which a reviewer says something of a seat."""
    listed = reverse("reviewing:list_panel_invitations")
    return form_page(
        request,
        "reviewing/answer.html",
        form,
        {**context, "items": _items(seat), "crumbs": own_crumbs(), "cancel_url": listed},
        perform=perform,
        told=lambda _done: told,
        seen_at=lambda _done: listed,
    )


def _named(seat: PanelSeat) -> dict[str, str]:
    return {"stage": formats.local_name(seat.stage), "code": seat.stage.competition.code}


def _items(seat: PanelSeat) -> tuple[Item, ...]:
    """What somebody is asked to do, and until when."""
    stage, competition = seat.stage, seat.stage.competition
    return (
        Item(_("Competition"), formats.local_name(competition)),
        Item(_("Stage"), formats.local_name(stage)),
        Item(_("From"), moment_in(competition.zone, stage.began_at or stage.starts_at)),
        Item(_("Until"), moment_in(competition.zone, stage.ends_at)),
        Item(_("Applications at most"), formats.number(seat.load_most)),
        Item(_("Invited on"), formats.date_local(seat.invited_at)),
    )


def _card(seat: PanelSeat) -> dict[str, Any]:
    """An invitation that waits, with the ways to answer it."""
    return {
        "title": f"{seat.stage.competition.code}: {formats.local_name(seat.stage)}",
        "items": _items(seat),
        "actions": (
            Action(
                _("Accept"),
                reverse("reviewing:accept_panel_invitation", args=[seat.pk]),
                is_primary=True,
            ),
            Action(_("Decline"), reverse("reviewing:decline_panel_invitation", args=[seat.pk])),
        ),
    }


def _table(page: Page[PanelSeat]) -> Table:
    return Table(
        _("Panels to which you were invited, the latest first"),
        (
            Column("competition", _("Competition")),
            Column("stage", _("Stage")),
            Column("state", _("State")),
            Column("load", _("Load"), is_number=True),
            Column("until", _("Until"), is_short=True),
            Column("what", _("What you can do")),
        ),
        tuple(_row(seat) for seat in page),
        page=page,
        empty=_("You were invited to none yet."),
        is_stacked=True,
    )


def _row(seat: PanelSeat) -> Row:
    can_leave = seat.state == rules.ACCEPTED and seat.stage.ended_at is None
    state = _("Chairs") if seat.is_chair else str(seat.get_state_display())
    return Row(
        (
            Cell(seat.stage.competition.code),
            Cell(formats.local_name(seat.stage)),
            Cell(state, tag=SEAT_TONES[seat.state]),
            Cell(formats.number(seat.load_most)),
            Cell(moment_in(seat.stage.competition.zone, seat.stage.ends_at)),
            Cell(_("Leave the panel"), reverse("reviewing:leave_panel", args=[seat.pk]))
            if can_leave
            else Cell(""),
        )
    )
