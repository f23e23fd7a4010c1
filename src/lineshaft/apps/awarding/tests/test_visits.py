from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pytest_django import Settings

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.models import (
    ChecklistItem,
    FindingFile,
    OpenQuestion,
    SiteVisit,
    VisitMember,
)
from lineshaft.apps.awarding.rules import AgendaRow
from lineshaft.apps.awarding.services import Noted
from lineshaft.apps.awarding.tests.factories import (
    DAY,
    MOMENT,
    TERMS,
    VISIT_STAGE,
    during,
    hand_in,
    make_held,
    make_officer,
    make_seated,
    make_somebody,
    make_visit,
    make_visited,
    photo,
    send,
)
from lineshaft.apps.competitions import services as competing
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.rules import SHARED_PARTS, TeamRole
from lineshaft.apps.competitions.tests.applicants import make_applicant, pdf_of
from lineshaft.apps.competitions.tests.factories import SYSTEM, make_call, stage_of
from lineshaft.apps.reviewing import rules as reviewing
from lineshaft.apps.reviewing.tests.closed import close, close_to
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale, TooLarge
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.queries import files_visible_to
from lineshaft.plumbing.files.services import open_file
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def shown() -> Competition:
    return make_visited()


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.refusal.code == code


# ---------------------------------------------------------------------------------------- planning


def test_visit_is_planned_with_the_criteria_of_the_stage(shown: Competition) -> None:
    officer, application = make_officer(), hand_in(shown)
    stage = stage_of(shown, VISIT_STAGE)
    visit = services.plan_visit(officer.actor, stage, application, TERMS, now=MOMENT)
    assert visit.state == rules.VISIT_PLANNED
    names = [(one.number, one.name, one.is_own) for one in visit.checklist.all()]
    expected = [(one.number, one.name, False) for one in stage.criteria.all()]
    assert names == expected
    message = OutboxMessage.objects.get()
    assert message.is_sealed
    assert f"/opportunities/applications/{application.pk}/visit/" in message.body
    assert application.title not in message.subject + message.body
    assert AuditEvent.objects.filter(verb="plan_visit", institute="").count() == 1


def test_one_visit_of_an_application_stands(shown: Competition) -> None:
    visit = make_visit(shown)
    with refused("visit_planned"):
        make_visit(shown, visit.application)
    services.cancel_visit(SYSTEM, visit, why="Snow", now=MOMENT)
    again = make_visit(shown, visit.application)
    assert queries.visits_of([visit.application_id]) == {visit.application_id: again}


def test_what_the_stage_does_not_judge_is_not_visited(shown: Competition) -> None:
    stage = stage_of(shown, VISIT_STAGE)
    withdrawn = hand_in(shown)
    competing.withdraw_from_competition(SYSTEM, withdrawn, why="No money", now=MOMENT)
    with pytest.raises(NotFound):
        services.plan_visit(SYSTEM, stage, withdrawn, TERMS, now=MOMENT)
    elsewhere = hand_in(make_visited())
    with pytest.raises(NotFound):
        services.plan_visit(SYSTEM, stage, elsewhere, TERMS, now=MOMENT)
    with refused("stage_no_visit"):
        services.plan_visit(SYSTEM, stage_of(shown, 2), hand_in(shown), TERMS, now=MOMENT)
    competing.begin_review(SYSTEM, shown, now=MOMENT)
    with refused("stage_over"):
        services.plan_visit(SYSTEM, stage, hand_in(shown), TERMS, now=MOMENT)


def test_terms_of_a_visit_are_checked(shown: Competition) -> None:
    with pytest.raises(Invalid) as caught:
        make_visit(shown, place=" ", ends_at=TERMS.starts_at)
    assert [one.field for one in caught.value.errors] == ["place", "ends_at"]


@pytest.mark.parametrize("role", [None, Role.AUDITOR])
def test_only_who_runs_the_competition_plans(shown: Competition, role: Role | None) -> None:
    who = make_somebody(role=role)
    stage, application = stage_of(shown, VISIT_STAGE), hand_in(shown)
    with pytest.raises(NotPermitted if role else NotFound):
        services.plan_visit(who.actor, stage, application, TERMS, now=MOMENT)


