"""What of the audit trail is withheld: how an application is judged that is closed to one."""

from typing import Final

from django.db.models import Model, Q

from lineshaft.apps.competitions.queries import events_closed
from lineshaft.apps.reviewing.models import (
    Assignment,
    Consensus,
    DiscussionRemark,
    RemarkRelease,
    Reply,
    ReplySubmission,
    Review,
)
from lineshaft.plumbing.actor import Actor

APPLICATION_OF: Final[tuple[tuple[type[Model], str], ...]] = (
    (Assignment, "application"),
    (Review, "assignment__application"),
    (DiscussionRemark, "application"),
    (Consensus, "application"),
    (RemarkRelease, "application"),
    (Reply, "application"),
    (ReplySubmission, "reply__application"),
)
"""What hangs on one application, with the lookup of it."""


def events_withheld(actor: Actor) -> Q:
    """The condition that an event of the trail is withheld from the actor."""
    return events_closed(actor, APPLICATION_OF)
