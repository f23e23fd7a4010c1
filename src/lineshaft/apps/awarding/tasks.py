"""Awarding's background work, kind by kind."""

from typing import Final

from lineshaft.apps.awarding.services import PRINT_JOB, print_missing_letters
from lineshaft.apps.competitions.models import Competition
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext


def run_print_selection_letters(context: JobContext) -> None:
    """Print the letters of a competition that are missing; run twice it prints none anew.

    It reports no number of them, which would tell another reader of jobs of applications that are
    closed to them; the page of the letters counts what is open to its reader.
    """
    competition = Competition.objects.get(pk=context.payload["competition"])
    context.report(0, 0, gettext_noop("Letters are being printed; their page shows which stand."))
    print_missing_letters(
        context.actor, competition, now=clock.now(), check_stop=context.check_stop
    )
    context.report(1, 1, gettext_noop("The letters that were missing are printed."))


JOB_TITLES: Final = {PRINT_JOB: gettext_noop("Print the letters of a selection")}
JOBS: Final[dict[str, Handler]] = {PRINT_JOB: run_print_selection_letters}