def test_officer_with_a_conflict_plans_no_visit_and_learns_of_none(
    shown: Competition,
) -> None:
    officer, visit = make_officer(), make_visit(shown)
    close_to(officer.actor, visit.application)
    with pytest.raises(NotFound):
        services.plan_visit(officer.actor, visit.stage, visit.application, TERMS, now=MOMENT)
    with pytest.raises(NotFound):
        services.cancel_visit(officer.actor, visit, why="x", now=MOMENT)
    assert list(queries.visits_listed(officer.actor, shown)) == []


def test_visit_is_moved_and_the_applicant_told(shown: Competition) -> None:
    visit = make_visit(shown)
    before = OutboxMessage.objects.count()
    later = replace(TERMS, starts_at=TERMS.starts_at + DAY, ends_at=TERMS.ends_at + DAY)
    moved = services.edit_visit(SYSTEM, visit, later, seen=visit.revision, now=MOMENT)
    assert moved.revision == visit.revision + 1
    assert OutboxMessage.objects.count() == before + 1
    same = replace(later, remark="Park behind the hall.")
    services.edit_visit(SYSTEM, moved, same, seen=moved.revision, now=MOMENT)
    assert OutboxMessage.objects.count() == before + 1
    with pytest.raises(Stale):
        services.edit_visit(SYSTEM, moved, later, seen=0, now=MOMENT)
    with pytest.raises(Invalid):
        services.edit_visit(SYSTEM, moved, replace(TERMS, place=""), now=MOMENT)


def test_agenda_is_set_within_the_visit(shown: Competition) -> None:
    visit = make_visit(shown)
    late = AgendaRow(TERMS.starts_at + timedelta(hours=3), "The books", "Treasurer")
    early = AgendaRow(TERMS.starts_at, "Walk the line")
    services.set_agenda(SYSTEM, visit, [late, early], seen=0, now=MOMENT)
    assert [one.title for one in visit.agenda.all()] == ["Walk the line", "The books"]
    with pytest.raises(Stale):
        services.set_agenda(SYSTEM, visit, [], seen=0, now=MOMENT)
    outside = AgendaRow(TERMS.ends_at, " ")
    with pytest.raises(Invalid) as caught:
        services.set_agenda(SYSTEM, visit, [outside], now=MOMENT)
    assert [one.field for one in caught.value.errors] == ["title", ""]
    with refused("too_many"):
        services.set_agenda(SYSTEM, visit, [early] * (rules.AGENDA_MOST + 1), now=MOMENT)
    shorter = replace(TERMS, ends_at=TERMS.starts_at + timedelta(hours=2))
    with pytest.raises(Invalid):
        services.edit_visit(SYSTEM, visit, shorter, now=MOMENT)
    services.set_agenda(SYSTEM, visit, [], now=MOMENT)
    assert not visit.agenda.exists()


def test_cancelling_needs_a_reason_and_a_visit_that_was_not_held(shown: Competition) -> None:
    visit = make_visit(shown)
    with pytest.raises(Invalid):
        services.cancel_visit(SYSTEM, visit, why=" ", now=MOMENT)
    done = services.cancel_visit(SYSTEM, visit, why="Snow", now=MOMENT)
    assert (done.state, done.why_cancelled) == (rules.VISIT_CANCELLED, "Snow")
    with refused("visit_closed"):
        services.cancel_visit(SYSTEM, visit, why="Again", now=MOMENT)
    with refused("wrong_state"):
        services.cancel_visit(SYSTEM, make_held(shown), why="Late", now=MOMENT)


# -------------------------------------------------------------------------------------------- team


def test_panel_and_staff_go_on_a_visit_and_nobody_else(shown: Competition) -> None:
    visit = make_visit(shown)
    seated, officer, stranger = make_seated(visit.stage), make_officer(), make_somebody()
    invited = make_seated(visit.stage, state=reviewing.INVITED)
    offered = {one.pk for one in queries.people_to_send(visit, on=MOMENT.date())}
    assert offered == {seated.person.pk, officer.person.pk}
    OutboxMessage.objects.all().delete()
    first = send(visit, seated)
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.is_sealed) == (seated.user.email, True)
    assert visit.get_absolute_url() in message.body
    assert (first.is_lead, first.seat is not None) == (True, True)
    second = send(visit, officer)
    assert (second.is_lead, second.seat) == (False, None)
    for who in (stranger, invited):
        with refused("no_seat"):
            send(visit, who)
    with refused("on_team"):
        send(visit, seated)
    assert queries.people_to_send(visit, on=MOMENT.date()) == []


