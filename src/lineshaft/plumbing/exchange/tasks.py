"""Imports that run in the background."""

from typing import Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.services import JOB_KIND, run_batch
from lineshaft.plumbing.jobs.context import Handler, JobContext


def run_import(context: JobContext) -> None:
    """Run the batch named in the payload; running it twice changes nothing more."""
    batch = ImportBatch.objects.select_related("source").get(pk=context.payload["batch"])

    def report(done: int, total: int, note: str) -> None:
        context.check_stop()
        context.report(done, total, note)

    run_batch(context.actor, batch, now=clock.now(), report=report)


JOB_TITLES: Final = {JOB_KIND: gettext_noop("Import of a file")}
JOBS: Final[dict[str, Handler]] = {JOB_KIND: run_import}
