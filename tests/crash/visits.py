"""Of the verbs that are broken off: those of site visits and of the analysis of business plans, on
a competition of their own.
"""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from lineshaft.apps.awarding import services as awarding
from lineshaft.apps.awarding.models import (
    OpenQuestion,
    PlanAnalysis,
    SiteVisit,
    VisitFinding,
    VisitMember,
)
from lineshaft.apps.awarding.rules import AgendaRow, Assumptions
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.queries import contents_of, whole_application
from lineshaft.apps.competitions.rules import SUBMITTED, Source
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.kernel.competitions import StageGate
from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.crash.competing import TERMS, WHY
from tests.crash.scenarios import ACTOR, MILLION_MINOR, NOW

CODE: Final = "2022-9"
OPENED: Final = NOW - timedelta(days=100)
DURING: Final = NOW + timedelta(hours=1)
VISIT: Final = awarding.VisitTerms("Hall 4", NOW, NOW + timedelta(days=1))
JPEG: Final = b"\xff\xd8\xff\xe0 a photo"


def _competition() -> Competition:
    return Competition.objects.get(code=CODE)


def _stage(number: int) -> Stage:
    return Stage.objects.get(competition__code=CODE, number=number)


def _application() -> Application:
    return Application.objects.get(competition__code=CODE)


def _visit() -> SiteVisit:
    return SiteVisit.objects.latest("pk")


def _person(name: str) -> Person:
    return Person.objects.get(name=name)


def _prepare() -> object:
    """An application that was handed in, at the stage of the visits."""
    terms = replace(TERMS, opens_at=OPENED)
    proposal = competitions.CompetitionProposal(CODE, "institute", "four_stage", terms)
    draft = competitions.draft_competition(ACTOR, proposal, now=OPENED)
    competitions.open_competition(ACTOR, draft, now=OPENED)
    firm = Organisation.objects.get(name="Anvil Works 1")
    made = competitions.start_application(ACTOR, draft, firm, title="Anvils", now=OPENED)
    for source in (Source.FEDERAL, Source.CASH):
        amounts = {("other", 1): 70 * MILLION_MINOR}
        competitions.set_budget(ACTOR, made, source, amounts, now=OPENED)
    content = contents_of(whole_application(made))
    Application.objects.filter(pk=made.pk).update(state=SUBMITTED)
    Submission.objects.create(
        application=made,
        stage=_stage(1),
        number=1,
        content=content,
        digest="0" * 64,
        submitted_at=OPENED,
        submitted_by="Applicant",
    )
    Stage.objects.filter(competition=draft).update(gate=StageGate.OPEN)
    for name in ("Vera Visitor", "Vito Visitor"):
        user = User.objects.create_user(f"{name[:4].lower()}@visits.example", name=name)
        Person.objects.create(name=name, user=user)
        Grant.objects.create(
            user=user,
            role=Role.PROGRAMME_OFFICER,
            scope_kind=ScopeKind.NETWORK,
            starts_on=OPENED.date(),
        )
    competitions.begin_review(ACTOR, _competition(), now=NOW)
    return competitions.begin_review(ACTOR, _competition(), now=NOW)


def _plan() -> object:
    return awarding.plan_visit(ACTOR, _stage(3), _application(), VISIT, now=NOW)


def _send(name: str) -> object:
    return awarding.add_visit_member(ACTOR, _visit(), _person(name), now=NOW)


def _photo() -> awarding.Attached:
    return awarding.Attached(io.BytesIO(JPEG), "hall.jpg")


def _answer_all() -> object:
    answers = {one.number: awarding.Noted("yes") for one in _visit().checklist.all()}
    return awarding.answer_checklist(ACTOR, _visit(), answers, now=DURING)


VISIT_VERBS: Final[dict[str, Callable[[], object]]] = {
    "awarding.plan_visit": _plan,
    "awarding.cancel_visit": lambda: awarding.cancel_visit(ACTOR, _visit(), why=WHY, now=NOW),
    "awarding.edit_visit": lambda: awarding.edit_visit(
        ACTOR, _visit(), replace(VISIT, place="Hall 5"), now=NOW
    ),
    "awarding.add_visit_member": lambda: _send("Vera Visitor"),
    "awarding.name_visit_lead": lambda: awarding.name_visit_lead(
        ACTOR, _visit(), VisitMember.objects.get(person=_person("Vito Visitor")), now=NOW
    ),
    "awarding.remove_visit_member": lambda: awarding.remove_visit_member(
        ACTOR, _visit(), VisitMember.objects.get(person=_person("Vera Visitor")), now=NOW
    ),
    "awarding.set_agenda": lambda: awarding.set_agenda(
        ACTOR, _visit(), [AgendaRow(NOW, "Walk the line")], now=NOW
    ),
    "awarding.add_checklist_item": lambda: awarding.add_checklist_item(
        ACTOR, _visit(), "Roof", now=NOW
    ),
    "awarding.hold_visit": lambda: awarding.hold_visit(ACTOR, _visit(), now=DURING),
    "awarding.answer_checklist": _answer_all,
    "awarding.record_finding": lambda: awarding.record_finding(
        ACTOR, _visit(), "strength", "New line", files=[_photo()], now=DURING
    ),
    "awarding.edit_finding": lambda: awarding.edit_finding(
        ACTOR, VisitFinding.objects.get(), "risk", "Old line", now=DURING
    ),
    "awarding.attach_to_finding": lambda: awarding.attach_to_finding(
        ACTOR, VisitFinding.objects.get(), _photo(), now=DURING
    ),
    "awarding.ask_open_question": lambda: awarding.ask_open_question(
        ACTOR, _visit(), "Who owns the hall?", now=DURING
    ),
    "awarding.answer_open_question": lambda: awarding.answer_open_question(
        ACTOR, OpenQuestion.objects.get(), "The city.", now=DURING
    ),
    "awarding.report_visit": lambda: awarding.report_visit(
        ACTOR, _visit(), "A sound plant.", now=DURING
    ),
    "awarding.run_plan_analysis": lambda: awarding.run_plan_analysis(
        ACTOR, _stage(4), _application(), Assumptions(), now=NOW
    ),
    "awarding.judge_plan": lambda: awarding.judge_plan(
        ACTOR, PlanAnalysis.objects.get(), "sound", "It holds.", now=NOW
    ),
}
BEFORE_VISITS: Final[dict[str, Callable[[], object]]] = {
    "awarding.plan_visit": _prepare,
    "awarding.edit_visit": _plan,
    "awarding.name_visit_lead": lambda: _send("Vito Visitor"),
}
"""What has to happen before."""
