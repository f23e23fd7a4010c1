"""Letting a reviewer sign in: without a user nobody answers an invitation."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from lineshaft.apps.network.queries import user_of_address
from lineshaft.apps.network.services import give_person_user
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Reviewer
from lineshaft.apps.reviewing.services.pool import held_reviewer
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.access.services import invite_user, register_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

_WHY: Final = "reviewer"


def give_reviewer_access(actor: Actor, reviewer: Reviewer, *, now: datetime) -> Reviewer:
    """Let a reviewer sign in by their address: as the user who has it, or as a new one, who is
    mailed a link to set a password. Raises Refused for somebody who signs in already.
    """
    permit(actor, rules.PERMISSIONS["give_reviewer_access"])
    with transaction.atomic():
        row = held_reviewer(actor, reviewer)
        person = row.person
        refuse_if(
            rules.refuse_access(
                person.name, has_user=person.user_id is not None, has_address=bool(person.email)
            )
        )
        user = user_of_address(person.email)
        is_new = user is None
        if user is None:
            user = register_user(
                actor, email=person.email, name=person.name, password=None, now=now
            )
            if not row.is_demonstration:  # an invented address has no reader
                invite_user(actor, user, origin=settings.ORIGIN, now=now)
        row.person = give_person_user(actor, person, user, now=now, why=_WHY)
        record_event(actor, "give_reviewer_access", row, now=now, changes={"is_new": is_new})
    return row