def test_staff_of_an_agency_and_an_institute_are_those_of_the_competition(
    shown: Competition,
) -> None:
    sponsor = make_somebody(role=Role.AGENCY_SPONSOR, kind=ScopeKind.AGENCY, key="DOC")
    make_somebody(role=Role.AGENCY_SPONSOR, kind=ScopeKind.AGENCY, key="DOE")
    make_somebody(role=Role.INSTITUTE_MANAGER, kind=ScopeKind.INSTITUTE, key="lift")
    found = queries.staff_of(shown, on=MOMENT.date())
    assert [one.pk for one in found] == [sponsor.person.pk]


def test_staff_of_a_project_call_is_that_of_its_institute() -> None:
    call = make_call()
    assert call.institute is not None
    own = make_somebody(
        role=Role.INSTITUTE_MANAGER, kind=ScopeKind.INSTITUTE, key=call.institute.key
    )
    assert [one.pk for one in queries.staff_of(call, on=MOMENT.date())] == [own.person.pk]


def test_one_of_the_team_leads(shown: Competition) -> None:
    visit = make_visit(shown)
    first, second = (send(visit, make_seated(visit.stage)) for _each in range(2))
    with refused("leads_visit"):
        services.remove_visit_member(SYSTEM, visit, first, now=MOMENT)
    services.name_visit_lead(SYSTEM, visit, second, now=MOMENT)
    assert list(visit.members.values_list("pk", "is_lead")) == [
        (second.pk, True),
        (first.pk, False),
    ]
    services.remove_visit_member(SYSTEM, visit, first, now=MOMENT)
    with pytest.raises(NotFound):
        services.name_visit_lead(SYSTEM, visit, first, now=MOMENT)
    services.remove_visit_member(SYSTEM, visit, second, now=MOMENT)
    third = send(visit, make_seated(visit.stage), is_lead=True)
    assert VisitMember.objects.get() == third


def test_somebody_with_a_conflict_is_not_sent(shown: Competition) -> None:
    visit = make_visit(shown)
    who = make_seated(visit.stage)
    close(visit.application, who.person)
    assert queries.people_to_send(visit, on=MOMENT.date()) == []
    with refused("conflict_of_interest"):
        send(visit, who)


# ----------------------------------------------------------------------------------------- on site


def test_visit_is_held_from_its_first_hour_on(shown: Competition) -> None:
    visit = make_visit(shown)
    with refused("visit_not_begun"):
        services.hold_visit(SYSTEM, visit, now=MOMENT)
    with refused("visit_without_team"):
        services.hold_visit(SYSTEM, visit, now=during(visit))
    send(visit, make_seated(visit.stage))
    held = services.hold_visit(SYSTEM, visit, now=during(visit))
    assert (held.state, held.held_at) == (rules.VISIT_HELD, during(visit))
    with refused("wrong_state"):
        services.hold_visit(SYSTEM, visit, now=during(visit))


@pytest.mark.parametrize(
    "note",
    [
        lambda actor, visit, now: services.answer_checklist(
            actor, visit, {1: Noted("yes")}, now=now
        ),
        lambda actor, visit, now: services.record_finding(actor, visit, "risk", "x", now=now),
        lambda actor, visit, now: services.ask_open_question(actor, visit, "Why?", now=now),
        lambda actor, visit, now: services.add_checklist_item(actor, visit, "Roof", now=now),
        lambda actor, visit, now: services.report_visit(actor, visit, "Good", now=now),
    ],
    ids=["checklist", "finding", "question", "item", "report"],
)
def test_team_and_runners_note_and_nobody_else(
    shown: Competition, note: Callable[..., object]
) -> None:
    going, lead = make_seated(stage_of(shown, VISIT_STAGE)), make_officer()
    visit = make_held(shown, lead)
    send(visit, going)
    idle = make_seated(visit.stage)
    now = during(visit)
    with pytest.raises(NotPermitted):
        note(idle.actor, visit, now)
    with pytest.raises(NotFound):
        note(make_somebody().actor, visit, now)
    with pytest.raises(NotFound):
        note(Actor.public(), visit, now)
    is_report = note.__code__.co_names[1] == "report_visit"
    if is_report:
        with pytest.raises(NotPermitted):
            note(going.actor, visit, now)
        with refused("checklist_unanswered"):
            note(lead.actor, visit, now)
    else:
        note(going.actor, visit, now)


