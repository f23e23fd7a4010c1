"""Network's background work, kind by kind."""

from lineshaft.apps.network import rules
from lineshaft.apps.network.services import (
    FIND_OVERLAPS_JOB,
    RESOLVE_ORGANISATIONS_JOB,
    find_lookalikes,
    find_overlaps,
    resolve_organisations,
)
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext


def run_resolve_organisations(context: JobContext) -> None:
    """Look for records that are one organisation; run twice it finds the same."""

    def report(done: int, total: int, note: str) -> None:
        context.check_stop()
        context.report(done, total, note)

    report(0, 0, gettext_noop("comparing names"))
    find_lookalikes(context.actor, now=clock.now(), report=report)
    resolve_organisations(context.actor, now=clock.now(), report=report)


def run_find_overlaps(context: JobContext) -> None:
    """Compare awards of other agencies; run twice it finds the same. The daily one looks at what
    is new or was corrected.
    """
    asked = context.payload.get("scope", rules.OverlapScope.CHANGED)
    find_overlaps(
        context.actor,
        rules.OverlapScope(asked),
        now=clock.now(),
        report=context.report,
        check_stop=context.check_stop,
    )


JOB_TITLES = {
    FIND_OVERLAPS_JOB: gettext_noop("Compare awards of other agencies"),
    RESOLVE_ORGANISATIONS_JOB: gettext_noop("Look for records of one organisation"),
}
JOBS: dict[str, Handler] = {
    FIND_OVERLAPS_JOB: run_find_overlaps,
    RESOLVE_ORGANISATIONS_JOB: run_resolve_organisations,
}
DAILY_JOBS = (FIND_OVERLAPS_JOB,)
