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
    SelectionScenario,
    SiteVisit,
)

APPLICATION_OF: Final[tuple[tuple[type[Model], str], ...]] = (
    (SiteVisit, "application"),
    (PlanAnalysis, "application"),
    (ApplicationMark, "application"),
    (SelectionChoice, "application"),
    (SelectionRecord, "application"),
    (SelectionLetter, "application"),
    (LetterSending, "application"),
    (Award, "application"),
    (SelectionScenario, "competition__applications"),
)
"""What hangs on an application, with the lookup of it.

A scenario hangs on all of its competition: it is hidden from whoever one of those is closed to that
it was counted over, and which those are no lookup tells.
"""

PAIR_SAID: Final = ("application", "other_application")
"""Under which names an event on a pair says its applications, since a pair can be taken back."""

APPLICATIONS_SAID: Final[tuple[tuple[type[Model], tuple[str, ...]], ...]] = (
    (OverlapPair, PAIR_SAID),
)
"""What can be gone while its events stand, with the names under which they say its applications."""
