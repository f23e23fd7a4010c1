"""Reads of the analysis of business plans: the plans that a stage judges, their last run.

Plans are read by whoever runs the competition and by the panel of the stage, as far as no conflict
closes the application to them.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import PlanAnalysis
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Competition, Stage, Submission
from lineshaft.apps.competitions.rules import JUDGED, Work, subjects_of
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.reviewing.models import PanelSeat
from lineshaft.apps.reviewing.queries import seat_of
from lineshaft.apps.reviewing.rules import ACCEPTED
from lineshaft.kernel.competitions import Blindness, CompetitionKind, StageKind
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import MatchingRule
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may

NO_PLAN: Final = gettext_noop("There is no such plan, or none that you may see.")


def analysis_stages(actor: Actor, competition: Competition) -> list[Stage]:
    """The stages in which the actor reads plans: those that judge, the analysis first.

    Raises NotFound for whoever reads none.
    """
    judged = [one for one in competition.stages.all() if one.stage_kind in JUDGED]
    if not competitions.may_read_submissions(actor, competition):
        seats = PanelSeat.objects.filter(
            reviewer__person__user_id=actor.own_id, state=ACCEPTED, stage__in=judged
        )
        own = set(seats.values_list("stage_id", flat=True))
        judged = [one for one in judged if one.pk in own and _is_for_panel(one)]
    if not judged:
        raise NotFound(NO_PLAN, code="no_plan")
    return sorted(judged, key=lambda one: (one.stage_kind is not StageKind.ANALYSIS, one.number))


def plans_judged(actor: Actor, stage: Stage) -> QuerySet[Submission]:
    """What the stage judges, as far as it is open to the actor; nothing for who reads none."""
    if competitions.may_read_submissions(actor, stage.competition):
        return competitions.applications_judged(actor, stage)
    if not _is_for_panel(stage) or seat_of(actor, stage) is None:
        return Submission.objects.none()
    return competitions.open_to(actor, competitions.applications_judged(None, stage), "application")


def _is_for_panel(stage: Stage) -> bool:
    """Whether the panel of the stage reads plans: while they are what it judges, from its beginning
    on, and not where it may not know who applies.
    """
    return (
        stage.stage_kind is StageKind.ANALYSIS
        and stage.began_at is not None
        and stage.blindness != Blindness.DOUBLE
    )


def plans_listed(actor: Actor, stage: Stage) -> QuerySet[Submission]:
    """The same, by number, with `run` (the id of the last run), `chance`, `lowest` and
    `break_even` of it, None where there is none.
    """
    last = PlanAnalysis.objects.filter(stage=stage, application=OuterRef("application"))
    last = last.order_by("-number")
    named = {"run": "pk", "chance": "chance_bp", "lowest": "lowest_minor"}
    named |= {"break_even": "break_even"}
    return (
        plans_judged(actor, stage)
        .annotate(**{name: Subquery(last.values(field)[:1]) for name, field in named.items()})
        .order_by("application__number")
    )


def plan_judged(actor: Actor, stage: Stage, application_id: int) -> Submission:
    """What the stage judges of that application; raises NotFound."""
    found = plans_judged(actor, stage).filter(application_id=application_id).first()
    if found is None:
        raise NotFound(NO_PLAN, code="no_plan")
    return found


def runs_of(submission: Submission, stage: Stage) -> QuerySet[PlanAnalysis]:
    """The runs of the analysis of that application in the stage, the last first."""
    rows = with_staleness(
        PlanAnalysis.objects.filter(stage=stage, application_id=submission.application_id)
    )
    return rows.select_related("submission", "stage__competition").order_by("-number")


def analysis_of(application_ids: Iterable[int]) -> dict[int, PlanAnalysis]:
    """By application the last run of its analysis, with `is_out_of_date`; the caller has asked
    whether its reader may see the applications.
    """
    last = PlanAnalysis.objects.filter(application=OuterRef("application"))
    last = last.order_by("-run_at", "-pk")
    rows = PlanAnalysis.objects.filter(
        application_id__in=list(application_ids), pk=Subquery(last.values("pk")[:1])
    ).select_related("stage__competition")
    return {one.application_id: one for one in with_staleness(rows)}


def analyses_of_plans(plans: Iterable[Submission]) -> dict[int, PlanAnalysis]:
    """By application the last run of each of these rows of `plans_listed`."""
    pks = [getattr(one, "run", None) for one in plans]
    rows = PlanAnalysis.objects.filter(pk__in=[pk for pk in pks if pk])
    return {one.application_id: one for one in rows.select_related("stage__competition")}


def last_runs(actor: Actor, stage: Stage) -> QuerySet[PlanAnalysis]:
    """The last run of each plan of the stage that the actor may read."""
    later = PlanAnalysis.objects.filter(
        stage=stage, application=OuterRef("application"), number__gt=OuterRef("number")
    )
    plans = plans_judged(actor, stage).order_by().values("application")
    rows = PlanAnalysis.objects.filter(stage=stage, application__in=plans).exclude(Exists(later))
    return rows.select_related("stage__competition")


def with_staleness(rows: QuerySet[PlanAnalysis]) -> QuerySet[PlanAnalysis]:
    """The runs, each with `is_out_of_date`: something later was handed in before the stage."""
    later = Submission.objects.filter(
        application=OuterRef("application"),
        stage__number__lt=OuterRef("stage__number"),
        stage__ended_at__isnull=False,
        submitted_at__gt=OuterRef("submission__submitted_at"),
        withdrawn_at__isnull=True,
    )
    return rows.annotate(is_out_of_date=Exists(later))


def may_analyse(actor: Actor, stage: Stage) -> bool:
    """Whether the actor runs the competition or sits on the panel of the stage."""
    institute, agencies = competitions.runner_keys_of(stage.competition)
    runs = may(actor, rules.PERMISSIONS["plan_visit"], institute=institute, agencies=agencies)
    return runs or seat_of(actor, stage) is not None


def matching_rules_of(submission: Submission, *, on: date) -> tuple[MatchingRule, ...]:
    """The rules of match that bind the application on that day, each once."""
    competition, profile = submission.stage.competition, profile_in_use()
    work = Work(submission.content["terms"]["work"])
    call = competitions.call_of(competition, None)
    found = {
        rule.id: rule
        for subject in subjects_of(CompetitionKind(competition.kind), work)
        for agency in call.sponsors
        for rule in profile.matching_rules_in_force(on, agency, subject=subject)
    }
    return tuple(found.values())
