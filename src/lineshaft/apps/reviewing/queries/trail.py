"""What of the audit trail is withheld: how an application is judged that is closed to one."""

from typing import Final

from django.db.models import Model

from lineshaft.apps.reviewing.models import (
    Assignment,
    Consensus,
    DiscussionRemark,
    RemarkRelease,
    Reply,
    ReplySubmission,
    Review,
)

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
