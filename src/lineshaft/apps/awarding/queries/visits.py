"""Reads of site visits: who sees which, what an applicant sees of its own, who may go.

A visit is seen by whoever runs the competition, by the panel of its stage and by those who go on
it; by none of them where a conflict closes the application. The applicant sees when and where it
is, the agenda and what it is asked, and nothing that was noted.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import (
    ChecklistItem,
    FindingFile,
    OpenQuestion,
    SiteVisit,
    VisitFinding,
    VisitMember,
)
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.rules import APPLICATION_WITHDRAWN, CANCELLED, RUNNERS
from lineshaft.apps.network.models import Person
from lineshaft.apps.reviewing.models import PanelSeat
from lineshaft.apps.reviewing.queries import seats_accepted
from lineshaft.apps.reviewing.rules import ACCEPTED
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.queries import grant_rows_in_force
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import ScopeKind

NO_VISIT: Final = gettext_noop("There is no such visit, or none that you may see.")
_NO_NOTE: Final = gettext_noop("There is no such finding or file, or none that you may see.")
_NO_QUESTION: Final = gettext_noop("There is no such question, or none that you may see.")


def visits_visible_to(actor: Actor, competition: Competition) -> QuerySet[SiteVisit]:
    """The visits of the competition that the actor may read, the earliest first, each with the
    `title` and `title_zh` of what was handed in; both None where that was withdrawn.
    """
    rows = SiteVisit.objects.filter(stage__competition=competition)
    if not competitions.may_read_submissions(actor, competition):
        rows = rows.filter(
            Exists(_seats_of(actor, OuterRef("stage"))) | Exists(_going(actor, OuterRef("pk")))
        )
    rows = competitions.open_to(actor, rows, "application")
    handed_in = (
        Submission.objects.filter(
            application=OuterRef("application"),
            stage__number__lt=OuterRef("stage__number"),
            stage__ended_at__isnull=False,
            withdrawn_at__isnull=True,
        )
        .exclude(application__state=APPLICATION_WITHDRAWN)
        .order_by("-stage__number", "-number")
    )
    titles = {
        name: Subquery(handed_in.values(said=KT(f"content__terms__{name}"))[:1])
        for name in ("title", "title_zh")
    }
    rows = rows.annotate(**titles).select_related("application__lead", "stage__competition")
    return rows.order_by("starts_at", "pk")


def visits_readable(actor: Actor, competition: Competition) -> QuerySet[SiteVisit]:
    """The same without those of applications that were withdrawn, of which nothing is read."""
    return visits_visible_to(actor, competition).exclude(application__state=APPLICATION_WITHDRAWN)


def visits_listed(actor: Actor, competition: Competition) -> QuerySet[SiteVisit]:
    """The same with the number of those who go, of items, of answers, findings and questions."""
    return visits_visible_to(actor, competition).annotate(
        going=_counted(VisitMember.objects.all()),
        items=_counted(ChecklistItem.objects.all()),
        answered=_counted(ChecklistItem.objects.exclude(answer="")),
        found=_counted(VisitFinding.objects.all()),
        asked=_counted(OpenQuestion.objects.all()),
        waiting=_counted(OpenQuestion.objects.filter(answered_at__isnull=True)),
    )


def may_see_visits(actor: Actor, competition: Competition) -> bool:
    """Whether the actor reads visits of the competition, be there any or not."""
    if competitions.may_read_submissions(actor, competition):
        return True
    sits = _seats_of(actor, None).filter(
        stage__competition=competition, stage__kind=StageKind.VISIT
    )
    goes = _going(actor, None).filter(visit__stage__competition=competition)
    return sits.exists() or goes.exists()


def runs_visits(actor: Actor, competition: Competition) -> bool:
    """Whether the actor plans the visits of the competition."""
    institute, agencies = competitions.runner_keys_of(competition)
    permission = rules.PERMISSIONS["plan_visit"]
    return may(actor, permission, institute=institute, agencies=agencies)


def goes_on(actor: Actor, visit: SiteVisit) -> bool:
    """Whether the actor is on the team of the visit."""
    return _going(actor, visit.pk).exists()


def leads_visit(actor: Actor, visit: SiteVisit) -> bool:
    """Whether the actor leads it."""
    return _going(actor, visit.pk).filter(is_lead=True).exists()


def visit_by_id(actor: Actor, competition: Competition, pk: int) -> SiteVisit:
    """A visit with all that was noted on it; raises NotFound."""
    found = _whole(visits_visible_to(actor, competition)).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_VISIT, code="no_visit")
    return found


def finding_by_number(visit: SiteVisit, number: int) -> VisitFinding:
    """A finding of the visit; raises NotFound, also where the application was withdrawn."""
    for finding in () if is_withdrawn(visit) else visit.findings.all():
        if finding.number == number:
            return finding
    raise NotFound(_NO_NOTE, code="no_finding")


def finding_file(visit: SiteVisit, pk: int) -> FindingFile:
    """A file of a finding of the visit; raises NotFound, also of a withdrawn application."""
    for finding in () if is_withdrawn(visit) else visit.findings.all():
        for one in finding.files.all():
            if one.pk == pk:
                return one
    raise NotFound(_NO_NOTE, code="no_file")


def report_file(visit: SiteVisit, language: str) -> StoredFile:
    """The report of the visit in that language, `en` or `zh-hans`; raises NotFound."""
    report = None if is_withdrawn(visit) else getattr(visit, "report", None)
    if report is None or language not in {"en", "zh-hans"}:
        raise NotFound(_NO_NOTE, code="no_report")
    found: StoredFile = report.file_en if language == "en" else report.file_zh
    return found


def is_withdrawn(visit: SiteVisit) -> bool:
    """Whether the application of the visit was withdrawn since, so that nothing of it is read."""
    return visit.application.state == APPLICATION_WITHDRAWN


def applications_to_visit(actor: Actor, stage: Stage) -> QuerySet[Submission]:
    """What the stage judges and has no visit yet, as it was handed in."""
    standing = SiteVisit.objects.filter(stage=stage, application=OuterRef("application")).exclude(
        state=rules.VISIT_CANCELLED
    )
    rows = competitions.applications_judged(actor, stage)
    return rows.exclude(Exists(standing)).order_by("application__number")


def application_judged(actor: Actor, stage: Stage, pk: int) -> Application:
    """The application of that id, if the stage judges it and the actor may read it; raises
    NotFound.
    """
    rows = competitions.applications_judged(actor, stage).filter(application_id=pk)
    found = rows.select_related("application").first()
    if found is None:
        raise NotFound(competitions.NO_APPLICATION, code="no_application")
    return found.application


def own_visits_ahead(actor: Actor, *, now: datetime) -> QuerySet[SiteVisit]:
    """The visits on whose team the actor is and that are planned and not over, the earliest first;
    none of an application that was withdrawn, or that a conflict closes to them.
    """
    rows = SiteVisit.objects.filter(
        Exists(_going(actor, OuterRef("pk"))), state=rules.VISIT_PLANNED, ends_at__gt=now
    )
    rows = rows.exclude(application__state=APPLICATION_WITHDRAWN).exclude(
        stage__competition__state=CANCELLED
    )
    rows = competitions.open_to(actor, rows)
    return rows.select_related("application", "stage__competition").order_by("starts_at", "pk")


def visits_of(application_ids: Iterable[int]) -> dict[int, SiteVisit]:
    """By application its last visit that was not cancelled, with the number of its `strengths`,
    `weaknesses` and `risks`; the caller has asked whether its reader may see the applications.
    """
    standing = SiteVisit.objects.exclude(state=rules.VISIT_CANCELLED)
    last = standing.filter(application=OuterRef("application")).order_by("-starts_at", "-pk")
    kinds = {
        "strengths": rules.FindingKind.STRENGTH,
        "weaknesses": rules.FindingKind.WEAKNESS,
        "risks": rules.FindingKind.RISK,
    }
    rows = (
        standing.filter(
            application_id__in=list(application_ids), pk=Subquery(last.values("pk")[:1])
        )
        .select_related("stage__competition", "report")
        .annotate(
            **{name: Count("findings", filter=Q(findings__kind=k)) for name, k in kinds.items()}
        )
    )
    return {one.application_id: one for one in rows}


# ------------------------------------------------------------------------- what the applicant sees


def own_visits(actor: Actor, application: Application) -> QuerySet[SiteVisit]:
    """The visits of the actor's application, the last planned first, with agenda and questions.

    Raises NotFound for people of a partner, whom what is asked of the lead does not concern, also
    where every part is shared with them.
    """
    if not competitions.seat_of(actor, application).is_of_lead:
        raise NotFound(NO_VISIT, code="no_visit")
    rows = SiteVisit.objects.filter(application=application).select_related("stage__competition")
    return rows.prefetch_related("agenda", "questions").order_by("-planned_at", "-pk")


def own_question(actor: Actor, application: Application, visit: int, number: int) -> OpenQuestion:
    """What a visit asked the actor's application; raises NotFound."""
    rows = OpenQuestion.objects.filter(
        visit__in=own_visits(actor, application).values("pk"), visit_id=visit, number=number
    )
    found = rows.select_related("visit__stage__competition", "visit__application").first()
    if found is None:
        raise NotFound(_NO_QUESTION, code="no_question")
    return found


