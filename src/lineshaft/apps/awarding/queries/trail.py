"""What of the audit trail is withheld: what is decided on an application that is closed to one."""

from typing import Final

from django.db.models import Model

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
