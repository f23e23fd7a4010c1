"""Network's background work, kind by kind."""

from lineshaft.apps.network.services import FIND_LOOKALIKES_JOB, find_lookalikes
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext


def run_find_lookalikes(context: JobContext) -> None:
    """Look for organisations that look alike; run twice it finds the same."""
    find_lookalikes(context.actor, now=clock.now())


JOB_TITLES = {FIND_LOOKALIKES_JOB: gettext_noop("Look for organisations that look alike")}
JOBS: dict[str, Handler] = {FIND_LOOKALIKES_JOB: run_find_lookalikes}
