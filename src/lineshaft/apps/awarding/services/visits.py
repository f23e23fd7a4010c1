"""Planning a visit: when and where, who goes, the agenda; cancelling it.

The applicant's leads are told of each change by a message that says where to read it, and nothing
of the application.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import AgendaItem, ChecklistItem, SiteVisit, VisitMember
from lineshaft.apps.awarding.queries import staff_of
from lineshaft.apps.awarding.services.visiting import (
    audit_visit,
    held_visit,
    next_state,
    tell_leads,
    tell_member,
    touch_visit,
)
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.competitions.services import (
    faults_of_texts,
    locked_competition,
    plain,
    watch_people,
)
from lineshaft.apps.network.models import Person
from lineshaft.apps.reviewing.queries import seats_accepted
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit

_NO_MEMBER: Final = gettext_noop("Nobody of that number is on the team of the visit.")


@dataclass(frozen=True, slots=True)
class VisitTerms:
    """When and where a visit is, and what the applicant is told of it."""

    place: str
    starts_at: datetime
    ends_at: datetime
    remark: str = ""


def plan_visit(
    actor: Actor, stage: Stage, application: Application, terms: VisitTerms, *, now: datetime
) -> SiteVisit:
    """Plan a visit of an application that the stage judges; its checklist is the stage's criteria.

    Raises NotFound for an application that the stage does not judge, as one that was withdrawn.
    """
    competition = stage.competition
    institute, agencies = competitions.runner_keys_of(competition)
    if not competitions.may_read_submissions(actor, competition):
        raise NotFound(competitions.NO_APPLICATION, code="no_application")
    permit(actor, rules.PERMISSIONS["plan_visit"], institute=institute, agencies=agencies)
    if faults := _faults_of_terms(terms):
        raise Invalid(faults)
    with transaction.atomic():
        rows = Application.objects.select_for_update(of=("self",)).filter(pk=application.pk)
        held = rows.first()
        judged = competitions.applications_judged(actor, stage).filter(
            application_id=application.pk
        )
        if held is None or not judged.exists():
            raise NotFound(competitions.NO_APPLICATION, code="no_application")
        standing = SiteVisit.objects.filter(application=held, stage=stage)
        refuse_if(
            rules.refuse_visit(
                stage.stage_kind,
                stage.name,
                is_over=Stage.objects.filter(pk=stage.pk, ended_at__isnull=False).exists(),
                has_visit=standing.exclude(state=rules.VISIT_CANCELLED).exists(),
            )
        )
        visit = SiteVisit.objects.create(
            application=held,
            stage=stage,
            place=terms.place.strip(),
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            remark=plain(terms.remark),
            planned_at=now,
            planned_by=actor.label,
            changed_at=now,
        )
        ChecklistItem.objects.bulk_create(
            ChecklistItem(visit=visit, number=place, name=one.name, name_zh=one.name_zh)
            for place, one in enumerate(stage.criteria.order_by("number"), start=1)
        )
        audit_visit(actor, "plan_visit", visit, now=now)
        tell_leads(visit, now=now)
    return visit


def edit_visit(
    actor: Actor, visit: SiteVisit, terms: VisitTerms, *, seen: int | None = None, now: datetime
) -> SiteVisit:
    """Change when and where a visit is; `seen` is the revision that was read.

    Raises Stale where somebody has changed it since, and Invalid where the agenda would lie outside
    it.
    """
    faults = _faults_of_terms(terms)
    with transaction.atomic():
        row = held_visit(actor, visit, "edit_visit")
        if seen is not None and seen != row.revision:
            raise Stale
        agenda = [rules.AgendaRow(one.starts_at, one.title) for one in row.agenda.all()]
        faults = faults or rules.faults_of_agenda(agenda, terms.starts_at, terms.ends_at)
        if faults:
            raise Invalid(faults)
        is_moved = (row.place, row.starts_at, row.ends_at) != (
            terms.place.strip(),
            terms.starts_at,
            terms.ends_at,
        )
        row.place, row.remark = terms.place.strip(), plain(terms.remark)
        row.starts_at, row.ends_at = terms.starts_at, terms.ends_at
        touch_visit(row, "place", "remark", "starts_at", "ends_at", now=now)
        audit_visit(actor, "edit_visit", row, now=now)
        if is_moved:
            tell_leads(row, now=now)
    return row


def cancel_visit(actor: Actor, visit: SiteVisit, *, why: str, now: datetime) -> SiteVisit:
    """Cancel a visit that was not held; the reason is told to the applicant."""
    said = why.strip()
    if faults := faults_of_texts({"why": said}, rules.VISIT_REASON_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_visit(actor, visit, "cancel_visit")
        row.state = next_state(row, "cancel_visit")
        row.cancelled_at, row.why_cancelled = now, said
        touch_visit(row, "state", "cancelled_at", "why_cancelled", now=now)
        audit_visit(actor, "cancel_visit", row, now=now)
        tell_leads(row, now=now)
    return row


def add_visit_member(
    actor: Actor, visit: SiteVisit, person: Person, *, is_lead: bool = False, now: datetime
) -> VisitMember:
    """Send somebody on a visit: of the panel of its stage, or of the competition's staff.

    Raises Refused for whoever has a conflict with the application. Who is first leads the visit
    until somebody else does.
    """
    with transaction.atomic():
        # before the visit, in the order in which every verb locks
        locked_competition(actor, visit.stage.competition)
        row = held_visit(actor, visit, "add_visit_member")
        competition = row.stage.competition
        watch_people(actor, competition, [person], now=now)
        seat = seats_accepted(row.stage).filter(reviewer__person=person).first()
        pairs = competitions.conflicted_pairs(competition, [person.pk])
        is_staff = staff_of(competition, on=now.date()).filter(pk=person.pk).exists()
        refuse_if(
            rules.refuse_visit_member(
                person.name,
                is_on_team=row.members.filter(person=person).exists(),
                is_conflicted=(row.application_id, person.pk) in pairs,
                may_go=seat is not None or is_staff,
            )
        )
        refuse_if(rules.refuse_more_noted(row.members.count(), rules.VISIT_TEAM_MOST))
        leads = is_lead or not row.members.exists()
        if leads:
            row.members.update(is_lead=False)
        member = VisitMember.objects.create(
            visit=row, person=person, seat=seat, is_lead=leads, added_at=now
        )
        touch_visit(row, now=now)
        said = {"person": person.pk, "is_lead": leads}
        audit_visit(actor, "add_visit_member", row, now=now, changes=said)
        tell_member(row, person, now=now)
    return member


def name_visit_lead(
    actor: Actor, visit: SiteVisit, member: VisitMember, *, now: datetime
) -> VisitMember:
    """Say who of the team leads the visit."""
    with transaction.atomic():
        row = held_visit(actor, visit, "name_visit_lead")
        held = _member(row, member)
        row.members.exclude(pk=held.pk).update(is_lead=False)
        held.is_lead = True
        held.save(update_fields=["is_lead"])
        touch_visit(row, now=now)
        audit_visit(actor, "name_visit_lead", row, now=now, changes={"person": held.person_id})
    return held


def remove_visit_member(
    actor: Actor, visit: SiteVisit, member: VisitMember, *, now: datetime
) -> None:
    """Take somebody off the team; whoever leads it goes last."""
    with transaction.atomic():
        row = held_visit(actor, visit, "remove_visit_member")
        held = _member(row, member)
        team = row.members.count()
        refuse_if(rules.refuse_removing_lead(held.person.name, is_lead=held.is_lead, team=team))
        said = {"person": held.person_id}
        held.delete()
        touch_visit(row, now=now)
        audit_visit(actor, "remove_visit_member", row, now=now, changes=said)


def set_agenda(
    actor: Actor,
    visit: SiteVisit,
    items: Sequence[rules.AgendaRow],
    *,
    seen: int | None = None,
    now: datetime,
) -> SiteVisit:
    """Set the agenda of a visit; what was in it before is replaced."""
    faults = []
    for one in items:
        faults += faults_of_texts({"title": one.title}, rules.VISIT_TITLE_MAX, required=True)
        faults += faults_of_texts({"who": one.who}, rules.VISIT_WHO_MAX)
    with transaction.atomic():
        row = held_visit(actor, visit, "set_agenda")
        if seen is not None and seen != row.revision:
            raise Stale
        faults += rules.faults_of_agenda(items, row.starts_at, row.ends_at)
        if faults:
            raise Invalid(faults)
        refuse_if(rules.refuse_more_noted(len(items) - 1, rules.AGENDA_MOST))
        row.agenda.all().delete()
        AgendaItem.objects.bulk_create(
            AgendaItem(
                visit=row, starts_at=one.starts_at, title=one.title.strip(), who=one.who.strip()
            )
            for one in sorted(items, key=lambda one: one.starts_at)
        )
        touch_visit(row, now=now)
        audit_visit(actor, "set_agenda", row, now=now, changes={"items": len(items)})
    return row


# ----------------------------------------------------------------------------------------- leaves


def _member(row: SiteVisit, member: VisitMember) -> VisitMember:
    held = row.members.select_related("person").filter(pk=member.pk).first()
    if held is None:
        raise NotFound(_NO_MEMBER, code="no_member")
    return held


def _faults_of_terms(terms: VisitTerms) -> list[FieldError]:
    faults = faults_of_texts({"place": terms.place}, rules.VISIT_PLACE_MAX, required=True)
    faults += faults_of_texts({"remark": terms.remark}, rules.VISIT_NOTE_MAX)
    return faults + rules.faults_of_span(terms.starts_at, terms.ends_at)
