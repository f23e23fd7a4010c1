"""Competitions' background work, kind by kind."""

from typing import Final

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Competition, SavedSearch
from lineshaft.apps.competitions.services import check_conflicts, tell_of_new
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.context import Handler, JobContext
from lineshaft.plumbing.jobs.services import enqueue

ALERTS_JOB: Final = "alert_saved_searches"
ALERT_JOB: Final = "alert_saved_searches_of_user"
CONFLICTS_JOB: Final = "check_all_conflicts"


def run_alert_saved_searches(context: JobContext) -> None:
    """Have everybody told who keeps a search: a job for each, which acts as that user."""
    users = User.objects.filter(
        is_active=True, pk__in=SavedSearch.objects.filter(is_told=True).values("user_id")
    ).order_by("pk")
    asked = 0
    for user in users:
        payload = {"user": user.pk, "day": str(context.payload.get("day", ""))}
        actor = Actor(user_id=user.pk, label=user.name)
        enqueue(actor, ALERT_JOB, payload, now=clock.now(), unique=True)
        asked += 1
    context.report(1, 1, gettext_noop("People to tell: %(asked)s"), asked=asked)


def run_alert_saved_searches_of_user(context: JobContext) -> None:
    """Tell one user of what is new in their searches; run twice it tells nothing again."""
    user = User.objects.get(pk=context.payload["user"])
    written = tell_of_new(context.actor, user, now=clock.now())
    context.report(1, 1, gettext_noop("Messages written: %(written)s"), written=written)


def run_check_all_conflicts(context: JobContext) -> None:
    """Compare who is checked with every application of every competition that is not over: roles,
    employers and ties change while it runs. Run twice it changes nothing.
    """
    over = rules.TRANSITIONS["Competition"].final
    running = list(Competition.objects.exclude(state__in=over).order_by("pk"))
    for done, competition in enumerate(running, start=1):
        check_conflicts(context.actor, competition, now=clock.now())
        note = gettext_noop("Competitions checked: %(checked)s")
        context.report(done, len(running), note, checked=done)


JOB_TITLES: Final = {
    ALERTS_JOB: gettext_noop("Tell of new opportunities"),
    ALERT_JOB: gettext_noop("Tell one person of new opportunities"),
    CONFLICTS_JOB: gettext_noop("Check competitions for conflicts of interest"),
}
JOBS: Final[dict[str, Handler]] = {
    ALERTS_JOB: run_alert_saved_searches,
    ALERT_JOB: run_alert_saved_searches_of_user,
    CONFLICTS_JOB: run_check_all_conflicts,
}
DAILY_JOBS: Final = (ALERTS_JOB, CONFLICTS_JOB)
