"""Pages of meetings: the list, the record of one, open actions, and the files of a meeting."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from lineshaft.apps.governance import queries, rules
from lineshaft.apps.governance.forms import WhenFilter
from lineshaft.apps.governance.models import (
    MEETING_STATE_LABELS,
    ActionItem,
    AgendaItem,
    Attendance,
    Meeting,
    Motion,
)
from lineshaft.apps.governance.queries import MeetingRecord
from lineshaft.apps.governance.services import moment_text, outcome_text
from lineshaft.apps.governance.views.bodies import body_crumbs
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.views import attachment
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.pages import Action, Crumb, Item, Step, Tag, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

STATE_TONES: dict[str, Tone] = {
    rules.CALLED: "quiet",
    rules.OPEN: "due",
    rules.CLOSED: "quiet",
    rules.MINUTED: "ok",
    rules.CANCELLED: "bad",
}
OUTCOME_TONES: dict[str, Tone] = {
    rules.Outcome.CARRIED: "ok",
    rules.Outcome.LOST: "quiet",
    rules.Outcome.TIED: "quiet",
    rules.Outcome.NO_QUORUM: "bad",
}


@require_GET
def list_meetings(request: HttpRequest) -> HttpResponse:
    """Meetings of every body that the reader may see, or those of the body in the address."""
    actor, today = actor_of(request), clock.today()
    form, key = WhenFilter(request.GET), request.GET.get("body", "")
    body = queries.body_by_key(actor, key) if key else None
    rows = queries.meetings_filtered(actor, on=today, body=key, upcoming=form.is_upcoming())
    coming = queries.meetings_filtered(actor, on=today, body=key, upcoming=True).count()
    page = paginate(request, rows)
    feed = (
        reverse("governance:feed_body_meetings", args=[key])
        if key
        else reverse("governance:feed_meetings")
    )
    context = {
        "title": _coming_title(coming),
        "lede": formats.local_name(body) if body else "",
        "crumbs": body_crumbs(*((body,) if body else ())),
        "actions": (
            Action(_("Open actions"), reverse("governance:list_actions")),
            Action(_("Calendar feed"), feed),
        ),
        "form": form,
        "table": _meetings_table(page),
    }
    return render_page(request, "governance/list_meetings.html", context)


@require_GET
def list_actions(request: HttpRequest) -> HttpResponse:
    """What meetings asked for and is not done, the latest first."""
    actor, today = actor_of(request), clock.today()
    rows = queries.actions_open(actor, on=today)
    page = paginate(request, rows)
    late = rows.filter(due_on__lt=today).count()
    table = actions_table(page.items, today=today, page=page)
    title = (
        ngettext("%(late)s action is late", "%(late)s actions are late", late)
        if late
        else _("No action is late")
    )
    context = {
        "title": title % {"late": formats.number(late)},
        "lede": _("%(count)s are open in all.") % {"count": formats.number(page.total)},
        "crumbs": meeting_crumbs(),
        "table": table,
    }
    return render_page(request, "governance/list_actions.html", context)


@require_GET
def show_meeting(request: HttpRequest, key: str, meeting: int) -> HttpResponse:
    """The record of one meeting: when, who was there, each item with what was decided, actions."""
    actor, today = actor_of(request), clock.today()
    shown = queries.meeting_by_number(actor, key, meeting, on=today)
    record = queries.record_of(shown)
    reads = queries.may_read_names(actor, shown.body, on=today)
    records = queries.may_record(actor, "add_agenda_item", shown.body)
    is_seated = reads and queries.holds_seat(actor, shown.body, on=today)
    context = {
        "meeting": shown,
        "title": _meeting_title(record),
        "tag": Tag(str(shown.get_state_display()), STATE_TONES[shown.state]),
        "lede": _meeting_lede(shown),
        "crumbs": meeting_crumbs(shown.body),
        "actions": _meeting_actions(shown) if records else (),
        "steps": _steps(shown),
        "items": _meeting_items(actor, record, reads=reads),
        "agenda": [
            _agenda_item(item, shown, reads=reads, records=records, is_seated=is_seated)
            for item in record.items
        ],
        "attendance": _attendance_table(record) if reads and _has_attendance(record) else None,
        "done": actions_table(record.actions, today=today) if reads and record.actions else None,
    }
    return render_page(request, "governance/show_meeting.html", context)


@require_safe
def download_paper(
    request: HttpRequest, key: str, meeting: int, item: int, paper: int
) -> FileResponse:
    """A paper of an item, for whoever reads the meeting."""
    actor = actor_of(request)
    shown = queries.meeting_by_number(actor, key, meeting, on=clock.today())
    return attachment(actor, queries.paper_by_number(shown, item, paper).file)


@require_safe
def download_minutes(request: HttpRequest, key: str, meeting: int, language: str) -> FileResponse:
    """The approved minutes in that language, for whoever reads the names in them."""
    actor, today = actor_of(request), clock.today()
    shown = queries.meeting_by_number(actor, key, meeting, on=today)
    found = queries.minutes_of(actor, shown, on=today)
    files = {"en": found.file_en, "zh-hans": found.file_zh}
    if language not in files:
        raise NotFound(code="language")
    return attachment(actor, files[language])


def meeting_crumbs(*things: object) -> tuple[Crumb, ...]:
    """The way to the meetings, to those of a body, and to one."""
    crumbs = [Crumb(_("Meetings"), reverse("governance:list_meetings"))]
    for thing in things:
        if isinstance(thing, Meeting):
            said = {"number": thing.number}
            crumbs.append(Crumb(_("Meeting %(number)s") % said, thing.get_absolute_url()))
        else:
            url = f"{reverse('governance:list_meetings')}?body={getattr(thing, 'key', '')}"
            crumbs.append(Crumb(formats.local_name(thing), url))  # type: ignore[arg-type]
    return tuple(crumbs)


def actions_table(
    actions: tuple[ActionItem, ...], *, today: object, page: Page[ActionItem] | None = None
) -> Table:
    """Actions with who does them by when; those that are late are marked."""
    return Table(
        _("Actions"),
        (
            Column("action", _("What is to be done")),
            Column("owner", pgettext("action", "Who")),
            Column("due", _("Due on"), is_short=True),
            Column("state", _("State")),
            Column("meeting", _("Meeting")),
        ),
        tuple(_action_row(one, today) for one in actions),
        page=page,
        empty=_("Nothing is open."),
        is_stacked=True,
    )


def motion_cell(motion: Motion) -> Cell:
    """How a motion stands, as a word."""
    if motion.state == rules.DECIDED:
        return Cell(str(motion.get_outcome_display()), tag=OUTCOME_TONES[motion.outcome])
    return Cell(
        str(motion.get_state_display()), tag="due" if motion.state == rules.VOTING else "quiet"
    )


def _coming_title(coming: int) -> str:
    if not coming:
        return _("No meeting is called")
    return ngettext("%(count)s meeting is to come", "%(count)s meetings are to come", coming) % {
        "count": formats.number(coming)
    }


def _meetings_table(page: Page[Meeting]) -> Table:
    return Table(
        _("Meetings"),
        (
            Column("meeting", _("Meeting")),
            Column("when", _("When")),
            Column("form", _("Form")),
            Column("state", _("State")),
            Column("level", _("Shared with")),
        ),
        tuple(
            Row(
                (
                    Cell(
                        _("%(body)s, meeting %(number)s")
                        % {"body": formats.local_name(one.body), "number": one.number},
                        one.get_absolute_url(),
                    ),
                    Cell(moment_text(one, one.starts_at)),
                    Cell(str(one.get_form_display())),
                    Cell(str(one.get_state_display()), tag=STATE_TONES[one.state]),
                    Cell(str(one.get_level_display())),
                )
            )
            for one in page
        ),
        page=page,
        empty=_("No meeting fits."),
        is_stacked=True,
    )


def _action_row(one: ActionItem, today: object) -> Row:
    meeting = one.meeting
    is_late = one.done_on is None and str(one.due_on) < str(today)
    if one.done_on is not None:
        state = Cell(_("Done on %(day)s") % {"day": formats.date_local(one.done_on)}, tag="ok")
    else:
        close = reverse(
            "governance:close_action", args=[meeting.body.key, meeting.number, one.number]
        )
        state = Cell(
            _("Late") if is_late else pgettext("action", "Open"),
            close,
            tag="bad" if is_late else "quiet",
        )
    return Row(
        (
            Cell(one.text, note=one.remark),
            Cell(formats.local_name(one.owner)),
            Cell(formats.date_local(one.due_on)),
            state,
            Cell(
                _("%(body)s, meeting %(number)s")
                % {"body": formats.local_name(meeting.body), "number": meeting.number},
                meeting.get_absolute_url(),
            ),
        )
    )


def _meeting_title(record: MeetingRecord) -> str:
    meeting = record.meeting
    said = {"body": formats.local_name(meeting.body), "number": meeting.number}
    decided = sum(one.outcome == rules.Outcome.CARRIED for one in record.motions)
    if not decided:
        return _("%(body)s, meeting %(number)s") % said
    return ngettext(
        "%(body)s, meeting %(number)s: %(count)s motion carried",
        "%(body)s, meeting %(number)s: %(count)s motions carried",
        decided,
    ) % {**said, "count": formats.number(decided)}


def _meeting_lede(meeting: Meeting) -> str:
    if meeting.state == rules.CANCELLED:
        return _("Cancelled: %(reason)s") % {"reason": meeting.reason}
    return _("%(form)s, %(when)s") % {
        "form": meeting.get_form_display(),
        "when": moment_text(meeting, meeting.starts_at),
    }


def _steps(meeting: Meeting) -> tuple[Step, ...]:
    if meeting.state == rules.CANCELLED:
        return ()
    order = (rules.CALLED, rules.OPEN, rules.CLOSED, rules.MINUTED)
    at = order.index(meeting.state)
    days = (meeting.called_at, meeting.opened_at, meeting.closed_at, None)
    labels = tuple(str(MEETING_STATE_LABELS[state]) for state in order)
    return tuple(
        Step(
            label,
            "done" if place < at or at == len(order) - 1 else "now" if place == at else "next",
            formats.date_local(day.date()) if day else "",
        )
        for place, (label, day) in enumerate(zip(labels, days, strict=True))
    )


def _meeting_items(actor: Actor, record: MeetingRecord, *, reads: bool) -> tuple[Item, ...]:
    meeting = record.meeting
    quorum = queries.quorum_of_body(meeting.body, on=meeting.held_on)
    items = [Item(_("Quorum"), quorum_text(quorum))]
    if meeting.place:
        items.append(Item(_("Place"), meeting.place))
    if meeting.link and not actor.is_anonymous:
        items.append(Item(_("Take part from afar"), meeting.link, meeting.link))
    if meeting.closes_on:
        items.append(Item(_("Last day"), formats.date_local(meeting.closes_on)))
    if record.attendance:
        said = {"there": record.there, "all": len(record.attendance)}
        items.append(Item(_("There"), _("%(there)s of %(all)s") % said))
    items.append(Item(_("Shared with"), str(meeting.get_level_display())))
    if record.minutes and reads:
        language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
        url = reverse(
            "governance:download_minutes", args=[meeting.body.key, meeting.number, language]
        )
        items.append(Item(_("Minutes"), _("PDF as approved"), url))
    return tuple(items)


def quorum_text(quorum: rules.Quorum) -> str:
    """The share that has to be there, and whose rule that is."""
    text = _("more than %(share)s of the filled seats") % {
        "share": formats.percent_bp(quorum.above_bp, 0)
    }
    return f"{text} ({quorum.citation.text})" if quorum.citation else text


def _meeting_actions(meeting: Meeting) -> tuple[Action, ...]:
    args = [meeting.body.key, meeting.number]

    def link(label: str, verb: str, *, is_post: bool = False, is_primary: bool = False) -> Action:
        url = reverse(f"governance:{verb}", args=args)
        return Action(label, url, is_post=is_post, is_primary=is_primary)

    is_written = meeting.form == rules.MeetingForm.WRITTEN  # nobody has to be anywhere
    attend = () if is_written else (link(_("Record attendance"), "record_attendance"),)
    add = link(_("Add an item"), "add_agenda_item")
    act = link(_("Add an action"), "add_action")
    match meeting.state:
        case rules.CALLED:
            begin = link(_("Open the meeting"), "open_meeting", is_post=True, is_primary=True)
            return (begin, *attend, add, link(_("Cancel the meeting"), "cancel_meeting"))
        case rules.OPEN:
            end = link(_("Close the meeting"), "close_meeting", is_post=True)
            return (*attend, add, act, end)
        case rules.CLOSED:
            approve = link(
                _("Approve the minutes"), "approve_minutes", is_post=True, is_primary=True
            )
            return (approve, *attend, act)
        case _:
            return ()


def _agenda_item(
    item: AgendaItem, meeting: Meeting, *, reads: bool, records: bool, is_seated: bool
) -> dict[str, object]:
    """An item as the page shows it."""
    args = [meeting.body.key, meeting.number, item.number]
    return {
        "item": item,
        "note": item.note if reads else "",
        "papers": [
            (
                paper.file.name,
                reverse("governance:download_paper", args=[*args, paper.number]),
                formats.size(paper.file.size_bytes),
            )
            for paper in item.papers.all()
        ],
        "disclosures": [
            _disclosure_text(one.person if reads else None, one.nature, is_recused=one.is_recused)
            for one in item.disclosures.all()
        ],
        "motions": [
            (one, motion_cell(one), outcome_text(one) if one.outcome else "")
            for one in item.motions.all()
        ],
        "actions": _item_actions(args, meeting, records=records, is_seated=is_seated),
    }


def _disclosure_text(person: object, nature: str, *, is_recused: bool) -> str:
    if person is None:
        return (
            _("Somebody disclosed a conflict and recused.")
            if is_recused
            else _("Somebody disclosed a conflict.")
        )
    said = {"person": formats.local_name(person), "nature": nature}  # type: ignore[arg-type]
    if is_recused:
        return _("%(person)s disclosed a conflict and recused: %(nature)s") % said
    return _("%(person)s disclosed a conflict: %(nature)s") % said


def _item_actions(
    args: list[object], meeting: Meeting, *, records: bool, is_seated: bool
) -> tuple[Action, ...]:
    verbs: list[tuple[str, str]] = []
    is_open = meeting.state in {rules.CALLED, rules.OPEN}
    if is_open and (records or is_seated):
        verbs.append((_("Disclose a conflict"), "disclose_conflict"))
    if records and is_open:
        verbs += [
            (_("Put a motion"), "propose_motion"),
            (_("Open an election"), "open_election"),
        ]
    if records and (is_open or meeting.state == rules.CLOSED):
        verbs += [(_("Attach a paper"), "attach_paper"), (_("Note for the minutes"), "note_item")]
    return tuple(Action(label, reverse(f"governance:{verb}", args=args)) for label, verb in verbs)


def _has_attendance(record: MeetingRecord) -> bool:
    """Whether somebody was, or has to be, recorded as there: not in a written procedure."""
    return bool(record.attendance) or record.meeting.form != rules.MeetingForm.WRITTEN


def _attendance_table(record: MeetingRecord) -> Table:
    return Table(
        _("Who was there"),
        (
            Column("seat", _("Seat"), is_short=True),
            Column("person", _("Person")),
            Column("organisation", _("Organisation")),
            Column("way", pgettext("attendance", "How")),
        ),
        tuple(_attendance_row(one) for one in record.attendance),
        empty=_("Not recorded yet."),
        is_stacked=True,
    )


def _attendance_row(one: Attendance) -> Row:
    return Row(
        (
            Cell(str(one.seat.number)),
            Cell(formats.local_name(one.person)),
            Cell(formats.local_name(one.person.organisation) or formats.MISSING),
            Cell(str(one.get_way_display()), tag="ok" if one.way in rules.THERE else "quiet"),
        )
    )
