"""Applications that were handed in, and stages that judged them, for tests of this and every app
above.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lineshaft.apps.competitions import rules, services
from lineshaft.apps.competitions.models import Application, Competition, Submission
from lineshaft.apps.competitions.queries import applications_judged
from lineshaft.apps.competitions.services import OutcomeTerms
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    fill,
    make_applicant,
    make_application,
    pdf_of,
)
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, after_deadline, stage_of
from tests.replaying import replayed


@replayed
def make_submitted(
    competition: Competition,
    applicant: Applicant | None = None,
    *,
    title: str = "Light castings",
    **terms: Any,
) -> Submission:
    """An application that was handed in at the first call."""
    who = applicant or make_applicant()
    made = fill(who.actor, make_application(competition, who), title=title, **terms)
    return services.submit_application(who.actor, made, now=NOW)


def retitle(application: Application, title_zh: str) -> Submission:
    """What the application handed in last, handed in once more with a Chinese title; the workspace
    is called otherwise since.
    """
    last = application.submissions.order_by("stage__number", "number").last()
    assert last is not None
    last.content["terms"]["title_zh"] = title_zh
    again = {"content": last.content, "digest": f"{last.pk:064x}", "number": last.number + 1}
    copied = {
        name: getattr(last, name)
        for name in ("application_id", "stage_id", "submitted_at", "submitted_by")
    }
    Application.objects.filter(pk=application.pk).update(title="Written since", title_zh="此后")
    return Submission.objects.create(**copied, **again)


@replayed
def make_several(competition: Competition, number: int) -> list[Submission]:
    """So many applications of as many teams, handed in at the first call."""
    return [
        make_submitted(
            competition,
            make_applicant(f"Applicant {place}", f"Works {place}"),
            title=f"Castings {place}",
        )
        for place in range(1, number + 1)
    ]


def let_on(
    competition: Competition,
    number: int = 2,
    *,
    result: rules.StageResult = rules.StageResult.GOES_ON,
    but: Sequence[Application] = (),
    now: datetime | None = None,
) -> datetime:
    """Let everything go on that the stage judged, `but` those applications, and tell it; when."""
    moment = now or after_deadline(competition, number)
    stage = stage_of(competition, number)
    against = {one.pk for one in but}
    ids = list(applications_judged(None, stage).values_list("application", flat=True))
    for some, terms in (
        ([pk for pk in ids if pk not in against], OutcomeTerms(result)),
        ([pk for pk in ids if pk in against], OutcomeTerms(_against(result), "Too narrow")),
    ):
        if some:
            services.decide_stage_outcomes(SYSTEM, stage, some, terms, now=moment)
    if ids:
        services.tell_stage_outcomes(SYSTEM, stage, now=moment)
    return moment


def attach_all(applicant: Applicant, application: Application, number: int, now: datetime) -> None:
    """What the call of that stage asks for."""
    for document in stage_of(application.competition, number).documents.all():
        services.attach_document(
            applicant.actor,
            application,
            document.kind,
            pdf_of(1),
            name=f"{document.kind}.pdf",
            now=now,
        )


def _against(result: rules.StageResult) -> rules.StageResult:
    """The outcome of the same gate that speaks against an application."""
    if result is rules.StageResult.GOES_ON:
        return rules.StageResult.ENDS_HERE
    return rules.StageResult.DISCOURAGED