def test_two_people_fill_in_different_items_and_do_not_meet(shown: Competition) -> None:
    visit = make_held(shown)
    now = during(visit)
    with pytest.raises(Invalid) as caught:
        services.answer_checklist(SYSTEM, visit, {1: Noted("perhaps")}, now=now)
    assert caught.value.errors[0].field == "answer_1"
    assert services.answer_checklist(SYSTEM, visit, {1: Noted("yes", "Seen ")}, now=now) == 1
    assert services.answer_checklist(SYSTEM, visit, {2: Noted("no")}, now=now) == 1
    item = ChecklistItem.objects.get(visit=visit, number=1)
    assert (item.answer, item.note, item.revision) == ("yes", "Seen", 1)
    with pytest.raises(Stale):
        services.answer_checklist(SYSTEM, visit, {1: Noted("no", seen=0)}, now=now)
    events = AuditEvent.objects.filter(verb="answer_checklist").count()
    assert services.answer_checklist(SYSTEM, visit, {1: Noted("yes", "Seen")}, now=now) == 0
    assert AuditEvent.objects.filter(verb="answer_checklist").count() == events
    assert services.answer_checklist(SYSTEM, visit, {1: Noted("", seen=1)}, now=now) == 1
    with pytest.raises(NotFound):
        services.answer_checklist(SYSTEM, visit, {99: Noted("yes")}, now=now)


def test_checklist_grows_by_the_teams_own_items(shown: Competition) -> None:
    visit = make_visit(shown)
    made = services.add_checklist_item(SYSTEM, visit, " Roof ", name_zh="屋顶", now=MOMENT)
    assert (made.number, made.name, made.is_own) == (visit.checklist.count(), "Roof", True)
    with pytest.raises(Invalid):
        services.add_checklist_item(SYSTEM, visit, " ", now=MOMENT)


def test_finding_is_recorded_with_its_photo_and_worded_anew(shown: Competition) -> None:
    visit = make_held(shown)
    now = during(visit)
    with pytest.raises(Invalid) as caught:
        services.record_finding(SYSTEM, visit, "rumour", " ", now=now)
    assert [one.field for one in caught.value.errors] == ["text", "kind"]
    made = services.record_finding(SYSTEM, visit, "strength", "New line", files=[photo()], now=now)
    assert (made.number, made.files.get().file.media_type) == (1, "image/jpeg")
    done = services.edit_finding(SYSTEM, made, "risk", "Old line", seen=1, now=now)
    assert (done.kind, done.text, done.revision) == ("risk", "Old line", 2)
    with pytest.raises(Stale):
        services.edit_finding(SYSTEM, made, "risk", "x", seen=1, now=now)
    with pytest.raises(Invalid):
        services.edit_finding(SYSTEM, made, "risk", "", now=now)
    services.attach_to_finding(SYSTEM, made, services.Attached(pdf_of(1), "plan.pdf"), now=now)
    assert FindingFile.objects.filter(finding=made).count() == 2
    found = queries.visits_of([visit.application_id])[visit.application_id]
    assert (found.strengths, found.weaknesses, found.risks) == (0, 0, 1)  # type: ignore[attr-defined]


