"""Reads of what was handed in, once its stage is over, for whoever runs the competition.

A stage that was cut short because the competition was cancelled before its deadline stays sealed.
"""

from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import (
    ApplicationDocument,
    Competition,
    Stage,
    Submission,
)
from lineshaft.apps.competitions.queries.applications import NO_APPLICATION
from lineshaft.apps.competitions.queries.closing import open_to
from lineshaft.apps.competitions.queries.competitions import competitions_run_by
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

_NO_DOCUMENT: Final = gettext_noop("There is no such document, or none that you may see.")


def may_read_submissions(actor: Actor, competition: Competition) -> bool:
    """Whether the actor reads what was handed in once it is opened."""
    runs = competitions_run_by(actor).filter(pk=competition.pk)
    return actor.is_network_staff or runs.exists()


def submissions_visible_to(actor: Actor, competition: Competition) -> QuerySet[Submission]:
    """What counts of what was handed in at stages that are over, for whoever runs the competition.

    Of each application and stage the last one that was not withdrawn. A stage that was cut short
    because the competition was cancelled before its deadline stays sealed, and an application stays
    closed to whoever has a conflict of interest with it, or is on its team, registered or not.
    """
    if not may_read_submissions(actor, competition):
        return Submission.objects.none()
    return open_to(actor, submissions_opened(competition))


def submissions_opened(competition: Competition) -> QuerySet[Submission]:
    """The same whoever asks, for checks of the program and for what is read without content."""
    return (
        _last_of_each(Submission.objects.filter(over_q(), application__competition=competition))
        .select_related("application__lead", "stage")
        .order_by("stage__number", "application__number", "pk")
    )


def submissions_by_stage(
    actor: Actor, competition: Competition
) -> list[tuple[QuerySet[Submission], int]]:
    """What `submissions_visible_to` reads, stage by stage, each with how many there are: to take
    keys from, whose rows `submissions_listed` are.

    In the order in which the applications were begun, which is that of their numbers. One query,
    which reads no content and none of the applications.
    """
    if not may_read_submissions(actor, competition):
        return []
    stages = [one for one in competition.stages.all() if _is_over(competition, one)]
    opened = open_to(actor, Submission.objects.filter(stage__in=stages))
    counted = opened.filter(withdrawn_at__isnull=True).order_by().values("stage")
    applications = counted.annotate(applications=Count("application", distinct=True))
    counts = dict(applications.values_list("stage", "applications"))
    return [
        (
            _last_of_each(open_to(actor, one.submissions.all())).order_by("application_id", "pk"),
            counts[one.pk],
        )
        for one in sorted(stages, key=lambda stage: stage.number)
        if one.pk in counts
    ]


def submissions_listed() -> QuerySet[Submission]:
    """The rows of a list, of which the keys say what may be read."""
    return Submission.objects.select_related("application__lead", "stage")


def over_q() -> Q:
    """The condition that the stage of a submission is over and what was handed in is opened."""
    cut_short = Q(
        application__competition__state=rules.CANCELLED, stage__ended_at__lt=F("stage__ends_at")
    )
    return Q(stage__ended_at__isnull=False) & ~cut_short


def _is_over(competition: Competition, stage: Stage) -> bool:
    """The same of one stage."""
    if stage.ended_at is None:
        return False
    is_cut_short = stage.ends_at is not None and stage.ended_at < stage.ends_at
    return not (competition.state == rules.CANCELLED and is_cut_short)


def submission_by_id(actor: Actor, competition: Competition, pk: int) -> Submission:
    """One of them; raises NotFound."""
    found = submissions_visible_to(actor, competition).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_APPLICATION, code="no_application")
    return found


def submitted_document(submission: Submission, pk: int) -> ApplicationDocument:
    """A document as it was handed in, also where it was taken off later; raises NotFound."""
    named = {one["id"] for one in submission.content[rules.DOCUMENTS]["documents"]}
    found = (
        ApplicationDocument.objects.select_related("file")
        .filter(pk=pk, application_id=submission.application_id)
        .first()
    )
    if found is None or found.pk not in named:
        raise NotFound(_NO_DOCUMENT, code="no_document")
    return found


def _last_of_each(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """Of each application and stage the last that was not withdrawn."""
    later = Submission.objects.filter(
        application=OuterRef("application"),
        stage=OuterRef("stage"),
        number__gt=OuterRef("number"),
        withdrawn_at__isnull=True,
    )
    return rows.filter(withdrawn_at__isnull=True).exclude(Exists(later))
