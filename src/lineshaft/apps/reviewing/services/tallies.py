"""Tallies of reviews are derived again from the assignments and reviews that they count."""

from typing import Final

from django.db.models import Count, Q

from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, ReviewTally
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.audit.services import Problem

_OTHER: Final = gettext_noop(
    "%(stored)s is kept as the number of reviews assigned, submitted, returned and begun, and there"
    " are %(derived)s."
)
_NONE: Final = (0, 0, 0, 0)

type Key = tuple[int, int]
type Numbers = tuple[int, int, int, int]


def verify_tallies() -> list[Problem]:
    """Every tally that says another number than its assignments, or that lacks."""
    derived = _derived()
    problems = []
    rows = ReviewTally.objects.order_by("stage_id", "application_id").values_list(
        "stage_id", "application_id", "assigned", "submitted", "returned", "draft"
    )
    for stage, application, *numbers in rows.iterator():
        counted = derived.pop((stage, application), _NONE)
        if tuple(numbers) != counted:
            problems.append(_problem((stage, application), (*numbers,), counted))
    problems += [_problem(key, _NONE, derived[key]) for key in sorted(derived)]
    return problems


def _derived() -> dict[Key, Numbers]:
    counted = {
        name: Count("pk", filter=Q(review__state=state))
        for name, state in (
            ("submitted", rules.SUBMITTED),
            ("returned", rules.RETURNED),
            ("draft", rules.DRAFT),
        )
    }
    rows = Assignment.objects.filter(removed_at__isnull=True).order_by()
    grouped = rows.values("seat__stage", "application").annotate(assigned=Count("pk"), **counted)
    return {
        (stage, application): (assigned, submitted, returned, draft)
        for stage, application, assigned, submitted, returned, draft in grouped.values_list(
            "seat__stage", "application", "assigned", "submitted", "returned", "draft"
        )
    }


def _problem(key: Key, stored: tuple[int, ...], derived: Numbers) -> Problem:
    stage, application = key
    return Problem(
        f"tally of application {application} in stage {stage}",
        _OTHER,
        {"stored": ", ".join(map(str, stored)), "derived": ", ".join(map(str, derived))},
    )
