"""What is noted on site: that the visit takes place, the checklist, findings with their files, open
questions; and the applicant's answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from django.db import transaction

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import (
    ChecklistItem,
    FindingFile,
    OpenQuestion,
    SiteVisit,
    VisitFinding,
)
from lineshaft.apps.awarding.queries import NO_VISIT, is_withdrawn, own_question
from lineshaft.apps.awarding.services.visiting import (
    audit_visit,
    held_visit,
    next_state,
    tell_leads,
    touch_visit,
)
from lineshaft.apps.competitions.queries import seat_of
from lineshaft.apps.competitions.services import faults_of_texts, moment_in, plain
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

FILE_PURPOSE: Final = "visit_finding"
_NO_ITEM: Final = gettext_noop("The checklist has no item %(number)s.")
_NO_ANSWER: Final = gettext_noop("An answer is yes, partly or no.")
_NO_KIND: Final = gettext_noop("A finding is a strength, a weakness or a risk.")


@dataclass(frozen=True, slots=True)
class Noted:
    """What was seen of an item of the checklist; `seen` is the revision that was read."""

    answer: str
    note: str = ""
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Attached:
    """A file to attach, and its name."""

    content: BinaryIO
    name: str


def hold_visit(actor: Actor, visit: SiteVisit, *, now: datetime) -> SiteVisit:
    """Say that the visit takes place, from its first hour on."""
    with transaction.atomic():
        row = held_visit(actor, visit, "hold_visit")
        state = next_state(row, "hold_visit")
        said = moment_in(row.stage.competition.zone, row.starts_at)
        refuse_if(rules.refuse_holding(row.starts_at, said, team=row.members.count(), now=now))
        row.state, row.held_at = state, now
        touch_visit(row, "state", "held_at", now=now)
        audit_visit(actor, "hold_visit", row, now=now)
    return row


def add_checklist_item(
    actor: Actor, visit: SiteVisit, name: str, *, name_zh: str = "", now: datetime
) -> ChecklistItem:
    """Have something more looked at than the criteria of the stage."""
    said = {"name": name.strip()}
    faults = faults_of_texts(said, rules.VISIT_TITLE_MAX, required=True)
    faults += faults_of_texts({"name_zh": name_zh.strip()}, rules.VISIT_TITLE_MAX)
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        row = held_visit(actor, visit, "add_checklist_item")
        count = row.checklist.count()
        refuse_if(rules.refuse_more_noted(count, rules.CHECKLIST_MOST))
        item = ChecklistItem.objects.create(
            visit=row, number=count + 1, name=said["name"], name_zh=name_zh.strip(), is_own=True
        )
        audit_visit(actor, "add_checklist_item", row, now=now, changes={"item": item.number})
    return item


def answer_checklist(
    actor: Actor, visit: SiteVisit, answers: Mapping[int, Noted], *, now: datetime
) -> int:
    """Answer items of the checklist by their numbers; how many have changed.

    Raises Stale where somebody has answered one of them since, so that two people who fill in
    different items do not meet.
    """
    if faults := _faults_of_answers(answers):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_visit(actor, visit, "answer_checklist")
        refuse_if(rules.refuse_noting(row.state))
        items = {one.number: one for one in row.checklist.all()}
        changed = []
        for number, noted in sorted(answers.items()):
            if number not in items:
                raise NotFound(_NO_ITEM, code="no_item", params={"number": number})
            item, note = items[number], plain(noted.note)
            if (item.answer, item.note) == (noted.answer, note):
                continue
            if item.revision != noted.seen:
                raise Stale
            item.answer, item.note = noted.answer, note
            item.revision += 1
            item.answered_at, item.answered_by = now, actor.label
            item.save(update_fields=["answer", "note", "revision", "answered_at", "answered_by"])
            changed.append(number)
        if changed:
            audit_visit(actor, "answer_checklist", row, now=now, changes={"items": changed})
    return len(changed)


def record_finding(
    actor: Actor,
    visit: SiteVisit,
    kind: str,
    text: str,
    *,
    files: Sequence[Attached] = (),
    now: datetime,
) -> VisitFinding:
    """Record what was found, with its photos; raises what `store_file` says of a file."""
    said = plain(text)
    if faults := _faults_of_finding(kind, said):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_visit(actor, visit, "record_finding")
        refuse_if(rules.refuse_noting(row.state))
        count = row.findings.count()
        refuse_if(rules.refuse_more_noted(count, rules.FINDINGS_MOST))
        finding = VisitFinding.objects.create(
            visit=row,
            number=count + 1,
            kind=kind,
            text=said,
            recorded_at=now,
            recorded_by=actor.label,
        )
        for one in files:
            _attach(actor, finding, one, now=now)
        changes = {"finding": finding.number, "kind": kind, "files": len(files)}
        audit_visit(actor, "record_finding", row, now=now, changes=changes)
    return finding


def edit_finding(
    actor: Actor,
    finding: VisitFinding,
    kind: str,
    text: str,
    *,
    seen: int | None = None,
    now: datetime,
) -> VisitFinding:
    """Word a finding anew; `seen` is the revision that was read. Raises Stale for an older one."""
    said = plain(text)
    if faults := _faults_of_finding(kind, said):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_visit(actor, finding.visit, "edit_finding")
        refuse_if(rules.refuse_noting(row.state))
        held = _held_finding(row, finding)
        if seen is not None and seen != held.revision:
            raise Stale
        held.kind, held.text, held.revision = kind, said, held.revision + 1
        held.save(update_fields=["kind", "text", "revision"])
        changes = {"finding": held.number, "kind": kind, "revision": held.revision}
        audit_visit(actor, "edit_finding", row, now=now, changes=changes)
    return held


def attach_to_finding(
    actor: Actor, finding: VisitFinding, attached: Attached, *, now: datetime
) -> FindingFile:
    """Attach a photo or a paper to a finding; raises what `store_file` says of it."""
    with transaction.atomic():
        row = held_visit(actor, finding.visit, "attach_to_finding")
        refuse_if(rules.refuse_noting(row.state))
        held = _held_finding(row, finding)
        made = _attach(actor, held, attached, now=now)
        changes = {"finding": held.number, "file": made.pk}
        audit_visit(actor, "attach_to_finding", row, now=now, changes=changes)
    return made


def ask_open_question(actor: Actor, visit: SiteVisit, text: str, *, now: datetime) -> OpenQuestion:
    """Ask the applicant, before the visit or on it; its leads are told where to answer."""
    said = plain(text)
    if faults := faults_of_texts({"text": said}, rules.VISIT_NOTE_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_visit(actor, visit, "ask_open_question")
        count = row.questions.count()
        refuse_if(rules.refuse_more_noted(count, rules.OPEN_QUESTIONS_MOST))
        question = OpenQuestion.objects.create(
            visit=row, number=count + 1, text=said, asked_at=now, asked_by=actor.label
        )
        changes = {"question": question.number}
        audit_visit(actor, "ask_open_question", row, now=now, changes=changes)
        tell_leads(row, now=now)
    return question


def answer_open_question(
    actor: Actor, question: OpenQuestion, answer: str, *, now: datetime
) -> OpenQuestion:
    """Answer once what a visit asked, as whoever leads the team of the application."""
    permission = rules.PERMISSIONS["answer_open_question"]
    permit(actor, permission)
    said = plain(answer)
    if faults := faults_of_texts({"answer": said}, rules.VISIT_TEXT_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        rows = SiteVisit.objects.select_for_update(of=("self",)).select_related(
            "application__lead", "stage__competition"
        )
        row = rows.filter(pk=question.visit_id).first()
        if row is None:
            raise NotFound(NO_VISIT, code="no_visit")
        held = own_question(actor, row.application, row.pk, question.number)
        if not seat_of(actor, row.application).leads:
            raise NotPermitted(
                permission.sentence, code="not_permitted", params={"verb": permission.verb}
            )
        refuse_if(rules.refuse_visit_closed(row.state))
        refuse_if(rules.refuse_withdrawn(is_withdrawn=is_withdrawn(row)))
        refuse_if(rules.refuse_second_answer(is_answered=held.answered_at is not None))
        held.answer, held.answered_at, held.answered_by = said, now, actor.label
        held.save(update_fields=["answer", "answered_at", "answered_by"])
        changes = {"question": held.number}
        audit_visit(actor, "answer_open_question", row, now=now, changes=changes)
    return held


# ----------------------------------------------------------------------------------------- leaves


def _attach(
    actor: Actor, finding: VisitFinding, attached: Attached, *, now: datetime
) -> FindingFile:
    refuse_if(rules.refuse_more_noted(finding.files.count(), rules.FINDING_FILES_MOST))
    stored = store_file(
        actor,
        attached.content,
        name=attached.name,
        now=now,
        level=SharingLevel.RESTRICTED,
        purpose=FILE_PURPOSE,
        accepted=rules.FINDING_FILE_KINDS,
        limit_bytes=rules.FINDING_BYTES_MOST,
        is_sealed=True,
    )
    return FindingFile.objects.create(
        finding=finding, file=stored, attached_at=now, attached_by=actor.label
    )


def _held_finding(row: SiteVisit, finding: VisitFinding) -> VisitFinding:
    return row.findings.select_for_update(of=("self",)).get(pk=finding.pk)


def _faults_of_answers(answers: Mapping[int, Noted]) -> list[FieldError]:
    faults = []
    for number, noted in answers.items():
        if noted.answer not in {"", *rules.ChecklistAnswer}:
            faults.append(FieldError(f"answer_{number}", message=_NO_ANSWER))
        faults += faults_of_texts({f"note_{number}": noted.note}, rules.VISIT_NOTE_MAX)
    return faults


def _faults_of_finding(kind: str, text: str) -> list[FieldError]:
    faults = faults_of_texts({"text": text}, rules.VISIT_TEXT_MAX, required=True)
    if kind not in set(rules.FindingKind):
        faults.append(FieldError("kind", message=_NO_KIND))
    return faults
