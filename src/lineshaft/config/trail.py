"""What of the audit trail is withheld from somebody, over all apps that judge applications."""

from typing import Final

from django.db.models import Q

from lineshaft.apps.awarding.queries import APPLICATION_OF as IN_AWARDING
from lineshaft.apps.awarding.queries import APPLICATIONS_SAID
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.reviewing.queries import APPLICATION_OF as IN_REVIEWING
from lineshaft.plumbing.actor import Actor

APPLICATION_OF: Final = (*IN_REVIEWING, *IN_AWARDING)


def events_withheld(actor: Actor) -> Q:
    """The condition that an event of the trail is withheld from the actor: it is on an application
    that is sealed or closed to them, or on what hangs on a closed one or did. One query.
    """
    withheld = competitions.events_withheld(actor)
    closed = competitions.applications_closed_to(actor)
    standing = competitions.events_closed(actor, closed, APPLICATION_OF)
    return withheld | standing | competitions.events_said_closed(closed, APPLICATIONS_SAID)
