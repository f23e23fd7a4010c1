"""Insight's background work, kind by kind."""

from lineshaft.apps.insight.services import TAKE_SNAPSHOT_JOB, take_snapshot
from lineshaft.engines.analytics.snapshot import SnapshotProgress, SnapshotStopped
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext, JobStopped


def run_take_snapshot(context: JobContext) -> None:
    """Take a snapshot for whoever asked; run twice it takes two, and the second holds."""

    def progress(step: SnapshotProgress) -> None:
        context.report(
            step.tables_done,
            step.tables_total,
            gettext_noop("%(table)s: %(rows)s rows read so far"),
            table=step.table,
            rows=step.rows_done,
        )

    try:
        take_snapshot(
            context.actor, now=clock.now(), progress=progress, should_stop=context.should_stop
        )
    except SnapshotStopped as error:
        raise JobStopped from error


JOB_TITLES = {TAKE_SNAPSHOT_JOB: gettext_noop("Bring the figures up to date")}
JOBS: dict[str, Handler] = {TAKE_SNAPSHOT_JOB: run_take_snapshot}
