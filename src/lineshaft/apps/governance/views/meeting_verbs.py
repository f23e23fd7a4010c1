"""Pages of the verbs of meetings: calling one, agenda, attendance, conflicts, minutes, actions."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lineshaft.apps.governance import queries, services
from lineshaft.apps.governance.forms import (
    ActionForm,
    AttendanceForm,
    CallForm,
    CharterForm,
    DisclosureForm,
    NoteForm,
    PaperForm,
    ReasonForm,
    RemarkForm,
    TopicForm,
    next_month,
)
from lineshaft.apps.governance.models import ActionItem, Meeting
from lineshaft.apps.governance.services.record import permit_for_body
from lineshaft.apps.governance.views.bodies import body_crumbs, may_keep
from lineshaft.apps.governance.views.meetings import meeting_crumbs
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.queries import people_named
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.uploads import refuse_cut_upload
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import actor_of

TEMPLATE = "governance/record_verb.html"


@require_http_methods(["GET", "POST"])
def amend_charter(request: HttpRequest, key: str) -> HttpResponse:
    """The form of how a body votes."""
    actor = actor_of(request)
    body = queries.body_by_key(actor, key)
    if not may_keep(actor, "amend_charter", body):
        permit_for_body(actor, "amend_charter", body)
    above = body.quorum_above_bp
    initial = {
        "quorum_percent": None if above is None else above * 100 // BASIS_POINTS,
        "has_casting_vote": body.has_casting_vote,
        "counts_recused": body.counts_recused,
        "charter": body.charter,
    }
    form = CharterForm(request.POST or None, initial=initial)
    return form_page(
        request,
        TEMPLATE,
        form,
        {
            "title": _("How %(body)s votes") % {"body": formats.local_name(body)},
            "submit_label": _("Enter"),
            "crumbs": body_crumbs(body),
            "cancel_url": body.get_absolute_url(),
        },
        perform=lambda: services.amend_charter(actor, body, form.terms(), now=clock.now()),
        told=lambda _body: _("The body votes so from now on."),
        seen_at=lambda row: row.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def call_meeting(request: HttpRequest, key: str) -> HttpResponse:
    """The form that calls a meeting."""
    actor = actor_of(request)
    body = queries.body_by_key(actor, key)
    permit_for_body(actor, "call_meeting", body)
    last = body.meetings.order_by("number").last()
    initial = {
        "starts_on": next_month(clock.today()),
        "zone": last.zone if last else "UTC",
        "level": "network",
    }
    form = CallForm(request.POST or None, initial=initial)
    return form_page(
        request,
        TEMPLATE,
        form,
        {
            "title": _("Call a meeting of %(body)s") % {"body": formats.local_name(body)},
            "lede": _("Whoever has the calendar feed of the body sees it there."),
            "submit_label": _("Call the meeting"),
            "crumbs": meeting_crumbs(body),
            "cancel_url": body.get_absolute_url(),
        },
        perform=lambda: services.call_meeting(
            actor, body, form.terms(), agenda=form.topics(), now=clock.now()
        ),
        told=lambda made: _("Meeting %(number)s is called.") % {"number": made.number},
        seen_at=lambda made: made.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def add_agenda_item(request: HttpRequest, key: str, meeting: int) -> HttpResponse:
    """The form of one more item."""
    actor, shown = meeting_to(request, key, meeting, "add_agenda_item")
    form = TopicForm(request.POST or None)
    return _page(
        request,
        shown,
        form,
        _("Add an item to the agenda"),
        _("Add"),
        perform=lambda: services.add_agenda_item(
            actor, shown, services.Topic(**form.cleaned_data), now=clock.now()
        ),
        told=_("The item is on the agenda."),
    )


@require_http_methods(["GET", "POST"])
def attach_paper(request: HttpRequest, key: str, meeting: int, item: int) -> HttpResponse:
    """The form of a paper for an item."""
    actor, shown = meeting_to(request, key, meeting, "attach_paper")
    found = queries.item_by_number(shown, item)
    is_sent = request.method == "POST"
    if is_sent:
        _sent = request.POST
        refuse_cut_upload(request)
    form = PaperForm(request.POST, request.FILES) if is_sent else PaperForm()

    def perform() -> object:
        file = form.cleaned_data["file"]
        paper = services.Paper(file.name, file.file)
        return services.attach_paper(actor, found, paper, now=clock.now())

    return _page(
        request,
        shown,
        form,
        _("Attach a paper: %(item)s") % {"item": formats.local_name(found)},
        _("Attach"),
        perform=perform,
        told=_("The paper is attached."),
    )


@require_http_methods(["GET", "POST"])
def note_item(request: HttpRequest, key: str, meeting: int, item: int) -> HttpResponse:
    """The form of what was said of an item."""
    actor, shown = meeting_to(request, key, meeting, "note_item")
    found = queries.item_by_number(shown, item)
    form = NoteForm(request.POST or None, initial={"text": found.note})
    return _page(
        request,
        shown,
        form,
        _("For the minutes: %(item)s") % {"item": formats.local_name(found)},
        _("Keep"),
        perform=lambda: services.note_item(
            actor, found, form.cleaned_data["text"], now=clock.now()
        ),
        told=_("It stands in the record."),
    )


@require_http_methods(["GET", "POST"])
def record_attendance(request: HttpRequest, key: str, meeting: int) -> HttpResponse:
    """The form of who is there, seat by seat."""
    actor, shown = meeting_to(request, key, meeting, "record_attendance")
    known = dict(shown.attendance.values_list("seat_id", "way"))
    seats = [
        (
            one.seat.number,
            f"{one.seat.number}. {formats.local_name(one.person)}",
            known.get(one.seat_id, ""),
        )
        for one in queries.holders_on(shown.body, shown.held_on)
    ]
    form = AttendanceForm(request.POST or None, seats=seats)
    return _page(
        request,
        shown,
        form,
        _("Who is there"),
        _("Record"),
        perform=lambda: services.record_attendance(actor, shown, form.ways(), now=clock.now()),
        told=_("The attendance is recorded."),
        lede=_("Whoever holds a seat on the day of the meeting."),
    )


@require_http_methods(["GET", "POST"])
def disclose_conflict(request: HttpRequest, key: str, meeting: int, item: int) -> HttpResponse:
    """The form of a conflict of interest on an item."""
    actor = actor_of(request)
    shown = queries.meeting_by_number(actor, key, meeting, on=clock.today())
    records = queries.may_record(actor, "record_attendance", shown.body)
    if not records and not queries.holds_seat(actor, shown.body, on=shown.held_on):
        permit_for_body(actor, "record_attendance", shown.body)
    found = queries.item_by_number(shown, item)
    holders = queries.holders_on(shown.body, shown.held_on) if records else []
    people = {str(one.person_id): one.person for one in holders}
    choices = [("", _("Myself")), *((pk, formats.local_name(one)) for pk, one in people.items())]
    form = DisclosureForm(request.POST or None, people=choices if people else ())

    def perform() -> object:
        data = form.cleaned_data
        return services.disclose_conflict(
            actor,
            found,
            nature=data["nature"],
            is_recused=data["is_recused"],
            person=people.get(data.get("person", "")),
            now=clock.now(),
        )

    return _page(
        request,
        shown,
        form,
        _("Disclose a conflict: %(item)s") % {"item": formats.local_name(found)},
        _("Disclose"),
        perform=perform,
        told=_("The conflict is on record."),
        lede=_("Whoever recuses has no vote on the motions under this item."),
    )


@require_POST
def open_meeting(request: HttpRequest, key: str, meeting: int) -> HttpResponse:
    """Open a meeting."""
    actor, shown = meeting_to(request, key, meeting, "open_meeting")
    services.open_meeting(actor, shown, now=clock.now())
    return redirect(shown)


@require_POST
def close_meeting(request: HttpRequest, key: str, meeting: int) -> HttpResponse:
    """Close a meeting."""
    actor, shown = meeting_to(request, key, meeting, "close_meeting")
    services.close_meeting(actor, shown, now=clock.now())
    return redirect(shown)


@require_POST
def approve_minutes(request: HttpRequest, key: str, meeting: int) -> HttpResponse:
    """Print the minutes and fix the record."""
    actor, shown = meeting_to(request, key, meeting, "approve_minutes")
    services.approve_minutes(actor, shown, now=clock.now())
    return redirect(shown)


@require_http_methods(["GET", "POST"])
def cancel_meeting(request: HttpRequest, key: str, meeting: int) -> HttpResponse:
    """The form that cancels a meeting."""
    actor, shown = meeting_to(request, key, meeting, "cancel_meeting")
    form = ReasonForm(request.POST or None)
    return _page(
        request,
        shown,
        form,
        _("Cancel the meeting"),
        _("Cancel the meeting"),
        perform=lambda: services.cancel_meeting(
            actor, shown, reason=form.cleaned_data["reason"], now=clock.now()
        ),
        told=_("The meeting is cancelled; calendars are told by the feed."),
    )


@require_http_methods(["GET", "POST"])
def add_action(request: HttpRequest, key: str, meeting: int) -> HttpResponse:
    """The form of something to be done."""
    actor, shown = meeting_to(request, key, meeting, "add_action")
    form = ActionForm(request.POST or None, initial={"due_on": next_month(clock.today())})

    def perform() -> ActionItem | None:
        owner = person_named(actor, form, "owner")
        if owner is None:
            return None
        data = form.cleaned_data
        return services.add_action(
            actor, shown, data["text"], owner=owner, due_on=data["due_on"], now=clock.now()
        )

    return _page(
        request,
        shown,
        form,
        _("Add an action"),
        _("Add"),
        perform=perform,
        told=_("The action stands until it is done."),
    )


@require_http_methods(["GET", "POST"])
def close_action(request: HttpRequest, key: str, meeting: int, action: int) -> HttpResponse:
    """The form that says that an action is done."""
    actor = actor_of(request)
    shown = queries.meeting_by_number(actor, key, meeting, on=clock.today())
    found = queries.action_by_number(shown, action)
    if actor.user_id is None or found.owner.user_id != actor.user_id:
        permit_for_body(actor, "add_action", shown.body)
    form = RemarkForm(request.POST or None)
    return _page(
        request,
        shown,
        form,
        _("Done: %(action)s") % {"action": found.text},
        _("It is done"),
        perform=lambda: services.close_action(
            actor, found, remark=form.cleaned_data["remark"], now=clock.now()
        ),
        told=_("The action is closed."),
    )


def person_named(actor: Actor, form: Form, field: str) -> Person | None:
    """The one person that a field of the form names; None with the fault in the form."""
    found = people_named(actor, form.cleaned_data[field].strip())
    if len(found) == 1:
        return found[0]
    form.add_error(
        field,
        _("Several people are registered under this. Enter the e-mail address of one.")
        if found
        else _("Nobody is registered under this. Register the person first."),
    )
    return None


def meeting_to(request: HttpRequest, key: str, number: int, verb: str) -> tuple[Actor, Meeting]:
    """Who asks, and the meeting, if they may do that to it."""
    actor = actor_of(request)
    shown = queries.meeting_by_number(actor, key, number, on=clock.today())
    permit_for_body(actor, verb, shown.body)
    return actor, shown


def _page(
    request: HttpRequest,
    meeting: Meeting,
    form: Form,
    title: str,
    submit_label: str,
    *,
    perform: Callable[[], Any],
    told: str,
    lede: str = "",
) -> HttpResponse:
    return form_page(
        request,
        TEMPLATE,
        form,
        {
            "title": title,
            "lede": lede,
            "submit_label": submit_label,
            "crumbs": meeting_crumbs(meeting.body, meeting),
            "cancel_url": meeting.get_absolute_url(),
        },
        perform=perform,
        told=lambda _done: told,
        seen_at=lambda _done: meeting.get_absolute_url(),
    )