def test_file_of_a_wrong_kind_or_size_is_refused_in_a_sentence(
    shown: Competition, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = make_held(shown)
    now = during(visit)
    with pytest.raises(Refused) as caught:
        services.record_finding(
            SYSTEM, visit, "risk", "x", files=[photo(b"GIF89a...", "a.jpg")], now=now
        )
    assert caught.value.refusal.as_text() == (
        "This kind of file is not accepted here. Send one of: JPEG, PDF, PNG. "
        "The content decides, not the name."
    )
    assert not visit.findings.exists()
    monkeypatch.setattr(rules, "FINDING_BYTES_MOST", 10)
    with pytest.raises(TooLarge):
        services.record_finding(SYSTEM, visit, "risk", "x", files=[photo()], now=now)
    monkeypatch.undo()
    made = services.record_finding(SYSTEM, visit, "risk", "x", now=now)
    monkeypatch.setattr(rules, "FINDING_FILES_MOST", 0)
    with refused("too_many"):
        services.attach_to_finding(SYSTEM, made, photo(), now=now)


def test_files_of_findings_have_no_address_of_their_own(shown: Competition) -> None:
    visit = make_held(shown)
    services.record_finding(SYSTEM, visit, "risk", "x", files=[photo()], now=during(visit))
    officer = make_officer()
    assert StoredFile.objects.filter(purpose="visit_finding", is_sealed=True).count() == 1
    assert not files_visible_to(officer.actor).filter(purpose="visit_finding").exists()


# --------------------------------------------------------------------------------------- questions


def test_applicant_answers_once_what_a_visit_asks(shown: Competition) -> None:
    ada = make_applicant()
    application = hand_in(shown, applicant=ada)
    visit = make_visit(shown, application)
    with pytest.raises(Invalid):
        services.ask_open_question(SYSTEM, visit, " ", now=MOMENT)
    asked = services.ask_open_question(SYSTEM, visit, "Who owns the hall?", now=MOMENT)
    with pytest.raises(Invalid):
        services.answer_open_question(ada.actor, asked, " ", now=MOMENT)
    done = services.answer_open_question(ada.actor, asked, "The city.", now=MOMENT)
    assert (done.answer, done.answered_at) == ("The city.", MOMENT)
    with refused("answered"):
        services.answer_open_question(ada.actor, asked, "We.", now=MOMENT)


def test_only_who_leads_the_team_answers(shown: Competition) -> None:
    ada = make_applicant()
    application = hand_in(shown, applicant=ada)
    asked = services.ask_open_question(SYSTEM, make_visit(shown, application), "Why?", now=MOMENT)
    reader, partner = make_somebody("Reader"), make_somebody("Partner")
    works = make_applicant("P", "P").organisation
    application.partners.create(organisation=works, shares=list(SHARED_PARTS))
    for who, organisation in ((reader, ada.organisation), (partner, works)):
        application.team.create(
            user=who.user,
            name=who.user.name,
            organisation=organisation,
            role=TeamRole.READER,
            joined_at=MOMENT,
        )
    with pytest.raises(NotPermitted):
        services.answer_open_question(reader.actor, asked, "x", now=MOMENT)
    for actor in (partner.actor, make_applicant("Rival", "Rival").actor, make_officer().actor):
        with pytest.raises(NotFound):
            services.answer_open_question(actor, asked, "x", now=MOMENT)
    assert list(queries.own_visits(reader.actor, application)) == [asked.visit]
    with pytest.raises(NotFound):
        queries.own_visits(partner.actor, application)
    with pytest.raises(NotPermitted):
        services.answer_open_question(Actor.public(), asked, "x", now=MOMENT)
    gone = OpenQuestion(visit_id=0, number=1)
    with pytest.raises(NotFound):
        services.answer_open_question(ada.actor, gone, "x", now=MOMENT)


def test_leads_without_an_address_are_not_written_to(shown: Competition) -> None:
    application = hand_in(shown)
    application.team.update(user=None)
    visit = make_visit(shown, application)
    who = make_seated(visit.stage)
    who.person.user = None
    who.person.save()
    send(visit, who)
    assert not OutboxMessage.objects.exists()


# ---------------------------------------------------------------------------------- report, closing


def reported(shown: Competition) -> SiteVisit:
    visit = make_held(shown)
    now = during(visit)
    answers = {one.number: Noted("yes", "Seen") for one in visit.checklist.all()}
    services.answer_checklist(SYSTEM, visit, answers, now=now)
    for kind in rules.FindingKind:
        services.record_finding(SYSTEM, visit, kind, f"A {kind}.", files=[photo()], now=now)
    services.set_agenda(SYSTEM, visit, [AgendaRow(TERMS.starts_at, "Walk")], now=now)
    services.ask_open_question(SYSTEM, visit, "Who owns the hall?", now=now)
    services.report_visit(SYSTEM, visit, "A sound plant.", summary_zh="厂房良好。", now=now)
    visit.refresh_from_db()
    return visit


def test_report_closes_the_visit_and_is_printed_in_both_languages(shown: Competition) -> None:
    visit = reported(shown)
    assert visit.state == rules.VISIT_REPORTED
    texts = []
    for file in (visit.report.file_en, visit.report.file_zh):
        with open_file(file) as content:
            reader = PdfReader(BytesIO(content.read()))
        texts.append("".join(page.extract_text() for page in reader.pages))
    assert "A sound plant." in texts[0]
    assert "Who owns the hall?" in texts[0]
    assert "A weakness." in texts[0]
    assert "厂房良好" in texts[1]
    with refused("visit_closed"):
        services.record_finding(SYSTEM, visit, "risk", "x", now=MOMENT)
    with refused("visit_closed"):
        services.answer_open_question(SYSTEM, visit.questions.get(), "Late", now=during(visit))


def test_report_of_a_visit_without_agenda_and_questions_is_printed(shown: Competition) -> None:
    visit = make_held(shown)
    now = during(visit)
    answers = {one.number: Noted("partly") for one in visit.checklist.all()}
    services.answer_checklist(SYSTEM, visit, answers, now=now)
    services.record_finding(SYSTEM, visit, "risk", "Old roof", now=now)
    report = services.report_visit(SYSTEM, visit, "Mixed.", now=now)
    with open_file(report.file_en) as content:
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(content.read())).pages)
    assert "Old roof" in text
    assert "Agenda" not in text
    assert "Open questions" not in text


