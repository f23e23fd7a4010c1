"""Pages of motions: one with its roll and counts, and the verbs of putting it and voting on it."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.forms import (
    BallotForm,
    ElectionForm,
    MotionForm,
    OpeningForm,
    PersonForm,
    VotesForm,
    choices_of,
)
from lineshaft.apps.governance.models import CHOICE_LABELS, Candidate, Meeting, Motion, RollEntry
from lineshaft.apps.governance.queries import MotionStanding
from lineshaft.apps.governance.services import outcome_text
from lineshaft.apps.governance.views.meeting_verbs import meeting_to, person_named
from lineshaft.apps.governance.views.meetings import OUTCOME_TONES, meeting_crumbs
from lineshaft.kernel.jurisdiction import BodyKind
from lineshaft.plumbing import clock
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

TEMPLATE = "governance/record_verb.html"


@require_GET
def show_motion(request: HttpRequest, key: str, meeting: int, motion: int) -> HttpResponse:
    """One motion: its words, how the vote stands or ended, who is on the roll, one's own vote."""
    actor, today = actor_of(request), clock.today()
    held = queries.meeting_by_number(actor, key, meeting, on=today)
    found = queries.motion_by_number(held, motion)
    shown = queries.motion_standing(found)
    reads = queries.may_read_names(actor, held.body, on=today)
    own = queries.own_entry(actor, shown)
    may_vote = own is not None and found.state == rules.VOTING and not own.has_voted
    records = queries.may_record(actor, "open_vote", held.body)
    context = {
        "motion": found,
        "title": _title(shown, reads=reads),
        "tag": _tag(found),
        "lede": _lede(shown),
        "crumbs": meeting_crumbs(held.body, held),
        "actions": _actions(found) if records else (),
        "items": _items(shown, reads=reads),
        "candidates": _candidates_table(shown) if reads and found.is_election else None,
        "roll": _roll_table(shown) if reads and shown.roll else None,
        "form": _ballot_form(shown) if may_vote else None,
        "cast_url": reverse("governance:cast_vote", args=[key, meeting, motion]),
    }
    return render_page(request, "governance/show_motion.html", context)


@require_http_methods(["GET", "POST"])
def propose_motion(request: HttpRequest, key: str, meeting: int, item: int) -> HttpResponse:
    """The form of a motion under an item."""
    actor, held = meeting_to(request, key, meeting, "propose_motion")
    found = queries.item_by_number(held, item)
    people = {str(one.person_id): one.person for one in queries.holders_on(held.body, held.held_on)}
    is_council = held.body.kind == BodyKind.LEADERSHIP_COUNCIL
    drafts = {str(one.pk): one for one in queries.drafts_to_adopt()} if is_council else {}
    form = MotionForm(
        request.POST or None,
        people=[("", "–"), *((pk, formats.local_name(one)) for pk, one in people.items())],
        versions=[
            ("", "–"),
            *(
                (pk, f"{formats.local_name(one.policy)}, {one.number}")
                for pk, one in drafts.items()
            ),
        ]
        if drafts
        else (),
    )

    def perform() -> Motion:
        data = form.cleaned_data
        question = services.Question(
            data["text"],
            data["text_zh"],
            rule=form.vote_rule,
            is_secret=data["is_secret"],
            moved_by=people.get(data["moved_by"]),
            seconded_by=people.get(data["seconded_by"]),
            version=drafts.get(data.get("version", "")),
            in_force_on=data.get("in_force_on"),
        )
        return services.propose_motion(actor, found, question, now=clock.now())

    return _page(
        request,
        held,
        form,
        _("Put a motion: %(item)s") % {"item": formats.local_name(found)},
        _("Put the motion"),
        perform=perform,
        told=_("The motion is put. Its words are fixed."),
        lede=_("Its words can't be changed; a motion that is wrong is dropped, and put anew."),
    )


