"""What of the audit trail is withheld: what is decided on an application that is closed to one."""

from typing import Final

from django.db.models import Model, Q

from lineshaft.apps.awarding.models import (
    ApplicationMark,
    Award,
    LetterSending,
    OverlapPair,
    PlanAnalysis,
    SelectionChoice,
    SelectionLetter,
    SelectionRecord,
    SiteVisit,
)
from lineshaft.apps.competitions.queries import events_closed
from lineshaft.plumbing.actor import Actor

APPLICATION_OF: Final[tuple[tuple[type[Model], str], ...]] = (
    (SiteVisit, "application"),
    (PlanAnalysis, "application"),
    (ApplicationMark, "application"),
    (OverlapPair, "first"),
    (OverlapPair, "second"),
    (SelectionChoice, "application"),
    (SelectionRecord, "application"),
    (SelectionLetter, "application"),
    (LetterSending, "application"),
    (Award, "application"),
)
"""What hangs on an application, with the lookup of it."""


def events_withheld(actor: Actor) -> Q:
    """The condition that an event of the trail is withheld from the actor."""
    return events_closed(actor, APPLICATION_OF)
