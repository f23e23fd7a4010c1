"""Panels: inviting reviewers to judge in a stage, their answers, leaving, removing, the chair.

Whoever runs the competition invites; the reviewer answers. The trail names seats and reviewers by
id alone; what a reviewer does is filed under no institute, since a project call's staff read the
institute's trail.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.competitions.queries import competitions_visible_to, runner_keys_of
from lineshaft.apps.competitions.services import faults_of_texts, watch_people
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer
from lineshaft.apps.reviewing.queries import (
    CLOSED_STATES,
    NO_SEAT,
    assignments_standing,
    is_own_record,
    panel_rules_of,
    reviewers_by_ids,
)
from lineshaft.apps.reviewing.services.pool import declare
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit
from lineshaft.web.formats import local_name

SEATING: Final = Actor.system("seat on a panel")
"""Looks for conflicts of somebody who takes a seat, which they may not do themselves."""

_NOBODY: Final = gettext_noop("Tick whom to invite.")
_NO_STAGE: Final = gettext_noop("There is no such panel, or none that you may see.")
_NOT_SEATED: Final = gettext_noop("A chair sits on the panel: wait until the seat is accepted.")

type Changes = Mapping[str, Any]


def invite_to_panel(
    actor: Actor,
    stage: Stage,
    reviewers: Sequence[Reviewer],
    *,
    load_most: int | None = None,
    now: datetime,
) -> list[PanelSeat]:
    """Ask reviewers to judge in a stage, all or none, each for so many applications or as many as
    they usually take on; who declined or left is asked again. Each gets a message.

    Raises Refused for somebody who is on the panel, retired or a political appointee, and for a
    stage that is over.
    """
    with transaction.atomic():
        held = _held_stage(actor, stage, "invite_to_panel")
        competition = held.competition
        is_draft = competition.state == competition_rules.DRAFT
        refuse_if(rules.refuse_panel_of_draft(competition.code, is_draft=is_draft))
        people = reviewers_by_ids(actor, (one.pk for one in reviewers))
        if not people:
            raise Invalid.in_field("reviewers", _NOBODY)
        if load_most is not None and (faults := rules.faults_of_load(load_most)):
            raise Invalid(faults)
        asked = {one.reviewer_id: one for one in held.panel_seats.select_for_update()}
        bound = panel_rules_of(competition)
        seats = []
        for one in people:
            seat = asked.get(one.pk) or PanelSeat(stage=held, reviewer=one)
            state = seat.state if seat.pk else ""
            refuse_if(
                rules.refuse_inviting(one.sitting, bound, is_active=one.is_active, state=state)
            )
            _invite(seat, one.load_most if load_most is None else load_most, now=now)
            seats.append(seat)
        _audit(
            actor,
            "invite_to_panel",
            held,
            now=now,
            changes={"reviewers": [one.pk for one in people]},
        )
        watch_people(actor, competition, [one.person for one in people], now=now)
        for seat in seats:
            _tell(actor, held, seat, now=now)
    return seats


def accept_panel_invitation(
    actor: Actor,
    seat: PanelSeat,
    *,
    load_most: int,
    is_political_appointee: bool | None = None,
    now: datetime,
) -> PanelSeat:
    """Take the seat, for so many applications at most; declares where that was not done before.

    Raises Refused for a political appointee, with the law, and for a stage that is over.
    """
    permit(actor, rules.PERMISSIONS["accept_panel_invitation"])
    with transaction.atomic():
        row = _held_own_seat(actor, seat)
        _refuse_over(row.stage)
        refuse_if(rules.SEAT_WORKFLOW.check(row.state, "accept_panel_invitation"))
        reviewer = row.reviewer
        if faults := rules.faults_of_load(load_most):
            raise Invalid(faults)
        changes: Changes = declare(reviewer, answer=is_political_appointee, now=now)
        bound = panel_rules_of(row.stage.competition)
        if fault := rules.fault_of_declaration(reviewer.sitting, bound):
            raise Invalid([fault])
        refuse_if(rules.refuse_accepting(reviewer.sitting, bound, is_active=reviewer.is_active))
        row.load_most = load_most
        _move(row, "accept_panel_invitation", now, "load_most")
        _audit_own(actor, "accept_panel_invitation", row, now=now, changes=changes)
        watch_people(SEATING, row.stage.competition, [reviewer.person], now=now)
    return row


def decline_panel_invitation(
    actor: Actor, seat: PanelSeat, *, why: str, now: datetime
) -> PanelSeat:
    """Say no to an invitation, with the reason that whoever invited reads."""
    permit(actor, rules.PERMISSIONS["decline_panel_invitation"])
    reason = _reason(why)
    with transaction.atomic():
        row = _held_own_seat(actor, seat)
        _refuse_over(row.stage)
        refuse_if(rules.SEAT_WORKFLOW.check(row.state, "decline_panel_invitation"))
        row.why = reason
        _move(row, "decline_panel_invitation", now, "why")
        _audit_own(actor, "decline_panel_invitation", row, now=now)
    return row


def leave_panel(actor: Actor, seat: PanelSeat, *, why: str, now: datetime) -> PanelSeat:
    """Give a seat up; raises Refused while assignments of it stand."""
    permit(actor, rules.PERMISSIONS["leave_panel"])
    reason = _reason(why)
    with transaction.atomic():
        row = _held_own_seat(actor, seat)
        _refuse_over(row.stage)
        refuse_if(rules.SEAT_WORKFLOW.check(row.state, "leave_panel"))
        refuse_if(rules.refuse_leaving(assigned=_assigned(row)))
        row.why, row.is_chair = reason, False
        _move(row, "leave_panel", now, "why", "is_chair")
        _audit_own(actor, "leave_panel", row, now=now)
    return row


def remove_from_panel(actor: Actor, seat: PanelSeat, *, why: str, now: datetime) -> PanelSeat:
    """Take somebody off a panel, or an invitation back; raises Refused while assignments stand."""
    with transaction.atomic():
        held = _held_stage(actor, seat.stage, "remove_from_panel")
        reason = _reason(why)
        row = _held_seat(held, seat)
        refuse_if(rules.SEAT_WORKFLOW.check(row.state, "remove_from_panel"))
        refuse_if(rules.refuse_removing(row.reviewer.person.name, assigned=_assigned(row)))
        row.why, row.is_chair = reason, False
        _move(row, "remove_from_panel", now, "why", "is_chair")
        _audit(actor, "remove_from_panel", held, now=now, changes={"seat": row.pk})
    return row


def name_panel_chair(actor: Actor, seat: PanelSeat, *, now: datetime) -> PanelSeat:
    """Let somebody who sits on a panel chair it; whoever did so far does no more."""
    with transaction.atomic():
        held = _held_stage(actor, seat.stage, "name_panel_chair")
        row = _held_seat(held, seat)
        if row.state != rules.ACCEPTED:
            raise Invalid.in_field("seat", _NOT_SEATED)
        held.panel_seats.filter(is_chair=True).exclude(pk=row.pk).update(is_chair=False)
        row.is_chair = True
        row.save(update_fields=["is_chair"])
        _audit(actor, "name_panel_chair", held, now=now, changes={"seat": row.pk})
    return row


# ---------------------------------------------------------------------------------------- leaves


def _held_stage(actor: Actor, stage: Stage, verb: str) -> Stage:
    """The stage behind its lock and its competition's, if the actor may do that to its panel now.

    Raises NotFound where the actor may not know of the competition, Refused for a stage that is
    over or has no panel.
    """
    _hold_competition(stages=stage.pk)
    rows = Stage.objects.select_for_update(of=("self",))
    row = rows.select_related("competition__institute").filter(pk=stage.pk).first()
    if row is None or not competitions_visible_to(actor).filter(pk=row.competition_id).exists():
        raise NotFound(_NO_STAGE, code="no_panel")
    institute, agencies = runner_keys_of(row.competition)
    permit(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)
    refuse_if(rules.refuse_panel(row.name, row.stage_kind, competition_rules.JUDGED))
    _refuse_over(row)
    return row


def _hold_competition(**which: int) -> None:
    """Lock the competition. Every verb locks it before its stages and looks for conflicts of
    interest behind its lock, so that no two wait for each other.
    """
    Competition.objects.select_for_update(of=("self",)).filter(**which).first()


def _refuse_over(stage: Stage) -> None:
    """Raise Refused where nobody joins or leaves the panel any more."""
    competition = stage.competition
    refuse_if(
        rules.refuse_changing_panel(
            stage.name,
            is_over=stage.ended_at is not None,
            code=competition.code,
            state=competition.state,
            is_closed=competition.state in CLOSED_STATES,
        )
    )


def _held_seat(stage: Stage, seat: PanelSeat) -> PanelSeat:
    """That seat of the panel behind its lock; raises NotFound."""
    rows = stage.panel_seats.select_for_update(of=("self",)).select_related("reviewer__person")
    row = rows.filter(pk=seat.pk).first()
    if row is None:
        raise NotFound(NO_SEAT, code="no_seat")
    row.stage = stage
    return row


def _held_own_seat(actor: Actor, seat: PanelSeat) -> PanelSeat:
    """The seat behind its lock, with its stage, for whom it is for; raises NotFound."""
    # The stage before the seat, as who runs the competition locks them.
    _hold_competition(stages__panel_seats=seat.pk)
    stages = Stage.objects.select_for_update(of=("self",))
    stage = stages.select_related("competition__institute").filter(panel_seats=seat.pk).first()
    rows = PanelSeat.objects.select_for_update(of=("self", "reviewer"))
    row = rows.select_related("reviewer__person").filter(pk=seat.pk).first()
    is_own = row is not None and (actor.is_system or is_own_record(actor, row.reviewer))
    if stage is None or row is None or not is_own:
        raise NotFound(NO_SEAT, code="no_seat")
    row.stage = stage
    return row


def _assigned(seat: PanelSeat) -> int:
    """How many assignments of a seat stand, of applications that are still in."""
    return assignments_standing(seat.stage).filter(seat=seat).count()


def _reason(why: str) -> str:
    """The reason as it is stored; raises Invalid for none or one that is too long."""
    reason = why.strip()
    if faults := faults_of_texts({"why": reason}, rules.REASON_MAX, required=True):
        raise Invalid(faults)
    return reason


def _invite(seat: PanelSeat, load_most: int, *, now: datetime) -> None:
    """Store an invitation, new or once more."""
    seat.state, seat.load_most = rules.INVITED, load_most
    seat.invited_at, seat.answered_at, seat.why = now, None, ""
    seat.save()


def _move(seat: PanelSeat, verb: str, now: datetime, *fields: str) -> None:
    """Store the state to which the verb leads, when, and these fields."""
    seat.state = rules.SEAT_WORKFLOW.target(seat.state, verb)
    seat.answered_at = now
    seat.save(update_fields=["state", "answered_at", *fields])


def _tell(actor: Actor, stage: Stage, seat: PanelSeat, *, now: datetime) -> None:
    """A message to whoever is invited, in their language: to what, until when, and where to answer.

    An invented address has no reader.
    """
    person = seat.reviewer.person
    if not person.email or seat.reviewer.is_demonstration:
        return
    with override(person.user.language if person.user else actor.language):
        said = {
            "code": stage.competition.code,
            "title": local_name(stage.competition),
            "stage": local_name(stage),
            "count": seat.load_most,
            "address": settings.ORIGIN + reverse("reviewing:list_panel_invitations"),
        }
        send_mail_later(
            person.email,
            _("You are invited to review in %(code)s") % said,
            _(
                "You are asked to sit on the panel of “%(stage)s” in %(code)s, %(title)s, and to"
                " review up to %(count)s applications. Sign in and answer at %(address)s. Whoever"
                " has a conflict of interest with an application is not given it."
            )
            % said,
            now=now,
            about=stage.competition,
        )


def _audit(actor: Actor, verb: str, stage: Stage, *, now: datetime, changes: Changes) -> None:
    """What is done to a panel, on the trail of its competition."""
    competition = stage.competition
    record_event(
        actor,
        verb,
        competition,
        now=now,
        institute=competition.institute.key if competition.institute else "",
        changes={"stage": stage.number, **changes},
    )


def _audit_own(
    actor: Actor, verb: str, seat: PanelSeat, *, now: datetime, changes: Changes | None = None
) -> None:
    """What a reviewer does, on the trail of the seat."""
    record_event(actor, verb, seat, now=now, changes=changes)