@require_http_methods(["GET", "POST"])
def open_election(request: HttpRequest, key: str, meeting: int, item: int) -> HttpResponse:
    """The form of an election to a seat."""
    actor, held = meeting_to(request, key, meeting, "open_election")
    found = queries.item_by_number(held, item)
    today = clock.today()
    seats = queries.seats_to_elect(held.body, on=today)
    form = ElectionForm(
        request.POST or None,
        seats=[(str(number), f"{number}. {kind}") for number, kind in seats],
        initial={"starts_on": today},
    )

    def perform() -> Motion:
        data = form.cleaned_data
        seat = queries.seat_by_number(actor, key, data.pop("seat"))
        return services.open_election(actor, found, seat, now=clock.now(), **data)

    return _page(
        request,
        held,
        form,
        _("Open an election: %(item)s") % {"item": formats.local_name(found)},
        _("Open the election"),
        perform=perform,
        told=_("The election stands. Nominate its candidates."),
    )


@require_http_methods(["GET", "POST"])
def nominate_candidate(request: HttpRequest, key: str, meeting: int, motion: int) -> HttpResponse:
    """The form of a candidate."""
    actor, held = meeting_to(request, key, meeting, "nominate_candidate")
    found = queries.motion_by_number(held, motion)
    form = PersonForm(request.POST or None)

    def perform() -> Candidate | None:
        person = person_named(actor, form, "person")
        if person is None:
            return None
        return services.nominate_candidate(actor, found, person, now=clock.now())

    return _page(
        request,
        held,
        form,
        _("Nominate a candidate: %(text)s") % {"text": formats.local_name(found)},
        _("Nominate"),
        perform=perform,
        told=_("The candidate stands."),
        motion=found,
    )


@require_http_methods(["GET", "POST"])
def open_vote(request: HttpRequest, key: str, meeting: int, motion: int) -> HttpResponse:
    """The form that opens a vote and freezes its roll."""
    actor, held = meeting_to(request, key, meeting, "open_vote")
    found = queries.motion_by_number(held, motion)
    form = OpeningForm(request.POST or None, initial={"closes_on": held.closes_on})
    return _page(
        request,
        held,
        form,
        _("Open the vote on motion %(number)s") % {"number": found.number},
        _("Open the vote"),
        perform=lambda: services.open_vote(
            actor, found, closes_on=form.cleaned_data["closes_on"], now=clock.now()
        ),
        told=_("The vote is open and its roll fixed."),
        lede=_("The roll is fixed with it: whoever holds a seat and has not recused."),
        motion=found,
    )


@require_http_methods(["GET", "POST"])
def cast_vote(request: HttpRequest, key: str, meeting: int, motion: int) -> HttpResponse:
    """One's own vote."""
    actor = actor_of(request)
    held = queries.meeting_by_number(actor, key, meeting, on=clock.today())
    found = queries.motion_by_number(held, motion)
    form = _ballot_form(queries.motion_standing(found), request.POST or None)
    return _page(
        request,
        held,
        form,
        _("Vote on motion %(number)s") % {"number": found.number},
        _("Vote"),
        perform=lambda: services.cast_vote(
            actor, found, form.cleaned_data["choice"], now=clock.now()
        ),
        told=_("Your vote is cast."),
        lede=secrecy_text(found),
        motion=found,
    )


@require_http_methods(["GET", "POST"])
def record_votes(request: HttpRequest, key: str, meeting: int, motion: int) -> HttpResponse:
    """The form of the open votes that were given in the room."""
    actor, held = meeting_to(request, key, meeting, "record_votes")
    found = queries.motion_by_number(held, motion)
    shown = queries.motion_standing(found)
    form = VotesForm(
        request.POST or None,
        roll=[
            (one.number, f"{one.number}. {formats.local_name(one.person)}")
            for one in shown.roll
            if not one.has_voted
        ],
        choices=_choices(shown),
    )
    return _page(
        request,
        held,
        form,
        _("Votes on motion %(number)s, as given in the room") % {"number": found.number},
        _("Record the votes"),
        perform=lambda: services.record_votes(actor, found, form.votes(), now=clock.now()),
        told=_("The votes are recorded."),
        motion=found,
    )


