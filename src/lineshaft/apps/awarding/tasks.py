"""Awarding's background work, kind by kind."""

from typing import Final

from lineshaft.apps.awarding.services import PRINT_JOB, print_missing_letters
from lineshaft.apps.competitions.models import Competition
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext


def run_print_selection_letters(context: JobContext) -> None:
    """Print the letters of a competition that are missing; run twice it prints none anew."""
    competition = Competition.objects.get(pk=context.payload["competition"])

    def report(done: int, total: int) -> None:
        context.check_stop()
        context.report(done, total, gettext_noop("Applications whose letters are printed"))

    made = print_missing_letters(context.actor, competition, now=clock.now(), report=report)
    context.report(1, 1, gettext_noop("Letters printed: %(made)s"), made=made)


JOB_TITLES: Final = {PRINT_JOB: gettext_noop("Print the letters of a selection")}
JOBS: Final[dict[str, Handler]] = {PRINT_JOB: run_print_selection_letters}
