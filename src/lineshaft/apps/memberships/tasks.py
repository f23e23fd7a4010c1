"""Memberships' background work, kind by kind."""

from typing import Final

from lineshaft.apps.memberships.models import ParticipationDecision
from lineshaft.apps.memberships.services import lapse_memberships
from lineshaft.apps.memberships.services.decision_letters import (
    LETTERS_JOB,
    make_decision_letters,
    want_missing_letters,
)
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.jobs.context import Handler, JobContext

LAPSE_JOB: Final = "lapse_memberships"
MISSING_LETTERS_JOB: Final = "want_missing_letters"


def run_lapse_memberships(context: JobContext) -> None:
    """End the memberships whose days of grace are over; run twice it ends nothing more.

    Where something paid was taken back in the books, a person looks first, at who lapses.
    """
    ended = lapse_memberships(context.actor, now=clock.now(), passes_over_taken_back=True)
    context.report(1, 1, gettext_noop("Memberships ended: %(ended)s"), ended=len(ended))


def run_make_decision_letters(context: JobContext) -> None:
    """Make the letters of a decision on participation; run twice it makes none anew."""
    decision = ParticipationDecision.objects.get(pk=context.payload["decision"])
    made = len(make_decision_letters(context.actor, decision, now=clock.now()))
    context.report(1, 1, gettext_noop("Letters made: %(made)s"), made=made)


def run_want_missing_letters(context: JobContext) -> None:
    """Ask for every letter of a decision that is missing, each by a job of its own."""
    asked = want_missing_letters(now=clock.now())
    context.report(1, 1, gettext_noop("Decisions without a letter: %(asked)s"), asked=asked)


JOB_TITLES: Final = {
    LETTERS_JOB: gettext_noop("Make the letters of a decision"),
    LAPSE_JOB: gettext_noop("End the memberships whose grace is over"),
    MISSING_LETTERS_JOB: gettext_noop("Ask for the letters of decisions that are missing"),
}
JOBS: Final[dict[str, Handler]] = {
    LAPSE_JOB: run_lapse_memberships,
    LETTERS_JOB: run_make_decision_letters,
    MISSING_LETTERS_JOB: run_want_missing_letters,
}
DAILY_JOBS: Final = (LAPSE_JOB, MISSING_LETTERS_JOB)
