"""Reviewing's background work, kind by kind."""

from typing import Final

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import AssignmentRun
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext, JobStopped
from lineshaft.plumbing.jobs.models import Job

REMINDERS_JOB: Final = "remind_reviewers"
TAKE_BACK_JOB: Final = "take_back_conflicted"


def run_propose_assignment(context: JobContext) -> None:
    """Compute a proposal; run twice it computes it once. Stopped it leaves the run as stopped."""
    run_id = context.payload["run"]
    waiting = AssignmentRun.objects.filter(pk=run_id, state=rules.COMPUTING)

    def check_stop() -> None:
        context.check_stop()
        if not waiting.exists():  # stopped or discarded on its own page
            raise JobStopped

    try:
        services.compute_assignment(
            run_id, now=clock.now(), report=context.report, check_stop=check_stop
        )
    except JobStopped:
        run = waiting.first()
        if run is None:
            return
        if Job.objects.filter(pk=context.job.pk, stop_requested_at__isnull=False).exists():
            services.stop_proposal(context.actor, run, now=clock.now())
        raise


def run_take_back_conflicted(context: JobContext) -> None:
    """Take back what conflicts of interest have closed, stage by stage; run twice it takes nothing
    more. It reports no number of them: whom a conflict keeps out of an application reads jobs too.
    """
    stages = Stage.objects.filter(
        kind__in=competition_rules.JUDGED,
        ended_at__isnull=True,
        competition__state__in=competition_rules.RUNNING,
        panel_seats__assignments__removed_at__isnull=True,
        panel_seats__assignments__isnull=False,
    )
    for stage in stages.select_related("competition").distinct().order_by("pk"):
        context.check_stop()
        services.take_back_conflicted(context.actor, stage, now=clock.now())
    context.report(1, 1, gettext_noop("What conflicts of interest close is taken back."))


def run_remind_reviewers(context: JobContext) -> None:
    """Remind the panels whose deadline is near; run twice a day it writes to nobody again. It
    reports no number of them, nor of what they have still to submit.
    """
    now = clock.now()
    stages = queries.stages_to_remind_of(now=now)
    for stage in stages:
        services.remind_reviewers(context.actor, stage, now=now)
    context.report(1, 1, gettext_noop("Reviewers whose deadline is near are reminded."))


JOB_TITLES: Final = {
    services.PROPOSE_JOB: gettext_noop("Propose who reviews what"),
    TAKE_BACK_JOB: gettext_noop("Take back what conflicts of interest have closed"),
    REMINDERS_JOB: gettext_noop("Remind reviewers of their deadlines"),
}
JOBS: Final[dict[str, Handler]] = {
    services.PROPOSE_JOB: run_propose_assignment,
    TAKE_BACK_JOB: run_take_back_conflicted,
    REMINDERS_JOB: run_remind_reviewers,
}
DAILY_JOBS: Final = (TAKE_BACK_JOB, REMINDERS_JOB)
