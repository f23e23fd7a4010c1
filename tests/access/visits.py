"""A visit and an analysed business plan, of a competition that has come to its visits, for the
table of addresses; the member company applies.
"""

import io
from datetime import UTC, datetime, timedelta
from typing import Final

from lineshaft.apps.awarding import services as awarding
from lineshaft.apps.awarding.rules import Assumptions
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Stage, Submission
from lineshaft.apps.competitions.queries import contents_of, whole_application
from lineshaft.apps.competitions.rules import SUBMITTED, Source
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.kernel.competitions import StageGate
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

NOW: Final = datetime(2022, 9, 1, 12, tzinfo=UTC)
OPENED: Final = NOW - timedelta(days=100)
SYSTEM: Final = Actor.system("access table")
MILLION_MINOR: Final = 100_000_000
OF_VISIT: Final = (
    *("show_visit", "feed_visit", "edit_visit", "cancel_visit", "set_agenda", "hold_visit"),
    *("add_visit_member", "name_visit_lead", "remove_visit_member", "answer_checklist"),
    *("add_checklist_item", "record_finding", "edit_finding", "attach_to_finding"),
    *("download_finding_file", "ask_open_question", "report_visit", "download_visit_report"),
)
OF_APPLICATION: Final = ("show_own_visit", "answer_open_question")


def visited(organisation: Organisation, users: dict[str, User]) -> dict[str, object]:
    """What the addresses of visits and analyses name."""
    application = _application(organisation, users["member_company"])
    stages = list(Stage.objects.filter(competition=application.competition).order_by("number"))
    terms = awarding.VisitTerms("Hall 4", NOW, NOW + timedelta(days=1))
    visit = awarding.plan_visit(SYSTEM, stages[2], application, terms, now=NOW)
    person, _made = Person.objects.get_or_create(
        user=users["programme_officer"], defaults={"name": "Olga Officer"}
    )
    member = awarding.add_visit_member(SYSTEM, visit, person, now=NOW)
    awarding.hold_visit(SYSTEM, visit, now=NOW)
    photo = awarding.Attached(io.BytesIO(b"\xff\xd8\xff a photo"), "hall.jpg")
    finding = awarding.record_finding(SYSTEM, visit, "risk", "Old roof", files=[photo], now=NOW)
    question = awarding.ask_open_question(SYSTEM, visit, "Who owns the hall?", now=NOW)
    awarding.run_plan_analysis(SYSTEM, stages[3], application, Assumptions(), now=NOW)
    return {
        "awarding:key": application.competition.key,
        "awarding:number": stages[3].number,
        "awarding:plan_visit:number": stages[2].number,
        "awarding:application": application.pk,
        "awarding:run": 1,
        "awarding:form": "csv",
        "awarding:language": "en",
        "awarding:visit": visit.pk,
        "awarding:member": member.pk,
        "awarding:file": finding.files.get().pk,
        "awarding:edit_finding:number": finding.number,
        "awarding:attach_to_finding:number": finding.number,
        "awarding:answer_open_question:number": question.number,
        **{f"awarding:{name}:pk": visit.pk for name in OF_VISIT},
        **{f"awarding:{name}:pk": application.pk for name in OF_APPLICATION},
        "awarding:visit_id": visit.pk,
        "awarding:application_id": application.pk,
    }


def _application(organisation: Organisation, user: User) -> Application:
    """An application that was handed in, of a competition at the stage of its visits."""
    terms = competitions.CompetitionTerms(
        title="Forge institute",
        summary="One institute for forges.",
        eligibility="Non-profits.",
        agencies=("DOD",),
        ceiling_minor=70 * MILLION_MINOR,
        opens_at=OPENED,
    )
    proposal = competitions.CompetitionProposal("2022-DOD-5", "institute", "four_stage", terms)
    draft = competitions.draft_competition(SYSTEM, proposal, now=OPENED)
    opened = competitions.open_competition(SYSTEM, draft, now=OPENED)
    ids = frozenset({organisation.pk})
    actor = Actor(user_id=user.pk, label=user.name, organisation_ids=ids)
    made = competitions.start_application(actor, opened, organisation, title="Forges", now=OPENED)
    for source in (Source.FEDERAL, Source.CASH):
        amounts = {("other", 1): 70 * MILLION_MINOR}
        competitions.set_budget(actor, made, source, amounts, now=OPENED)
    Submission.objects.create(
        application=made,
        stage=Stage.objects.get(competition=opened, number=1),
        number=1,
        content=contents_of(whole_application(made)),
        digest="0" * 64,
        submitted_at=OPENED,
        submitted_by=user.name,
    )
    Application.objects.filter(pk=made.pk).update(state=SUBMITTED)
    Stage.objects.filter(competition=opened).update(gate=StageGate.OPEN)
    for _stage in (2, 3):
        opened = competitions.begin_review(SYSTEM, opened, now=NOW)
    return Application.objects.select_related("competition").get(pk=made.pk)
