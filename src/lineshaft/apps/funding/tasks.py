"""Funding's background work, kind by kind."""

from typing import Final

from lineshaft.apps.funding.rules import LineSource
from lineshaft.apps.funding.services import MATCH_LINES_JOB, match_lines
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext


def run_match_lines(context: JobContext) -> None:
    """Match the lines of an institute by the rules; run twice it matches nothing more.

    Stopped, it has matched none.
    """
    payload = context.payload
    institute = Institute.objects.get(pk=payload["institute"])
    source = LineSource(payload["source"])

    def heed(done: int, lines: int) -> None:
        context.check_stop()
        context.report(done, lines, gettext_noop("Lines matched so far: %(lines)s"), lines=done)

    outcome = match_lines(context.actor, institute, source, now=clock.now(), heed=heed)
    context.report(1, 1, gettext_noop("Matches made: %(matches)s"), matches=outcome.matches)


JOB_TITLES: Final = {MATCH_LINES_JOB: gettext_noop("Match the lines of statements")}
JOBS: Final[dict[str, Handler]] = {MATCH_LINES_JOB: run_match_lines}
