"""Delivery of the outbox in the background."""

from typing import Final
from uuid import UUID

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext
from lineshaft.plumbing.mail.services import (
    JOB_KIND,
    deliver_message,
    due_message_ids,
    is_mail_sent,
    mail_backend,
    want_next_delivery,
)


def deliver_messages(context: JobContext) -> None:
    """Send what is due; for what was not taken, ask for another delivery when it may be tried."""
    if not is_mail_sent():
        return
    backend = mail_backend()
    tried: set[UUID] = set()
    sent = 0
    while due := [pk for pk in due_message_ids(now=clock.now()) if pk not in tried]:
        for message_id in due:
            context.check_stop()
            tried.add(message_id)
            sent += deliver_message(message_id, backend, now=clock.now())
            context.report(sent, 0, gettext_noop("Messages sent"))
    want_next_delivery(now=clock.now())


JOB_TITLES: Final = {JOB_KIND: gettext_noop("Delivery of mail")}
JOBS: Final[dict[str, Handler]] = {JOB_KIND: deliver_messages}