@require_POST
def drop_motion(request: HttpRequest, key: str, meeting: int, motion: int) -> HttpResponse:
    """Drop a motion."""
    actor, held = meeting_to(request, key, meeting, "drop_motion")
    found = queries.motion_by_number(held, motion)
    services.drop_motion(actor, found, now=clock.now())
    return redirect(found)


@require_POST
def close_vote(request: HttpRequest, key: str, meeting: int, motion: int) -> HttpResponse:
    """Close a vote and count it."""
    actor, held = meeting_to(request, key, meeting, "close_vote")
    found = queries.motion_by_number(held, motion)
    services.close_vote(actor, found, now=clock.now())
    return redirect(found)


def secrecy_text(motion: Motion) -> str:
    """What of a vote is stored."""
    if motion.is_secret:
        return _(
            "The vote is secret: that you have voted is on record, how you voted is not, and no "
            "record of the program links the two."
        )
    return _("The vote is open: how each voted is on record.")


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
    motion: Motion | None = None,
) -> HttpResponse:
    def seen_at(done: Any) -> str:
        seen = motion or (done if isinstance(done, Motion) else meeting)
        return seen.get_absolute_url()

    return form_page(
        request,
        TEMPLATE,
        form,
        {
            "title": title,
            "lede": lede,
            "submit_label": submit_label,
            "crumbs": meeting_crumbs(meeting.body, meeting),
            "cancel_url": (motion or meeting).get_absolute_url(),
        },
        perform=perform,
        told=lambda _done: told,
        seen_at=seen_at,
    )


def _choices(shown: MotionStanding) -> Any:
    candidates = [(one.number, formats.local_name(one.person)) for one in shown.candidates]
    return choices_of(candidates, is_election=shown.motion.is_election)


def _ballot_form(shown: MotionStanding, data: Any = None) -> BallotForm:
    return BallotForm(data, choices=_choices(shown))


def _title(shown: MotionStanding, *, reads: bool) -> str:
    motion = shown.motion
    if motion.state == rules.VOTING:
        said = {"cast": shown.cast, "all": len(shown.roll), "number": motion.number}
        return _("Motion %(number)s: %(cast)s of %(all)s have voted") % said
    if reads and (elected := [one for one in shown.candidates if one.is_elected]):
        return _("Motion %(number)s: %(person)s is elected") % {
            "number": motion.number,
            "person": formats.local_name(elected[0].person),
        }
    if motion.outcome:
        ended = {"number": motion.number, "outcome": motion.get_outcome_display()}
        return _("Motion %(number)s: %(outcome)s") % ended
    return _("Motion %(number)s") % {"number": motion.number}


def _tag(motion: Motion) -> Tag:
    if motion.outcome:
        return Tag(str(motion.get_state_display()), OUTCOME_TONES[motion.outcome])
    is_open = motion.state == rules.VOTING
    return Tag(str(motion.get_state_display()), "due" if is_open else "quiet")


def _lede(shown: MotionStanding) -> str:
    return outcome_text(shown.motion) if shown.motion.outcome else secrecy_text(shown.motion)


def _actions(motion: Motion) -> tuple[Action, ...]:
    args = [motion.meeting.body.key, motion.meeting.number, motion.number]

    def link(label: str, verb: str, *, is_post: bool = False, is_primary: bool = False) -> Action:
        url = reverse(f"governance:{verb}", args=args)
        return Action(label, url, is_post=is_post, is_primary=is_primary)

    if motion.state == rules.PROPOSED:
        nominate = (link(_("Nominate a candidate"), "nominate_candidate"),)
        return (
            link(_("Open the vote"), "open_vote", is_primary=True),
            *(nominate if motion.is_election else ()),
            link(_("Drop the motion"), "drop_motion", is_post=True),
        )
    if motion.state == rules.VOTING:
        record = (link(_("Record votes"), "record_votes"),)
        return (
            *(() if motion.is_secret else record),
            link(_("Close the vote"), "close_vote", is_post=True, is_primary=True),
        )
    return ()