# ------------------------------------------------------------------------------------- who may go


def people_to_send(visit: SiteVisit, *, on: date) -> list[Person]:
    """Who may go on the visit and does not yet, by name: the panel of its stage, and the staff of
    whoever runs the competition; nobody whom a conflict closes the application to.
    """
    competition = visit.stage.competition
    seated = seats_accepted(visit.stage).values("reviewer__person_id")
    rows = Person.objects.filter(Q(pk__in=seated) | Q(pk__in=staff_of(competition, on=on)))
    rows = rows.exclude(pk__in=visit.members.values("person_id")).order_by("name", "pk")
    people = list(rows.select_related("organisation"))
    closed = competitions.conflicted_pairs(competition, [one.pk for one in people])
    return [one for one in people if (visit.application_id, one.pk) not in closed]


def staff_of(competition: Competition, *, on: date) -> QuerySet[Person]:
    """The people who run the competition by a role in force on that day."""
    institute, agencies = competitions.runner_keys_of(competition)
    roles = sorted(role.value for role in RUNNERS)
    scope = Q(scope_kind=ScopeKind.NETWORK) | Q(scope_kind=ScopeKind.AGENCY, scope_id__in=agencies)
    if institute:
        scope |= Q(scope_kind=ScopeKind.INSTITUTE, scope_id=institute)
    grants = grant_rows_in_force(on).filter(scope, role__in=roles, user__is_active=True)
    return Person.objects.filter(user__in=grants.values("user_id"))


