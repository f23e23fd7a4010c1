"""Competitions' background work, kind by kind."""

from typing import Final

from lineshaft.apps.competitions.models import SavedSearch
from lineshaft.apps.competitions.services import tell_of_new
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.context import Handler, JobContext
from lineshaft.plumbing.jobs.services import enqueue

ALERTS_JOB: Final = "alert_saved_searches"
ALERT_JOB: Final = "alert_saved_searches_of_user"


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


JOB_TITLES: Final = {
    ALERTS_JOB: gettext_noop("Tell of new opportunities"),
    ALERT_JOB: gettext_noop("Tell one person of new opportunities"),
}
JOBS: Final[dict[str, Handler]] = {
    ALERTS_JOB: run_alert_saved_searches,
    ALERT_JOB: run_alert_saved_searches_of_user,
}
DAILY_JOBS: Final = (ALERTS_JOB,)