def _items(shown: MotionStanding, *, reads: bool) -> tuple[Item, ...]:
    motion = shown.motion
    items = [
        Item(
            pgettext("agenda", "Item"), f"{motion.item.number}. {formats.local_name(motion.item)}"
        ),
        Item(_("Secret"), _("Yes") if motion.is_secret else _("No")),
    ]
    if not motion.is_election:
        items.insert(1, Item(_("Carried by"), str(motion.get_rule_display())))
    if motion.version is not None:
        name = formats.local_name(motion.version.policy)
        items.append(
            Item(
                _("Adopts the draft"),
                f"{name}, {motion.version.number}",
                motion.version.get_absolute_url(),
            )
        )
        items.append(Item(_("In force from"), formats.date_local(motion.in_force_on)))
    if motion.seat is not None:
        seat = f"{motion.seat.number}. {motion.seat.get_kind_display()}"
        items += [
            Item(_("Seat"), seat),
            Item(_("Term from"), formats.date_local(motion.starts_on)),
            Item(_("Term until, not included"), formats.date_local(motion.ends_on)),
        ]
    if motion.refused_message:
        items.append(Item(_("Not carried out"), motion.refused_text(_) if reads else _("Yes")))
    if motion.closes_on:
        items.append(Item(_("Last day"), formats.date_local(motion.closes_on)))
    for label, person in ((_("Moved by"), motion.moved_by), (_("Seconded by"), motion.seconded_by)):
        if reads and person is not None:
            items.append(Item(label, formats.local_name(person)))
    if shown.recused:
        names = [formats.local_name(one.person) for one in shown.recused]
        said = formats.joined(names) if reads else formats.number(len(names))
        items.append(Item(_("Recused"), said))
    return tuple(items)


def _candidates_table(shown: MotionStanding) -> Table:
    return Table(
        _("Candidates"),
        (
            Column("candidate", _("Candidate")),
            Column("votes", pgettext("candidate", "Votes"), is_number=True),
            Column("state", _("Outcome")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one.person)),
                    Cell(formats.number(one.votes)),
                    Cell(_("Elected"), tag="ok") if one.is_elected else Cell(formats.MISSING),
                )
            )
            for one in shown.candidates
        ),
        empty=_("Nobody stands yet."),
        is_stacked=True,
    )


def _roll_table(shown: MotionStanding) -> Table:
    return Table(
        _("The roll: who may vote"),
        (
            Column("place", _("Place"), is_short=True),
            Column("person", _("Person")),
            Column("weight", _("Votes"), is_number=True),
            Column("vote", _("Vote")),
        ),
        tuple(
            Row(
                (
                    Cell(str(one.number)),
                    Cell(formats.local_name(one.person)),
                    Cell(formats.number(one.weight)),
                    _vote_cell(shown, one),
                )
            )
            for one in shown.roll
        ),
        is_stacked=True,
    )


def _vote_cell(shown: MotionStanding, entry: RollEntry) -> Cell:
    """How somebody voted where that is open, else whether they have."""
    if not entry.has_voted:
        return Cell(_("Has not voted"), tag="quiet")
    vote = shown.votes.get(entry.pk)
    if vote is None:
        return Cell(_("Has voted"), tag="ok")
    if vote.choice.isdecimal():
        chosen = [one.person for one in shown.candidates if str(one.number) == vote.choice]
        return Cell(formats.local_name(chosen[0]))
    return Cell(str(CHOICE_LABELS[rules.Choice(vote.choice)]))