def test_visit_that_is_gone_is_not_found(shown: Competition) -> None:
    visit = make_visit(shown)
    gone = SiteVisit(pk=visit.pk + 1)
    with pytest.raises(NotFound):
        services.cancel_visit(SYSTEM, gone, why="x", now=MOMENT)


def test_report_needs_findings_a_lead_and_words(shown: Competition) -> None:
    visit = make_held(shown)
    now = during(visit)
    answers = {one.number: Noted("yes") for one in visit.checklist.all()}
    services.answer_checklist(SYSTEM, visit, answers, now=now)
    with refused("nothing_found"):
        services.report_visit(SYSTEM, visit, "Good", now=now)
    with pytest.raises(Invalid):
        services.report_visit(SYSTEM, visit, " ", now=now)
    visit.members.update(is_lead=False)
    with refused("visit_without_lead"):
        services.report_visit(SYSTEM, visit, "Good", now=now)
    visit.members.all().delete()
    planned = make_visit(shown)
    with refused("wrong_state"):
        services.report_visit(SYSTEM, planned, "Good", now=now)


def test_visit_of_a_withdrawn_application_is_cancelled_and_nothing_else(
    shown: Competition,
) -> None:
    ada = make_applicant()
    application = hand_in(shown, applicant=ada)
    visit = make_visit(shown, application)
    asked = services.ask_open_question(SYSTEM, visit, "Why?", now=MOMENT)
    competing.withdraw_from_competition(ada.actor, application, why="No money", now=MOMENT)
    officer = make_officer()
    for perform in (
        lambda: send(visit, officer),
        lambda: services.edit_visit(SYSTEM, visit, TERMS, now=MOMENT),
        lambda: services.ask_open_question(SYSTEM, visit, "Why?", now=MOMENT),
        lambda: services.answer_open_question(ada.actor, asked, "x", now=MOMENT),
    ):
        with refused("application_withdrawn"):
            perform()
    shown_now = queries.visit_by_id(officer.actor, shown, visit.pk)
    assert shown_now.title is None  # type: ignore[attr-defined] # an annotation
    services.cancel_visit(officer.actor, visit, why="Withdrawn", now=MOMENT)


# -------------------------------------------------------------------------------------------- reads


def test_visits_are_seen_by_runners_the_panel_and_the_team(shown: Competition) -> None:
    visit = make_visit(shown)
    officer, panel = make_officer(), make_seated(visit.stage)
    other_panel = make_seated(stage_of(shown, 2))
    declined = make_seated(visit.stage, state=reviewing.DECLINED)
    sent = make_somebody(role=Role.AGENCY_SPONSOR, kind=ScopeKind.AGENCY, key="DOC")
    send(visit, sent)
    former = replace(sent.actor, grants=frozenset())
    everybody = {
        "officer": (officer.actor, True),
        "panel": (panel.actor, True),
        "sent": (former, True),
        "other panel": (other_panel.actor, False),
        "declined": (declined.actor, False),
        "stranger": (make_somebody().actor, False),
        "public": (Actor.public(), False),
    }
    for name, (actor, sees) in everybody.items():
        assert queries.may_see_visits(actor, shown) is sees, name
        assert queries.visits_visible_to(actor, shown).exists() is sees, name
    close_to(panel.actor, visit.application)
    assert not queries.visits_visible_to(panel.actor, shown).exists()
    with pytest.raises(NotFound):
        queries.visit_by_id(panel.actor, shown, visit.pk)


def test_title_is_the_one_that_was_handed_in(shown: Competition) -> None:
    visit = make_visit(shown, hand_in(shown, "Handed in"))
    Application.objects.update(title="Changed since")
    found = queries.visits_visible_to(SYSTEM, shown).get()
    assert (found.pk, found.title) == (visit.pk, "Handed in")  # type: ignore[attr-defined]