# ----------------------------------------------------------------------------------------- leaves


def _counted(rows: QuerySet[Any]) -> Coalesce:
    """How many of these rows hang on the visit."""
    of_visit = rows.filter(visit=OuterRef("pk")).order_by().values("visit")
    return Coalesce(Subquery(of_visit.annotate(many=Count("pk")).values("many")), 0)


def _seats_of(actor: Actor, stage: Any) -> QuerySet[PanelSeat]:
    rows = PanelSeat.objects.filter(reviewer__person__user_id=actor.own_id, state=ACCEPTED)
    return rows if stage is None else rows.filter(stage=stage)


def _going(actor: Actor, visit: Any) -> QuerySet[VisitMember]:
    rows = VisitMember.objects.filter(person__user_id=actor.own_id)
    return rows if visit is None else rows.filter(visit=visit)


def _whole(rows: QuerySet[SiteVisit]) -> QuerySet[SiteVisit]:
    members = VisitMember.objects.select_related("person__organisation", "seat")
    files = FindingFile.objects.select_related("file")
    findings = VisitFinding.objects.prefetch_related(Prefetch("files", files))
    return rows.select_related(
        "stage__competition__institute", "application__lead", "report__file_en", "report__file_zh"
    ).prefetch_related(
        Prefetch("members", members),
        "agenda",
        "checklist",
        Prefetch("findings", findings),
        "questions",
        "stage__competition__sponsors__agency",
    )
